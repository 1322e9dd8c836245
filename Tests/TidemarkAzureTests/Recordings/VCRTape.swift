import Foundation

/// Reads the YAML that Python's vcr writes: mappings, lists, plain and single-quoted texts that may go over several lines.
/// It is no YAML reader.
struct VCRTape {
    indirect enum Node {
        case text(String)
        case list([Node])
        case mapping([(String, Node)])

        subscript(_ name: String) -> Node? {
            guard case .mapping(let members) = self else { return nil }
            return members.first { $0.0 == name }?.1
        }

        var text: String? { if case .text(let text) = self { text } else { nil } }
        var elements: [Node] { if case .list(let elements) = self { elements } else { [] } }
        var members: [(String, Node)] { if case .mapping(let members) = self { members } else { [] } }
    }

    struct Malformed: Error { var line: String }

    private var lines: [(indent: Int, text: Substring)]
    private var position = 0

    private init(_ text: String) {
        lines = text.split(separator: "\n").map { line in
            let content = line.drop { $0 == " " }
            return (line.count - content.count, content)
        }
    }

    static func exchanges(_ text: String, file: String) throws -> [RecordedExchange] {
        var tape = VCRTape(text)
        let root = try tape.node(at: 0)
        return (root["interactions"]?.elements ?? []).map { exchange($0, file) }
    }

    private static func exchange(_ node: Node, _ file: String) -> RecordedExchange {
        let request = node["request"]
        let response = node["response"]
        func headers(_ node: Node?) -> [(name: String, value: String)] {
            (node?["headers"]?.members ?? []).map { ($0.0.lowercased(), $0.1.elements.first?.text ?? "") }
        }
        func body(_ node: Node?) -> Data {
            let text = node?["body"]?.text ?? node?["body"]?["string"]?.text ?? ""
            return Data((text == "null" ? "" : text).utf8)
        }
        return RecordedExchange(
            file: file, method: request?["method"]?.text ?? "", url: request?["uri"]?.text ?? "",
            requestHeaders: Dictionary(headers(request).map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }),
            requestBody: body(request), status: (response?["status"]?["code"]?.text).flatMap { Int($0) } ?? 0,
            responseHeaders: headers(response), responseBody: body(response))
    }

    private mutating func node(at indent: Int) throws -> Node {
        guard position < lines.count else { return .text("") }
        return lines[position].text.hasPrefix("- ") ? try list(at: indent) : try mapping(at: indent)
    }

    private mutating func list(at indent: Int) throws -> Node {
        var elements: [Node] = []
        while position < lines.count, lines[position].indent == indent, lines[position].text.hasPrefix("- ") {
            // What follows the dash stands two columns further in.
            lines[position] = (indent + 2, lines[position].text.dropFirst(2))
            let isMapping = Self.key(of: lines[position].text) != nil
            elements.append(isMapping ? try mapping(at: indent + 2) : .text(scalar(beyond: indent)))
        }
        return .list(elements)
    }

    private mutating func mapping(at indent: Int) throws -> Node {
        var members: [(String, Node)] = []
        while position < lines.count, lines[position].indent == indent, !lines[position].text.hasPrefix("- ") {
            guard let (key, rest) = Self.key(of: lines[position].text) else {
                throw Malformed(line: String(lines[position].text))
            }
            if rest.isEmpty {
                position += 1
                // A list may begin in the column of its key.
                let inner = position < lines.count ? lines[position].indent : 0
                let isList = position < lines.count && lines[position].text.hasPrefix("- ")
                let isNested = inner > indent || (isList && inner == indent)
                members.append((key, isNested ? try nested(at: inner) : .text("")))
            } else {
                lines[position].text = rest
                members.append((key, .text(scalar(beyond: indent))))
            }
        }
        return .mapping(members)
    }

    /// What stands under a key: a list, a mapping, or a long text that begins on the next line.
    private mutating func nested(at indent: Int) throws -> Node {
        let text = lines[position].text
        if text.hasPrefix("- ") || Self.key(of: text) != nil { return try node(at: indent) }
        return .text(scalar(beyond: indent - 1))
    }

    /// `name: rest`; a quoted text or an address is none.
    private static func key(of line: Substring) -> (String, Substring)? {
        guard let colon = line.firstIndex(of: ":"), line.first != "'", line.first != "\"", line.first != "{" else { return nil }
        let name = line[..<colon]
        let rest = line[line.index(after: colon)...]
        guard !name.contains(" "), rest.isEmpty || rest.first == " " else { return nil }
        return (String(name), rest.drop { $0 == " " })
    }

    /// A text with the lines that go on with it. A line break in it counts as a space.
    private mutating func scalar(beyond indent: Int) -> String {
        var text = String(lines[position].text)
        position += 1
        let isQuoted = text.hasPrefix("'")
        while position < lines.count, lines[position].indent > indent, !isQuoted || !Self.isClosed(text) {
            text += " " + lines[position].text
            position += 1
        }
        guard isQuoted else { return text }
        return String(text.dropFirst().dropLast()).replacingOccurrences(of: "''", with: "'")
    }

    /// Whether a single-quoted text has its end; two quotes are a quote inside it.
    private static func isClosed(_ text: String) -> Bool {
        text.dropFirst().replacingOccurrences(of: "''", with: "").hasSuffix("'")
    }
}

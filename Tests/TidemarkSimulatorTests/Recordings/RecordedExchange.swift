import Foundation
@testable import TidemarkSimulator

/// One exchange with the real service, as far as a replay needs it.
struct RecordedExchange {
    var file: String
    var method: String
    /// Without escapes.
    var path: String
    var query: [URLQueryItem]
    /// `nil` where the recorder left bodies out.
    var body: JSON?
    var hasBodies: Bool
    var repeatabilityID: String?
    var status: Int
    var answer: JSON?
    var answerText: String
    /// The answer's `Date`, in seconds.
    var date: Double

    var version: String { query.first { $0.name == "api-version" }?.value ?? "" }
    var thread: String? { part(2) }
    var message: String? { part(3) == "messages" ? part(4) : nil }

    private func part(_ index: Int) -> String? {
        let parts = path.split(separator: "/")
        return parts.first == "chat" && parts.count > index ? String(parts[index]) : nil
    }

    /// How it is told in a failure.
    var name: String { "\(file): \(method) \(path.suffix(40)) \(status)" }
}

/// The recorded sessions, which stand beside the project: `TIDEMARK_RECORDINGS`, else `../shared/recordings`. Without
/// them the tests on them are skipped, and with `CI=true` they fail.
enum Recordings {
    static let folder: URL = {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["TIDEMARK_RECORDINGS"], !path.isEmpty { return URL(fileURLWithPath: path) }
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<5 { root.deleteLastPathComponent() }
        return root.appending(path: "shared/recordings")
    }()

    static var isExpected: Bool {
        ProcessInfo.processInfo.environment["CI"] == "true"
            || FileManager.default.fileExists(atPath: folder.appending(path: "acs").path)
    }

    /// One client's sessions in the order in which they were recorded. The dates have whole seconds only: of two files of
    /// one second the one that makes threads or users was first, then the ones that write, read and delete.
    static func session(_ group: String) throws -> [RecordedExchange] {
        let folder = folder.appending(path: "acs/\(group)")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            try exchanges(Data(contentsOf: folder.appending(path: name)), file: "\(group)/\(name)")
        }
        func rank(_ file: [RecordedExchange]) -> (Double, Int) {
            let first = file.first
            let isMaking = first?.path.hasPrefix("/identities") == true && first?.path.contains(":") == false
            let makesThread = file.contains { $0.method == "POST" && $0.path == "/chat/threads" }
            let order = makesThread ? 0 : isMaking ? 1 : first?.method == "DELETE" ? 4 : first?.method == "GET" ? 3 : 2
            return (first?.date ?? 0, order)
        }
        return files.enumerated().sorted { left, right in
            rank(left.element) == rank(right.element) ? left.offset < right.offset : rank(left.element) < rank(right.element)
        }.flatMap(\.element)
    }

    private static func exchanges(_ data: Data, file: String) throws -> [RecordedExchange] {
        let root = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        func list(_ key: String) -> [[String: Any]] { root[key] as? [[String: Any]] ?? [] }
        return try list("networkCallRecords").map { entry in
            let response = entry["Response"] as? [String: Any] ?? [:]
            return try exchange(
                file, entry["Method"], entry["Uri"], headers: entry["Headers"], hasBodies: false, status: response["StatusCode"],
                answer: response["Body"], fields: response)
        }
            + list("Entries").map { entry in
                try exchange(
                    file, entry["RequestMethod"], entry["RequestUri"], headers: entry["RequestHeaders"],
                    body: entry["RequestBody"],
                    status: entry["StatusCode"], answer: entry["ResponseBody"], fields: entry["ResponseHeaders"])
            }
            + list("recordings").map { entry in
                try exchange(
                    file, entry["method"], entry["url"], query: entry["query"], body: entry["requestBody"],
                    status: entry["status"],
                    answer: entry["response"], fields: entry["responseHeaders"])
            }
    }

    private static func exchange(
        _ file: String, _ method: Any?, _ url: Any?, query: Any? = nil, headers: Any? = nil, body: Any? = nil,
        hasBodies: Bool = true, status: Any?, answer: Any?, fields: Any?
    ) throws -> RecordedExchange {
        guard let text = url as? String, let address = URLComponents(string: text) else { throw CocoaError(.coderReadCorrupt) }
        let apart = (query as? [String: Any] ?? [:]).map { URLQueryItem(name: $0.key, value: "\($0.value)") }
        let answerText = Self.text(answer)
        return RecordedExchange(
            file: file, method: method as? String ?? "", path: address.path, query: (address.queryItems ?? []) + apart,
            body: JSON(Array(Self.text(body).utf8)), hasBodies: hasBodies,
            repeatabilityID: field("repeatability-request-id", of: headers), status: Int("\(status ?? 0)") ?? 0,
            answer: JSON(Array(answerText.utf8)), answerText: answerText, date: date(field("date", of: fields) ?? ""))
    }

    private static func text(_ value: Any?) -> String {
        switch value {
        case nil, is NSNull: return ""
        case let text as String: return text
        case let value?:
            let data = (try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed])) ?? Data()
            return String(decoding: data, as: UTF8.self)
        }
    }

    private static func field(_ name: String, of headers: Any?) -> String? {
        (headers as? [String: Any])?.first { $0.key.lowercased() == name }?.value as? String
    }

    private static func date(_ text: String) -> Double {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: text)?.timeIntervalSince1970 ?? 0
    }
}

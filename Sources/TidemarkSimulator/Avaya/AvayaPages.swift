internal import TidemarkModel

/// The links around a page (wire page §4): the next one's name is sure, the previous one's is not, and an end has three looks.
struct AvayaPages {
    let behavior: AvayaBehavior
    let baseURL: String
    let call: AvayaCall

    /// `items` under `data`. `total` counts the items of this page only. `next` are the parameters that the next page
    /// differs in; `nil` at the end.
    func reply(_ items: [JSON], next: [String: String]?, previous: [String: String]? = nil) -> AvayaReply {
        var members: [(String, JSON)] = [("data", .list(items)), ("total", .number(Int64(items.count)))]
        if let next {
            members.append(("nextPageUrl", .text(link(next))))
        } else {
            switch behavior.endOfPages {
            case .absent: break
            case .empty: members.append(("nextPageUrl", .text("")))
            case .end: members.append(("nextPageUrl", .text("end")))
            }
        }
        if let previous {
            members.append((behavior.abbreviatesPrevious ? "prevPageUrl" : "previousPageUrl", .text(link(previous))))
        }
        if let reference = call.parameter("pageref") { members.append(("pageref", .text(reference))) }
        return AvayaReply(.object(members))
    }

    private func link(_ changed: [String: String]) -> String {
        var parameters = call.query.filter { changed[$0.0] == nil && $0.0 != "nextRefObjId" && $0.0 != "prevRefObjId" }
        parameters += changed.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let query = parameters.map { "\(Self.escaped($0.0))=\(Self.escaped($0.1))" }.joined(separator: "&")
        let path = "/" + call.path.map(Self.escaped).joined(separator: "/")
        return (behavior.linksAreRelative ? "" : baseURL) + path + "?" + query
    }

    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}

/// Where a walk goes on: behind an item, or after so many.
enum AvayaPageToken {
    case behind(stamp: Int64, number: Int64)
    case after(count: Int)

    init?(_ text: String) {
        guard let parts = WireText.text(hex: text)?.split(separator: " "), let kind = parts.first else { return nil }
        switch (kind, parts.count) {
        case ("k", 3):
            guard let stamp = Int64(parts[1]), let number = Int64(parts[2]) else { return nil }
            self = .behind(stamp: stamp, number: number)
        case ("o", 2):
            guard let count = Int(parts[1]), count >= 0 else { return nil }
            self = .after(count: count)
        default: return nil
        }
    }

    var text: String {
        switch self {
        case .behind(let stamp, let number): WireText.hex("k \(stamp) \(number)")
        case .after(let count): WireText.hex("o \(count)")
        }
    }
}

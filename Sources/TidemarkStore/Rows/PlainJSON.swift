internal import TidemarkModel

/// JSON of strings alone, as the store writes it: no space, no escape, no number. A timeline reads two such columns of each row, an outbox
/// the body of each intent, and most hold nothing else; what does is for `JSONDecoder`.
struct PlainJSON {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0

    /// `{"name":"value",…}`; `nil`: it is anything else.
    static func strings(_ json: String) -> [String: String]? {
        read(json) { reader throws(Other) in try reader.object() }
    }

    /// `["a",…]`; `nil`: it is anything else.
    static func list(_ json: String) -> [String]? {
        read(json) { reader throws(Other) in try reader.list { item throws(Other) in try item.string() } }
    }

    /// People with nothing but what names them; `nil`: it is anything else.
    static func participants(_ json: String) -> [Participant]? {
        read(json) { reader throws(Other) in try reader.list { item throws(Other) in try item.participant() } }
    }

    /// What an intent carries, without a file, an attachment or an answered message; `nil`: it is anything else.
    static func body(_ json: String) -> IntentBody? {
        read(json) { reader throws(Other) in try reader.body() }
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    private static func read<Value>(_ json: String, _ body: (inout PlainJSON) throws(Other) -> Value) -> Value? {
        var json = json
        return json.withUTF8 { bytes in
            var reader = PlainJSON(bytes)
            guard let value = try? body(&reader), reader.place == bytes.count else { return nil }
            return value
        }
    }

    private struct Other: Error {}

    private mutating func takes(_ byte: Unicode.Scalar) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: byte) else { return false }
        place += 1
        return true
    }

    private mutating func take(_ byte: Unicode.Scalar) throws(Other) {
        guard takes(byte) else { throw Other() }
    }

    private mutating func string() throws(Other) -> String {
        try take("\"")
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            guard bytes[place] >= 0x20, bytes[place] != UInt8(ascii: "\\") else { throw Other() }
            place += 1
        }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        try take("\"")
        return text
    }

    private mutating func object() throws(Other) -> [String: String] {
        var members: [String: String] = [:]
        try self.members { name, reader throws(Other) in members[name] = try reader.string() }
        return members
    }

    private mutating func members(_ member: (String, inout PlainJSON) throws(Other) -> Void) throws(Other) {
        try take("{")
        if takes("}") { return }
        repeat {
            let name = try string()
            try take(":")
            try member(name, &self)
        } while takes(",")
        try take("}")
    }

    private mutating func list<Element>(_ element: (inout PlainJSON) throws(Other) -> Element) throws(Other) -> [Element] {
        var elements: [Element] = []
        try take("[")
        if takes("]") { return elements }
        repeat { elements.append(try element(&self)) } while takes(",")
        try take("]")
        return elements
    }

    private mutating func participant() throws(Other) -> Participant {
        let members = try object()
        guard let id = members["id"], members.keys.allSatisfy({ $0 == "id" || $0 == "displayName" || $0 == "role" }) else {
            throw Other()
        }
        return Participant(id: ParticipantID(id), displayName: members["displayName"], role: members["role"])
    }

    private mutating func body() throws(Other) -> IntentBody {
        var body = IntentBody()
        try members { name, reader throws(Other) in
            switch name {
            case "topic": body.topic = try reader.string()
            case "participants":
                body.participants = try reader.list { item throws(Other) in try item.participant() }
            case "participant": body.participant = ParticipantID(try reader.string())
            case "message": body.message = try reader.message()
            case "text": body.text = try reader.string()
            case "metadata": body.metadata = try reader.object()
            default: throw Other()
            }
        }
        return body
    }

    private mutating func message() throws(Other) -> OutgoingMessage {
        var text: String?
        var kind: String?
        var metadata: [String: String]?
        var senderName: String?
        try members { name, reader throws(Other) in
            switch name {
            case "text": text = try reader.string()
            case "kind": kind = try reader.string()
            case "senderName": senderName = try reader.string()
            case "metadata": metadata = try reader.object()
            default: throw Other()
            }
        }
        guard let text, let kind, let metadata else { throw Other() }
        return OutgoingMessage(text, kind: MessageKind(rawValue: kind), senderName: senderName, metadata: metadata)
    }
}

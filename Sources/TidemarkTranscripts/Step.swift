import Foundation

/// What one line of a transcript says.
enum Step: Sendable {
    /// For the reader.
    case note
    /// What a read gets whenever it is asked for from here on, until it is said anew; `nil`: no answer any more.
    case standing(RequestPattern, Answer?)
    /// The user, or the program around the engine, does something. Quietly: the engine is not told before the next line.
    case act(String, [String: JSON], quietly: Bool)
    /// A request that has to be under way, and what came of it; `nil`: it stays under way, under a name.
    case request(RequestPattern, Answer?, after: Duration, name: String?)
    /// What came of a request that was named.
    case answer(String, Answer)
    /// Time goes on; what falls due does. Quietly: the engine looks at nothing meanwhile.
    case advance(Duration, quietly: Bool)
    /// The wall clock is set, forward or back.
    case clock(Duration)
    /// The service pushes something.
    case event(String, JSON)
    /// The program dies; the store stays.
    case crash
    case expect(Expectation)
    /// The rows that the store has at the beginning.
    case store([String: JSON])

    static let kinds = [
        "note", "standing", "act", "request", "answer", "advance", "clock", "event", "crash", "expect", "store",
    ]

    init(_ fields: Fields) throws {
        var fields = fields
        let named = fields.names.filter { Self.kinds.contains($0) }
        // "answer" stands beside a request too.
        guard let kind = named.first(where: { $0 != "answer" }) ?? named.first else {
            throw fields.error("This line has none of \(Self.kinds.joined(separator: ", ")).")
        }
        switch kind {
        case "note":
            _ = fields.take("note")
            self = .note
        case "standing":
            let pattern = try RequestPattern(try fields.needed("standing"), &fields)
            self = .standing(pattern, try fields.take("answer").map { try Answer($0, fields.line) })
        case "act":
            let verb = try fields.needed("act")
            let quietly = try fields.bool("quietly")
            self = .act(verb, fields.names.reduce(into: [:]) { $0[$1] = fields.take($1) }, quietly: quietly)
        case "request":
            let pattern = try RequestPattern(try fields.needed("request"), &fields)
            let answer = try fields.take("answer").map { try Answer($0, fields.line) }
            let name = try fields.text("as")
            guard (answer == nil) != (name == nil) else {
                throw fields.error("A request has an \"answer\", or a name (\"as\") by which a later line answers it.")
            }
            self = .request(pattern, answer, after: try fields.duration("after") ?? .zero, name: name)
        case "answer":
            let name = try fields.needed("answer")
            guard let with = fields.take("with") else { throw fields.error("\"with\" is missing: what the answer is.") }
            self = .answer(name, try Answer(with, fields.line))
        case "advance":
            guard let duration = try fields.duration("advance") else { throw fields.error("\"advance\" has to be a span.") }
            self = .advance(duration, quietly: try fields.bool("quietly"))
        case "clock":
            guard let duration = try fields.duration("clock", mayBeNegative: true) else {
                throw fields.error("\"clock\" has to be a span, with a minus to set it back.")
            }
            self = .clock(duration)
        case "event":
            let name = try fields.needed("event")
            self = .event(name, fields.take("payload") ?? .object([:]))
        case "crash":
            _ = fields.take("crash")
            self = .crash
        case "expect":
            self = .expect(try Expectation(&fields))
        default:
            guard let tables = fields.take("store")?.object else {
                throw fields.error("\"store\" has to be an object of tables.")
            }
            self = .store(tables)
        }
        try fields.end()
    }
}

/// What the service, or the network in its place, says to a request.
enum Answer: Hashable, Sendable {
    case response(status: Int, headers: [String: String], body: [UInt8])
    /// The request left, and no answer came: whether it took effect nobody knows.
    case lost
    /// Nothing left this machine.
    case unsent

    init(_ json: JSON, _ line: Int) throws {
        switch json {
        case .text("lost"): self = .lost
        case .text("unsent"): self = .unsent
        case .object(let object):
            var fields = Fields(object, line: line)
            let status = try fields.integer("status") ?? 200
            guard (100...599).contains(status) else { throw fields.error("\"status\" has to be a status of HTTP.") }
            let headers = try fields.texts("headers")
            let body: [UInt8]
            if let text = try fields.text("text") {
                body = Array(text.utf8)
            } else {
                body = fields.take("body").map { Array($0.line.utf8) } ?? []
            }
            try fields.end()
            self = .response(status: Int(status), headers: headers, body: body)
        default:
            throw TranscriptError("An answer is \"lost\", \"unsent\" or an object with a status.", line: line)
        }
    }
}

/// What a view has to show.
struct Expectation: Hashable, Sendable {
    /// The view: `timeline`, `conversations`, `outbox`, `participants`, `receipts`, `gaps`, `rejects`, `requests`.
    var view: String
    /// The conversation it is of, where it is of one.
    var conversation: String?
    /// Its rows, each with the fields that matter.
    var rows: [JSON]

    static let views = ["timeline", "conversations", "outbox", "participants", "receipts", "gaps", "rejects", "requests"]

    init(_ fields: inout Fields) throws {
        view = try fields.needed("expect")
        conversation = try fields.text("of")
        guard let rows = fields.take("is")?.list else { throw fields.error("\"is\" has to be the list of what is expected.") }
        self.rows = rows
        guard Self.views.contains(view) else {
            throw fields.error("There is no view \"\(view)\"; there are \(Self.views.joined(separator: ", ")).")
        }
        if ["timeline", "participants", "receipts"].contains(view), conversation == nil {
            throw fields.error("\"of\" is missing: the conversation.")
        }
    }

    /// The line that says what a view shows.
    static func line(_ view: String, of conversation: String?, shows rows: JSON) -> [String: JSON] {
        var line: [String: JSON] = ["expect": .text(view), "is": rows]
        line["of"] = conversation.map(JSON.text)
        return line
    }
}

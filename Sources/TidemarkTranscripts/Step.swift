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
    /// A packet arrives in the room.
    case packet(PacketLine)
    /// A packet that has to be under way to the room, and what came of it; `nil`: it stays under way, under a name.
    case publish(PublishPattern, Answer?, after: Duration, name: String?)
    /// The room, or the program's place in it, becomes another.
    case room(RoomLine)
    /// The program dies; the store stays.
    case crash
    case expect(Expectation)
    /// The rows that the store has at the beginning.
    case store([String: JSON])

    static let kinds = [
        "note", "standing", "act", "request", "answer", "advance", "clock", "event", "packet", "publish", "room", "crash",
        "expect", "store",
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
            let (answer, after, name) = try Self.outcome(&fields)
            self = .request(pattern, answer, after: after, name: name)
        case "publish":
            let pattern = try PublishPattern(&fields)
            let (answer, after, name) = try Self.outcome(&fields)
            self = .publish(pattern, answer, after: after, name: name)
        case "packet":
            self = .packet(try PacketLine(&fields))
        case "room":
            self = .room(try RoomLine(&fields))
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

    /// What comes of something under way: an answer, or a name by which it is answered later.
    private static func outcome(_ fields: inout Fields) throws -> (answer: Answer?, after: Duration, name: String?) {
        let answer = try fields.take("answer").map { try Answer($0, fields.line) }
        let name = try fields.text("as")
        guard (answer == nil) != (name == nil) else {
            throw fields.error("It has an \"answer\", or a name (\"as\") by which a later line answers it.")
        }
        return (answer, try fields.duration("after") ?? .zero, name)
    }
}

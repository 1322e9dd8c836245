import GRDB
import TidemarkModel
import Testing

@testable import TidemarkStore

/// What the outbox offers for an intent can be done to it, whatever it wants and however it stands.
@Suite struct OfferedActionTests {
    struct Standing: Sendable, CustomTestStringConvertible {
        var state: IntentRow.State
        var reason: ParkReason?
        var asks = false
        var isSkipped = false
        var isHeldByLane = false

        var testDescription: String {
            let marks = [asks ? "asks" : nil, isSkipped ? "skipped" : nil, isHeldByLane ? "held" : nil].compactMap { $0 }
            return ([state.rawValue, reason?.rawValue ?? ""] + marks).joined(separator: " ")
        }
    }

    private static let reasons: [ParkReason] = [
        .forbidden, .notFound, .invalid, .tooLarge, .conflict, .unprovable, .severalCandidates, .unreadable, .stillThere,
        .partlyRefused, .conversationGone, .restored, .parentCancelled, .fileUnusable, .unsupported, .roomChanged, .otherSender,
        ParkReason(rawValue: "ofALaterVersion"),
    ]
    private static let standings: [Standing] =
        reasons.map { Standing(state: .parked, reason: $0) }
        + reasons.map { Standing(state: .parked, reason: $0, isSkipped: true) }
        + [
            Standing(state: .queued), Standing(state: .queued, reason: .roomClosed), Standing(state: .queued, isHeldByLane: true),
            Standing(state: .inDoubt, reason: .unprovable, asks: true),
            Standing(state: .inDoubt, reason: .unprovable, asks: true, isSkipped: true), Standing(state: .inDoubt),
            Standing(state: .transmitting), Standing(state: .sent),
        ]

    private struct Undone: Error {}

    private var world: OutboxWorld
    private let conversation: ConversationID
    private let message: MessageID

    init() throws {
        world = try OutboxWorld()
        conversation = try world.conversation()
        message = try world.seeNow(.own(100, token: "s", "theirs"), in: conversation)
    }

    private func body(of verb: Verb) -> IntentBody {
        switch verb {
        case .createConversation, .rename: IntentBody(topic: "Trip")
        case .send: IntentBody(message: OutgoingMessage("mine"))
        case .edit: IntentBody(text: "mine")
        case .addParticipants: IntentBody(participants: [Participant(id: OutboxWorld.other)])
        case .removeParticipant: IntentBody(participant: OutboxWorld.other)
        case .delete, .markRead, .deleteConversation, .upload: IntentBody()
        }
    }

    private func intent(_ verb: Verb, _ standing: Standing) throws -> IntentRow {
        var row = IntentRow(
            account: 1, conversation: conversation.number, verb: verb, token: "t", body: try body(of: verb).json(),
            state: standing.state, createdAt: 0)
        if [.send, .edit, .delete, .upload].contains(verb) { row.message = message.number }
        (row.reason, row.asks, row.isSkipped) = (standing.reason?.rawValue, standing.asks, standing.isSkipped)
        return row
    }

    /// The entry of an intent that stands so, and what comes of each act on it; nothing stays.
    private func tried(
        _ verb: Verb, _ standing: Standing, _ acts: (OutboxEntry) -> [Act]
    ) throws -> (entry: OutboxEntry, refusals: [String]) {
        var result: (OutboxEntry, [String])?
        do {
            try world.store.write(.normal) { db in
                var row = try intent(verb, standing)
                try row.insert(db)
                if standing.isHeldByLane {
                    var lane = try LaneRow.of(conversation.number, db)
                    lane.parkReason = ParkReason.conversationGone.rawValue
                    try lane.save(db)
                }
                let entry = try OutboxEntry.read(IntentID(row.id ?? 0), AccountKey(id: 1, name: "me"), db)
                result = (entry, try acts(entry).compactMap { try refusal($0, of: row, db) })
                throw Undone()
            }
        } catch is Undone {}
        return try #require(result)
    }

    private func refusal(_ act: Act, of row: IntentRow, _ db: Database) throws -> String? {
        let acting = Acting(intent: row, scope: world.scope, moment: world.moment, db: db)
        var refusal: String?
        try db.inSavepoint {
            do {
                switch act {
                case .retry: try acting.retry()
                case .skip: try acting.skip()
                case .discard: try acting.discard()
                case .edit(let text): try acting.edit(text, newToken: "new")
                case .resolve(let resolution): try acting.resolve(resolution)
                }
            } catch let error as StoreError {
                refusal = "\(act): \(error.description)"
            }
            return .rollback
        }
        return refusal
    }

    private static func act(_ action: ParkReason.Action, _ entry: OutboxEntry) -> [Act] {
        switch action {
        case .retry: [.retry]
        case .skip: [.skip]
        case .edit: [.edit("another")]
        case .discard: [.discard]
        case .resolve:
            entry.reason == .conflict
                ? [.resolve(.mine), .resolve(.theirs)] : [.resolve(.notSent), .resolve(.arrived("19:new"))]
        case .newCredential: []
        }
    }

    @Test(arguments: Verb.allCases, standings)
    func `what is offered is accepted, and what has no text is not to be edited`(verb: Verb, standing: Standing) throws {
        let (entry, refusals) = try tried(verb, standing) { entry in entry.actions.flatMap { Self.act($0, entry) } }
        #expect(refusals.isEmpty)
        if verb != .send, verb != .edit { #expect(!entry.actions.contains(.edit)) }
        if standing.state == .parked || standing.asks {
            #expect(entry.actions.contains(.discard) && entry.actions.count > 1, "Nobody is left without a way out.")
        }
        if standing.state == .transmitting || standing.state == .sent { #expect(entry.actions.isEmpty) }
    }

    @Test(arguments: Verb.allCases, standings)
    func `an edit that is not offered is refused`(verb: Verb, standing: Standing) throws {
        guard verb != .send, verb != .edit else { return }
        let (_, refusals) = try tried(verb, standing) { _ in [.edit("another")] }
        #expect(refusals.count == 1)
    }

    @Test(arguments: Verb.allCases) func `an entry says what its intent says`(verb: Verb) throws {
        let entry = try tried(verb, Standing(state: .queued)) { _ in [] }.entry
        let texts: [Verb: String] = [.createConversation: "Trip", .rename: "Trip", .send: "mine", .edit: "mine"]
        #expect(entry.text == texts[verb])
        #expect(entry.observed?.text == (verb == .edit ? "theirs" : nil))
    }
}

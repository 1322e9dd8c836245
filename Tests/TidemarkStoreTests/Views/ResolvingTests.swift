import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// Ids as people write them.
struct ResolvingTests {
    let fixture: ViewFixture

    init() throws {
        fixture = try ViewFixture()
    }

    private func code(_ body: () throws -> some Any) -> StoreError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? StoreError
        }
    }

    @Test func `a conversation is named by its local id, its remote id or a prefix`() throws {
        let trip = try fixture.conversation("19:trip@thread")
        let work = try fixture.conversation("19:work@thread")
        #expect(try fixture.account.resolveConversation(trip.description) == trip)
        #expect(try fixture.account.resolveConversation("19:work@thread") == work)
        #expect(try fixture.account.resolveConversation("19:w") == work)
        let ambiguous = code { try fixture.account.resolveConversation("19:") }
        #expect(ambiguous?.code == .ambiguous)
        #expect(ambiguous?.candidates == ["\(trip) (19:trip@thread)", "\(work) (19:work@thread)"])
        #expect(code { try fixture.account.resolveConversation("20") }?.code == .notFound)
        #expect(code { try fixture.account.resolveConversation("") }?.code == .invalidArgument)
    }

    @Test func `an exact match wins over longer ones`() throws {
        let short = try fixture.conversation("19:a")
        _ = try fixture.conversation("19:ab")
        #expect(try fixture.account.resolveConversation("19:a") == short)
        // c1 exists, so it does not stand for c10 and so on.
        for index in 0..<12 { _ = try fixture.conversation("x\(index)") }
        #expect(try fixture.account.resolveConversation("c1") == ConversationID(1))
        // A remote id that looks like a local one is found when no local one is there.
        let odd = try fixture.conversation("c999")
        #expect(try fixture.account.resolveConversation("c999") == odd)
        #expect(try fixture.account.resolveConversation("c13") == ConversationID(13))
    }

    @Test func `characters of patterns stand for themselves`() throws {
        _ = try fixture.conversation("19:trip")
        for text in ["%", "_9:trip", "19:*", "c%", "' OR 1=1 --", "c+1", "c-1", "c99999999999999999999"] {
            #expect(code { try fixture.account.resolveConversation(text) }?.code == .notFound, "\(text)")
        }
    }

    @Test func `a message id that two conversations have needs its conversation`() throws {
        let trip = try fixture.conversation("19:trip")
        let work = try fixture.conversation("19:work")
        let inTrip = try fixture.message(trip, at: 1700)
        let inWork = try fixture.message(work, at: 1700)
        let other = try fixture.message(work, at: 1800)
        #expect(code { try fixture.account.resolveMessage("1700") }?.code == .ambiguous)
        #expect(try fixture.account.resolveMessage("19:t/1700") == inTrip)
        #expect(try fixture.account.resolveMessage("\(work)/17") == inWork)
        #expect(try fixture.account.resolveMessage("18") == other)
        #expect(try fixture.account.resolveMessage(inTrip.description) == inTrip)
        #expect(code { try fixture.account.resolveMessage("\(trip)/\(inWork)") }?.code == .notFound)
        #expect(code { try fixture.account.resolveMessage("19:/1700") }?.code == .ambiguous)
        #expect(code { try fixture.account.resolveMessage("19:t/") }?.code == .invalidArgument)
    }

    @Test func `an intent is named by its id, its token or a prefix`() throws {
        let trip = try fixture.conversation()
        let first = try fixture.intent(.rename, trip, token: "aa-1")
        let second = try fixture.intent(.rename, trip, token: "ab-2")
        #expect(try fixture.account.resolveIntent(first.description) == first)
        #expect(try fixture.account.resolveIntent("ab-2") == second)
        #expect(try fixture.account.resolveIntent("aa") == first)
        #expect(code { try fixture.account.resolveIntent("a") }?.code == .ambiguous)
    }

    @Test func `ids of another account do not exist here`() throws {
        let other = try fixture.store.addAccount("other", service: "azure")
        let theirs = try fixture.conversation("19:theirs", account: other)
        let message = try fixture.message(theirs, at: 10)
        #expect(code { try fixture.account.resolveConversation(theirs.description) }?.code == .notFound)
        #expect(code { try fixture.account.resolveConversation("19:theirs") }?.code == .notFound)
        #expect(code { try fixture.account.resolveMessage(message.description) }?.code == .notFound)
        #expect(try other.resolveMessage("10") == message)
    }

    @Test func `a long paste is cut in the error`() {
        let error = code { try fixture.account.resolveMessage(String(repeating: "x", count: 10_000)) }
        #expect((error?.description.count ?? .max) < 200)
    }
}

import Foundation
import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

struct DraftTests {
    @Test func `a draft is kept with its conversation, seen in its views, and cleared`() throws {
        let fixture = try ViewFixture()
        let trip = try fixture.conversation()
        let other = try fixture.conversation("19:other")
        #expect(try fixture.account.draft(in: trip).get() == nil)
        try fixture.account.setDraft("half a", in: trip, at: Timestamp(milliseconds: 5))
        try fixture.account.setDraft("half a thought", in: trip, at: Timestamp(milliseconds: 6))
        let draft = Draft(text: "half a thought", changedAt: Timestamp(milliseconds: 6))
        #expect(try fixture.account.draft(in: trip).get() == draft)
        #expect(try fixture.account.conversation(trip).get().draft == draft)
        let listed = try fixture.account.conversations().get()
        #expect(listed.first { $0.id == trip }?.draft == draft)
        #expect(listed.first { $0.id == other }?.draft == nil)
        #expect(try fixture.account.outbox().get().isEmpty)
        #expect(try fixture.account.search("thought").get().isEmpty)
        try fixture.account.setDraft("half\0 a thought", in: trip)
        #expect(try fixture.account.draft(in: trip).get()?.text == "half\0 a thought")
        #expect(try fixture.account.conversation(trip).get().draft?.text == "half\0 a thought")
        try fixture.account.clearDraft(in: trip)
        #expect(try fixture.account.draft(in: trip).get() == nil)
    }

    @Test func `a draft that is too long or of no conversation is refused`() throws {
        let fixture = try ViewFixture()
        let trip = try fixture.conversation()
        #expect { try fixture.account.setDraft("x", in: ConversationID(9)) } throws: { ($0 as? StoreError)?.code == .notFound }
        let long = String(repeating: "x", count: Draft.maximumBytes + 1)
        #expect { try fixture.account.setDraft(long, in: trip) } throws: { ($0 as? StoreError)?.code == .invalidArgument }
        #expect(try fixture.account.draft(in: trip).get() == nil)
    }

    @Test func `a draft survives reopening and goes with its account`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("store.sqlite")
        let fixture = try ViewFixture(store: await MessageStore.open(path))
        let trip = try fixture.conversation()
        try fixture.account.setDraft("kept", in: trip)
        try fixture.store.close()
        let store = try await MessageStore.open(path, mode: .readWrite)
        #expect(try store.account().draft(in: trip).get()?.text == "kept")
        try store.removeAccount("me")
        #expect(try store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM draft") } == 0)
        try store.close()
    }

    @Test func `a draft's view fires when it changes`() async throws {
        let fixture = try ViewFixture()
        let trip = try fixture.conversation()
        var updates = fixture.account.draft(in: trip).updates().makeAsyncIterator()
        #expect(try await updates.next() == .some(nil))
        try fixture.account.setDraft("x", in: trip)
        #expect(try await updates.next()??.text == "x")
    }
}

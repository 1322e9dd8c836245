import Testing
import TidemarkModel

@testable import TidemarkStore

/// Stores in memory that are used again.
@Suite struct RenewTests {
    @Test func `a store that was made as new numbers its rows as a new one does`() throws {
        let used = try MessageStore.inMemory()
        let before = try fill(used)
        try used.renew()
        #expect(try used.accounts().isEmpty)
        #expect(try used.isAdopted)
        #expect(try fill(used) == before)
        #expect(try fill(MessageStore.inMemory()) == before)
    }

    /// What the store holds after a create and a send, but for its random name.
    private func fill(_ store: MessageStore) throws -> StoreDump {
        let account = try store.addAccount("me", service: "test", at: Timestamp(milliseconds: 0))
        let scope = Scope(account: account.id, traits: .likeAzure)
        var generator = SeededGenerator(seed: 1)
        let create = try store.enqueue(
            .createConversation(topic: "topic", participants: []), scope, Moment(milliseconds: 1), using: &generator)
        _ = try store.enqueue(
            .send(OutgoingMessage("text"), to: create.conversation), scope, Moment(milliseconds: 2), using: &generator)
        var dump = try store.dump(of: account)
        for row in dump.tables["store", default: []].indices { dump.tables["store"]?[row]["instance"] = nil }
        return dump
    }
}

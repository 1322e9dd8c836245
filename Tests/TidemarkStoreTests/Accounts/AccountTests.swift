import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

struct AccountTests {
    let store: MessageStore

    init() throws {
        store = try MessageStore.inMemory()
    }

    private func code(_ body: () throws -> some Any) -> StoreError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    @Test func `an account is kept with its settings and identities`() throws {
        try store.addAccount(
            "me", service: "azure", settings: ["endpoint": "https://x", "tokenEnv": "T"], identity: "8:me",
            at: Timestamp(milliseconds: 5))
        let account = try #require(try store.accounts().first)
        #expect(account.name == "me")
        #expect(account.settings == ["endpoint": "https://x", "tokenEnv": "T"])
        #expect(account.identities == ["8:me"])
        #expect(account.createdAt == Timestamp(milliseconds: 5))
        #expect(try store.account(named: nil) == account)
        #expect(try store.account(named: "me") == account)
    }

    @Test func `a name is needed only where there are several`() throws {
        #expect(code { try store.account() } == .notFound)
        try store.addAccount("a", service: "azure")
        #expect(try store.account().name == "a")
        try store.addAccount("b", service: "azure")
        #expect(code { try store.account() } == .ambiguous)
        #expect(code { try store.conversations() } == .ambiguous)
        #expect(try store.account("b").name == "b")
        #expect(code { try store.account("c") } == .notFound)
    }

    @Test func `a name is taken once and nothing is empty`() throws {
        try store.addAccount("a", service: "azure")
        #expect(code { try store.addAccount("a", service: "azure") } == .notAllowed)
        #expect(code { try store.addAccount("", service: "azure") } == .invalidArgument)
        #expect(code { try store.addAccount("b", service: "") } == .invalidArgument)
        #expect(code { try store.addAccount("b", service: "azure", identity: "") } == .invalidArgument)
        #expect(try store.accounts().count == 1)
    }

    @Test func `removing refuses while something is unsent and says how much`() throws {
        let fixture = try ViewFixture(store: store)
        let trip = try fixture.conversation()
        try fixture.message(trip, at: 10)
        _ = try fixture.unsent(trip, "a", token: "1")
        _ = try fixture.unsent(trip, "b", token: "2", state: .parked)
        _ = try fixture.unsent(trip, "c", token: "3", state: .confirmed)
        #expect { try store.removeAccount("me") } throws: { error in
            (error as? StoreError)?.code == .notAllowed && "\(error)".contains("2 unsent")
        }
        #expect(try fixture.account.timeline(of: trip).get().entries.count == 4)
        try store.removeAccount("me", discardingUnsent: true)
        #expect(try store.accounts().isEmpty)
        let rows = try store.info(at: Timestamp(milliseconds: 0)).rows
        #expect(rows.filter { $0.value > 0 }.keys.sorted() == ["store"])
    }

    @Test func `a new identity makes its messages own and read`() throws {
        let fixture = try ViewFixture(store: store)
        let trip = try fixture.conversation()
        try fixture.message(trip, at: 10)
        try fixture.message(trip, at: 20) { $0.sender = "8:guest" }
        try fixture.run("UPDATE conversation SET unread = 2")
        try store.addIdentity("8:guest")
        #expect(try fixture.account.timeline(of: trip).get().entries.map(\.isOwn) == [false, true])
        #expect(try fixture.account.conversation(trip).get().unread == 1)
    }
}

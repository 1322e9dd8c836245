import Testing
import Tidemark
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

extension CancelledDay {
    /// Lives the day again as somebody who is not cancelled, and looks whether all is there once and in order.
    func judge(_ place: Comment) async throws {
        let end = try await live(as: .syncOnce)
        #expect(end.error == nil, place)
        #expect(end.open == 0, place)
        try judgeService(place)
        try judgeStore(place)
    }

    private func judgeService(_ place: Comment) throws {
        let threads = transport.with { $0.simulator.threads }
        #expect(threads.map(\.topic) == ["Trip"], place)
        let thread = try #require(threads.first, place)
        let own = thread.messages.filter { $0.sender == alice.id && $0.kind == .text }
        #expect(own.map { $0.metadata["tidemarkToken"] } == ["one", "two", "three"], place)
        #expect(own.map(\.content) == ["", "two, better", "three"], place)
        #expect(own.map { $0.deletedAt != nil } == [true, false, false], place)
        // Sent, and edited or deleted once.
        #expect(own.map(\.changes.count) == [2, 2, 1], place)
    }

    private func judgeStore(_ place: Comment) throws {
        let account = try store.account()
        #expect(try account.outbox().get().isEmpty, place)
        let conversations = try account.conversations().get()
        #expect(conversations.map(\.topic) == ["Trip"], place)
        let trip = try #require(conversations.first, place)
        #expect(trip.unread == 1, place)
        let entries = try account.timeline(of: trip.id).get().entries.filter { $0.sender != nil && $0.kind == .text }
        #expect(entries.map { $0.text ?? "†" } == ["†", "two, better", "from bob", "three", "from bob, later"], place)
        #expect(entries.allSatisfy { $0.state == .confirmed && !$0.gapBefore }, place)
    }
}

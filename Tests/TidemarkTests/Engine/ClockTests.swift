import Testing
import TidemarkModel
import TidemarkStore

@testable import Tidemark

/// A wall clock that is set while the engine runs (R3).
@Suite struct ClockTests {
    private func moment(wall: Int64, monotonic: Int64) -> Moment {
        Moment(now: Timestamp(milliseconds: wall), monotonic: monotonic)
    }

    @Test func `a clock that goes on or is nudged has not jumped`() {
        var clocks = ClockComparison()
        #expect(clocks.jump(at: moment(wall: 5_000_000, monotonic: 7)) == nil)
        #expect(clocks.jump(at: moment(wall: 5_090_000, monotonic: 90_007)) == nil)
        #expect(clocks.jump(at: moment(wall: 5_091_999, monotonic: 91_007)) == nil)
    }

    @Test func `a jump is told once and whole, and small steps are gathered`() {
        var clocks = ClockComparison()
        _ = clocks.jump(at: moment(wall: 0, monotonic: 0))
        #expect(clocks.jump(at: moment(wall: 3_600_500, monotonic: 500)) == .seconds(3600))
        #expect(clocks.jump(at: moment(wall: 3_600_600, monotonic: 600)) == nil)
        #expect(clocks.jump(at: moment(wall: 3_601_200, monotonic: 600)) == nil)
        #expect(clocks.jump(at: moment(wall: 3_601_800, monotonic: 700)) == .milliseconds(1100))
        #expect(clocks.jump(at: moment(wall: 3_000_800, monotonic: 700)) == .seconds(-601))
        #expect(clocks.jump(at: moment(wall: .max, monotonic: .min)) != nil)
    }

    /// A send whose answer is lost, a clock that is then set forward by an hour, and a walk that shows nothing.
    @Test func `a clock set forward sends nothing again before the quarantine is over`() throws {
        var history = try LostSend()
        try history.walkUntilEmpty(at: moment(wall: 3_600_000, monotonic: 1000))
        #expect(try history.store.intentState(history.send.intent) == "inDoubt")
        try history.walkUntilEmpty(at: moment(wall: 3_618_000, monotonic: 19_000))
        #expect(try history.store.intentState(history.send.intent) == "inDoubt")
        #expect(history.sends == 1)
        try history.walkUntilEmpty(at: moment(wall: 3_620_000, monotonic: 21_000))
        #expect(history.sends == 2)
    }
}

/// One device whose send gets no answer, on a service that holds nothing.
private struct LostSend {
    let store: MessageStore
    let send: Enqueued
    var core: SyncCore
    var sends = 0

    init() throws {
        let me = ParticipantID("me")
        store = try MessageStore.inMemory()
        let account = try store.addAccount("me", service: "tiny", identity: me, at: Timestamp(milliseconds: 0))
        var traits = ServiceTraits(service: "tiny", lostAnswers: [.send: .echoed])
        traits.confirmations = [.send: .observation]
        core = SyncCore(store: store, scope: Scope(account: account.id, traits: traits, identity: me))
        let start = Moment(milliseconds: 0)
        _ = try store.apply(.conversation(RemoteConversation(id: "t")), core.scope, start)
        var generator = SystemRandomNumberGenerator()
        let conversation = try account.conversations().get()[0].id
        send = try store.enqueue(.send(OutgoingMessage("x"), to: conversation), core.scope, start, using: &generator)
        try walkUntilEmpty(at: start)
    }

    /// Answers every read with nothing and no send at all, until nothing more is due.
    mutating func walkUntilEmpty(at moment: Moment) throws {
        for _ in 0..<50 {
            let effects = try core.next(moment).effects
            if effects.isEmpty { return }
            for effect in effects { try core.take(answer(effect, moment), moment) }
        }
    }

    private mutating func answer(_ effect: SyncCore.Effect, _ moment: Moment) -> SyncCore.Answer {
        switch effect {
        case .deliver(let delivery):
            sends += 1
            return .delivered(delivery, .failure(ServiceError(.answerLost, certainty: .unknown)))
        case .read(let read):
            let items: Page.Items =
                switch read.request.subject {
                case .conversations, .conversation: .conversations([])
                case .messages, .message: .messages([])
                case .participants: .participants([])
                case .receipts: .receipts([])
                }
            return .read(read, .success(Page(items: items, serverDate: Timestamp(milliseconds: moment.monotonic))))
        }
    }
}

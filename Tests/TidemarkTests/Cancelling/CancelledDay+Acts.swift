import Synchronization
import Testing
import Tidemark
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

extension CancelledDay {
    /// What is done together; between two of them the engine gets to work.
    enum Act: CaseIterable {
        case create, answerAndSend, change, read, hear
    }

    typealias Push = AsyncThrowingStream<RemoteEvent, any Error>.Continuation

    /// Does it, with the token that it has. Who does not know whether it was done does it again.
    func perform(_ act: Act, _ engine: SyncEngine, _ push: Push) async throws {
        switch act {
        case .create:
            let trip = try await engine.createConversation(
                topic: "Trip", with: [Participant(id: ParticipantID(bob.id))], token: "create")
            note(trip)
            try await send(["one", "two"], engine)
        case .answerAndSend:
            try once("answer") { try others("from bob") }
            try await send(["three"], engine)
        case .change:
            note(try await engine.edit(try message("two"), to: "two, better", token: "edit"))
            note(try await engine.delete(try message("one"), token: "delete"))
        case .read:
            let entries = try engine.account.timeline(of: try made("create").conversation).get().entries
            let answer = try #require(entries.first { $0.text == "from bob" })
            note(try await engine.markRead(answer.conversation, upTo: answer.id, token: "read"))
        case .hear:
            // Told by a push, which may be lost: the next poll shows it too.
            try once("late answer") {
                let (id, thread) = try others("from bob, later")
                push.yield(
                    .message(
                        RemoteMessage(
                            id: RemoteMessageID(id), version: Int64(id), place: Int64(id), kind: .text, text: "from bob, later",
                            sender: ParticipantID(bob.id)), in: RemoteConversationID(thread)))
            }
            engine.wakeUp()
        }
    }

    func made(_ token: String) throws -> Enqueued { try #require(state.withLock { $0.made[token] }) }

    private func message(_ token: String) throws -> MessageID { try #require(try made(token).message) }

    private func note(_ enqueued: Enqueued) {
        state.withLock { $0.made[enqueued.token.rawValue] = enqueued }
    }

    private func send(_ texts: [String], _ engine: SyncEngine) async throws {
        for text in texts {
            note(try await engine.send(text, to: try made("create").conversation, token: Token(text)))
        }
    }

    private func once(_ deed: String, _ body: () throws -> Void) throws {
        guard state.withLock({ $0.others.insert(deed).inserted }) else { return }
        try body()
    }

    @discardableResult
    private func others(_ text: String) throws -> (id: String, thread: String) {
        // The list tells whole seconds: what came in the second of the last look is only seen by a later one.
        clock.advance(by: .seconds(2))
        let (now, bob) = (clock.now, bob.id)
        let (id, thread) = transport.with { azure in
            let thread = azure.simulator.threads.first?.id ?? ""
            return (azure.simulator.send(text, as: bob, in: thread, now: now), thread)
        }
        return (try #require(id), thread)
    }
}

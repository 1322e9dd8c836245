internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// The person who is asked looks at the service and says what is true.
extension Stage {
    func answerQuestions(_ device: Device, _ place: Place?) async throws {
        for _ in 0..<6 {
            let asking = device.outbox.filter(\.waitsForPerson)
            guard !asking.isEmpty else { return }
            for entry in asking { try await answer(entry, device, place) }
            try await device.run(bound) { device.isAtRest }
        }
    }

    private func answer(_ entry: OutboxEntry, _ device: Device, _ place: Place?) async throws {
        guard entry.asks else { return try await device.engine.retry(entry.intent) }
        try await device.engine.resolve(entry.intent, as: try await truth(of: entry, device, place))
    }

    private func truth(of entry: OutboxEntry, _ device: Device, _ place: Place?) async throws -> Resolution {
        if entry.reason == .conflict { return .mine }
        switch entry.verb {
        case .send:
            guard let message = entry.message, let place else { return .notSent }
            let text = try device.account.message(message).get().entry.text
            let found = try await live(place).first { $0.author == me && $0.text == text }
            return found.map { .arrived($0.id.rawValue) } ?? .notSent
        case .createConversation:
            let topic = try device.account.conversation(entry.conversation).get().topic
            let found = try await world.conversations().first { $0.topic == topic && !$0.isDeleted }
            return found.map { .arrived($0.id.rawValue) } ?? .notSent
        default: return .notSent
        }
    }
}

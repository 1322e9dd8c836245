import Synchronization
import Tidemark
import TidemarkModel

/// A service with a defect in it. Everything else is the real adapter's.
final class DemoSaboteur: ChatService {
    private struct State {
        var sends = 0
        var held: Delivery?
        var isHidden: [RemoteMessageID: Bool] = [:]
    }

    let service: any ChatService
    let defect: DemoBreak
    private let user: ParticipantID
    private let state = Mutex(State())

    init(_ service: any ChatService, defect: DemoBreak, user: ParticipantID) {
        self.service = service
        self.defect = defect
        self.user = user
    }

    var traits: ServiceTraits { service.traits }

    func decode(_ raw: [UInt8], of subject: PageRequest.Subject) -> Page.Items? {
        service.decode(raw, of: subject)
    }

    func identity() async throws(ServiceError) -> ParticipantID? {
        try await service.identity()
    }

    func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        switch defect {
        case .resend: return try await resending(delivery)
        case .lose where isTurn(delivery, every: 4):
            return Acceptance(message: RemoteMessageID("\(1_000_000 + delivery.intent.number)"))
        case .reorder: return try await reordering(delivery)
        default: return try await service.perform(delivery)
        }
    }

    func page(_ request: PageRequest) async throws(ServiceError) -> Page {
        var page = try await service.page(request)
        guard case .messages(var messages) = page.items else { return page }
        if defect == .resurrect {
            for index in messages.indices where messages[index].sender != user { messages[index].deletedAt = nil }
        } else if defect == .hide {
            messages.removeAll(where: isHidden)
        }
        page.items = .messages(messages)
        return page
    }

    private func resending(_ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        do {
            return try await service.perform(delivery)
        } catch {
            var error = error
            error.certainty = .notApplied
            throw error
        }
    }

    /// Says yes to every fifth send and makes it after the next one of its conversation.
    private func reordering(_ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        guard case .send(_, let conversation) = delivery.action else { return try await service.perform(delivery) }
        let held = state.withLock { state in
            defer { state.held = nil }
            return state.held
        }
        if held == nil, isTurn(delivery, every: 5) {
            state.withLock { $0.held = delivery }
            return Acceptance()
        }
        let acceptance: Acceptance
        do {
            acceptance = try await service.perform(delivery)
        } catch {
            if let held { state.withLock { $0.held = held } }
            throw error
        }
        guard let held else { return acceptance }
        guard case .send(_, conversation) = held.action else {
            state.withLock { $0.held = held }
            return acceptance
        }
        await carryOut(held)
        return acceptance
    }

    /// Makes a send that was held back, exactly once: order is all that this defect breaks.
    private func carryOut(_ held: Delivery) async {
        var held = held
        held.deadline = nil
        for _ in 1...20 {
            do {
                _ = try await service.perform(held)
                return
            } catch {
                if error.certainty == .unknown, await hasArrived(held) { return }
            }
        }
    }

    private func hasArrived(_ held: Delivery) async -> Bool {
        guard case .send(_, let conversation) = held.action else { return false }
        let request = PageRequest(.messages(in: conversation), resultsPerPage: 200, identity: held.identity)
        for _ in 1...20 {
            guard let page = try? await service.page(request), case .messages(let messages) = page.items else { continue }
            return messages.contains { $0.token == held.token }
        }
        return false
    }

    private func isTurn(_ delivery: Delivery, every count: Int) -> Bool {
        guard delivery.action.verb == .send else { return false }
        return state.withLock { state in
            state.sends += 1
            return state.sends % count == 0
        }
    }

    /// Every third message of others, and always the same ones.
    private func isHidden(_ message: RemoteMessage) -> Bool {
        guard message.kind?.isUserKind == true, message.sender != user else { return false }
        return state.withLock { state in
            if let known = state.isHidden[message.id] { return known }
            let isHidden = state.isHidden.count % 3 == 0
            state.isHidden[message.id] = isHidden
            return isHidden
        }
    }
}

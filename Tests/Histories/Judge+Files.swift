import Tidemark
import TidemarkModel
import TidemarkStore

/// What became of the files that went with messages.
extension Judge {
    /// P1, P2: a message has the files that it was sent with, each once and in their order; what is unsent keeps its copies; and what
    /// nobody sends any more has none.
    func files(_ device: Device) throws -> [String] {
        let sends = device.accepted.filter { $0.verb == .send && !$0.files.isEmpty }
        let kept = try device.store.keptCopies()
        return delivered(sends, device) + (try unsent(sends, kept, device)) + (try leftOver(sends, kept, device))
    }

    private func delivered(_ sends: [Device.Accepted], _ device: Device) -> [String] {
        let there = world.service.threads.flatMap(\.messages).filter { $0.sender == device.user && !$0.isDeleted }
        return sends.flatMap { send in
            there.filter { $0.token == send.enqueued.token && $0.files != nil && $0.files != send.files }.map { message in
                "P2: \(device.name) \(message.id) has \(message.files?.count ?? 0) files that are not the \(send.files.count) of "
                    + "\(send.enqueued.intent)"
            }
        }
    }

    private func unsent(_ sends: [Device.Accepted], _ kept: [String: Bool], _ device: Device) throws -> [String] {
        let open = try Set(device.account.outbox().get().filter { $0.verb == .send }.map(\.intent))
        return sends.filter { open.contains($0.enqueued.intent) }.flatMap { send in
            send.files.filter { kept[$0] == nil }.map { "P1: \(device.name) \(send.enqueued.intent) has lost its copy of \($0)" }
        }
    }

    /// A copy of what the service has may stay as long as there is room for it; it has to be free to go.
    private func leftOver(_ sends: [Device.Accepted], _ kept: [String: Bool], _ device: Device) throws -> [String] {
        let open = try Set(device.account.outbox().get().filter { $0.verb == .send }.map(\.intent))
        var may: [String: Bool] = [:]
        for send in sends where try device.store.intentState(send.enqueued.intent) != "cancelled" {
            for file in send.files { may[file] = !open.contains(send.enqueued.intent) }
        }
        return kept.sorted { $0.key < $1.key }.compactMap { name, isFree in
            guard let isDone = may[name] else { return "P1: \(device.name) still keeps \(name), which nobody sends" }
            return isDone && !isFree ? "P1: \(device.name) never lets \(name) go, which was sent" : nil
        }
    }
}

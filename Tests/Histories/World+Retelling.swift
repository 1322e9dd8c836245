import Tidemark
import TidemarkModel
import TidemarkStore
import TidemarkTranscripts

/// Writing down what happens to one device.
extension World {
    mutating func retell(_ index: Int, _ what: (inout Retelling, Int64) -> Void) {
        guard retelling?.device == index, var told = retelling else { return }
        what(&told, now)
        retelling = told
    }

    /// Begins to write one device down, unless its service has no wire.
    mutating func startRetelling(of index: Int, _ title: String) {
        guard service.wire != nil else { return }
        retelling = Retelling(of: index, title)
        retellAnew(index)
    }

    /// The device has nothing that it had before; an older copy can't be told.
    mutating func retellAnew(_ index: Int) {
        let device = devices[index]
        let isCopy = (try? device.store.isAdopted) == false
        let (endpoint, offset) = (service.endpoint, device.clockOffset)
        retell(index) { told, now in
            told.begin(device.scope, endpoint: endpoint, seed: device.seed, at: now, offset: offset)
            if device.programs.count > 1 { told.giveUp("two programs that share a store") }
            if isCopy { told.giveUp("a store that became an older copy") }
        }
    }

    mutating func retell(_ answer: SyncCore.Answer, _ index: Int) throws {
        guard retelling?.device == index, let wire = service.wire else { return }
        let request =
            switch answer {
            case .delivered(let delivery, _): try wire.request(for: delivery)
            case .read(let read, _): try wire.request(for: read.request)
            }
        retell(index) { $0.heard(answer, to: request, at: $1) }
    }

    /// What the device has to show once all is quiet: what the service has.
    mutating func retellEnd(_ violations: [String]) throws {
        guard let index = retelling?.device else { return }
        for violation in violations { retell(index) { told, _ in told.note(violation) } }
        let name = devices[index].name
        let outbox = try devices[index].account.outbox().get().filter { entry in
            !violations.contains { $0.hasPrefix("P9: \(name) \(entry.intent) ") }
        }
        retell(index) { told, now in
            told.expect("outbox", outbox.map { ["token": .text($0.token.rawValue)] }, at: now)
        }
        // Where nothing tells that two copies are of one send, both are shown.
        let folds = service.traits.lostAnswer(of: .send) != .recognisable
        for thread in service.threads where thread.deletedAt == nil && isSettled(thread, for: devices[index]) {
            retell(index) { $0.expect("timeline", of: thread.id, thread.shown(folds).map(\.row), at: $1) }
        }
    }

    /// Its user was always in it, and nothing of the device's own stands in it that the service does not have.
    private func isSettled(_ thread: RawThread, for device: Device) -> Bool {
        guard thread.members.contains(device.user), let conversation = device.witness.locals[thread.id],
            let outbox = try? device.account.outbox(in: conversation).get()
        else { return false }
        return outbox.isEmpty && !thread.messages.contains { $0.kind == .participantRemoved }
    }
}

extension RawThread {
    /// Of the copies of one send the first live one, or the first.
    fileprivate func shown(_ folds: Bool) -> [RawMessage] {
        messages.filter { message in
            guard folds, let token = message.token else { return true }
            let copies = messages.filter { $0.token == token && $0.sender == message.sender }
            return message.id == (copies.first { !$0.isDeleted } ?? copies.first)?.id
        }
    }
}

extension RawMessage {
    /// What a timeline has to show of it.
    fileprivate var row: [String: JSON] {
        if isDeleted { return ["id": .text(id.rawValue), "isDeleted": .bool(true)] }
        return kind.isUserKind ? ["id": .text(id.rawValue), "text": .text(text)] : ["id": .text(id.rawValue)]
    }
}

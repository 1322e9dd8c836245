import Tidemark
import TidemarkModel
import TidemarkStore

/// How often the engine had to do what it rarely has to, told by what can be seen of it.
extension World {
    /// What a device's journal tells, before it is gone.
    mutating func harvest(_ device: Int) throws {
        /// Since when.
        var doubtful: [IntentID: Timestamp] = [:]
        for line in try devices[device].account.journal(.since(Timestamp(milliseconds: .min)), limit: .max).get() {
            if let branch = Branch(kind: line.kind, cause: line.cause) { counts.branches[branch, default: 0] += 1 }
            guard let intent = line.intent else { continue }
            if line.kind == "confirmed", doubtful[intent] != nil { counts.branches[.found, default: 0] += 1 }
            if line.cause == "proved absent", let since = doubtful[intent], line.at - since >= service.traits.quarantine {
                counts.branches[.quarantineOver, default: 0] += 1
            }
            doubtful[intent] = line.kind == "inDoubt" ? line.at : nil
        }
    }

    /// A success that comes when nobody waits for it any more.
    mutating func noteProof(_ answer: SyncCore.Answer, _ device: Int) throws {
        guard case .delivered(let delivery, .success) = answer,
            try devices[device].store.intentState(delivery.intent) != "transmitting"
        else { return }
        counts.branches[.lateProof, default: 0] += 1
    }

    /// Whoever hears a yes, and however late: what was made is not looked for, sent or asked about any more (R14).
    mutating func noteSettled(_ answer: SyncCore.Answer, _ device: Int) throws {
        guard case .delivered(let delivery, .success) = answer, [.send, .createConversation].contains(delivery.action.verb),
            let entry = try devices[device].account.outbox().get().first(where: { $0.intent == delivery.intent }),
            entry.token == delivery.token
        else { return }
        switch entry.state {
        case .queued, .waiting, .inDoubt, .transmitting, .parked:
            caught.append("R14: device \(device) \(entry.intent) is still \(entry.state) after its yes at \(now - World.start)")
        default: break
        }
    }

    /// A walk that had to turn pages is read once more from the top before it proves anything (R18).
    mutating func noteWalk(_ effect: SyncCore.Effect, _ device: Int) {
        guard case .read(let read) = effect, read.purpose == .catchUp, let conversation = read.conversation else { return }
        let key = WalkKey(device: device, conversation: conversation)
        if read.request.cursor != nil {
            turned[key] = now
        } else if let last = turned.removeValue(forKey: key), now - last < 1000 {
            counts.branches[.closingRead, default: 0] += 1
        }
    }

    /// One answer that tells of several conversations, and one that does not hold all that it should.
    mutating func noteTogether(_ result: Result<Page, ServiceError>, of read: PlannedRead) {
        guard read.isTogether, case .success(let page) = result, case .messages(let first) = page.items else { return }
        let count = page.furtherMessages.count + (first.isEmpty ? 0 : 1)
        if count > 1 { counts.branches[.together, default: 0] += 1 }
        if count > 0, page.next != nil { counts.branches[.togetherCut, default: 0] += 1 }
    }
}

struct WalkKey: Hashable {
    var device: Int
    var conversation: ConversationID
}

extension Branch {
    /// What a line of the journal tells of.
    fileprivate init?(kind: String, cause: String?) {
        switch (kind, cause) {
        case ("folded", _): self = .folded
        case ("queued", "proved absent"): self = .provedAbsent
        case ("accepted", "landed after it was cancelled"), ("accepted", "made after it was cancelled"): self = .tokenTombstone
        case ("parked", ParkReason.conflict.rawValue): self = .conflict
        case ("asks", _): self = .unprovable
        case ("walkRestarted", _): self = .walkRestarted
        case ("leaseTaken", "expired"): self = .leaseTaken
        case ("reopened", _): self = .reopened
        case (_, ParkReason.superseded.rawValue): self = .superseded
        case ("left", _): self = .left
        case ("joined", _): self = .joined
        case ("conversationGone", _): self = .conversationGone
        case ("adopted", _): self = .adopted
        default: return nil
        }
    }
}

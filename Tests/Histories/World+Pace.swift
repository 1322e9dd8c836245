import Tidemark
import TidemarkModel

struct EditKey: Hashable {
    var token: Token
    var message: RemoteMessageID
}

/// What a service would not complain of, and nobody may do all the same.
extension World {
    /// An edit that has landed is not done once more over what others wrote since (R7).
    mutating func noteDone(_ delivery: Delivery, _ device: Int) {
        guard case .edit(let message, _, _, _) = delivery.action else { return }
        let isNew = edited.insert(EditKey(token: delivery.token, message: message)).inserted
        if !isNew, excused[delivery.token] == nil {
            caught.append("P2: device \(device) \(delivery.intent) was done twice to \(message) at \(now - World.start)")
        }
    }

    /// The service asked a device to wait, and it was told.
    mutating func noteWait(_ answer: SyncCore.Answer, _ address: Address) {
        let device = address.device
        guard case .delivered(let delivery, .failure(let error)) = answer, let wait = error.retryAfter,
            // Who lost the lease has been asked long ago, and may not know yet that it is lost.
            devices[device].programs[address.program].core.scope.generation
                == devices[device].programs.map(\.core.scope.generation).max()
        else { return }
        // Creates have no lane that others share.
        if error.scope == .lane, delivery.action.conversation == nil { return }
        let lane = WaitingLane(device: device, conversation: error.scope == .lane ? delivery.action.conversation : nil)
        waits[lane] = max(waits[lane] ?? 0, now + wait.milliseconds)
    }

    /// What a device was asked for holds whatever else happens to it (R9), but for what makes it forget: an older copy of its
    /// store, another account, a clock that was set.
    mutating func noteHaste(_ effect: SyncCore.Effect, _ device: Int) {
        guard let delivery = effect.delivery, !devices[device].hasClockJumped else { return }
        for conversation in [nil, delivery.action.conversation] {
            let until = waits[WaitingLane(device: device, conversation: conversation)] ?? 0
            if until > now {
                caught.append("R9: device \(device) was asked to wait \(until - now) ms more at \(now - World.start)")
            }
        }
    }

    /// A token whose request may have landed never bears another text (R4).
    mutating func noteText(_ effect: SyncCore.Effect, _ device: Int) {
        guard let delivery = effect.delivery, case .send(let message, _) = delivery.action else { return }
        if let sent = sentTexts[delivery.token], sent.text != message.text, counts.faults[.rolledBack] == nil {
            caught.append("R4: device \(device) \(delivery.intent) gives its token another text at \(now - World.start)")
        }
        sentTexts[delivery.token, default: SentText(text: message.text)].open += 1
    }

    /// The service has surely not done it.
    mutating func noteRefusal(_ answer: SyncCore.Answer) {
        guard case .delivered(let delivery, .failure(let error)) = answer, error.certainty == .notApplied else { return }
        sentTexts[delivery.token]?.open -= 1
        if sentTexts[delivery.token]?.open == 0 { sentTexts[delivery.token] = nil }
    }

    mutating func forgetWaits(of device: Int) {
        waits = waits.filter { $0.key.device != device }
    }
}

/// The text of a send, and how many of its requests may have landed.
struct SentText {
    var text: String
    var open = 0
}

/// What a service asked to wait: all of a device, or one conversation.
struct WaitingLane: Hashable {
    var device: Int
    var conversation: RemoteConversationID?
}

import Tidemark

/// An intent that somebody wants to act on: whether that can be done to it as it stands, and if not, what is true and what helps.
///
/// The engine has the last word; it says no in the same cases, and knows neither the commands nor what stands around the intent.
struct Standing {
    enum Wish {
        case retry
        case skip
        case discard
        case edit
        case resolve(Resolution)

        init?(_ action: ParkReason.Action) {
            switch action {
            case .retry: self = .retry
            case .skip: self = .skip
            case .discard: self = .discard
            case .edit: self = .edit
            case .resolve, .newCredential: return nil
            }
        }
    }

    enum Verdict {
        /// The engine does it, or says why not.
        case open
        /// It is so already; what is true.
        case already(String)
        /// It makes no sense; what is true.
        case refused(String)
    }

    let entry: OutboxEntry
    let account: AccountView
    let common: CommonOptions

    func verdict(on wish: Wish) -> Verdict {
        switch wish {
        case .discard, .edit: .open
        case .retry: verdictOnRetry
        case .skip: entry.asks || isParked ? .open : refused("is neither parked nor asking")
        case .resolve(.arrived(let remote)): verdict(onArrived: remote)
        case .resolve(.notSent): verdictOnNotSent
        case .resolve: isParked && entry.reason == .conflict ? .open : refused("is no edit conflict")
        }
    }

    func failure(_ sentence: String) -> Failure {
        Failure(.failed, code: StoreError.Code.notAllowed.rawValue, sentence, hint: advice)
    }

    // MARK: What is asked

    private var isParked: Bool { entry.state.reason != nil }

    private func refused(_ what: String) -> Verdict {
        .refused("Intent \(entry.intent) \(what): \(truth).")
    }

    private var verdictOnRetry: Verdict {
        if isParked { return .open }
        guard entry.asks else { return refused("is not parked") }
        return .refused("Intent \(entry.intent) is in doubt: say what became of it before it is sent again.")
    }

    /// What was tried and stands in the queue again without a reason counts as not sent: somebody said so, or it was proved.
    private var verdictOnNotSent: Verdict {
        switch entry.state {
        case .inDoubt: .open
        case .queued where entry.attempts > 0 && entry.reason == nil:
            .already("Intent \(entry.intent) counts as not sent already: \(truth).")
        default: refused("is not in doubt")
        }
    }

    private func verdict(onArrived remote: String) -> Verdict {
        switch entry.state {
        case .inDoubt, .parked: return .open
        case .sent, .confirmed:
            let known = remoteIDs
            if known.contains(remote) { return .already("Intent \(entry.intent) has arrived as \(remote) already.") }
            guard let first = known.first else { return refused("asks for nothing") }
            return .refused("Intent \(entry.intent) asks for nothing: it has arrived as \(first), and not as what was named.")
        default: return refused("asks for nothing")
        }
    }

    /// What it made or is about, by the service's names; the shown copy first.
    private var remoteIDs: [String] {
        guard let message = entry.message else {
            let conversation = try? account.conversation(entry.conversation).get()
            return conversation?.remoteID.map { [$0.rawValue] } ?? []
        }
        return (try? account.message(message).get())?.copies.compactMap { $0.remoteID?.rawValue } ?? []
    }

    // MARK: What is true

    private var truth: String {
        switch entry.state {
        case .queued: entry.attempts > 0 ? "it is queued, to be sent again" : "it is queued, and has not left yet"
        case .waiting: "it waits for \(entry.parent?.description ?? "something before it")"
        case .transmitting: "a request with it is under way"
        case .inDoubt: entry.asks ? "it asks what became of it" : "it is in doubt, and is looked for by the next sync"
        case .parked(let reason): "it is parked (\(reason.rawValue))"
        case .sent: "the service has accepted it"
        case .confirmed: "the service has it"
        case .cancelled:
            entry.reason == .superseded ? "something newer has overtaken it" : "it is over, and is not sent any more"
        }
    }

    /// What to do, if anything: a command, or a sentence.
    var advice: String? {
        switch entry.state {
        case .waiting where entry.parent != nil: common.command("sync")
        case .queued, .waiting: obstacle ?? common.command("sync")
        case .transmitting: "Try again in a moment."
        case .inDoubt: entry.asks ? common.command("outbox --state inDoubt") : common.command("sync")
        case .parked: commands
        case .sent, .confirmed: nil
        case .cancelled: "Write it again if it is still wanted."
        }
    }

    private var obstacle: String? {
        guard let outbox = try? account.outbox().get(), let sentence = Obstacles(outbox)[entry.intent] else {
            return entry.reason.map(OutboxText.sentence)
        }
        return sentence
    }

    /// A conflict has two answers, and what they are is not for a hint to choose.
    private var commands: String? {
        let all = OutboxCommands(common: common).all(for: entry).map(\.command)
        return entry.reason == .conflict ? all.prefix(2).joined(separator: ", or ") : all.first
    }
}

import HTTPTypes
import Tidemark
import TidemarkModel

/// What the engine begins, and what comes of it.
extension Stage {
    /// Lets the engine begin what it can.
    mutating func pump() throws {
        for _ in 0..<Self.maximumRounds {
            let round = try core.next(moment)
            nextDue = round.nextDue
            let before = pending.count
            for effect in round.effects { try begin(effect) }
            // What was answered at once is a reason to look again; what is under way is not.
            if pending.count == before + round.effects.count { return }
        }
        throw TranscriptError("The engine makes requests without end.")
    }

    mutating func begin(_ effect: SyncCore.Effect) throws {
        guard case .service(let wire) = speaker else { return try beginInRoom(effect) }
        let pending: Pending
        do throws(ServiceError) {
            switch effect {
            case .deliver(let delivery):
                pending = Pending(effect: effect, exchange: .request(try wire.request(for: delivery)))
            case .read(let read):
                pending = Pending(effect: effect, exchange: .request(try wire.request(for: read.request)), isRead: true)
            }
        } catch {
            return try core.take(effect.failed(error), moment)
        }
        try begin(pending)
    }

    mutating func begin(_ pending: Pending) throws {
        requests += 1
        trace.add(pending.exchange.description)
        if pending.isRead, let answer = standingAnswer(to: pending.exchange) {
            try give(answer, to: pending)
        } else {
            self.pending.append(pending)
        }
    }

    /// What a read gets without being told.
    func standingAnswer(to exchange: Exchange) -> Answer? {
        let best = standing.enumerated().compactMap { index, entry in
            var names = self.names
            return entry.pattern.match(exchange, &names).map { (score: $0, index: index) }
        }.max { ($0.score, $0.index) < ($1.score, $1.index) }
        return best.map { standing[$0.index].answer }
    }

    /// What a read gets from here on; `false`: there is nothing to do.
    mutating func stand(_ pattern: RequestPattern, _ answer: Answer?) throws -> Bool {
        standing.removeAll { $0.pattern == pattern }
        guard let answer else { return false }
        standing.append((pattern, answer))
        // What was asked for before it could be answered.
        while let index = pending.firstIndex(where: { one in
            var names = self.names
            return one.isRead && pattern.match(one.exchange, &names) != nil
        }) {
            try give(answer, to: pending.remove(at: index))
        }
        return true
    }

    /// What became of something under way, or under which name that is said later.
    mutating func settle(_ found: Pending, _ answer: Answer?, _ after: Duration, _ name: String?) throws {
        if after > .zero { try advance(after) }
        if let name {
            named[name] = found
        } else if let answer {
            try give(answer, to: found)
        }
    }

    /// The first thing under way that is meant. One that is not there yet is waited for, as long as the transcript says.
    mutating func take(
        _ line: Int, _ what: String, where isMeant: (Exchange, inout Names?) -> Bool
    ) throws -> Pending {
        let patience = monotonic + transcript.patience.milliseconds
        let limit = core.scope.configuration.maximumConcurrentRequests
        defer { core.scope.configuration.maximumConcurrentRequests = limit }
        for _ in 0..<Self.maximumRounds {
            for (index, one) in pending.enumerated() {
                var names = self.names
                guard isMeant(one.exchange, &names) else { continue }
                self.names = names
                return pending.remove(at: index)
            }
            // Jitter may have let another begin before it; in a recording both did.
            if transcript.patience > .zero, pending.count >= core.scope.configuration.maximumConcurrentRequests {
                core.scope.configuration.maximumConcurrentRequests += 1
                try pump()
                continue
            }
            let wait = max((nextDue?.milliseconds ?? .max) &- wall, 100)
            guard nextDue != nil, monotonic + wait <= patience else { break }
            pass(wait)
            try pump()
        }
        let underWay = pending.map(\.exchange.detail)
        throw TranscriptError(
            "\(what) is not under way; under way: \(underWay.isEmpty ? "nothing" : underWay.joined(separator: ", ")).", line: line
        )
    }

    mutating func give(_ answer: Answer, to pending: Pending) throws {
        trace.add("\(answer)")
        if let attempt = pending.attempt {
            try proceed(told(attempt, answer, pending.exchange), pending.effect)
        } else if case .service(let wire) = speaker {
            try core.take(read(answer, pending, wire), moment)
        }
    }

    private func read(_ answer: Answer, _ pending: Pending, _ wire: any ServiceWire) -> SyncCore.Answer {
        do throws(ServiceError) {
            switch answer.response {
            case .failure(let error): throw failure(error, pending, wire)
            case .success(let response):
                switch pending.effect {
                case .deliver(let delivery):
                    return .delivered(delivery, .success(try wire.acceptance(of: response, for: delivery)))
                case .read(let read): return .read(read, .success(try wire.page(of: response, for: read.request)))
                }
            }
        } catch {
            return pending.effect.failed(error)
        }
    }

    private func failure(_ error: TransportError, _ pending: Pending, _ wire: any ServiceWire) -> ServiceError {
        switch pending.effect {
        case .deliver(let delivery): wire.failure(error, for: delivery)
        case .read(let read): wire.failure(error, for: read.request)
        }
    }
}

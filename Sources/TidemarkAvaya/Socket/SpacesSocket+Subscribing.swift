import TidemarkModel

extension SpacesSocket {
    struct Subscription: Hashable, Sendable {
        enum State: Hashable, Sendable {
            case wanted(attempts: Int)
            case asked(attempts: Int, deadline: Int64)
            case subscribed
            case refused(retryAt: Int64)
        }

        var state = State.wanted(attempts: 0)
        var password: String?
        /// Asked for by itself; no list takes it away.
        var isOwn: Bool

        /// Not decided yet.
        var isUnderWay: Bool {
            switch state {
            case .wanted, .asked: true
            case .subscribed, .refused: false
            }
        }

        /// When something has to be done about it.
        var time: Int64? {
            switch state {
            case .asked(_, let deadline): deadline
            case .refused(let retryAt): retryAt
            case .wanted, .subscribed: nil
            }
        }
    }

    var subscriptionTimes: [Int64] { subscriptions.values.compactMap(\.time) }

    // MARK: What the program wants

    mutating func want(_ spaces: [RemoteConversationID], _ now: Int64) {
        guard phase != .idle else { return }
        var listed: Set<RemoteConversationID> = []
        for space in spaces where listed.insert(space).inserted {
            guard subscriptions[space] == nil, order.count < configuration.maximumSpaces else { continue }
            add(space, Subscription(isOwn: false))
        }
        for space in order where subscriptions[space]?.isOwn == false && !listed.contains(space) { unsubscribe(space) }
        guard isReady else { return }
        isListed = true
        listAt = Self.time(now, max(.seconds(1), configuration.listInterval))
    }

    mutating func listFailed(_ now: Int64) {
        guard isReady else { return }
        listAt = Self.time(now, max(.seconds(1), configuration.listRetryDelay))
    }

    mutating func subscribe(_ space: RemoteConversationID, password: String?) {
        guard var subscription = subscriptions[space] else {
            guard order.count < configuration.maximumSpaces else { return tell(.subscriptionRefused(space)) }
            return add(space, Subscription(password: password, isOwn: true))
        }
        subscription.isOwn = true
        let isOther = password != nil && password != subscription.password
        if let password { subscription.password = password }
        switch subscription.state {
        case .subscribed where !isOther: tell(.subscribed(space))
        case .refused, .subscribed: subscription.state = .wanted(attempts: 0)
        case .wanted, .asked: break
        }
        subscriptions[space] = subscription
    }

    private mutating func add(_ space: RemoteConversationID, _ subscription: Subscription) {
        subscriptions[space] = subscription
        order.append(space)
        leaving.removeAll { $0 == space }
    }

    mutating func unsubscribe(_ space: RemoteConversationID) {
        guard let subscription = subscriptions.removeValue(forKey: space) else { return }
        order.removeAll { $0 == space }
        switch subscription.state {
        case .asked, .subscribed: if isReady { leave(space) }
        case .wanted, .refused: break
        }
        settleQueued(in: space, ServiceError(.invalid, certainty: .notApplied, serviceMessage: Self.notEntered))
    }

    private mutating func leave(_ space: RemoteConversationID) {
        guard !leaving.contains(space), leaving.count < configuration.maximumSpaces else { return }
        leaving.append(space)
    }

    // MARK: What the service says

    mutating func subscribed(_ space: RemoteConversationID) {
        guard let subscription = subscriptions[space] else { return leave(space) }
        guard subscription.state != .subscribed else { return }
        subscriptions[space]?.state = .subscribed
        hasNewSubscription = true
        tell(.subscribed(space))
    }

    /// The payload is not established: without a space that we know, the one that was asked for first is meant, since the
    /// answers come in order (wire page §11).
    mutating func subscribeFailed(_ space: RemoteConversationID?, _ now: Int64) {
        let known = space.flatMap { space in subscriptions[space]?.isUnderWay == true ? space : nil }
        let oldest = order.filter { subscriptions[$0]?.deadline != nil }
            .min { (subscriptions[$0]?.deadline ?? 0) < (subscriptions[$1]?.deadline ?? 0) }
        guard let refused = known ?? oldest else { return }
        refuse(refused, now)
    }

    private mutating func refuse(_ space: RemoteConversationID, _ now: Int64) {
        subscriptions[space]?.state = .refused(
            retryAt: Self.time(now, max(.seconds(1), configuration.refusedSubscriptionDelay)))
        tell(.subscriptionRefused(space))
        settleQueued(in: space, ServiceError(.forbidden, certainty: .notApplied))
    }

    /// Not at our wish: whoever was removed is not let in again at once.
    mutating func unsubscribed(_ space: RemoteConversationID, _ now: Int64) {
        guard subscriptions[space]?.state == .subscribed else { return }
        refuse(space, now)
    }

    // MARK: What is due

    mutating func endSubscriptions(_ now: Int64) {
        for space in order {
            switch subscriptions[space]?.state {
            case .asked(let attempts, let deadline) where deadline <= now:
                if attempts < configuration.subscribeAttempts {
                    subscriptions[space]?.state = .wanted(attempts: attempts)
                } else {
                    refuse(space, now)
                }
            case .refused(let retryAt) where retryAt <= now: subscriptions[space]?.state = .wanted(attempts: 0)
            default: break
            }
        }
    }

    /// Writes what may leave now: messages first.
    mutating func write(_ now: Int64) {
        guard writeSends(now) else { return }
        while let space = leaving.first, rate.take(at: now) {
            leaving.removeFirst()
            effects.append(.write(SpacesEvent.unsubscribing(space), connection: connection))
        }
        var open = subscriptions.values.count { $0.deadline != nil }
        for space in order where open < max(1, configuration.maximumOpenSubscriptions) {
            guard let subscription = subscriptions[space], case .wanted(let attempts) = subscription.state else { continue }
            guard rate.take(at: now) else { break }
            let deadline = Self.time(now, max(.milliseconds(1), configuration.subscribeTimeout))
            subscriptions[space]?.state = .asked(attempts: attempts + 1, deadline: deadline)
            open += 1
            effects.append(
                .write(SpacesEvent.subscribing(space, password: subscription.password), connection: connection))
        }
        rateOpensAt = isHeld ? rate.opens(after: now) : nil
    }

    /// Whether something would leave if the rate allowed it.
    private var isHeld: Bool {
        let open = subscriptions.values.count { $0.deadline != nil }
        let hasWanted = subscriptions.values.contains { $0.deadline == nil && $0.isUnderWay }
        return !leaving.isEmpty || (hasWanted && open < max(1, configuration.maximumOpenSubscriptions)) || hasWritableSend
    }

    static let notEntered = "The space is not entered; enter it before you send to it."
}

extension SpacesSocket.Subscription {
    /// When the answer to an open question is given up.
    fileprivate var deadline: Int64? {
        if case .asked(_, let deadline) = state { deadline } else { nil }
    }
}

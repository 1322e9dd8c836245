public import TidemarkModel

/// What other people do, without a request: the rest of a history around the client under test.
extension AzureSimulator {
    /// Makes a thread; returns its id.
    @discardableResult
    public mutating func createThread(_ topic: String, by user: String, with others: [String], now: Timestamp) -> String {
        let id = "19:simulated-\(threads.count + 1)@thread.v2"
        let members = others.map { other in
            AzureMember(id: other, displayName: users.first { $0.id == other }?.displayName, shareHistoryTime: 0)
        }
        add(topic, id: id, by: user, members: members, at: now.milliseconds)
        return id
    }

    /// Returns the message's id, or `nil` where the user may not write.
    @discardableResult
    public mutating func send(
        _ text: String, as user: String, in thread: String, metadata: [String: String] = [:], now: Timestamp
    ) -> String? {
        guard let index = try? find(thread, user) else { return nil }
        let name = users.first { $0.id == user }?.displayName ?? ""
        let id = post(.text, in: index, at: now.milliseconds) { message in
            message.content = text
            message.sender = user
            message.senderName = name
            message.metadata = metadata
        }
        return String(id)
    }

    /// `false` where the user may not, or the message is gone.
    @discardableResult
    public mutating func edit(_ message: String, to text: String, as user: String, in thread: String, now: Timestamp) -> Bool {
        guard let (index, place) = own(message, user, thread) else { return false }
        rewrite(place, in: index, to: text, metadata: [:], at: now.milliseconds)
        return true
    }

    @discardableResult
    public mutating func delete(_ message: String, as user: String, in thread: String, now: Timestamp) -> Bool {
        guard let (index, place) = own(message, user, thread) else { return false }
        erase(place, in: index, at: now.milliseconds)
        return true
    }

    /// `false` where one may not or somebody is not known; who is in already changes nothing.
    @discardableResult
    public mutating func add(_ people: [String], to thread: String, as user: String, now: Timestamp) -> Bool {
        guard let index = try? find(thread, user), people.allSatisfy({ id in users.contains { $0.id == id } }) else {
            return false
        }
        let new = people.filter { !threads[index].isMember($0) }.map { id in
            AzureMember(id: id, displayName: users.first { $0.id == id }?.displayName, shareHistoryTime: 0)
        }
        insert(new, into: index, by: user, at: now.milliseconds)
        return true
    }

    /// Removes somebody, or oneself. `false` where one may not or nobody is there.
    @discardableResult
    public mutating func remove(_ person: String, from thread: String, as user: String, now: Timestamp) -> Bool {
        guard let index = try? find(thread, user), let member = threads[index].members.first(where: { $0.id == person }) else {
            return false
        }
        remove(member, from: index, by: user, at: now.milliseconds)
        return true
    }

    @discardableResult
    public mutating func rename(_ thread: String, to topic: String, as user: String, now: Timestamp) -> Bool {
        guard let index = try? find(thread, user) else { return false }
        rename(index, to: topic, by: user, at: now.milliseconds)
        return true
    }

    /// Moves a reader's mark up to a message.
    @discardableResult
    public mutating func read(_ message: String, as user: String, in thread: String, now: Timestamp) -> Bool {
        guard let index = try? find(thread, user), let place = try? findMessage(message, in: index) else { return false }
        mark(threads[index].messages[place].id, in: index, by: user, at: now.milliseconds)
        return true
    }

    @discardableResult
    public mutating func deleteThread(_ thread: String, as user: String, now: Timestamp) -> Bool {
        guard let index = try? find(thread, user) else { return false }
        endThread(index, at: now.milliseconds)
        return true
    }

    private func own(_ message: String, _ user: String, _ thread: String) -> (Int, Int)? {
        guard let index = try? find(thread, user), let place = try? findMessage(message, in: index),
            threads[index].messages[place].sender == user, threads[index].messages[place].deletedAt == nil
        else { return nil }
        return (index, place)
    }

    // MARK: Judging

    /// Every message that was ever sent with a value under a metadata key, deleted or edited since or not.
    public func copies(ofMetadata key: String, value: String) -> [AzureMessage] {
        threads.flatMap(\.messages).filter { $0.firstMetadata[key] == value }
    }

    /// How many messages were sent with each value of a metadata key.
    public func copies(perMetadata key: String) -> [String: Int] {
        threads.flatMap(\.messages).reduce(into: [:]) { counts, message in
            if let value = message.firstMetadata[key] { counts[value, default: 0] += 1 }
        }
    }
}

public import TidemarkModel

/// What other people do, without a request: the rest of a history around the client under test.
extension AvayaSimulator {
    /// Makes a group space; returns its id. Guests may read its history if `guestsSeeHistory`.
    @discardableResult
    public mutating func createSpace(
        _ title: String, by user: String, with others: [String] = [], password: String? = nil, isOpen: Bool = true,
        guestsSeeHistory: Bool = false, now: Timestamp
    ) -> String {
        let index = addSpace(title, type: "group", by: user, isOpen: isOpen, now: now.milliseconds)
        spaces[index].password = password
        if guestsSeeHistory { spaces[index].restrict = [] }
        for other in users where others.contains(other.id) { enter(index, other, at: now.milliseconds) }
        return spaces[index].id
    }

    /// The space of two people.
    @discardableResult
    public mutating func createDirect(between user: String, and other: String, now: Timestamp) -> String {
        let index = addSpace("", type: "direct", by: user, now: now.milliseconds)
        if let other = users.first(where: { $0.id == other }) { enter(index, other, at: now.milliseconds) }
        return spaces[index].id
    }

    public func space(_ id: String) -> AvayaSpace? { spaces.first { $0.id == id } }

    public func message(_ id: String) -> AvayaMessage? { places[id].map { self[$0] } }

    private func index(of space: String, _ user: String) -> Int? {
        guard let index = spaces.firstIndex(where: { $0.id == space }), spaces[index].deletedAt == nil,
            spaces[index].member(user) != nil
        else { return nil }
        return index
    }

    /// Returns the message's id, or `nil` where the user is not in the space.
    @discardableResult
    public mutating func send(
        _ text: String, as user: String, in space: String, category: String = "chat", parent: String? = nil, now: Timestamp
    ) -> String? {
        guard let index = index(of: space, user), !spaces[index].isArchived else { return nil }
        let place = add(text, category, in: index, by: user, parent: parent, now: now.milliseconds)
        announce(place, .sent, now.milliseconds)
        return self[place].id
    }

    /// `false` where the user may not, or the message is gone.
    @discardableResult
    public mutating func edit(_ message: String, to text: String, as user: String, now: Timestamp) -> Bool {
        guard let place = own(message, user) else { return false }
        rewrite(place, to: text, description: nil, by: user, now: now.milliseconds)
        return true
    }

    @discardableResult
    public mutating func delete(_ message: String, as user: String, now: Timestamp) -> Bool {
        guard let place = own(message, user) else { return false }
        erase(place, by: user, now: now.milliseconds)
        return true
    }

    private func own(_ message: String, _ user: String) -> AvayaPlace? {
        guard let place = places[message], self[place].sender == user, self[place].deletedAt == nil,
            index(of: self[place].space, user) != nil
        else { return nil }
        return place
    }

    @discardableResult
    public mutating func rename(_ space: String, to title: String, as user: String, now: Timestamp) -> Bool {
        guard let index = index(of: space, user) else { return false }
        spaces[index].title = title
        spaces[index].modified = max(now.milliseconds, spaces[index].modified)
        announceUpdate(of: index, by: user, now.milliseconds)
        return true
    }

    /// Lets somebody in. `false` where nobody is known by that id.
    @discardableResult
    public mutating func add(_ person: String, to space: String, now: Timestamp) -> Bool {
        guard let index = spaces.firstIndex(where: { $0.id == space }), let user = users.first(where: { $0.id == person })
        else { return false }
        enter(index, user, at: now.milliseconds)
        return true
    }

    /// Takes somebody out. An open space can be entered again.
    @discardableResult
    public mutating func remove(_ person: String, from space: String, now: Timestamp) -> Bool {
        guard let index = spaces.firstIndex(where: { $0.id == space }), spaces[index].member(person) != nil else { return false }
        spaces[index].members.removeAll { $0.user == person }
        return true
    }

    @discardableResult
    public mutating func archive(_ space: String, _ isArchived: Bool = true, now: Timestamp) -> Bool {
        guard let index = spaces.firstIndex(where: { $0.id == space }) else { return false }
        spaces[index].isArchived = isArchived
        spaces[index].modified = max(now.milliseconds, spaces[index].modified)
        announceUpdate(of: index, by: spaces[index].createdBy, now.milliseconds)
        return true
    }

    @discardableResult
    public mutating func deleteSpace(_ space: String, now: Timestamp) -> Bool {
        guard let index = spaces.firstIndex(where: { $0.id == space }), spaces[index].deletedAt == nil else { return false }
        spaces[index].deletedAt = now.milliseconds
        return true
    }

    // MARK: Judging

    /// Every message that was ever sent with this text by this user, whatever became of it since.
    public func copies(of text: String, by user: String? = nil) -> [AvayaMessage] {
        spaces.flatMap(\.messages).filter { $0.firstText == text && (user == nil || $0.sender == user) }
    }

    /// Every message that a file was sent with.
    public func copies(ofFile key: String) -> [AvayaMessage] {
        spaces.flatMap(\.messages).filter { message in message.attachments.contains { $0.fileID == key } }
    }
}

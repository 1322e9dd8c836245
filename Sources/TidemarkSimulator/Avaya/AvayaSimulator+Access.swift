internal import HTTPTypes
internal import TidemarkModel

/// Who may see and write what.
extension AvayaSimulator {
    /// The space of an id that a user may be in; a wrong password, or a place of others, is refused.
    func find(_ id: String, _ user: AvayaUser, password: String?) throws(AvayaRefusal) -> Int {
        guard AvayaID.isWellFormed(id) else { throw .invalid("The space's id is not valid.") }
        guard let index = spaces.firstIndex(where: { $0.id == id }), spaces[index].deletedAt == nil else { throw .notFound }
        guard spaces[index].member(user.id) != nil || spaces[index].isOpen else { throw .forbidden }
        if let right = spaces[index].password, spaces[index].createdBy != user.id, password != right {
            throw .wrongPassword
        }
        return index
    }

    func find(_ id: String, _ user: AvayaUser, _ call: AvayaCall) throws(AvayaRefusal) -> Int {
        try find(id, user, password: call.fields[.spacePassword])
    }

    /// As ``find(_:_:_:)``, and in the space from then on if visitors are.
    mutating func visit(_ id: String, _ user: AvayaUser, _ call: AvayaCall) throws(AvayaRefusal) -> Int {
        let index = try find(id, user, call)
        if behavior.visitingJoins { enter(index, user, at: call.now) }
        return index
    }

    mutating func enter(_ index: Int, _ user: AvayaUser, role: String? = nil, at now: Int64) {
        guard spaces[index].member(user.id) == nil else { return }
        spaces[index].members.append(
            AvayaMember(user: user.id, role: role ?? (user.isGuest ? "guest" : "member"), joinedAt: now, readAt: now))
    }

    /// From when on a user reads a space's messages; `nil` where it may read none, refused where the service says so.
    func historyStart(_ index: Int, _ user: AvayaUser) throws(AvayaRefusal) -> Int64? {
        guard user.isGuest, spaces[index].restrict.contains(AvayaSpace.deniesGuestHistory) else { return .min }
        switch behavior.guestHistory {
        case .empty: return nil
        case .refused: throw .forbidden
        case .sinceJoin: return spaces[index].member(user.id)?.joinedAt
        }
    }

    /// A message's place for a user who may see its space.
    func findMessage(_ id: String, _ user: AvayaUser, _ call: AvayaCall) throws(AvayaRefusal) -> AvayaPlace {
        let unknown = AvayaRefusal(
            status: behavior.unknownMessageStatus, code: "message.notfound", message: "The message was not found.")
        guard AvayaID.isWellFormed(id) else { throw .invalid("The message's id is not valid.") }
        guard let place = places[id] else { throw unknown }
        _ = try find(spaces[place.space].id, user, call)
        guard let start = try historyStart(place.space, user), spaces[place.space].messages[place.message].arrivedAt >= start
        else { throw unknown }
        return place
    }

    subscript(_ place: AvayaPlace) -> AvayaMessage {
        get { spaces[place.space].messages[place.message] }
        set { spaces[place.space].messages[place.message] = newValue }
    }
}

extension HTTPField.Name {
    static let spacePassword = HTTPField.Name("spaces-x-space-password") ?? .server
}

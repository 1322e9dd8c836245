internal import HTTPTypes
public import TidemarkModel

struct AvayaToken: Hashable, Sendable, Codable {
    enum Kind: String, Hashable, Sendable, Codable {
        case guest, jwt, oauth
    }

    var user: String
    var kind: Kind
    var expiresAt: Int64
    var isRevoked = false
}

extension AvayaSimulator {
    /// A token in the shape of a JWT; of OAuth's, which clients must not look into, it may be another text.
    mutating func issueToken(for user: String, _ kind: AvayaToken.Kind, lasting seconds: Int64, now: Int64) -> String {
        let issued = now / 1000
        var text: String
        if kind == .oauth, !behavior.accessTokensAreJWT {
            text = "ya." + Self.digits(generator.next(), 16) + Self.digits(generator.next(), 16)
        } else {
            let header = JSON.members(("typ", .text("JWT")), ("alg", .text("HS256")))
            let claims = JSON.members(
                (kind == .guest ? "anonymous_id" : "user_id", .text(user)), ("product_type", .text("onesna")),
                ("iss", .list([.text("zang"), .text("io")])), ("iat", .number(issued)), ("exp", .number(issued + seconds)),
                ("jti", kind == .oauth ? .text(Self.digits(generator.next(), 16)) : nil))
            text = [header.bytes, claims.bytes].map(WireText.base64URL).joined(separator: ".")
            text += "." + WireText.base64URL(SHA256.authenticationCode(Array(text.utf8), key: secret))
        }
        tokens[text] = AvayaToken(user: user, kind: kind, expiresAt: (issued + seconds) * 1000)
        return text
    }

    /// Ends every token of a user, as an administrator may. What was issued later is not touched.
    public mutating func revokeTokens(of user: String) {
        for token in tokens.keys.sorted() where tokens[token]?.user == user { tokens[token]?.isRevoked = true }
    }

    /// The user of a token that is good now. `isOAuth` is what the scheme or the socket's `tokenType` says.
    func user(of token: String, isOAuth: Bool, now: Int64) -> AvayaUser? {
        guard let known = tokens[token], !known.isRevoked, now < known.expiresAt, (known.kind == .oauth) == isOAuth else {
            return nil
        }
        return users.first { $0.id == known.user }
    }

    func authenticated(_ call: AvayaCall) throws(AvayaRefusal) -> AvayaUser {
        let parts = (call.fields[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, ["jwt", "bearer"].contains(parts[0].lowercased()),
            let user = user(of: String(parts[1]), isOAuth: parts[0].lowercased() == "bearer", now: call.now)
        else { throw .unauthorized }
        return user
    }

    // MARK: Guests

    /// A guest's login: for a day, without a refresh. Another login is another user (wire page §2).
    mutating func logInGuest(_ call: AvayaCall) throws(AvayaRefusal) -> AvayaReply {
        let fields = try call.textFields()
        let guest = addGuest(
            fields["displayname"] ?? "", username: fields["username"] ?? "", picture: fields["picturefile"] ?? "",
            now: Timestamp(milliseconds: call.now))
        return AvayaReply(.members(("token", .text(guest.token))))
    }

    /// A guest with a token of its own, good for a day from `now`.
    @discardableResult
    public mutating func addGuest(
        _ displayName: String, username: String = "", picture: String = "", now: Timestamp
    ) -> AvayaUser {
        let before = users.firstIndex { $0.isGuest && !username.isEmpty && $0.username == username }
        if behavior.guestsKeepTheirID, let index = before {
            users[index].token = issueToken(for: users[index].id, .guest, lasting: 86_400, now: now.milliseconds)
            users[index].displayName = displayName
            return users[index]
        }
        let id = objectID(now.milliseconds)
        let token = issueToken(for: id, .guest, lasting: 86_400, now: now.milliseconds)
        let guest = AvayaUser(
            id: id, displayName: displayName, username: username, isGuest: true, token: token, pictureURL: picture)
        users.append(guest)
        return guest
    }
}

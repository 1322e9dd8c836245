internal import HTTPTypes
public import TidemarkModel

/// What a client may exchange for an access token: a code or a refresh token. Each is good once.
struct AvayaGrant: Hashable, Sendable, Codable {
    var user: String
    var isCode: Bool
    var redirectURI: String?
    var challenge: String?
    var isPlainChallenge = false
    var expiresAt: Int64
    var isSpent = false
}

/// The accounts service (wire page §2).
extension AvayaSimulator {
    /// What a user's consent in a browser leads to: a code for the redirect, good for ten minutes.
    public mutating func authorizationCode(
        for user: String, redirectURI: String? = nil, challenge: String? = nil, isPlainChallenge: Bool = false, now: Timestamp
    ) -> String {
        let code = Self.digits(generator.next(), 16)
        grants[code] = AvayaGrant(
            user: user, isCode: true, redirectURI: redirectURI, challenge: challenge, isPlainChallenge: isPlainChallenge,
            expiresAt: now.milliseconds + 600_000)
        return code
    }

    /// A refresh token as a consent gives one. How long one lasts is not known: this one does until it is used.
    public mutating func refreshToken(for user: String) -> String {
        let token = "1//" + Self.digits(generator.next(), 16) + Self.digits(generator.next(), 16)
        grants[token] = AvayaGrant(user: user, isCode: false, expiresAt: .max)
        return token
    }

    /// Whether a refresh token can still be exchanged.
    public func isGood(refreshToken: String) -> Bool { grants[refreshToken]?.isSpent == false }

    mutating func answerAccounts(_ call: AvayaCall) throws(AvayaRefusal) -> AvayaReply {
        let form = try call.textFields()
        switch (call.method, call.path.dropFirst().first) {
        case ("POST", "access_token"): return exchange(form, call.now)
        case ("POST", "revoke_token"):
            guard form["client_id"] == clientID else { return oauthFailure(401, "invalid_client") }
            if let token = form["refresh_token"], let user = grants[token]?.user {
                grants[token]?.isSpent = true
                for token in tokens.keys.sorted() where tokens[token]?.user == user && tokens[token]?.kind == .oauth {
                    tokens[token]?.isRevoked = true
                }
            }
            return AvayaReply(.members())
        default: throw .notFound
        }
    }

    private func oauthFailure(_ status: Int, _ error: String) -> AvayaReply {
        AvayaReply(status: status, .members(("error", .text(error)), ("error_description", .text("The request was refused."))))
    }

    private mutating func exchange(_ form: [String: String], _ now: Int64) -> AvayaReply {
        guard form["client_id"] == clientID else { return oauthFailure(401, "invalid_client") }
        let isCode = form["grant_type"] == "authorization_code"
        guard isCode || form["grant_type"] == "refresh_token" else { return oauthFailure(400, "unsupported_grant_type") }
        let given = (isCode ? form["code"] : form["refresh_token"]) ?? ""
        guard let grant = grants[given], grant.isCode == isCode, !grant.isSpent, now < grant.expiresAt else {
            return oauthFailure(behavior.invalidGrantStatus, "invalid_grant")
        }
        guard form["client_secret"] == clientSecret || (isCode && proves(form["code_verifier"], grant)) else {
            return oauthFailure(401, "invalid_client")
        }
        if let expected = grant.redirectURI, form["redirect_uri"] != expected {
            return oauthFailure(behavior.invalidGrantStatus, "invalid_grant")
        }
        grants[given]?.isSpent = true
        let access = issueToken(for: grant.user, .oauth, lasting: behavior.accessTokenSeconds, now: now)
        let identity = issueToken(for: grant.user, .oauth, lasting: 0, now: now)
        return AvayaReply(
            .members(
                ("access_token", .text(access)), ("token_type", .text("Bearer")),
                ("expires_in", .number(behavior.accessTokenSeconds)),
                ("refresh_token", .text(refreshToken(for: grant.user))), ("id_token", .text(identity)),
                ("scope", .text("email profile spaces"))))
    }

    /// RFC 7636: the verifier itself, or its hash, is the challenge.
    private func proves(_ verifier: String?, _ grant: AvayaGrant) -> Bool {
        guard let verifier, let challenge = grant.challenge else { return false }
        return challenge == (grant.isPlainChallenge ? verifier : WireText.base64URL(SHA256.hash(Array(verifier.utf8))))
    }
}

internal import HTTPTypes
internal import TidemarkModel

extension AzureSimulator {
    /// A token in the shape of a JWT. Clients read `exp` and `skypeid`; the signature is the service's business.
    mutating func issueToken(for user: String, lasting seconds: Int64, now: Int64, scopes: [String] = ["chat"]) -> String {
        let header = JSON.members(("alg", .text("RS256")), ("typ", .text("JWT")))
        let issued = now / 1000
        let payload = JSON.members(
            ("skypeid", .text(String(user.dropFirst(2)))), ("scp", .number(1792)), ("csi", .text(String(issued))),
            ("iat", .number(issued)), ("exp", .number(issued + seconds)), ("acsScope", .text(scopes.joined(separator: ","))),
            ("resourceId", .text(resource)), ("resourceLocation", .text("simulated")))
        let signature = (0..<32).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        let token = [header.bytes, payload.bytes, signature].map(WireText.base64URL).joined(separator: ".")
        tokens[token] = AzureToken(user: user, expiresAt: (issued + seconds) * 1000, scopes: scopes)
        return token
    }

    mutating func answerIdentity(_ call: AzureCall) throws(AzureRefusal) -> AzureReply {
        try checkSignature(call)
        switch (call.method, call.path.count) {
        case ("POST", 1): return try createIdentity(call)
        case ("DELETE", 2):
            guard users.contains(where: { $0.id == call.path[1] }) else { throw .notFound }
            removeUser(call.path[1])
            return AzureReply(status: 204)
        case ("POST", 3) where call.path[2] == ":issueAccessToken":
            let user = try knownUser(call.path[1])
            let body = try call.object()
            let scopes = body["scopes"]?.list?.compactMap(\.text) ?? []
            guard !scopes.isEmpty else { throw .invalid }
            return AzureReply(status: 200, body: try accessToken(user, scopes, body, call))
        case ("POST", 3) where call.path[2] == ":revokeAccessTokens":
            let user = try knownUser(call.path[1])
            for token in tokens.keys.sorted() where tokens[token]?.user == user { tokens[token]?.isRevoked = true }
            return AzureReply(status: 204)
        default: throw .notFound
        }
    }

    private func knownUser(_ id: String) throws(AzureRefusal) -> String {
        guard users.contains(where: { $0.id == id }) else { throw .notFound }
        return id
    }

    private mutating func createIdentity(_ call: AzureCall) throws(AzureRefusal) -> AzureReply {
        let body = call.body.isEmpty ? JSON.members() : try call.object()
        let user = addUser("User \(users.count + 1)", now: .init(milliseconds: call.now)).id
        let scopes = body["createTokenWithScopes"]?.list?.compactMap(\.text) ?? []
        return AzureReply(
            status: 201,
            body: .members(
                ("identity", .members(("id", .text(user)))),
                ("accessToken", scopes.isEmpty ? nil : try accessToken(user, scopes, body, call))))
    }

    private mutating func accessToken(
        _ user: String, _ scopes: [String], _ body: JSON, _ call: AzureCall
    ) throws(AzureRefusal) -> JSON {
        var minutes: Int64 = 24 * 60
        if case .number(let asked)? = body["expiresInMinutes"] { minutes = asked }
        guard (60...1440).contains(minutes) else { throw .invalid }
        let token = issueToken(for: user, lasting: minutes * 60, now: call.now, scopes: scopes)
        let expires = (call.now / 1000 + minutes * 60).rfc3339.dropLast()
        return .members(("token", .text(token)), ("expiresOn", .text("\(expires).0000000+00:00")))
    }

    /// HMAC-SHA256 over method, target, date, host and the body's hash (wire page §9).
    private func checkSignature(_ call: AzureCall) throws(AzureRefusal) {
        let hash = WireText.base64(SHA256.hash(call.body))
        let date = call.fields[HTTPField.Name("x-ms-date") ?? .server] ?? call.fields[.date] ?? ""
        guard let authorization = call.fields[.authorization], authorization.hasPrefix("HMAC-SHA256 "),
            call.fields[HTTPField.Name("x-ms-content-sha256") ?? .server] == hash,
            let given = authorization.components(after: "Signature="), let key = WireText.bytes(base64: accessKey)
        else { throw .unauthorized }
        let text = "\(call.method)\n\(call.rawTarget)\n\(date);\(call.authority);\(hash)"
        guard WireText.base64(SHA256.authenticationCode(Array(text.utf8), key: key)) == given else { throw .unauthorized }
    }
}

extension String {
    fileprivate func components(after mark: String) -> String? {
        ranges(of: mark).first.map { String(self[$0.upperBound...]) }
    }
}

public import TidemarkModel

/// Who asks, and what their token is good for (wire page §9).
extension AzureSimulator {
    func authenticated(_ call: AzureCall) throws(AzureRefusal) -> AzureToken {
        guard let token = call.bearer, let known = tokens[token], !known.isRevoked, known.expiresAt > call.now else {
            throw .unauthorized
        }
        return known
    }

    /// `chat` may do everything; `chat.join` makes, deletes and changes no threads; `chat.join.limited` adds and removes
    /// nobody either; any other scope is none of the chat's.
    static func keepScope(_ call: AzureCall, _ scopes: [String]) throws(AzureRefusal) {
        guard !scopes.contains("chat") else { return }
        let changesThreads = call.path.count < 4 && call.method != "GET"
        let changesPeople = call.path.count == 5 && call.path[3] == "participants"
        guard !changesThreads, scopes.contains("chat.join") || (scopes.contains("chat.join.limited") && !changesPeople) else {
            throw .forbidden
        }
    }

    /// Another token of a user, good from `now` for so many seconds; `nil` for a user that is not known.
    public mutating func newToken(
        for user: String, lasting seconds: Int64, scopes: [String] = ["chat"], now: Timestamp
    ) -> String? {
        guard users.contains(where: { $0.id == user }) else { return nil }
        return issueToken(for: user, lasting: seconds, now: now.milliseconds, scopes: scopes)
    }
}

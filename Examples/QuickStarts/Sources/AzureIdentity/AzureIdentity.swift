import Foundation
import QuickStart
import TidemarkAzure
import TidemarkModel

/// What is done with the key of a resource, and beside it what is done with a token alone.
struct AzureIdentity {
    let identities: AzureIdentityClient
    let endpoint: URL
    let transport: any HTTPTransport

    func makeUser() async throws -> CommunicationUserAndToken {
        let made = try await identities.createUserAndToken(scopes: [.chat], expiresInMinutes: 60)
        let isUser = if case .communicationUser = made.user { true } else { false }
        try QuickStart.see("Made a user and its first token.", isUser)
        let left = made.token.expiresOn - Timestamp(Date())
        try QuickStart.see("The token is good for an hour.", left > .seconds(55 * 60) && left < .seconds(65 * 60))
        return made
    }

    /// An application's side: it has no key. Its function is asked for a token before the first request and ahead of each token's end.
    func chat(as made: CommunicationUserAndToken) async throws {
        let credential = AzureTokenCredential.refreshing { try await tokenFromMyServer(for: made.user) }
        let client = AzureChatClient(endpoint: endpoint, credential: credential, transport: transport)
        let thread = try await client.createThread(topic: "A trip").thread
        try QuickStart.see("Made a thread as that user.")
        let creator = try await client.threadClient(for: thread.id).getProperties().createdBy
        try QuickStart.see("The service says so, too.", creator == made.user)
    }

    /// In your program: a request to your server, which knows who asks, and asks Azure with its key.
    private func tokenFromMyServer(for user: CommunicationIdentifier) async throws -> String {
        try await identities.issueToken(for: user, scopes: [.chat]).text
    }

    func issueAndRevoke(_ user: CommunicationIdentifier) async throws {
        let issued = try await identities.issueToken(for: user, scopes: [.chat])
        let isGood = try await isAccepted(issued)
        try QuickStart.see("Issued another token; it is accepted.", isGood)
        try await identities.revokeTokens(of: user)
        let isStillGood = try await isAccepted(issued)
        try QuickStart.see("Revoked all of its tokens; that one is refused.", !isStillGood)
    }

    func deleteUser(_ user: CommunicationIdentifier) async throws {
        try await identities.deleteUser(user)
        let refusal = await refusalOfToken(for: user)
        try QuickStart.see("Deleted the user; there are no more tokens for it.", refusal?.code == .notFound)
    }

    private func refusalOfToken(for user: CommunicationIdentifier) async -> ServiceError? {
        do {
            _ = try await identities.issueToken(for: user)
            return nil
        } catch {
            return error
        }
    }

    private func isAccepted(_ token: IssuedToken) async throws -> Bool {
        let client = AzureChatClient(endpoint: endpoint, credential: .token(token.text), transport: transport)
        var threads = client.listChatThreads(resultsPerPage: 1).makeAsyncIterator()
        do {
            _ = try await threads.next()
            return true
        } catch {
            guard error.code == .unauthenticated else { throw error }
            return false
        }
    }
}

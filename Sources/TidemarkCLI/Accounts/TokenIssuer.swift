import Tidemark
import TidemarkAzure

/// Makes the account's user, once, and its tokens, with the resource's connection string.
struct TokenIssuer: Sendable {
    private let client: AzureIdentityClient
    private let store: MessageStore
    private let account: AccountName

    init(connectionString: String, transport: any HTTPTransport, store: MessageStore, account: AccountName) throws {
        do {
            client = try AzureIdentityClient(connectionString: connectionString, transport: transport)
        } catch {
            throw Failure(.failed, code: "noCredential", error.description)
        }
        self.store = store
        self.account = account
    }

    /// A token of a day. The user's id is kept with the account before it is used, so that there is only ever one.
    func token() async throws -> String {
        if let user = try store.account(named: account).identities.first {
            return try await client.issueToken(for: CommunicationIdentifier(user), scopes: [.chat]).text
        }
        guard !store.isReadOnly else {
            throw Failure(.failed, code: "noCredential", "Account \(account) has no user yet; run `tidemark sync` once.")
        }
        let made = try await client.createUserAndToken(scopes: [.chat])
        try store.addIdentity(made.user.participantID, to: account)
        return made.token.text
    }
}

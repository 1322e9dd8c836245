import QuickStart
import TidemarkAsyncHTTPClient
import TidemarkAzure

// The step before Azure's chat quick start: a user, and tokens for it. It takes the resource's key, so it belongs on your server;
// what an application gets is a token, and a function that asks your server for the next one.
await QuickStart.run {
    let transport = AsyncHTTPClientTransport()
    let identities = try AzureIdentityClient(
        connectionString: QuickStart.setting("TIDEMARK_CONNECTION_STRING"), transport: transport)
    let steps = AzureIdentity(identities: identities, endpoint: try QuickStart.address("TIDEMARK_ENDPOINT"), transport: transport)
    let made = try await steps.makeUser()
    try await steps.chat(as: made)
    try await steps.issueAndRevoke(made.user)
    try await steps.deleteUser(made.user)
    await transport.shutdown()
}

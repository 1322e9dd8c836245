import QuickStart
import TidemarkAsyncHTTPClient
import TidemarkAzure

// Azure's chat quick start, call by call, with the plain client: it stores and repeats nothing.
await QuickStart.run {
    let transport = AsyncHTTPClientTransport()
    let endpoint = try QuickStart.address("TIDEMARK_ENDPOINT")
    let client = { (token: String) in
        AzureChatClient(endpoint: endpoint, credential: .token(token), transport: transport)
    }
    let chat = try AzureChat(
        alice: client(QuickStart.setting("TIDEMARK_TOKEN")), bob: client(QuickStart.setting("TIDEMARK_TOKEN_2")),
        bobID: CommunicationIdentifier(rawID: QuickStart.setting("TIDEMARK_USER_2")),
        carolID: CommunicationIdentifier(rawID: QuickStart.setting("TIDEMARK_USER_3")))
    let thread = try await chat.createThread()
    try await chat.listThreads(thread.id)
    try await chat.messages(in: thread)
    try await chat.listByPage(thread)
    try await chat.participants(of: thread)
    try await chat.reading(thread)
    try await chat.deleteThread(thread.id)
    await transport.shutdown()
}

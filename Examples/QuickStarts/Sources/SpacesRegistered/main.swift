import Foundation
import QuickStart
import TidemarkAsyncHTTPClient
import TidemarkAvaya
import TidemarkModel

// A registered user of Avaya Spaces, signed in over OAuth with a refresh token, and a guest in the same space: each hears the other.
await QuickStart.run {
    let transport = AsyncHTTPClientTransport()
    let servers = try AvayaServers(
        rest: QuickStart.address("TIDEMARK_ENDPOINT"), socket: QuickStart.address("TIDEMARK_SOCKET"),
        accounts: QuickStart.address("TIDEMARK_ACCOUNTS"))
    let space = RemoteConversationID(try QuickStart.setting("TIDEMARK_SPACE"))

    // The service replaces the refresh token at each use: the keeper has the new one before anything else is done with it.
    let given = try QuickStart.setting("TIDEMARK_REFRESH_TOKEN")
    let keeper = MemoryRefreshTokenKeeper(given)
    let authenticator = OAuth2Authenticator(
        clientID: try QuickStart.setting("TIDEMARK_CLIENT_ID"), clientSecret: try QuickStart.setting("TIDEMARK_CLIENT_SECRET"),
        keeper: keeper, servers: servers, transport: transport)
    let registered = RegisteredUser(authenticator, servers: servers, transport: transport)
    let user = try await registered.login()
    try QuickStart.see("Signed in as \(user.displayName ?? "?"), who has an account.", !user.isGuest)
    let renewed = try await keeper.load()
    try QuickStart.see("A new refresh token is kept.", renewed.map { $0.token != given && !$0.mayBeSpent } ?? false)

    let client = AvayaSpacesClient(servers: servers, credential: registered, transport: transport)
    try QuickStart.see("The service calls the user the same.", try await client.me().id == user.id)

    let guest = AnonymousUser(displayName: "Ann", servers: servers, transport: transport)
    let session = SpacesSession(credential: registered, servers: servers, transport: transport, socket: NIOWebSocketTransport())
    let guests = SpacesSession(credential: guest, servers: servers, transport: transport, socket: NIOWebSocketTransport())
    try await withThrowingTaskGroup { group in
        group.addTask { try await session.start() }
        group.addTask { try await guests.start() }
        let entered = try await session.enterGroupSpace(space)
        try await guests.enterGroupSpace(space)
        try QuickStart.see("Both are in the space.", entered.id == space)

        try await session.sendGroupChatMessage("Good morning", to: space)
        try await guests.sendGroupChatMessage("Good morning, you", to: space)
        try await hear(["Good morning", "Good morning, you"], in: session, as: "The user")
        try await hear(["Good morning", "Good morning, you"], in: guests, as: "The guest")
        group.cancelAll()
    }
    // A guest may be shown none of this: the service keeps it for members.
    var kept: Set<String> = []
    for try await message in client.messages(in: space) { kept.insert(AvayaBody.plainText(message.body ?? "")) }
    try QuickStart.see("The service keeps both.", kept.isSuperset(of: ["Good morning", "Good morning, you"]))
    try await authenticator.revoke()
    try QuickStart.see("Signed out: the refresh token is worthless.", try await keeper.load() == nil)
    await transport.shutdown()
}

func hear(_ wanted: [String], in session: SpacesSession, as who: String) async throws {
    var chats = session.chats.makeAsyncIterator()
    var heard: [String] = []
    while heard.count < wanted.count, let chat = await chats.next() { heard.append(chat.body) }
    try QuickStart.see("\(who) heard: \(heard.joined(separator: "; "))", heard == wanted)
}

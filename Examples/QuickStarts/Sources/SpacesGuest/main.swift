import QuickStart
import TidemarkAsyncHTTPClient
import TidemarkAvaya
import TidemarkModel

// What the Python client of Avaya Spaces shows first: a guest without an account enters a space, says something and listens.
await QuickStart.run {
    let transport = AsyncHTTPClientTransport()
    let servers = try AvayaServers(
        rest: QuickStart.address("TIDEMARK_ENDPOINT"), socket: QuickStart.address("TIDEMARK_SOCKET"),
        accounts: QuickStart.address("TIDEMARK_ACCOUNTS"))
    let space = RemoteConversationID(try QuickStart.setting("TIDEMARK_SPACE"))

    let guest = AnonymousUser(displayName: "Ann", servers: servers, transport: transport)
    let user = try await guest.login()
    try QuickStart.see("Logged in as \(user.displayName ?? "?"), a guest.", user.isGuest && guest.hasToken)

    let session = SpacesSession(credential: guest, servers: servers, transport: transport, socket: NIOWebSocketTransport())
    try await withThrowingTaskGroup { group in
        group.addTask { try await session.start() }

        try await session.enterGroupSpace(space)
        try QuickStart.see("Entered the space.")

        let sent = try await session.sendGroupChatMessage("Is anybody here?", to: space)
        var chats = session.chats.makeAsyncIterator()
        let heard = await chats.next()
        let isOurs = heard?.id == sent && heard?.space == space
        try QuickStart.see("\(heard?.sender?.displayName ?? "?"): \(heard?.body ?? "")", isOurs)

        session.leaveGroupSpace(space)
        group.cancelAll()
    }
    try QuickStart.see("Left the space.")
    await transport.shutdown()
}

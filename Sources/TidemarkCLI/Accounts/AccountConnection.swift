import Foundation
import Tidemark
import TidemarkAsyncHTTPClient
import TidemarkAvaya
import TidemarkAzure
import TidemarkLiveKit
import TidemarkTranscripts

/// An account's way to its service: made only where something goes over the network.
struct AccountConnection: Sendable {
    let service: any ChatService
    let transport: AsyncHTTPClientTransport
    /// Who is in the account's room for this program, where a program of the user's own is.
    let bridge: RoomBridge?
    /// What pushes events to the account, where the service has that. Somebody has to run it.
    let realtime: AvayaRealtime?
    /// The service's own client, where the account is of Azure: for what the engine leaves to it.
    private(set) var azure: AzureChatClient?
    private let server: LiveKitRoomClient?

    /// Reads the secret once, so that a missing one is told before anything is begun.
    ///
    /// A token is read again from where it is found when it runs out or is refused, so that a rotated one is picked up.
    /// What goes over the network also goes through the recorder, if there is one.
    init(
        _ account: Account, in store: MessageStore, limits: HTTPLimits = HTTPLimits(), recorder: TranscriptRecorder? = nil,
        bridgeLog: BridgeLog = BridgeLog()
    ) async throws {
        _ = try OfflineService(account)
        if account.service == LiveKitSettings.service {
            try await self.init(try LiveKitSettings(account), of: account, limits: limits, log: bridgeLog)
        } else if account.service == AvayaSettings.service {
            try await self.init(try AvayaSettings(account), of: account, in: store, limits: limits, recorder: recorder)
        } else {
            try await self.init(try AzureSettings(account), of: account, in: store, limits: limits, recorder: recorder)
        }
    }

    private init(
        _ settings: AzureSettings, of account: Account, in store: MessageStore, limits: HTTPLimits,
        recorder: TranscriptRecorder?
    ) async throws {
        let transport = AsyncHTTPClientTransport(allowsPlainHTTP: settings.allowsPlainHTTP)
        let credential: AzureTokenCredential
        do {
            switch settings.secret {
            case .token(let source):
                credential = .refreshing(initialToken: try await source.read()) { try await source.read() }
            case .connectionString(let source):
                let issuer = try TokenIssuer(
                    connectionString: try await source.read(), transport: transport, store: store, account: account.name)
                credential = .refreshing { try await issuer.token() }
            }
        } catch {
            await transport.shutdown()
            throw error
        }
        self.transport = transport
        bridge = nil
        realtime = nil
        server = nil
        let carrier = recorder?.recording(transport) ?? transport
        service = AzureChatService(
            endpoint: settings.endpoint, credential: credential, transport: carrier, limits: limits)
        azure = AzureChatClient(
            endpoint: settings.endpoint, credential: credential, transport: carrier, limits: limits)
    }

    private init(_ settings: LiveKitSettings, of account: Account, limits: HTTPLimits, log: BridgeLog) async throws {
        let access = LiveKitAccess(settings)
        try await access.check()
        transport = AsyncHTTPClientTransport(allowsPlainHTTP: settings.allowsPlainHTTP)
        server = access.client(transport, limits: limits)
        bridge = settings.bridge.map { RoomBridge($0, access, log) }
        realtime = nil
        service = LiveKitChatService(
            room: settings.room, participant: settings.participant(account), channel: bridge?.channel, server: server,
            configuration: settings.configuration)
    }

    private init(
        _ settings: AvayaSettings, of account: Account, in store: MessageStore, limits: HTTPLimits,
        recorder: TranscriptRecorder?
    ) async throws {
        let transport = AsyncHTTPClientTransport(allowsPlainHTTP: settings.allowsPlainHTTP)
        let credential: any AvayaCredential
        do {
            credential = try await settings.credential(account, in: store, transport: transport)
        } catch {
            await transport.shutdown()
            throw error
        }
        self.transport = transport
        bridge = nil
        server = nil
        var limits = limits
        // Below the time after which an attempt counts as over.
        limits.timeout = min(limits.timeout, .seconds(20))
        let carrier = recorder?.recording(transport) ?? transport
        let polled = AvayaChatService(
            servers: settings.servers, credential: credential, transport: carrier, isGuest: settings.isGuest, limits: limits)
        guard settings.hasSocket else {
            realtime = nil
            service = polled
            return
        }
        let wire = AvayaChatService.wire(endpoint: settings.servers.rest, isGuest: settings.isGuest)
        let realtime = AvayaRealtime(
            endpoint: settings.servers.socket, credential: credential,
            transport: NIOWebSocketTransport(allowsPlainHTTP: settings.allowsPlainHTTP),
            spaces: { () async throws(ServiceError) in try await polled.spaces() },
            decode: { name, payload throws(ServiceError) in try wire.events(named: name, payload: payload) })
        self.realtime = realtime
        service = AvayaChatService(
            servers: settings.servers, credential: credential, transport: carrier, isGuest: settings.isGuest,
            realtime: realtime, limits: limits)
    }

    func close() async {
        await transport.shutdown()
    }

    /// One small read. `nil`: there is nobody to ask.
    func probe() async throws(ServiceError) -> Answer? {
        guard service.traits.history == .none else {
            return Answer(serverDate: try await service.page(PageRequest(.conversations, resultsPerPage: 1)).serverDate)
        }
        guard let server else { return nil }
        _ = try await server.listRooms()
        return Answer()
    }

    struct Answer {
        var serverDate: Timestamp?
    }
}

extension AvayaChatService {
    /// How many pages of spaces are listened to; those beyond them, the least active, are polled.
    private static let maximumPages = 20

    /// The user's spaces, the most recently active first.
    fileprivate func spaces() async throws(ServiceError) -> [RemoteConversationID] {
        var spaces: [RemoteConversationID] = []
        var request = PageRequest(.conversations, resultsPerPage: 50)
        for _ in 0..<Self.maximumPages {
            let page = try await page(request)
            if case .conversations(let found) = page.items { spaces += found.filter { $0.deletedAt == nil }.map(\.id) }
            guard let next = page.next else { break }
            request = PageRequest(.conversations, cursor: next)
        }
        return spaces
    }
}

import Foundation
import Tidemark
import TidemarkAsyncHTTPClient
import TidemarkAzure
import TidemarkTranscripts

/// An account's way to its service: made only where something goes over the network.
struct AccountConnection: Sendable {
    let service: any ChatService
    let transport: AsyncHTTPClientTransport
    /// Reads the secret once, so that a missing one is told before anything is begun.
    ///
    /// A token is read again from where it is found when it runs out or is refused, so that a rotated one is picked up.
    /// What goes over the network also goes through the recorder, if there is one.
    init(
        _ account: Account, in store: MessageStore, limits: HTTPLimits = HTTPLimits(), recorder: TranscriptRecorder? = nil
    ) async throws {
        _ = try OfflineService(account)
        let settings = try AccountSettings(account)
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
        service = AzureChatService(
            endpoint: settings.endpoint, credential: credential, transport: recorder?.recording(transport) ?? transport,
            limits: limits)
    }

    func close() async {
        await transport.shutdown()
    }
}

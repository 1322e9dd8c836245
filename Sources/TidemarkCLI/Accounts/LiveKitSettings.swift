import Foundation
import Tidemark
import TidemarkLiveKit

/// What an account of a LiveKit room needs, as the store keeps it: the room, and the ways into it.
struct LiveKitSettings: Hashable, Sendable {
    static let service = "livekit"

    var room: String
    /// Who the bridge is in the room.
    var identity: String?
    var endpoint: URL?
    var bridge: BridgeCommand?
    var apiKey: String?
    /// Of the API key.
    var secret: SecretSource?
    /// An access token: for the bridge, or for the server's API where there is no bridge.
    var token: SecretSource?
    /// The bridge carries text streams, and readers of the room want them.
    var usesTextStreams = false
    var allowsPlainHTTP = false

    private enum Key {
        static let room = "room"
        static let identity = "identity"
        static let endpoint = "endpoint"
        static let bridge = "bridge"
        static let folder = "bridge-folder"
        static let apiKey = "api-key"
        static let secret = "secret"
        static let token = "token"
        static let textStreams = "text-streams"
        static let allowPlainHTTP = "allow-plain-http"
    }

    init(room: String) {
        self.room = room
    }

    init(_ account: Account) throws {
        let settings = account.settings
        guard let room = settings[Key.room], !room.isEmpty else {
            throw Failure(
                .failed, code: "noRoom", "Account \(account.name) names no room; add it with `account add --room`.")
        }
        self.init(room: room)
        identity = settings[Key.identity]
        endpoint = settings[Key.endpoint].flatMap { URL(string: $0) }
        bridge = settings[Key.bridge].map { BridgeCommand(line: $0, folder: settings[Key.folder] ?? "/") }
        apiKey = settings[Key.apiKey]
        secret = SecretSource(Key.secret, in: settings)
        token = SecretSource(Key.token, in: settings)
        usesTextStreams = settings[Key.textStreams] == "true"
        allowsPlainHTTP = settings[Key.allowPlainHTTP] == "true"
    }

    /// `nil`: the account is of another service.
    init?(ifOf account: Account) throws {
        guard account.service == Self.service else { return nil }
        try self.init(account)
    }

    var dictionary: [String: String] {
        var settings = [Key.room: room]
        settings[Key.identity] = identity
        settings[Key.endpoint] = endpoint?.absoluteString
        settings[Key.bridge] = bridge?.line
        settings[Key.folder] = bridge?.folder
        settings[Key.apiKey] = apiKey
        secret?.note(as: Key.secret, in: &settings)
        token?.note(as: Key.token, in: &settings)
        if usesTextStreams { settings[Key.textStreams] = "true" }
        if allowsPlainHTTP { settings[Key.allowPlainHTTP] = "true" }
        return settings
    }

    /// For people: by which ways the room is reached.
    var ways: String {
        var ways: [String] = []
        if bridge != nil { ways.append("a bridge") }
        if hasServer { ways.append("the server's API") }
        return "room \(EscapedText.line(room, limit: 60)), by " + ways.joined(separator: " and ")
    }

    /// Whether the server's API can be asked: with a key, or with a token that is not the bridge's.
    var hasServer: Bool { endpoint != nil && ((apiKey != nil && secret != nil) || (token != nil && bridge == nil)) }

    /// What the room can do without being asked: nothing is asked.
    func offlineService(_ account: Account? = nil) -> LiveKitChatService {
        LiveKitChatService(room: room, participant: participant(account), channel: nil, configuration: configuration)
    }

    func participant(_ account: Account?) -> String? {
        identity ?? account?.identities.first?.rawValue
    }

    var configuration: LiveKitServiceConfiguration {
        LiveKitServiceConfiguration(
            wire: LiveKitChatWire(readsTextStreams: usesTextStreams), sendsTextStreams: usesTextStreams)
    }

    /// The room as a conversation has this token, so that to make it again is to name it.
    static let conversationToken: Token = "room"
}

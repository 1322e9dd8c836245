public import TidemarkModel

/// The cloud a Microsoft Teams user or app belongs to.
public struct CommunicationCloud: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let `public` = CommunicationCloud(rawValue: "public")
    public static let dod = CommunicationCloud(rawValue: "dod")
    public static let gcch = CommunicationCloud(rawValue: "gcch")
}

/// Who takes part in a chat. People are told apart by ``rawID``, which every answer of the service carries.
///
/// More kinds may be added; one that this version doesn't know is `.unknown` and keeps its raw id.
public enum CommunicationIdentifier: Hashable, Sendable {
    /// A user of the communication resource: `8:acs:…`, in other clouds `8:dod-acs:…`, `8:gcch-acs:…`, formerly `8:spool:…`.
    case communicationUser(id: String)
    /// A telephone, `4:…`. `isAnonymous` if its number is withheld.
    case phoneNumber(value: String, isAnonymous: Bool = false, assertedID: String? = nil)
    /// A Teams user `8:orgid:…` (`8:dod:…`, `8:gcch:…`), or an anonymous visitor, `8:teamsvisitor:…`.
    case microsoftTeamsUser(userID: String, isAnonymous: Bool = false, cloud: CommunicationCloud = .public)
    /// A Teams app: `28:orgid:…`, `28:dod:…`, `28:gcch:…`.
    case microsoftTeamsApp(appID: String, cloud: CommunicationCloud = .public)
    /// A Teams user who acts for a communication resource: `8:acs:<resource>_<tenant>_<user>`.
    case teamsExtensionUser(userID: String, tenantID: String, resourceID: String, cloud: CommunicationCloud = .public)
    case unknown(rawID: String)
}

extension CommunicationIdentifier {
    /// The one text that names this participant (the service's `rawId`).
    public var rawID: String {
        switch self {
        case .communicationUser(let id): id
        case .phoneNumber(_, true, _): "4:anonymous"
        case .phoneNumber(let value, false, _): "4:\(value)"
        case .microsoftTeamsUser(let user, true, _): "8:teamsvisitor:\(user)"
        case .microsoftTeamsUser(let user, false, let cloud): "8:\(cloud.teamsName):\(user)"
        case .microsoftTeamsApp(let app, let cloud): "28:\(cloud.teamsName):\(app)"
        case .teamsExtensionUser(let user, let tenant, let resource, let cloud):
            "8:\(cloud.resourceName):\(resource)_\(tenant)_\(user)"
        case .unknown(let rawID): rawID
        }
    }

    public var participantID: ParticipantID { ParticipantID(rawValue: rawID) }

    public init(_ id: ParticipantID) { self.init(rawID: id.rawValue) }

    /// Reads a raw id by its prefix, as the clients of the service do (wire page §3). Anything else is `.unknown`.
    public init(rawID: String) {
        let parts = rawID.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        switch (parts.first, parts.dropFirst().first, parts.dropFirst(2).first) {
        case ("4", .some, _):
            self = Self.phone(String(rawID.dropFirst(2)))
        case ("8", "spool", .some):
            self = .communicationUser(id: rawID)
        case ("8", let scope?, let rest?):
            self = Self.user(scope: scope, rest: rest, rawID: rawID)
        case ("28", let scope?, let rest?):
            let cloud = CommunicationCloud(teamsName: scope)
            self = cloud.map { .microsoftTeamsApp(appID: rest, cloud: $0) } ?? .unknown(rawID: rawID)
        default:
            self = .unknown(rawID: rawID)
        }
    }

    private static func phone(_ number: String) -> CommunicationIdentifier {
        if number == "anonymous" { return .phoneNumber(value: number, isAnonymous: true) }
        let asserted = number.lastIndex(of: "_").map { String(number[number.index(after: $0)...]) }
        return .phoneNumber(value: number, assertedID: asserted)
    }

    private static func user(scope: String, rest: String, rawID: String) -> CommunicationIdentifier {
        if scope == "teamsvisitor" { return .microsoftTeamsUser(userID: rest, isAnonymous: true) }
        if let cloud = CommunicationCloud(teamsName: scope) { return .microsoftTeamsUser(userID: rest, cloud: cloud) }
        guard let cloud = CommunicationCloud(resourceName: scope) else { return .unknown(rawID: rawID) }
        let parts = rest.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { return .communicationUser(id: rawID) }
        return .teamsExtensionUser(userID: parts[2], tenantID: parts[1], resourceID: parts[0], cloud: cloud)
    }
}

extension CommunicationCloud {
    fileprivate var teamsName: String { self == .public ? "orgid" : rawValue }
    fileprivate var resourceName: String { self == .public ? "acs" : "\(rawValue)-acs" }

    fileprivate init?(teamsName: String) {
        switch teamsName {
        case "orgid": self = .public
        case "dod": self = .dod
        case "gcch": self = .gcch
        default: return nil
        }
    }

    fileprivate init?(resourceName: String) {
        switch resourceName {
        case "acs": self = .public
        case "dod-acs": self = .dod
        case "gcch-acs": self = .gcch
        default: return nil
        }
    }
}

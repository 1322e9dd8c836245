/// What failed at a service, and how sure we are that nothing was written.
///
/// An adapter says what happened; one function of the engine decides whether to retry, look up, park or stop.
public struct ServiceError: Error, Hashable, Sendable {
    /// What failed. More may be added.
    public struct Code: Hashable, Sendable, Codable, RawRepresentable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The service could not be reached: name, route, connection, TLS.
        public static let unreachable = Code(rawValue: "unreachable")
        /// The answer did not come in time, or the connection broke after the request had begun to leave.
        public static let answerLost = Code(rawValue: "answerLost")
        /// The service asks for fewer requests (429).
        public static let throttled = Code(rawValue: "throttled")
        /// The credential is refused or used up (401).
        public static let unauthenticated = Code(rawValue: "unauthenticated")
        /// The credential belongs to somebody else than the account.
        public static let wrongIdentity = Code(rawValue: "wrongIdentity")
        public static let forbidden = Code(rawValue: "forbidden")
        public static let notFound = Code(rawValue: "notFound")
        /// The user is in the conversation and may not read what was said in it (Avaya: guests).
        public static let historyDenied = Code(rawValue: "historyDenied")
        /// The conversation exists only while somebody is in it, and nobody is now (LiveKit).
        public static let roomNotOpen = Code(rawValue: "roomNotOpen")
        /// Another room stands under the name than the one that it was written for (LiveKit).
        public static let roomChanged = Code(rawValue: "roomChanged")
        /// The message was written as another sender than the one that could change it now (LiveKit).
        public static let otherSender = Code(rawValue: "otherSender")
        /// The service refuses the request as it is (400 and the like).
        public static let invalid = Code(rawValue: "invalid")
        public static let tooLarge = Code(rawValue: "tooLarge")
        /// A file on this machine that can't be read, is of another size than it was, or can't be written.
        public static let fileUnusable = Code(rawValue: "fileUnusable")
        /// The service failed (5xx, 408).
        public static let serverFailure = Code(rawValue: "serverFailure")
        /// An answer came and could not be read.
        public static let unreadable = Code(rawValue: "unreadable")
        /// A listing points to another host; it is not followed.
        public static let untrustedCursor = Code(rawValue: "untrustedCursor")
        /// The service has no such operation.
        public static let unsupported = Code(rawValue: "unsupported")
        /// The attempt's deadline had passed before its first byte left.
        public static let tooLate = Code(rawValue: "tooLate")
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// Whether the service may have done what was asked (rule R1).
    public enum Certainty: String, Hashable, Sendable, Codable {
        /// Nothing was written.
        case notApplied
        /// It may have been.
        case unknown
    }

    /// What else the same failure would strike.
    public enum Scope: String, Hashable, Sendable, Codable {
        case lane
        case account
        case host
    }

    public var code: Code
    public var certainty: Certainty
    public var scope: Scope
    /// The HTTP status, where there was one.
    public var status: Int?
    /// The service's own error code.
    public var serviceCode: String?
    /// The service's own words. They may quote what was sent, so they go to the person who asks and never into a log.
    public var serviceMessage: String?
    /// How long the service asks to wait.
    public var retryAfter: Duration?
    public var serverDate: Timestamp?

    public init(
        _ code: Code, certainty: Certainty, scope: Scope = .lane, status: Int? = nil, serviceCode: String? = nil,
        serviceMessage: String? = nil, retryAfter: Duration? = nil, serverDate: Timestamp? = nil
    ) {
        self.code = code
        self.certainty = certainty
        self.scope = scope
        self.status = status
        self.serviceCode = serviceCode
        self.serviceMessage = serviceMessage
        self.retryAfter = retryAfter
        self.serverDate = serverDate
    }
}

extension ServiceError: CustomStringConvertible {
    /// A sentence without the service's own words: it may stand in a log.
    public var description: String {
        let what =
            switch code {
            case .unreachable: "The service can't be reached; check the network and the endpoint."
            case .answerLost: "The service's answer was lost; whether it acted is looked up before anything is repeated."
            case .throttled: "The service asks for fewer requests; it is tried again later."
            case .unauthenticated: "The service refused the credential; give the account a new one."
            case .wrongIdentity: "The credential belongs to another user than this account; nothing was sent."
            case .forbidden: "The service does not allow this to the account's user."
            case .historyDenied: "The service does not show this user what was said; only what comes from now on is known."
            case .notFound: "The service does not know what was asked for."
            case .roomNotOpen: "The room is not open; open it, or wait until somebody joins."
            case .roomChanged: "Another room has this name now; send it again if it is meant for that one."
            case .otherSender: "It was sent as another sender, who alone can change it; nothing was sent."
            case .invalid: "The service refused the request as it is."
            case .tooLarge: "The service refused the request as too large."
            case .fileUnusable: "A file on this machine can't be used; see whether it is still there and there is room for it."
            case .serverFailure: "The service failed; it is tried again later."
            case .unreadable: "The service's answer could not be read."
            case .untrustedCursor: "A page points to another host; it is not followed."
            case .unsupported: "The service has no such operation."
            case .tooLate: "The time for this attempt had run out before it began; nothing was sent."
            case .cancelled: "The request was cancelled."
            default: "The service failed (\(code.rawValue))."
            }
        return status.map { "\(what) (HTTP \($0))" } ?? what
    }
}

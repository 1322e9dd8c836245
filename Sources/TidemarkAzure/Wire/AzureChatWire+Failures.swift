import HTTPTypes
package import TidemarkModel

extension AzureChatWire {
    /// More than the service says; what is longer came from somebody else.
    static let longestServiceMessage = 2048
    /// A wait longer than a day is a mistake of a clock.
    static let longestRetryAfter = Duration.seconds(86_400)

    /// What an exchange without an answer means (rule R1): the transport knows whether a byte can have left.
    package func failure(_ error: TransportError, of operation: AzureOperation) -> ServiceError {
        let landed = error.requestMayHaveArrived && !operation.isRead
        let certainty: ServiceError.Certainty = landed ? .unknown : .notApplied
        switch error.code {
        case .cancelled:
            return ServiceError(.cancelled, certainty: certainty)
        case .responseTooLarge:
            return ServiceError(.unreadable, certainty: certainty, serviceMessage: error.description)
        case .insecure, .invalidRequest:
            return ServiceError(.unreachable, certainty: .notApplied, scope: .host, serviceMessage: error.description)
        default:
            // A connection that never stood strikes everything; one lost answer may be this request's own.
            return ServiceError(
                error.requestMayHaveArrived ? .answerLost : .unreachable, certainty: certainty,
                scope: error.requestMayHaveArrived ? .lane : .host)
        }
    }

    /// What an answer with another status than success means: the status decides, the body only has the words.
    func failure(_ response: TransportResponse, of operation: AzureOperation) -> ServiceError {
        let status = response.head.status.code
        let words = ServiceWords(response.body)
        let verdict = Self.verdict(status, operation)
        return ServiceError(
            verdict.code, certainty: operation.isRead ? .notApplied : verdict.certainty, scope: verdict.scope, status: status,
            serviceCode: words.code, serviceMessage: words.message, retryAfter: Self.retryAfter(response),
            serverDate: Self.date(response))
    }

    func unreadable(_ response: TransportResponse, of operation: AzureOperation, _ reason: String) -> ServiceError {
        ServiceError(
            .unreadable, certainty: operation.isRead ? .notApplied : .unknown, status: response.head.status.code,
            serviceMessage: reason, serverDate: Self.date(response))
    }

    private static func verdict(
        _ status: Int, _ operation: AzureOperation
    ) -> (code: ServiceError.Code, certainty: ServiceError.Certainty, scope: ServiceError.Scope) {
        switch status {
        case 401: (.unauthenticated, .notApplied, .account)
        case 403: (.forbidden, .notApplied, .lane)
        case 404, 410: (.notFound, .notApplied, .lane)
        case 405: (.unsupported, .notApplied, .lane)
        case 408: (.serverFailure, .unknown, .lane)
        case 413: (.tooLarge, .notApplied, .lane)
        case 429: (.throttled, .notApplied, operation.isLimitedPerUser ? .account : .lane)
        // A gateway's "the client went away": how far the request had come is not known.
        case 499: (.serverFailure, .unknown, .lane)
        case 400..<500: (.invalid, .notApplied, .lane)
        case 503: (.serverFailure, .unknown, .host)
        case 500..<600: (.serverFailure, .unknown, .lane)
        // Redirects are not followed; somebody between us and the service answered.
        default: (.unreadable, .unknown, .lane)
        }
    }

    static func date(_ response: TransportResponse) -> Timestamp? {
        response.head.headerFields[.date].flatMap { HTTPDate.timestamp($0) }
    }

    /// `retry-after-ms`, `x-ms-retry-after-ms`, or `Retry-After` in seconds or as a date by the server's own clock.
    ///
    /// Zero is no wait: refused calls count against the limit, so an immediate repeat would only be refused again.
    static func retryAfter(_ response: TransportResponse) -> Duration? {
        let fields = response.head.headerFields
        let milliseconds = [HTTPField.Name.retryAfterMilliseconds, .azureRetryAfterMilliseconds].lazy
            .compactMap { fields[$0].flatMap(Double.init) }.first
        var wait: Duration?
        if let milliseconds, milliseconds.isFinite {
            wait = .milliseconds(min(max(milliseconds, 0), 86_400_000))
        } else if let text = fields[.retryAfter] {
            if let seconds = Double(text), seconds.isFinite {
                wait = .milliseconds(min(max(seconds, 0), 86_400) * 1000)
            } else if let until = HTTPDate.timestamp(text), let now = date(response) {
                wait = until - now
            }
        }
        guard let wait, wait > .zero else { return nil }
        return min(wait, longestRetryAfter)
    }
}

extension AzureOperation {
    /// The published limits of these count a user's calls, those of the others a thread's (wire page §6).
    var isLimitedPerUser: Bool {
        switch self {
        case .createThread, .deleteThread, .getThread, .listThreads: true
        default: false
        }
    }
}

/// The service's own code and words out of an error's body, whichever version wrote it.
///
/// The wrapper is `error`, `Error`, `ChatError`, `CommunicationError` or missing, its members may be capitalised, the
/// message may be missing and the body empty (recorded; wire page §4).
struct ServiceWords: Hashable {
    var code: String?
    var message: String?

    init(_ body: [UInt8]) {
        guard !body.isEmpty, let json = try? JSONValue(reading: body) else { return }
        let wrapped = json["error", "Error", "ChatError", "CommunicationError"]
        let error = wrapped?.members == nil ? json : wrapped ?? json
        code = Self.bounded(error["code", "Code"]?.text)
        message = Self.bounded(error["message", "Message"]?.text ?? wrapped?.text)
    }

    private static func bounded(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty ? nil : String($0.prefix(AzureChatWire.longestServiceMessage)) }
    }
}

extension HTTPField.Name {
    fileprivate static let retryAfterMilliseconds = Self.literal("retry-after-ms")
    fileprivate static let azureRetryAfterMilliseconds = Self.literal("x-ms-retry-after-ms")
}

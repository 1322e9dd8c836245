import HTTPTypes

/// What went wrong with a request, and how sure it is that nothing was done (rule R1).
package struct HTTPFailure {
    /// Reads write nothing, whatever becomes of their answers.
    package var isRead: Bool
    /// Whether the published limit counts a user's calls rather than a conversation's.
    package var isLimitedPerUser: Bool

    package init(isRead: Bool, isLimitedPerUser: Bool = false) {
        self.isRead = isRead
        self.isLimitedPerUser = isLimitedPerUser
    }

    /// A wait longer than a day is a mistake of a clock.
    private static let longestRetryAfter = 86_400.0

    package func error(_ error: TransportError) -> ServiceError {
        let certainty: ServiceError.Certainty = error.requestMayHaveArrived && !isRead ? .unknown : .notApplied
        switch error.code {
        case .cancelled:
            return ServiceError(.cancelled, certainty: certainty)
        case .responseTooLarge:
            return ServiceError(.unreadable, certainty: certainty, serviceMessage: error.description)
        case .fileUnreadable, .fileChanged, .fileTooLarge, .fileUnwritable:
            // The service has nothing to do with it; what had left of the file by then is no use to anybody.
            return ServiceError(.fileUnusable, certainty: .notApplied, serviceMessage: error.description)
        case .insecure, .invalidRequest:
            return ServiceError(.unreachable, certainty: .notApplied, scope: .host, serviceMessage: error.description)
        default:
            // A connection that never stood strikes everything; one lost answer may be this request's own.
            return ServiceError(
                error.requestMayHaveArrived ? .answerLost : .unreachable, certainty: certainty,
                scope: error.requestMayHaveArrived ? .lane : .host)
        }
    }

    package func error(_ response: TransportResponse) -> ServiceError {
        let status = response.head.status.code
        let words = ServiceWords(response.body)
        let verdict = verdict(status)
        return ServiceError(
            verdict.code, certainty: isRead ? .notApplied : verdict.certainty, scope: verdict.scope, status: status,
            serviceCode: words.code, serviceMessage: words.message, retryAfter: Self.retryAfter(response),
            serverDate: HTTPDate.of(response))
    }

    package func unreadable(_ response: TransportResponse, _ reason: String) -> ServiceError {
        ServiceError(
            .unreadable, certainty: isRead ? .notApplied : .unknown, status: response.head.status.code,
            serviceMessage: reason, serverDate: HTTPDate.of(response))
    }

    private func verdict(
        _ status: Int
    ) -> (code: ServiceError.Code, certainty: ServiceError.Certainty, scope: ServiceError.Scope) {
        switch status {
        case 401: (.unauthenticated, .notApplied, .account)
        case 403: (.forbidden, .notApplied, .lane)
        case 404, 410: (.notFound, .notApplied, .lane)
        case 405: (.unsupported, .notApplied, .lane)
        case 408: (.serverFailure, .unknown, .lane)
        case 413: (.tooLarge, .notApplied, .lane)
        case 429: (.throttled, .notApplied, isLimitedPerUser ? .account : .lane)
        // A gateway's "the client went away": how far the request had come is not known.
        case 499: (.serverFailure, .unknown, .lane)
        case 400..<500: (.invalid, .notApplied, .lane)
        case 503: (.serverFailure, .unknown, .host)
        case 500..<600: (.serverFailure, .unknown, .lane)
        // Redirects are not followed; somebody between us and the service answered.
        default: (.unreadable, .unknown, .lane)
        }
    }

    /// `retry-after-ms`, `x-ms-retry-after-ms`, or `Retry-After` in seconds or as a date by the server's own clock.
    ///
    /// Zero is no wait: refused calls count against the limit, so an immediate repeat would only be refused again.
    package static func retryAfter(_ response: TransportResponse) -> Duration? {
        let fields = response.head.headerFields
        let milliseconds = [HTTPField.Name.retryAfterMilliseconds, .azureRetryAfterMilliseconds].lazy
            .compactMap { fields[$0].flatMap(Double.init) }.first
        var seconds = milliseconds.map { $0 / 1000 }
        if seconds == nil, let text = fields[.retryAfter] {
            if let number = Double(text) {
                seconds = number
            } else if let until = HTTPDate.timestamp(text), let now = HTTPDate.of(response) {
                seconds = Double((until - now).milliseconds) / 1000
            }
        }
        guard let seconds, seconds.isFinite, seconds > 0 else { return nil }
        return .milliseconds(Int64(min(seconds, longestRetryAfter) * 1000))
    }
}

extension HTTPField.Name {
    fileprivate static let retryAfterMilliseconds = Self.literal("retry-after-ms")
    fileprivate static let azureRetryAfterMilliseconds = Self.literal("x-ms-retry-after-ms")
}

import HTTPTypes
import TidemarkModel

/// What went wrong with a call of the server's API, and how sure it is that nothing was done (rule R1, wire page §4).
struct LiveKitFailure {
    /// Reads write nothing, whatever becomes of their answers.
    var isRead: Bool

    private struct Verdict {
        var code: ServiceError.Code
        var certainty = ServiceError.Certainty.notApplied
        var scope = ServiceError.Scope.lane
    }

    /// A longer wait is a mistake of a clock.
    private static let longestRetryAfter = 86_400.0

    func error(_ error: TransportError) -> ServiceError {
        let certainty: ServiceError.Certainty = error.requestMayHaveArrived && !isRead ? .unknown : .notApplied
        switch error.code {
        case .cancelled: return ServiceError(.cancelled, certainty: certainty)
        case .responseTooLarge: return ServiceError(.unreadable, certainty: certainty, serviceMessage: error.description)
        case .insecure, .invalidRequest:
            return ServiceError(.unreachable, certainty: .notApplied, scope: .host, serviceMessage: error.description)
        default:
            return ServiceError(
                error.requestMayHaveArrived ? .answerLost : .unreachable, certainty: certainty,
                scope: error.requestMayHaveArrived ? .lane : .host)
        }
    }

    func error(_ response: TransportResponse) -> ServiceError {
        let status = response.head.status.code
        // Refusals of the token's form and of large bodies come as plain text, everything else as Twirp's JSON.
        let twirp = try? LiveKitJSON(reading: Array(response.body.prefix(65_536)))
        let code = twirp?["code"]?.text
        let verdict = verdict(status, code)
        return ServiceError(
            verdict.code, certainty: isRead ? .notApplied : verdict.certainty, scope: verdict.scope, status: status,
            serviceCode: code.map { String($0.prefix(100)) }, serviceMessage: Self.words(twirp, response.body),
            retryAfter: Self.retryAfter(response))
    }

    func unreadable(_ response: TransportResponse, _ reason: String) -> ServiceError {
        ServiceError(
            .unreadable, certainty: isRead ? .notApplied : .unknown, status: response.head.status.code, serviceMessage: reason)
    }

    private func verdict(_ status: Int, _ twirp: String?) -> Verdict {
        switch (status, twirp) {
        // The token is good and does not allow this for that room; Twirp says 401 for it, not 403.
        case (401, "unauthenticated"?): Verdict(code: .forbidden)
        // Malformed, expired, or signed with another secret.
        case (401, _): Verdict(code: .unauthenticated, scope: .account)
        case (403, _): Verdict(code: .forbidden)
        // The node was asked and has no such room any more.
        case (404, "not_found"?): Verdict(code: .roomNotOpen)
        // `bad_route`, and whatever answers at an address that is no LiveKit server.
        case (404, _), (405, _), (501, _): Verdict(code: .unsupported)
        // The platform's own buses were slow: the node may have the packet.
        case (408, _), (499, _): Verdict(code: .serverFailure, certainty: .unknown)
        case (413, _): Verdict(code: .tooLarge)
        case (429, _): Verdict(code: .throttled, scope: .account)
        case (400..<500, _): Verdict(code: .invalid)
        // "No response from servers" is a closed room or a sick platform; who asks can tell.
        case (503, _): Verdict(code: .serverFailure, certainty: .unknown)
        case (500..<600, _): Verdict(code: .serverFailure, certainty: .unknown)
        // Redirects are not followed; somebody between us and the server answered.
        default: Verdict(code: .unreadable, certainty: .unknown)
        }
    }

    private static func words(_ twirp: LiveKitJSON?, _ body: [UInt8]) -> String? {
        let words = twirp?["msg"]?.text ?? String(decoding: body.prefix(500), as: UTF8.self)
        return words.isEmpty ? nil : String(words.prefix(500))
    }

    private static func retryAfter(_ response: TransportResponse) -> Duration? {
        guard let seconds = response.head.headerFields[.retryAfter].flatMap(Double.init), seconds.isFinite, seconds > 0 else {
            return nil
        }
        return .milliseconds(Int64(min(seconds, longestRetryAfter) * 1000))
    }
}

import HTTPTypes
import Tidemark
import TidemarkModel

/// What a fault puts in the place of an answer: bytes that the adapter's own decoder reads, where the service has a wire.
extension ServiceModel {
    /// A refusal, or a success whose body ends in the middle.
    func answer(
        _ status: Int, retryAfter: Int? = nil, to effect: SyncCore.Effect
    ) -> (answer: SyncCore.Answer, response: TransportResponse?) {
        guard let wire else { return (effect.failed(Self.error(status, retryAfter: retryAfter)), nil) }
        var head = HTTPResponse(status: .init(code: status))
        head.headerFields[.contentType] = "application/json"
        if let retryAfter { head.headerFields[.retryAfter] = String(retryAfter) }
        let body = status < 300 ? "{\"id\":\"1" : "{\"error\":{\"code\":\"Fault\",\"message\":\"A fault.\"}}"
        let response = TransportResponse(head: head, body: Array(body.utf8))
        return (wire.read(response, to: effect), response)
    }

    /// Nothing came back, or nothing left.
    func noAnswer(mayHaveArrived: Bool, to effect: SyncCore.Effect) -> SyncCore.Answer {
        guard let wire else {
            return effect.failed(
                mayHaveArrived
                    ? ServiceError(.answerLost, certainty: .unknown, scope: .host)
                    : ServiceError(.unreachable, certainty: .notApplied, scope: .host))
        }
        let error = TransportError(mayHaveArrived ? .timeout : .unreachable, requestMayHaveArrived: mayHaveArrived)
        switch effect {
        case .deliver(let delivery): return effect.failed(wire.failure(error, for: delivery))
        case .read(let read): return effect.failed(wire.failure(error, for: read.request))
        }
    }

    private static func error(_ status: Int, retryAfter: Int?) -> ServiceError {
        switch status {
        case ..<300: ServiceError(.unreadable, certainty: .unknown, status: status)
        case 401: ServiceError(.unauthenticated, certainty: .notApplied, scope: .account, status: status)
        case 404, 410: ServiceError(.notFound, certainty: .notApplied, status: status)
        case 429:
            ServiceError(
                .throttled, certainty: .notApplied, status: status, retryAfter: retryAfter.map { .seconds($0) })
        case 408, 500...: ServiceError(.serverFailure, certainty: .unknown, status: status)
        default: ServiceError(.invalid, certainty: .notApplied, status: status)
        }
    }
}

extension ServiceWire {
    /// An answer in the engine's words.
    fileprivate func read(_ response: TransportResponse, to effect: SyncCore.Effect) -> SyncCore.Answer {
        do throws(ServiceError) {
            switch effect {
            case .deliver(let delivery): return .delivered(delivery, .success(try acceptance(of: response, for: delivery)))
            case .read(let read): return .read(read, .success(try page(of: response, for: read.request)))
            }
        } catch {
            return effect.failed(error)
        }
    }
}

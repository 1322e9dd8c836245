#if NIO
import AsyncHTTPClient
import TidemarkModel

extension TransportError {
    /// What an exchange's failure means. `requestHasBegun` tells whether the request's head was written; before that
    /// the service can have seen a torn head at most, on which it can't act.
    init(_ error: any Error, requestHasBegun: Bool) {
        switch error {
        case let error as TransportError:
            self = error
        case let error as HTTPClientError:
            self.init(Self.code(of: error, requestHasBegun: requestHasBegun), requestMayHaveArrived: requestHasBegun)
        case is CancellationError:
            self.init(.cancelled, requestMayHaveArrived: requestHasBegun)
        default:
            self.init(requestHasBegun ? .connectionLost : .unreachable, requestMayHaveArrived: requestHasBegun)
        }
    }

    private static func code(of error: HTTPClientError, requestHasBegun: Bool) -> Code {
        switch error {
        case .cancelled, .alreadyShutdown: .cancelled
        case .deadlineExceeded, .readTimeout, .writeTimeout, .getConnectionFromPoolTimeout: .timeout
        case .invalidURL, .emptyHost, .emptyScheme, .traceRequestWithBody: .invalidRequest
        default: requestHasBegun ? .connectionLost : .unreachable
        }
    }
}
#endif

package import TidemarkModel

extension AzureChatWire {
    /// What an exchange without an answer means (rule R1): the transport knows whether a byte can have left.
    package func failure(_ error: TransportError, of operation: AzureOperation) -> ServiceError {
        HTTPFailure(isRead: operation.isRead, isLimitedPerUser: operation.isLimitedPerUser).error(error)
    }

    /// What an answer with another status than success means: the status decides, the body only has the words.
    func failure(_ response: TransportResponse, of operation: AzureOperation) -> ServiceError {
        HTTPFailure(isRead: operation.isRead, isLimitedPerUser: operation.isLimitedPerUser).error(response)
    }

    func unreadable(_ response: TransportResponse, of operation: AzureOperation, _ reason: String) -> ServiceError {
        HTTPFailure(isRead: operation.isRead).unreadable(response, reason)
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

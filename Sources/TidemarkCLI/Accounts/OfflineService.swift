import Tidemark
import TidemarkAzure

/// The service for commands that only write locally: what it can do is known, and nothing is asked of it.
struct OfflineService: ChatService {
    let traits: ServiceTraits

    init(_ account: Account) throws {
        guard account.service == "azure" else {
            throw Failure(
                .usage, code: "unsupported", "Account \(account.name) is of \(account.service), which this build does not speak.")
        }
        traits = .azure()
    }

    func identity() async throws(ServiceError) -> ParticipantID? { nil }

    func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance { throw Self.offline }

    func page(_ request: PageRequest) async throws(ServiceError) -> Page { throw Self.offline }

    private static var offline: ServiceError {
        ServiceError(.unreachable, certainty: .notApplied, scope: .host)
    }
}

import Tidemark
import TidemarkAvaya
import TidemarkAzure
import TidemarkLiveKit

/// The service for commands that only write locally: what it can do is known, and nothing is asked of it.
struct OfflineService: ChatService {
    let traits: ServiceTraits

    init(_ account: Account) throws {
        switch account.service {
        case "azure": traits = .azure()
        case AvayaSettings.service: traits = .avaya(isGuest: try AvayaSettings(account).isGuest)
        case LiveKitSettings.service: traits = try LiveKitSettings(account).offlineService(account).traits
        default:
            throw Failure(
                .usage, code: "unsupported", "Account \(account.name) is of \(account.service), which this build does not speak.")
        }
    }

    /// Whether there is anything to read again. An account that this build does not speak is taken to have it.
    static func keepsHistory(_ account: Account) -> Bool {
        (try? OfflineService(account))?.traits.history != ServiceTraits.History.none
    }

    func identity() async throws(ServiceError) -> ParticipantID? { nil }

    func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance { throw Self.offline }

    func page(_ request: PageRequest) async throws(ServiceError) -> Page { throw Self.offline }

    private static var offline: ServiceError {
        ServiceError(.unreachable, certainty: .notApplied, scope: .host)
    }
}

import Synchronization
import TidemarkModel

/// Whose an access is, once it was asked: kept for the newest accesses, in memory only.
final class AvayaUserLookup: Sendable {
    /// An access before a renewal may still be under way beside the one after it.
    private static let kept = 2

    private let known = Mutex<[(token: String, user: ParticipantID)]>([])

    func user(of access: AvayaAccess) -> ParticipantID? {
        known.withLock { known in known.first { $0.token == access.token }?.user }
    }

    func remember(_ user: ParticipantID, of access: AvayaAccess) {
        known.withLock { known in
            known.removeAll { $0.token == access.token }
            known.append((access.token, user))
            if known.count > Self.kept { known.removeFirst() }
        }
    }
}

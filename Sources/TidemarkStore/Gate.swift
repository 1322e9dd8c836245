internal import Foundation
internal import TidemarkModel

/// What holds something back until a time of the local clock, each with the longest wait that it is ever set for.
///
/// A clock that was ahead and was set back leaves times that are hours away. A time further ahead than its gate could
/// have been set for was written by such a clock and counts as passed: what stands behind it is at worst a little early,
/// and not hours late. The end of a quarantine is no such gate: too early may double a message (``Quarantine``).
enum Gate: String, CaseIterable {
    /// After a failure; a wake-up clears it.
    case backoff
    /// What the service asked for, or its 429 meant.
    case service
    /// A look-up that waits for the end of a quarantine, or to be tried again.
    case lookUp
    /// An intent that waits for what the service should show.
    case recheck
    /// The next read of a conversation's top.
    case top
    /// The next read of the list of conversations.
    case list
    /// The next read of participants or receipts.
    case set
    /// Reading the one message that nothing has shown.
    case confirmation
    /// Reading below what is too young to be the lowest.
    case bottom

    /// Its place among all of them.
    fileprivate var number: Int {
        switch self {
        case .backoff: 0
        case .service: 1
        case .lookUp: 2
        case .recheck: 3
        case .top: 4
        case .list: 5
        case .set: 6
        case .confirmation: 7
        case .bottom: 8
        }
    }

    /// The longest wait between two reads of an acknowledged message that stays unseen.
    static let longestConfirmation: Duration = .seconds(600)

    func longest(_ scope: Scope) -> Duration {
        let configuration = scope.configuration
        return switch self {
        case .backoff: configuration.maximumBackoff + .milliseconds(1)
        case .service: configuration.throttleCeiling
        case .lookUp: max(Quarantine.longest(scope), Gate.recheck.longest(scope))
        case .recheck: configuration.recheck(after: configuration.maximumRechecks)
        case .top:
            max(configuration.topInterval, configuration.setInterval, configuration.confirmAfter, scope.traits.settleWindow)
        case .list: max(configuration.listInterval, configuration.maximumBackoff, .seconds(1), Quarantine.longest(scope))
        case .set: max(configuration.setInterval * 10, .milliseconds(Freshness.slack))
        case .confirmation: max(configuration.confirmAfter, Self.longestConfirmation)
        case .bottom: scope.traits.settleWindow + .milliseconds(Freshness.slack)
        }
    }

    /// The latest time that this gate can have been set for by a clock that is right now.
    func latest(_ scope: Scope, _ moment: Moment) -> Int64 {
        (moment.now + longest(scope)).milliseconds
    }

    /// When the gate opens, for a stored time: that time, or zero where no clock that is right can have written it.
    func opening(_ time: Int64, _ scope: Scope, _ moment: Moment) -> Int64 {
        time <= latest(scope, moment) ? time : 0
    }
}

/// The latest times of all gates, worked out once for a round.
struct GateTimes {
    /// In the order of the gates.
    private let latest: [Int64]

    init(_ scope: Scope, _ moment: Moment) {
        latest = Gate.allCases.map { $0.latest(scope, moment) }
    }

    /// As ``Gate/opening(_:_:_:)``.
    func opening(_ gate: Gate, _ time: Int64) -> Int64 {
        time <= latest[gate.number] ? time : 0
    }

    /// The value of a statement's `:…Latest`, by that name.
    func latest(named name: UnsafePointer<CChar>) -> Int64? {
        Self.names.firstIndex { strcmp(name, $0) == 0 }.map { latest[$0] }
    }

    private static let names = Gate.allCases.map { "\($0.rawValue)Latest" }
}

/// The same in SQL.
extension Gate {
    /// What ``opening(_:_:_:)`` gives, of a column. The statement's arguments hold ``GateTimes``.
    func opening(of column: String) -> String {
        "CASE WHEN \(column) > :\(rawValue)Latest THEN 0 ELSE \(column) END"
    }
}

internal import GRDB
internal import TidemarkModel

/// Looking again at what can't be told yet: later and later, and never for ever.
extension Outbox {
    /// Until when an intent waits for itself; `nil`: it doesn't.
    static func ownWait(_ intent: IntentRow, _ scope: Scope, _ moment: Moment) -> Int64? {
        let until = Gate.recheck.opening(intent.notBefore, scope, moment)
        return until > moment.now.milliseconds ? until : nil
    }
}

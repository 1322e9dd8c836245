import GRDB
import Synchronization

/// The statements that a connection ran, with their values in place.
final class QueryLog: Sendable {
    private let queries = Mutex<[String]>([])

    var all: [String] { queries.withLock { $0 } }

    func note(_ event: Database.TraceEvent) {
        guard case .statement(let statement) = event else { return }
        let sql = statement.expandedSQL
        guard !sql.hasPrefix("--"), !sql.contains("PRAGMA") else { return }
        queries.withLock { $0.append(sql) }
    }
}

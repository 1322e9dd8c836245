internal import GRDB
internal import TidemarkModel
internal import TidemarkSchema

extension MessageStore {
    /// A store in memory, gone when it is released. For tests and trials.
    public static func inMemory() throws -> MessageStore {
        try StoreError.translating {
            let queue = try DatabaseQueue(configuration: configuration(isReadOnly: false))
            let store = MessageStore(connection: StoreConnection(queue), path: nil, isReadOnly: false)
            try queue.writeWithoutTransaction { db in try migrate(db) }
            return store
        }
    }

    static func configuration(isReadOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = isReadOnly
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        // Values are message texts: they must not show up in an error.
        configuration.publicStatementArguments = false
        return configuration
    }

    /// Brings the schema to this build's version, in one transaction.
    static func migrate(_ db: Database) throws {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version < Schema.version else { return }
        try db.inTransaction(.immediate) {
            for migration in Schema.migrations where migration.number > version {
                try db.execute(sql: migration.sql)
            }
            try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
            try db.execute(sql: "PRAGMA user_version = \(Schema.version)")
            if version == 0 {
                var generator = SystemRandomNumberGenerator()
                let instance = Token.random(using: &generator).rawValue
                try db.execute(sql: "INSERT INTO store (id, instance) VALUES (1, ?)", arguments: [instance])
            }
            return .commit
        }
    }
}

/// The store's schema: numbered migrations, never edited once released.
public enum Schema {
    public struct Migration: Sendable {
        /// The store's `user_version` after it.
        public let number: Int
        public let sql: String

        public init(number: Int, sql: String) {
            self.number = number
            self.sql = sql
        }
    }

    public static let migrations: [Migration] = [
        Migration(number: 1, sql: String(decoding: PackageResources.v001_initial_sql, as: UTF8.self)),
        Migration(number: 2, sql: String(decoding: PackageResources.v002_arrivals_sql, as: UTF8.self)),
        Migration(number: 3, sql: String(decoding: PackageResources.v003_files_sql, as: UTF8.self)),
        Migration(number: 4, sql: String(decoding: PackageResources.v004_search_sql, as: UTF8.self)),
        Migration(number: 5, sql: String(decoding: PackageResources.v005_revisions_sql, as: UTF8.self)),
        Migration(number: 6, sql: String(decoding: PackageResources.v006_every_version_sql, as: UTF8.self)),
    ]

    /// The version that this build reads and writes.
    public static var version: Int { migrations.count }

    /// `application_id` of a store: the letters `TIDE`. Another SQLite file is told apart by it and left alone.
    public static let applicationID: Int32 = 0x5449_4445
}

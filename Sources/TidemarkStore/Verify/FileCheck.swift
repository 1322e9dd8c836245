internal import GRDB

/// SQLite's own check of the whole file.
enum FileCheck {
    static func findings(_ db: Database) throws -> [Verification.Finding] {
        try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }.map(finding)
    }

    static func mend(_ db: Database) throws {
        try db.execute(sql: "REINDEX")
    }

    /// What SQLite says names tables, columns, indexes and pages, and no values.
    private static func finding(_ line: String) -> Verification.Finding {
        let line = line.split(separator: "\n").joined(separator: "; ")
        if line.contains("missing from index") || line.contains("# of entries in index") || line.contains("entry in index") {
            return Verification.Finding(kind: .index, detail: line, repair: .automatic("builds the indexes anew"))
        }
        if line.contains("constraint failed") || line.hasPrefix("NULL value") || line.hasPrefix("non-") {
            return Verification.Finding(
                kind: .forbiddenValue, detail: line, repair: .person("`export` what is there, and `import` it into a new store"))
        }
        return Verification.Finding(
            kind: .damaged, detail: line,
            repair: .person("keep a copy of the file and restore a backup, or `export` what can be read"))
    }
}

import TidemarkStore

extension Redactor {
    /// Columns that hold what people wrote.
    private static let texts: [String: Set<String>] = [
        "attachment": ["name"], "conversation": ["topic"], "intent": ["detail"], "message": ["text", "senderName", "topic"],
        "participant": ["displayName"],
    ]
    /// Columns of JSON in which it stands.
    private static let documents: [String: Set<String>] = [
        "message": ["attachments", "metadata"], "intent": ["body", "failuresByTarget"],
    ]
    /// Columns of what a service said beside that.
    private static let said: [String: Set<String>] = ["conversation": ["serviceData"], "message": ["serviceData"]]
    /// What no replay needs.
    private static let left: Set<String> = ["journal", "lease", "draft"]

    mutating func dump(_ dump: StoreDump) -> StoreDump {
        // An edit is of the kind of what it changes.
        let html = Set(
            (dump.tables["message"] ?? []).filter { $0["kind"] == .text("html") }.compactMap { row in row["id"] })
        var tables: [String: [StoreDump.Row]] = [:]
        for (table, rows) in dump.tables.sorted(by: { $0.key < $1.key }) where !Self.left.contains(table) {
            tables[table] = rows.map { row in
                let isHTML = row["kind"] == .text("html") || (table == "intent" && row["message"].map(html.contains) == true)
                return self.row(row, table, isHTML: isHTML)
            }
        }
        return StoreDump(tables: tables)
    }

    private mutating func row(_ row: StoreDump.Row, _ table: String, isHTML: Bool) -> StoreDump.Row {
        var redacted = row
        for (column, value) in row.sorted(by: { $0.key < $1.key }) {
            if case .text(let text) = value {
                if Self.texts[table]?.contains(column) == true {
                    redacted[column] = .text(self.text(text, isHTML: isHTML && column == "text"))
                }
                if table == "message", column == "metadata" {
                    redacted[column] = .text(jsonText("{\"metadata\":\(text)}", inside: "metadata") ?? text)
                } else if Self.documents[table]?.contains(column) == true {
                    redacted[column] = .text(jsonText(text, isHTML: isHTML))
                } else if Self.said[table]?.contains(column) == true {
                    redacted[column] = .text(wireText(text))
                } else if column.lowercased().contains("cursor") || column.lowercased().contains("link") {
                    redacted[column] = .text(address(text))
                }
            }
            // An item that could not be read may hold anything; its number keeps it apart from others.
            if table == "reject", column == "raw", !keepsText, case .integer(let id)? = row["id"] {
                redacted[column] = .bytes(Array("redacted-\(id)".utf8))
            }
            if table == "account", column == "settings" { redacted[column] = .text("{}") }
        }
        return redacted
    }

    private mutating func jsonText(_ text: String, inside key: String) -> String? {
        guard let value = try? JSON(bytes: text.utf8) else { return nil }
        return json(value).object?[key]?.line
    }
}

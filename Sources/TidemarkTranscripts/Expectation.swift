/// What a view has to show.
struct Expectation: Hashable, Sendable {
    /// The view: `timeline`, `conversations`, `outbox`, `participants`, `receipts`, `gaps`, `rejects`, `requests`.
    var view: String
    /// The conversation it is of, where it is of one.
    var conversation: String?
    /// Its rows, each with the fields that matter.
    var rows: [JSON]

    static let views = ["timeline", "conversations", "outbox", "participants", "receipts", "gaps", "rejects", "requests"]

    init(_ fields: inout Fields) throws {
        view = try fields.needed("expect")
        conversation = try fields.text("of")
        guard let rows = fields.take("is")?.list else { throw fields.error("\"is\" has to be the list of what is expected.") }
        self.rows = rows
        guard Self.views.contains(view) else {
            throw fields.error("There is no view \"\(view)\"; there are \(Self.views.joined(separator: ", ")).")
        }
        if ["timeline", "participants", "receipts"].contains(view), conversation == nil {
            throw fields.error("\"of\" is missing: the conversation.")
        }
    }

    /// The line that says what a view shows.
    static func line(_ view: String, of conversation: String?, shows rows: JSON) -> [String: JSON] {
        var line: [String: JSON] = ["expect": .text(view), "is": rows]
        line["of"] = conversation.map(JSON.text)
        return line
    }
}

internal import Foundation
internal import GRDB

/// A row of `setRead`.
struct SetReadRow: Equatable {
    var conversation: Int64
    var kind: String
    var isStale = true
    var dueAt: Int64 = 0
    var cursor: String?
    var skip: Int?
    var members: String?
    var begunStart: Int64?
    var lastMembers: String?
    var lastStart: Int64?

    static func of(_ kind: String, _ conversation: Int64, _ db: Database) throws -> SetReadRow? {
        try fetchOne(db, where: "conversation = ? AND kind = ?", arguments: [conversation, kind])
    }

    static func list(_ json: String?) -> [String] {
        guard let json else { return [] }
        return PlainJSON.list(json) ?? (try? JSONDecoder().decode([String].self, from: Data(json.utf8))) ?? []
    }

    static func json(_ members: [String]) -> String {
        guard let data = try? JSONEncoder().encode(members) else { return "[]" }
        return String(decoding: data, as: UTF8.self)
    }
}

/// What 2025-03-15 added to threads and participants: metadata of their own, and how long a thread is kept (wire page §2, §6).
extension AzureSimulator {
    /// At most 1 KB in all; a version before 2025-03-15 knows none.
    static func limitedMetadata(_ json: JSON?, _ call: AzureCall) throws(AzureRefusal) -> [String: String] {
        guard call.version >= "2025-03-15" else { return [:] }
        let metadata = metadata(json)
        guard metadata.reduce(0, { $0 + $1.key.utf8.count + $1.value.utf8.count }) <= 1024 else {
            throw AzureRefusal(status: 400, code: "BadRequest", message: "The metadata is larger than 1 KB.")
        }
        return metadata
    }

    /// The days of `{kind:"threadCreationDate", deleteThreadAfterDays:n}`; `nil` for `{kind:"none"}` and where there is none.
    static func retention(_ json: JSON?, _ call: AzureCall) throws(AzureRefusal) -> Int64? {
        guard call.version >= "2025-03-15", let json, json != .null else { return nil }
        switch json["kind"]?.text {
        case "none": return nil
        case "threadCreationDate":
            guard case .number(let days)? = json["deleteThreadAfterDays"], (30...90).contains(days) else { throw .invalid }
            return days
        default: throw .invalid
        }
    }

    static func json(retention days: Int64?) -> JSON? {
        days.map { .members(("kind", .text("threadCreationDate")), ("deleteThreadAfterDays", .number($0))) }
    }

    /// Deletes the threads whose days are over.
    mutating func endRetention(now: Int64) {
        for index in threads.indices {
            guard let days = threads[index].deleteAfterDays, threads[index].deletedAt == nil,
                now - threads[index].createdAt >= days * 86_400_000
            else { continue }
            endThread(index, at: now)
        }
    }
}

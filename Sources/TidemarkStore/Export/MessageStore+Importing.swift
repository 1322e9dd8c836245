internal import Foundation
internal import GRDB
public import TidemarkModel

extension MessageStore {
    /// Takes in what ``AccountView/export(_:of:at:to:)`` wrote as JSON Lines, all of it or nothing.
    ///
    /// Messages merge by their remote ids as anything that a service shows: the higher version wins, a tombstone is final. Nothing of
    /// it is proof that history is complete, so it stands beside gaps until a sync has read there. What was unsent is parked as
    /// `restored`: it is not sent unless a person says so, and then it is looked for first; what this store knows already by its
    /// token is left as it is. The account is made if there is none of its name, or of the one given. Lines are read one by
    /// one. Durable when it returns.
    ///
    /// Throws `badLine` with the number of the first line that can't be taken in, `notAllowed` if the account belongs to
    /// another service, and `cannotOpen`; then nothing was changed.
    public func importConversations(
        from path: String, into account: AccountName? = nil, at now: Timestamp? = nil
    ) throws -> ImportReport {
        let now = now ?? Timestamp(Date())
        var lines = try FileLines(path)
        defer { lines.close() }
        return try write(.full) { db in
            var importing = Importing(wanted: account, now: now, db: db)
            while let line = try lines.next() {
                guard line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { continue }
                do {
                    try importing.take(line)
                } catch let error as ImportProblem {
                    throw StoreError(.badLine, "Line \(lines.number) \(error.words); nothing was imported.")
                } catch is DecodingError {
                    throw StoreError(.badLine, "Line \(lines.number) is not a line of an export; nothing was imported.")
                }
            }
            return try importing.finish()
        }
    }
}

/// What is wrong with a line, to be put behind its number.
struct ImportProblem: Error {
    var words: String

    init(_ words: String) {
        self.words = words
    }
}

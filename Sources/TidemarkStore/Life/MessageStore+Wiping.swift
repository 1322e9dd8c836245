internal import GRDB
public import TidemarkModel

extension MessageStore {
    /// What is unsent, by account: what ``wipe(_:discardingUnsent:)`` would take with it.
    public func unsent(_ account: AccountName? = nil) throws -> [OutboxEntry] {
        let names = try account.map { [$0] } ?? accounts().map(\.name)
        return try names.flatMap { try self.account($0).outbox().get() }
    }

    /// Removes accounts with all that the store holds of them, so that no byte of it is left: not in the file, nor in its log,
    /// nor in what is searched, nor in the folder of files. One account, or all.
    ///
    /// The store stays, empty or with the other accounts. Nothing is deleted at the service. Sign out first: what an engine writes
    /// meanwhile would be there again. Throws `notAllowed` with the count while something is unsent, unless told to discard it,
    /// and `busy` if another program reads the store all the while: then it is removed, and traces may be left in the file.
    public func wipe(_ account: AccountName? = nil, discardingUnsent: Bool = false) throws {
        let names = try account.map { [try self.account($0).name] } ?? accounts().map(\.name)
        if !discardingUnsent { for name in names { try checkRemovable(name) } }
        try connection.using { writer in
            try writer.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA secure_delete = ON") }
        }
        for name in names { try removeAccount(name, discardingUnsent: discardingUnsent) }
        try compact()
        try removeFiles()
        guard let path, (FileStatus(path + "-wal")?.size ?? 0) > 0 else { return }
        throw StoreError(
            .busy, "The accounts are removed, but another program is reading the store; close it and wipe again.")
    }

    /// The copies of what was removed went with it; what a crash has left goes too, and the folder with the last account.
    private func removeFiles() throws {
        let isLast = try accounts().isEmpty
        if !isLast { try sweepFiles() }
        let isDone = try isLast ? shelf.removeAll() : shelf.strays { try read(Self.namedCopies) }.isEmpty
        guard !isDone else { return }
        throw StoreError(
            .busy, "The accounts are removed, but another program holds the folder of files; close it and wipe again.")
    }
}

internal import GRDB
package import TidemarkModel

/// Files that were taken in and belong to no message yet. Whatever ends the program before they do leaves copies that the next
/// opening for writing removes.
package struct KeptFiles: Sendable {
    package var files: [KeptFile]
    /// Keeps others from sweeping them away.
    let hold: FileHold
}

extension MessageStore {
    /// Copies files into the store's folder. They outlive a power cut when it returns.
    ///
    /// Throws ``StoreError``: `notAllowed` where the service takes no files, `invalidArgument` for too many, too large or empty ones and
    /// for a path that can't be read or is no file, `diskFull`, `cannotOpen`, `readOnly`. What fails leaves nothing behind.
    package func keep(_ files: [FileToSend], _ traits: ServiceTraits) throws -> KeptFiles {
        guard !isReadOnly else {
            throw StoreError(.readOnly, "The store was opened for reading only; open it for writing to send a file.")
        }
        guard let limits = traits.attachments else {
            throw StoreError(.notAllowed, "\(traits.service) takes no files; send the text alone.")
        }
        guard files.count <= limits.maximumPerMessage else {
            throw StoreError(
                .invalidArgument,
                "\(files.count) files are more than \(traits.service) takes with one message (\(limits.maximumPerMessage)); "
                    + "send them in parts.")
        }
        for file in files { try Self.check(file) }
        let hold = try shelf.hold()
        var kept: [KeptFile] = []
        do {
            for file in files { kept.append(try keep(file, limit: limits.maximumBytes)) }
            try FileCopy.sync(folder: shelf.folder)
        } catch {
            forget(kept)
            throw error
        }
        return KeptFiles(files: kept, hold: hold)
    }

    private static func check(_ file: FileToSend) throws {
        guard !file.name.isEmpty, file.name.utf8.count <= 1024, !file.name.contains("\0") else {
            throw StoreError(.invalidArgument, "A file's name is empty or has more than 1024 bytes; give it another.")
        }
        for type in [file.contentType, file.thumbnailType] {
            // It travels in a header.
            guard (1...200).contains(type.utf8.count), type.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                throw StoreError(.invalidArgument, "A file's type is no MIME type; give one like image/png.")
            }
        }
    }

    private func keep(_ file: FileToSend, limit: Int64) throws -> KeptFile {
        let copy = shelf.newName(for: file.name)
        let result = try FileCopy.copy(file.path, to: shelf.path(of: copy), limit: limit)
        var kept = KeptFile(
            copy: copy, name: file.name, contentType: file.contentType, size: result.size, digest: result.digest)
        guard let thumbnail = file.thumbnailPath else { return kept }
        do {
            let small = shelf.newName(for: thumbnail)
            kept.thumbnailDigest = try FileCopy.copy(thumbnail, to: shelf.path(of: small), limit: limit).digest
            (kept.thumbnailCopy, kept.thumbnailType) = (small, file.thumbnailType)
        } catch {
            forget([kept])
            throw error
        }
        return kept
    }

    private func forget(_ files: [KeptFile]) {
        shelf.remove(files.flatMap { [$0.copy, $0.thumbnailCopy].compactMap { $0 } })
    }

    /// A message with files, or one that answers another: files, uploads, message and send, all of it or nothing.
    ///
    /// As ``enqueue(_:token:_:_:using:)``, and what ``keep(_:_:)`` throws.
    package func send(
        _ message: OutgoingMessage, to conversation: ConversationID, files: [FileToSend], replyTo: MessageID? = nil,
        token: Token? = nil, _ scope: Scope, _ moment: Moment, using generator: inout some RandomNumberGenerator
    ) throws -> Enqueued {
        let wish = Wish.send(message, to: conversation)
        guard !files.isEmpty else {
            return try enqueue(wish, replyTo: replyTo, token: token, scope, moment, using: &generator)
        }
        // What can't be sent in any case need not be copied first.
        try read { db in
            try Enqueue(wish: wish, token: "", scope: scope, moment: moment, db: db).checkConversation(conversation)
        }
        let kept = try keep(files, scope.traits)
        defer { kept.hold.end() }
        do {
            let enqueued = try enqueue(
                wish, files: kept.files, replyTo: replyTo, token: token, scope, moment, using: &generator)
            // A token that was used before stands for the message of then, which has copies of its own.
            if try !isNamed(kept.files[0].copy) { forget(kept.files) }
            return enqueued
        } catch {
            forget(kept.files)
            throw error
        }
    }

    private func isNamed(_ copy: String) throws -> Bool {
        try read { db in
            try Bool.fetchOne(db, cached: "SELECT EXISTS (SELECT 1 FROM attachment WHERE copy = ?)", arguments: [copy]) ?? false
        }
    }
}

// MARK: - Tidying

extension MessageStore {
    /// Removes the copies that a commit has left without a row. They are gone for everybody: names are given once.
    static func removeGone(_ shelf: FileShelf, _ db: Database) throws {
        while true {
            let gone = try String.fetchAll(db, cached: "SELECT name FROM fileGone LIMIT 100")
            guard !gone.isEmpty else { return }
            shelf.remove(gone)
            // What a crash leaves between these two is removed again.
            for name in gone { try db.execute(cached: "DELETE FROM fileGone WHERE name = ?", arguments: [name]) }
        }
    }

    /// Removes what a crash has left in the folder of files. Done at each opening for writing.
    func sweepFiles() throws {
        try shelf.sweep { try read(Self.namedCopies) }
        guard shelf.isInUse else { return }
        try write(.normal, touching: .nothing) { _ in }
    }

    /// The copies that a row names.
    static func namedCopies(_ db: Database) throws -> Set<String> {
        Set(
            try String.fetchAll(
                db,
                cached: """
                    SELECT copy FROM attachment WHERE copy IS NOT NULL
                    UNION SELECT thumbnailCopy FROM attachment WHERE thumbnailCopy IS NOT NULL
                    """))
    }
}

internal import Foundation
internal import Synchronization

/// The folder of files beside a store: the bytes of what is to be sent, and of what was fetched.
///
/// A copy's name is random, written once and never changed. A row of `attachment` names it; whatever no row names is left over from
/// a crash, and the next opening for writing removes it.
final class FileShelf: Sendable {
    /// Its path. It is made when the first file comes.
    let folder: String
    private let isTemporary: Bool
    private let isThere: Mutex<Bool>

    /// `nil`: of a store in memory, gone with it.
    init(besides store: String?) {
        isTemporary = store == nil
        folder =
            store.map { $0 + "-files" }
            ?? FileManager.default.temporaryDirectory.appendingPathComponent("tidemark-files-\(UUID().uuidString)").path
        isThere = Mutex(!isTemporary && FileStatus(folder)?.isFolder == true)
    }

    deinit {
        close()
    }

    /// Whether this process has seen it: without it there is nothing to remove.
    var isInUse: Bool { isThere.withLock { $0 } }

    /// The folder of a store in memory goes.
    func close() {
        guard isTemporary, isInUse else { return }
        try? FileManager.default.removeItem(atPath: folder)
        isThere.withLock { $0 = false }
    }

    func path(of copy: String) -> String { "\(folder)/\(copy)" }

    /// A new name. What follows the last dot of a file's own name is kept, so that other programs know what it is.
    func newName(for name: String) -> String {
        let ending = (name as NSString).pathExtension.lowercased()
        let isPlain = (1...10).contains(ending.utf8.count) && ending.utf8.allSatisfy { Self.plain.contains($0) }
        return UUID().uuidString.lowercased() + (isPlain ? ".\(ending)" : "")
    }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyz0123456789".utf8)

    /// Makes the folder if there is none, and sees to it that it stays.
    func prepare() throws {
        guard FileStatus(folder)?.isFolder != true else { return isThere.withLock { $0 = true } }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            // Another process may have made it just now.
            guard FileStatus(folder)?.isFolder == true else {
                throw StoreError(
                    .cannotOpen, "The folder \(folder) can't be made; check the permissions and the room beside the store.")
            }
        }
        StoreFile.excludeFromBackup(folder)
        isThere.withLock { $0 = true }
        if !isTemporary { try FileCopy.sync(folder: (folder as NSString).deletingLastPathComponent) }
    }

    /// Nothing is swept away while this is held: copies that no row names yet may be there. It ends with the process at the latest.
    func hold() throws -> FileHold {
        try prepare()
        guard let hold = FileHold(folder, isExclusive: false) else {
            throw StoreError(.cannotOpen, "The folder \(folder) can't be used; check its permissions.")
        }
        return hold
    }

    func remove(_ copies: [String]) {
        for copy in copies where Self.isName(copy) { try? FileManager.default.removeItem(atPath: path(of: copy)) }
    }

    /// Removes what is not named. Does nothing while somebody holds the folder: the next opening finds it.
    func sweep(keeping named: () throws -> Set<String>) rethrows {
        guard isInUse, let hold = FileHold(folder, isExclusive: true) else { return }
        defer { hold.end() }
        // The names are read while nobody adds any.
        let kept = try named()
        let found = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        remove(found.filter { !kept.contains($0) })
    }

    /// What is in it, without what is its own.
    func names() -> [String] {
        guard isInUse else { return [] }
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter(Self.isName).sorted()
    }

    /// What is in it and is not named. Nothing is told while somebody takes files in: copies that no row names yet may be there.
    func strays(notIn named: () throws -> Set<String>) rethrows -> [String] {
        guard isInUse else { return [] }
        let hold = FileHold(folder, isExclusive: true, mayCreate: false)
        defer { hold?.end() }
        guard hold != nil || FileStatus(folder + "/.hold") == nil else { return [] }
        let kept = try named()
        return names().filter { !kept.contains($0) }
    }

    /// The folder goes with all that is in it. False: somebody takes files in, or it can't be removed.
    func removeAll() -> Bool {
        guard FileStatus(folder) != nil else { return true }
        guard let hold = FileHold(folder, isExclusive: true) else { return false }
        defer { hold.end() }
        try? FileManager.default.removeItem(atPath: folder)
        guard FileStatus(folder) == nil else { return false }
        isThere.withLock { $0 = false }
        return true
    }

    /// Names come from the store's rows, which a damaged or foreign file may hold: none leads out of the folder.
    static func isName(_ copy: String) -> Bool {
        !copy.isEmpty && !copy.contains("/") && !copy.hasPrefix(".")
    }
}

internal import Foundation

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// What the file system says of a path.
struct FileStatus: Hashable, Sendable {
    var isFolder: Bool
    var isRegular: Bool
    var size: Int64
    var identity: FileIdentity
    var modifiedSeconds: Int64
    var modifiedNanoseconds: Int64

    /// `nil`: nothing is there, or nothing that may be looked at.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        isFolder = status.st_mode & S_IFMT == S_IFDIR
        isRegular = status.st_mode & S_IFMT == S_IFREG
        size = Int64(status.st_size)
        identity = FileIdentity(device: Int64(truncatingIfNeeded: status.st_dev), inode: Int64(truncatingIfNeeded: status.st_ino))
        #if canImport(Darwin)
        modifiedSeconds = Int64(status.st_mtimespec.tv_sec)
        modifiedNanoseconds = Int64(status.st_mtimespec.tv_nsec)
        #else
        modifiedSeconds = Int64(status.st_mtim.tv_sec)
        modifiedNanoseconds = Int64(status.st_mtim.tv_nsec)
        #endif
    }
}

/// Which file it is, whatever its name: a copy or a restored backup is another one (R16).
struct FileIdentity: Hashable, Sendable {
    var device: Int64
    var inode: Int64
}

/// A file and what SQLite keeps beside it, to notice that somebody begins to write.
struct FileWatch: Hashable, Sendable {
    let path: String
    private let main: FileStatus?
    private let log: FileStatus?

    init(_ path: String) {
        self.path = path
        main = FileStatus(path)
        log = FileStatus(path + "-wal")
    }

    var hasChanged: Bool { FileWatch(path) != self }
}

/// The file system's own steps of opening.
enum StoreFile {
    /// Makes an empty file that only its owner may read. False: somebody else just made it.
    static func create(_ path: String) throws -> Bool {
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            switch errno {
            case EEXIST: return false
            case EACCES, EPERM, EROFS:
                throw StoreError(.readOnly, "The folder of \(path) can't be written; change its permissions or name another.")
            case ENOSPC, EDQUOT:
                throw StoreError(.diskFull, "The disk is full; \(path) was not made. Make room and try again.")
            default:
                throw StoreError(.cannotOpen, "\(path) can't be made (\(String(cString: strerror(errno)))); choose another path.")
            }
        }
        _ = close(descriptor)
        return true
    }

    static func mayWrite(_ path: String) -> Bool { access(path, W_OK) == 0 }
    static func mayRead(_ path: String) -> Bool { access(path, R_OK) == 0 }

    /// A folder of one's own for a copy.
    static func makeTemporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tidemark-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError(.cannotOpen, "A temporary copy of the store can't be made; check the temporary folder.")
        }
        return folder
    }

    /// A store must not come back from a backup as if nothing had been sent since (R16).
    static func excludeFromBackup(_ path: String) {
        #if canImport(Darwin)
        var url = URL(fileURLWithPath: path)
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        try? url.setResourceValues(values)
        #endif
    }
}

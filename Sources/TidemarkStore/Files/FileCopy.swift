internal import Foundation

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Copies one file into the store's folder: as a clone that shares its bytes where the file system has such, else piece by piece.
enum FileCopy {
    struct Result {
        var size: Int64
        var digest: String
    }

    private static let pieceBytes = 1 << 20

    /// Durable when it returns, except for the folder's own entry. What fails leaves nothing behind. `limit`: in bytes.
    static func copy(_ path: String, to target: String, limit: Int64) throws -> Result {
        let source = try openSource(path, limit: limit)
        defer { _ = close(source) }
        do {
            let copy = try clone(source, target)
            defer { _ = close(copy.descriptor) }
            let result = try read(
                from: copy.isClone ? copy.descriptor : source, writeTo: copy.isClone ? nil : copy.descriptor, limit)
            try sync(copy.descriptor)
            guard result.size > 0 else { throw empty(path) }
            return result
        } catch {
            unlink(target)
            throw error
        }
    }

    /// Makes an entry of a folder durable.
    static func sync(folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("The folder \(folder) can't be opened") }
        defer { _ = close(descriptor) }
        // Some file systems have no such thing for folders.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure("The folder \(folder) can't be synced") }
    }

    /// Makes the bytes of a file durable.
    static func sync(file path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("A fetched file can't be opened") }
        defer { _ = close(descriptor) }
        try sync(descriptor)
    }

    private static func sync(_ descriptor: CInt) throws {
        #if canImport(Darwin)
        if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
        #endif
        guard fsync(descriptor) == 0 else { throw failure("The copy of a file can't be synced") }
    }

    private static func openSource(_ path: String, limit: Int64) throws -> CInt {
        // A pipe that nobody writes to must not hold the call.
        let source = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard source >= 0 else {
            throw StoreError(
                .invalidArgument,
                "The file \(path) can't be read (\(String(cString: strerror(errno)))); nothing was sent. Check the path and permissions."
            )
        }
        var status = stat()
        guard fstat(source, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            _ = close(source)
            throw StoreError(.invalidArgument, "\(path) is no ordinary file; nothing was sent. Name a file.")
        }
        do {
            guard status.st_size > 0 else { throw empty(path) }
            guard Int64(status.st_size) <= limit else { throw tooLarge(Int64(status.st_size), limit) }
        } catch {
            _ = close(source)
            throw error
        }
        return source
    }

    private static func clone(_ source: CInt, _ target: String) throws -> (descriptor: CInt, isClone: Bool) {
        #if canImport(Darwin)
        if fclonefileat(source, AT_FDCWD, target, 0) == 0 {
            let descriptor = open(target, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { throw failure("The copy of a file can't be opened") }
            _ = fchmod(descriptor, 0o600)
            return (descriptor, true)
        }
        #endif
        let descriptor = open(target, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("A copy of a file can't be made") }
        #if canImport(Glibc)
        if ioctl(descriptor, ficlone, source) == 0 { return (descriptor, true) }
        #endif
        return (descriptor, false)
    }

    /// `FICLONE` of Linux, a macro that Swift does not see.
    private static let ficlone: UInt = 0x4004_9409

    private static func read(from source: CInt, writeTo target: CInt?, _ limit: Int64) throws -> Result {
        var digest = FileDigest()
        var size: Int64 = 0
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
        defer { piece.deallocate() }
        while true {
            #if canImport(Darwin)
            let count = Darwin.read(source, piece.baseAddress, pieceBytes)
            #elseif canImport(Musl)
            let count = Musl.read(source, piece.baseAddress, pieceBytes)
            #else
            let count = Glibc.read(source, piece.baseAddress, pieceBytes)
            #endif
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("The file can't be read to its end") }
            guard count > 0 else { return Result(size: size, digest: digest.text) }
            // It may grow while it is read.
            size += Int64(count)
            guard size <= limit else { throw tooLarge(size, limit) }
            let bytes = UnsafeRawBufferPointer(rebasing: piece[..<count])
            digest.add(bytes)
            if let target { try write(bytes, to: target) }
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to target: CInt) throws {
        var rest = bytes
        while !rest.isEmpty {
            #if canImport(Darwin)
            let count = Darwin.write(target, rest.baseAddress, rest.count)
            #elseif canImport(Musl)
            let count = Musl.write(target, rest.baseAddress, rest.count)
            #else
            let count = Glibc.write(target, rest.baseAddress, rest.count)
            #endif
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("The copy of a file can't be written") }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    // MARK: Errors

    private static func empty(_ path: String) -> StoreError {
        StoreError(.invalidArgument, "The file \(path) is empty; nothing was sent. Name a file that holds something.")
    }

    static func tooLarge(_ size: Int64, _ limit: Int64) -> StoreError {
        StoreError(
            .invalidArgument, "The file has \(size) bytes and the service takes \(limit); nothing was sent. Send a smaller one.")
    }

    private static func failure(_ what: String) -> StoreError {
        let number = errno
        if number == ENOSPC || number == EDQUOT {
            return StoreError(.diskFull, "The disk is full; nothing was sent. Make room and try again.")
        }
        return StoreError(.cannotOpen, "\(what) (\(String(cString: strerror(number)))); nothing was changed. Check the disk.")
    }
}

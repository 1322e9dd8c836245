import Foundation
import Testing
import TidemarkModel

@testable import TidemarkStore

/// A store that lets go of its file for a while.
@Suite(.timeLimit(.minutes(1))) struct SuspendTests {
    private let folder: URL
    private var path: String { folder.appendingPathComponent("chat.sqlite").path }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("tidemark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func open() async throws -> MessageStore {
        let store = try await MessageStore.open(path)
        if try store.accounts().isEmpty {
            try store.addAccount("me", service: "test", identity: "me", at: Timestamp(milliseconds: 0))
        }
        return store
    }

    @discardableResult
    private func create(_ topic: String, in store: MessageStore) throws -> Enqueued {
        var generator = SeededGenerator(seed: UInt64(topic.utf8.count))
        return try store.enqueue(
            .createConversation(topic: topic, participants: []), token: Token(topic),
            Scope(account: try store.account("me").id, traits: Self.traits, identity: "me"), Moment(milliseconds: 1),
            using: &generator)
    }

    private static let traits = ServiceTraits(service: "test", lostAnswers: [.createConversation: .blind])

    private func topics(_ store: MessageStore) throws -> Set<String> {
        Set(try store.account("me").conversations().get().map(\.topic))
    }

    #if os(Linux)
    /// What the kernel says of locks on the files beside the store, and which of them this process has open.
    private func held() throws -> (locks: Int, files: Int) {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let inodes = Set(
            try files.map { file in
                let attributes = try FileManager.default.attributesOfItem(atPath: folder.appendingPathComponent(file).path)
                return (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
            })
        let table = try String(contentsOfFile: "/proc/locks", encoding: .utf8)
        let locks = table.split(separator: "\n").filter { line in
            let fields = line.split(separator: " ")
            guard let place = fields.first(where: { $0.split(separator: ":").count == 3 }),
                let inode = place.split(separator: ":").last.flatMap({ UInt64($0) })
            else { return false }
            return inodes.contains(inode)
        }
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter { number in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)"))?.hasPrefix(folder.path)
                ?? false
        }
        return (locks.count, open.count)
    }

    @Test func `a suspended store holds no lock and has no file open, by the kernel's own table`() async throws {
        let store = try await open()
        try create("before", in: store)
        var updates = try store.account("me").conversations().updates().makeAsyncIterator()
        _ = try await updates.next()
        let before = try held()
        #expect(before.locks > 0 && before.files > 0)
        try store.suspend()
        let during = try held()
        #expect(during.locks == 0 && during.files == 0)
        try store.resume()
        #expect(try topics(store) == ["before"])
        try create("after", in: store)
        #expect(try topics(store) == ["before", "after"])
        try store.close()
    }
    #endif

    @Test func `calls are refused until it is resumed, and what was written stays`() async throws {
        let store = try await open()
        try create("before", in: store)
        try store.suspend()
        try store.suspend()
        for _ in 0..<2 {
            #expect(throws: StoreError.suspended) { try topics(store) }
            #expect(throws: StoreError.suspended) { try create("meanwhile", in: store) }
        }
        try store.resume()
        try store.resume()
        #expect(try topics(store) == ["before"])
        try store.close()
        #expect(throws: StoreError.closed) { try store.suspend() }
        #expect(throws: StoreError.closed) { try store.resume() }
    }

    @Test func `a store in memory keeps what is in it`() throws {
        let store = try MessageStore.inMemory()
        try store.addAccount("me", service: "test", identity: "me", at: Timestamp(milliseconds: 0))
        try create("before", in: store)
        try store.suspend()
        #expect(throws: StoreError.suspended) { try topics(store) }
        try store.resume()
        #expect(try topics(store) == ["before"])
    }

    @Test func `a view waits, and shows what another program wrote meanwhile`() async throws {
        let store = try await open()
        try create("before", in: store)
        var updates = try store.account("me").conversations().updates().makeAsyncIterator()
        #expect(try await updates.next()?.map(\.topic) == ["before"])
        try store.suspend()
        let other = try await open()
        try create("meanwhile", in: other)
        try other.close()
        async let next = updates.next()
        try store.resume()
        #expect(Set(try await next?.map(\.topic) ?? []) == ["before", "meanwhile"])
        try store.close()
    }

    @Test func `a file that was taken away or replaced meanwhile is said, and it stays suspended`() async throws {
        let store = try await open()
        try store.suspend()
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        let gone = #expect(throws: StoreError.self) { try store.resume() }
        #expect(gone?.code == .cannotOpen)
        try Data("not a store at all, but long enough to look at".utf8).write(to: URL(fileURLWithPath: path))
        let other = #expect(throws: StoreError.self) { try store.resume() }
        #expect(other?.code == .notAStore)
        #expect(throws: StoreError.suspended) { try topics(store) }
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        try store.resume()
        #expect(try topics(store) == [])
        try store.close()
    }

    @Test func `a store that is suspended can be closed, and one for reading is closed instead`() async throws {
        let store = try await open()
        try store.suspend()
        try store.close()
        #expect(throws: StoreError.closed) { try store.resume() }
        let reading = try await MessageStore.open(path, mode: .readOnly)
        let refused = #expect(throws: StoreError.self) { try reading.suspend() }
        #expect(refused?.code == .readOnly)
        try reading.close()
    }
}

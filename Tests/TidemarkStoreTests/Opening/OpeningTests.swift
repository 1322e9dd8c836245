import Foundation
import GRDB
import Testing
import TidemarkModel
import TidemarkSchema

@testable import TidemarkStore

/// Everything is checked before anything is changed.
struct OpeningTests {
    let folder: TemporaryFolder
    var path: String { folder.path("store.sqlite") }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func failure(_ path: String, _ mode: OpeningMode) async -> StoreError? {
        do {
            _ = try await MessageStore.open(path, mode: mode)
            return nil
        } catch {
            return error as? StoreError
        }
    }

    private func make() async throws -> ConversationID {
        let fixture = try ViewFixture(store: await MessageStore.open(path))
        let trip = try fixture.conversation()
        try fixture.message(trip, at: 10, "hello")
        try fixture.store.close()
        return trip
    }

    @Test func `a new store is made private, in WAL mode, and is found again`() async throws {
        let store = try await MessageStore.open(path)
        try store.addAccount("me", service: "azure")
        #expect(try store.read { db in try String.fetchOne(db, sql: "PRAGMA journal_mode") } == "wal")
        #expect(try store.isAdopted)
        let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(permissions == 0o600)
        try store.close()
        let again = try await MessageStore.open(path, mode: .readWrite)
        #expect(try again.accounts().map(\.name) == ["me"])
        #expect(try again.isAdopted)
    }

    @Test(arguments: [OpeningMode.readOnly, .readWrite])
    func `only creating makes a file`(mode: OpeningMode) async throws {
        let error = await failure(path, mode)
        #expect(error?.code == .cannotOpen)
        #expect(error?.description.contains("account add") == true)
        #expect(try folder.contents.isEmpty)
    }

    @Test(arguments: [OpeningMode.readOnly, .readWrite, .create])
    func `a missing folder or a folder in place of a file is said`(mode: OpeningMode) async throws {
        #expect(await failure(folder.path("nowhere/store.sqlite"), mode)?.code == .cannotOpen)
        let error = await failure(folder.url.path, mode)
        #expect(error?.code == .cannotOpen)
        #expect(error?.description.contains("is a folder") == true)
        #expect(try folder.contents.isEmpty)
    }

    @Test func `a folder that can't be written is said`() async throws {
        // Nobody, not even root, makes files there.
        let error = await failure("/proc/store.sqlite", .create)
        #expect(error?.code == .readOnly || error?.code == .cannotOpen)
    }

    @Test(
        arguments: [OpeningMode.readOnly, .readWrite, .create],
        ["", "hello", String(repeating: "not a database ", count: 100), "SQLite format 3\0"])
    func `a file that is not SQLite stays as it is`(mode: OpeningMode, content: String) async throws {
        try Data(content.utf8).write(to: URL(fileURLWithPath: path))
        let before = try folder.contents
        let error = await failure(path, mode)
        if content.isEmpty, mode == .create {
            // What a making that was cut off leaves behind.
            #expect(error == nil)
        } else {
            #expect(error?.code == .notAStore)
            #expect(try folder.contents == before)
        }
    }

    @Test(arguments: [OpeningMode.readOnly, .readWrite, .create], ["delete", "wal"])
    func `another program's SQLite file stays as it is`(mode: OpeningMode, journal: String) async throws {
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = \(journal); CREATE TABLE note (text TEXT)")
        }
        try queue.close()
        let before = try folder.contents
        let error = await failure(path, mode)
        #expect(error?.code == .notAStore)
        #expect(try folder.contents == before)
    }

    @Test(arguments: [OpeningMode.readOnly, .readWrite, .create], [true, false])
    func `a newer store stays as it is`(mode: OpeningMode, isInLog: Bool) async throws {
        _ = try await make()
        let other = try DatabaseQueue(path: path)
        try await other.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA user_version = \(Schema.version + 1)") }
        if !isInLog { try other.close() }
        let before = try folder.contents
        let error = await failure(path, mode)
        #expect(error?.code == .newerStore)
        #expect(error?.description.contains("newer version") == true)
        let after = try folder.contents
        #expect(after["store.sqlite"] == before["store.sqlite"])
        #expect(after["store.sqlite-wal"] == before["store.sqlite-wal"])
        try other.close()
    }

    @Test func `looking at a closed store leaves nothing behind`() async throws {
        let trip = try await make()
        let before = try folder.contents
        #expect(before.keys.sorted() == ["store.sqlite"])
        let store = try await MessageStore.open(path, mode: .readOnly)
        #expect(try store.timeline(of: trip).get().entries.map(\.text) == ["hello"])
        _ = try store.info(at: Timestamp(milliseconds: 0))
        #expect(try store.isAdopted)
        try store.close()
        #expect(try folder.contents == before)
    }

    @Test func `looking at a store that is being written sees the newest and changes no byte of it`() async throws {
        let trip = try await make()
        let writer = try await MessageStore.open(path, mode: .readWrite)
        try writer.write(.normal) { db in try db.execute(sql: "UPDATE message SET text = 'in the log'") }
        let before = try folder.contents
        let reader = try await MessageStore.open(path, mode: .readOnly)
        #expect(try reader.timeline(of: trip).get().entries.map(\.text) == ["in the log"])
        try reader.close()
        let after = try folder.contents
        #expect(after["store.sqlite"] == before["store.sqlite"])
        #expect(after["store.sqlite-wal"] == before["store.sqlite-wal"])
        try writer.close()
    }

    @Test func `a store that was taken for closed is read anew when somebody writes`() async throws {
        let trip = try await make()
        let reader = try await MessageStore.open(path, mode: .readOnly)
        #expect(try reader.timeline(of: trip).get().entries.map(\.text) == ["hello"])
        let writer = try await MessageStore.open(path, mode: .readWrite)
        try writer.write(.normal) { db in try db.execute(sql: "UPDATE message SET text = 'new'") }
        #expect(try reader.timeline(of: trip).get().entries.map(\.text) == ["new"])
        try writer.close()
        #expect(try reader.timeline(of: trip).get().entries.map(\.text) == ["new"])
    }

    @Test func `what a killed program left in the log is seen`() async throws {
        let trip = try await make()
        let writer = try await MessageStore.open(path, mode: .readWrite)
        try writer.write(.full) { db in try db.execute(sql: "UPDATE message SET text = 'durable'") }
        // The files as a kill leaves them, without and with the index of the log.
        let left = try TemporaryFolder()
        for (name, bytes) in try folder.contents where !name.hasSuffix("-shm") {
            try bytes.write(to: URL(fileURLWithPath: left.path(name)))
        }
        try writer.close()
        let copy = left.path("store.sqlite")
        let main = try left.contents["store.sqlite"]
        let reader = try await MessageStore.open(copy, mode: .readOnly)
        #expect(try reader.timeline(of: trip).get().entries.map(\.text) == ["durable"])
        try reader.close()
        #expect(try left.contents["store.sqlite"] == main)
        let store = try await MessageStore.open(copy, mode: .readWrite)
        #expect(try store.timeline(of: trip).get().entries.map(\.text) == ["durable"])
        #expect(try store.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check") } == "ok")
    }

    @Test func `a store opened for reading refuses to write`() async throws {
        _ = try await make()
        let store = try await MessageStore.open(path, mode: .readOnly)
        #expect { try store.addAccount("b", service: "azure") } throws: { ($0 as? StoreError)?.code == .readOnly }
    }

    @Test func `a copy is paused until it is adopted, and the original is not`() async throws {
        _ = try await make()
        let copy = folder.path("copy.sqlite")
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        let looking = try await MessageStore.open(copy, mode: .readOnly)
        #expect(try !looking.isAdopted)
        try looking.close()
        let store = try await MessageStore.open(copy, mode: .readWrite)
        #expect(try !store.isAdopted)
        #expect(try store.account().journal(.since(Timestamp(milliseconds: 0))).get().map(\.kind) == ["paused"])
        try store.close()
        // It stays so, and once adopted it is bound to its own file.
        let again = try await MessageStore.open(copy, mode: .readWrite)
        #expect(try !again.isAdopted)
        try again.write(.full) { db in try db.execute(sql: "UPDATE store SET isAdopted = 1") }
        try again.close()
        #expect(try await MessageStore.open(copy, mode: .readWrite).isAdopted)
        #expect(try await MessageStore.open(path, mode: .readWrite).isAdopted)
    }

    @Test func `after closing every call throws closed`() async throws {
        let trip = try await make()
        let store = try await MessageStore.open(path)
        let timeline = try store.timeline(of: trip)
        try store.close()
        try store.close()
        let calls: [() throws -> Void] = [
            { _ = try timeline.get() }, { _ = try store.accounts() }, { try store.addIdentity("8:x") },
            { _ = try store.info(at: Timestamp(milliseconds: 0)) }, { _ = try store.isAdopted },
        ]
        for call in calls {
            #expect(throws: StoreError.closed) { try call() }
        }
    }

    @Test func `a full disk is said and changes nothing`() async throws {
        let fixture = try ViewFixture(store: await MessageStore.open(path))
        let trip = try fixture.conversation()
        try fixture.store.connection.using { writer in
            try writer.writeWithoutTransaction { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                try db.execute(sql: "PRAGMA max_page_count = \(pages)")
            }
        }
        let text = String(repeating: "x", count: 1 << 20)
        #expect { try fixture.message(trip, at: 10, text) } throws: { error in
            (error as? StoreError)?.code == .diskFull && !"\(error)".contains("xxx")
        }
        #expect(try fixture.texts(trip).isEmpty)
    }

    @Test func `doctor learns what the store is`() async throws {
        _ = try await make()
        let store = try await MessageStore.open(path)
        _ = try store.acquireLease(
            account: try store.account().id, holder: "host/1", moment: Moment(milliseconds: 1000), duration: .seconds(30))
        let info = try store.info(at: Timestamp(milliseconds: 2000))
        #expect(info.schemaVersion == Schema.version)
        #expect(info.rows["message"] == 1)
        #expect(info.accounts.map(\.leaseHolder) == ["host/1"])
        #expect(info.accounts.map(\.messages) == [1])
        #expect(info.size > 0)
        #expect(info.sqliteVersion.hasPrefix("3."))
        #expect(try store.info(at: Timestamp(milliseconds: 40_000)).accounts.map(\.leaseHolder) == [nil])
    }

    @Test(arguments: [
        ("3.37.2", true, "THREADSAFE=1", false), ("3.38.0", true, "THREADSAFE=1", true), ("3.9.9", true, "", false),
        ("4.0", true, "", true), ("3.40.1", false, "", false), ("3.40.1", true, "THREADSAFE=0", false),
    ])
    func `an unsuitable SQLite is refused`(version: String, hasSearch: Bool, option: String, isFine: Bool) {
        let suitability = SQLiteSuitability(version: version, options: [option], hasFullTextSearch: hasSearch)
        if isFine {
            #expect(throws: Never.self) { try suitability.check() }
        } else {
            #expect { try suitability.check() } throws: { ($0 as? StoreError)?.code == .unsuitableSQLite }
        }
    }
}

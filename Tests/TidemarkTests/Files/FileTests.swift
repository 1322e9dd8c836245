import Foundation
import Synchronization
import Testing
import TidemarkModel
import TidemarkStore

@testable import Tidemark

/// Files through the real engine: they leave before their message, are seen on their way, and can be had again.
@Suite(.timeLimit(.minutes(1))) struct FileTests {
    private let service = FileService()
    private let store: MessageStore
    private let engine: SyncEngine
    private let trip: ConversationID
    private let path: String

    init() async throws {
        store = try MessageStore.inMemory()
        var configuration = SyncConfiguration()
        configuration.uploadProgressInterval = .milliseconds(1)
        configuration.confirmAfter = .milliseconds(50)
        engine = try SyncEngine(store: store, service: service, configuration: configuration)
        trip = try await engine.createConversation(topic: "Trip", with: [Participant(id: "bob")]).conversation
        path = FileManager.default.temporaryDirectory.appendingPathComponent("tidemark-\(UUID().uuidString).png").path
        try Data("a picture".utf8).write(to: URL(fileURLWithPath: path))
    }

    /// Attaches the file, which is gone when it returns.
    private func send(_ text: String = "look") async throws -> Enqueued {
        let sent = try await engine.send(text, to: trip, files: [FileToSend(path: path, contentType: "image/png")])
        try FileManager.default.removeItem(atPath: path)
        return sent
    }

    private func entry(_ sent: Enqueued) throws -> TimelineEntry {
        try engine.account.message(try #require(sent.message)).get().entry
    }

    private var copies: [String] {
        get throws {
            let local = try engine.account.timeline(of: trip).get().entries.flatMap(\.attachments).compactMap(\.localPath)
            return local.filter { FileManager.default.fileExists(atPath: $0) }
        }
    }

    @Test func `a message arrives with its file, and its answer with its name`() async throws {
        let sent = try await send()
        let answer = try await engine.send("at this", to: trip, replyTo: sent.message)
        #expect(try await engine.syncOnce(deadline: .seconds(20)).ending == .complete)
        let messages = service.state.withLock { $0.plain.threads[0].messages.filter { !$0.text.isEmpty } }
        #expect(messages.map(\.text) == ["look", "at this"])
        let key = try #require(messages.first?.files?.first)
        #expect(service.state.withLock { $0.files[key] } == Array("a picture".utf8))
        #expect(messages.last?.replyTo == messages.first.map { String($0.id) })
        let entry = try entry(sent)
        #expect(entry.state == .confirmed && entry.attachments.first?.state == .remote)
        #expect(entry.attachments.first?.sentBytes == 9)
        #expect(try self.entry(answer).replyTo == sent.message)
        // What was sent is here.
        let path = try await engine.file(of: try #require(entry.attachments.first?.id))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "a picture")
        #expect(service.state.withLock { $0.downloads } == 0)
    }

    @Test func `a view sees how far it is, and discarding the message cuts it off`() async throws {
        let (isCutOff, never) = (Signal(), Signal())
        service.state.withLock { state in
            state.duringUpload = { progress in
                progress(5)
                defer { isCutOff.tell() }
                try await never.wait()
            }
        }
        let sent = try await send()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            for try await timeline in engine.account.timeline(of: trip).updates() {
                let file = timeline.entries.first { $0.id == sent.message }?.attachments.first
                if file?.sentBytes == 5, file?.state == .uploading { break }
            }
            #expect(try entry(sent).state == .waiting)
            try await engine.discard(sent.intent)
            try await isCutOff.wait()
            group.cancelAll()
        }
        #expect(try engine.account.outbox().get().isEmpty)
        #expect(try !engine.account.timeline(of: trip).get().entries.contains { $0.id == sent.message })
        #expect(service.state.withLock { !$0.plain.threads.flatMap(\.messages).contains { $0.text == "look" } })
    }

    @Test func `cancelling the run cuts it off, and the next one repeats it`() async throws {
        let (begun, never) = (Signal(), Signal())
        service.state.withLock { state in
            state.duringUpload = { _ in
                begun.tell()
                try await never.wait()
            }
        }
        let sent = try await send()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            try await begun.wait()
            group.cancelAll()
        }
        #expect(try entry(sent).state == .waiting)
        service.state.withLock { $0.duringUpload = nil }
        #expect(try await engine.syncOnce(deadline: .seconds(30)).ending == .complete)
        #expect(try entry(sent).state == .confirmed)
        #expect(service.state.withLock { $0.uploads } == 2)
    }

    @Test func `a file does not hold up another conversation`() async throws {
        let (begun, go) = (Signal(), Signal())
        service.state.withLock { state in
            state.duringUpload = { _ in
                begun.tell()
                try await go.wait()
            }
        }
        let sent = try await send()
        let other = try await engine.createConversation(topic: "Other", with: [Participant(id: "bob")]).conversation
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            try await begun.wait()
            let plain = try await engine.send("meanwhile", to: other)
            for try await message in engine.account.message(try #require(plain.message)).updates()
            where message.entry.state == .sent || message.entry.state == .confirmed { break }
            #expect(try entry(sent).attachments.first?.state == .uploading)
            go.tell()
            for try await message in engine.account.message(try #require(sent.message)).updates()
            where message.entry.state == .confirmed { break }
            group.cancelAll()
        }
    }

    @Test func `a copy that is gone parks its upload with words`() async throws {
        let sent = try await send()
        let copy = try #require(try entry(sent).attachments.first?.localPath)
        try FileManager.default.removeItem(atPath: copy)
        #expect(try await engine.syncOnce(deadline: .seconds(5)).ending == .needsPerson)
        let upload = try #require(try engine.account.outbox().get().first { $0.verb == .upload })
        #expect(upload.state == .parked(.invalid) && upload.detail?.contains("copy") == true)
        #expect(try entry(sent).problem == .invalid)
        #expect(service.state.withLock { $0.uploads } == 0)
    }

    // MARK: Having one

    /// A message of bob's with a file, which is not here.
    private func received() async throws -> AttachmentID {
        _ = try await engine.syncOnce(deadline: .seconds(20))
        service.state.withLock { state in
            state.files["bob's"] = Array("from bob".utf8)
            state.plain.post("see", by: "bob", in: 0, at: 0) { $0.files = ["bob's"] }
        }
        try engine.refresh()
        _ = try await engine.syncOnce(deadline: .seconds(20))
        return try #require(try engine.account.timeline(of: trip).get().entries.last?.attachments.first?.id)
    }

    @Test func `a file of others is fetched once, and is here after that`() async throws {
        let id = try await received()
        #expect(try copies.isEmpty)
        let path = try await engine.file(of: id)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "from bob")
        #expect(try copies == [path])
        let again = try await engine.file(of: id)
        #expect(again == path && service.state.withLock { $0.downloads } == 1)
    }

    @Test func `calls for one file share one download`() async throws {
        let id = try await received()
        let go = Signal()
        service.state.withLock { state in state.duringDownload = { try await go.wait() } }
        let paths = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<4 { group.addTask { try await engine.file(of: id) } }
            while engine.downloads.waiting(for: id) < 3 { await Task.yield() }
            go.tell()
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(paths.count == 1 && service.state.withLock { $0.downloads } == 1)
    }

    @Test func `when who fetches it gives up, the next one takes over, and nothing is left of the first`() async throws {
        let id = try await received()
        let (begun, never) = (Signal(), Signal())
        service.state.withLock { state in
            state.duringDownload = {
                begun.tell()
                try await never.wait()
            }
        }
        let first = Task { try await engine.file(of: id) }
        try await begun.wait()
        let second = Task { try await engine.file(of: id) }
        while engine.downloads.waiting(for: id) < 1 { await Task.yield() }
        service.state.withLock { $0.duringDownload = nil }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        let path = try await second.value
        #expect(try copies == [path])
        let folder = (path as NSString).deletingLastPathComponent
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != ".hold" }.count == 1)
    }

    @Test func `what the service refuses is thrown, and nothing is left`() async throws {
        let id = try await received()
        service.state.withLock { $0.files = [:] }
        await #expect { try await engine.file(of: id) } throws: { ($0 as? ServiceError)?.code == .notFound }
        await #expect { try await engine.file(of: AttachmentID(99)) } throws: { ($0 as? StoreError)?.code == .notFound }
        #expect(try copies.isEmpty)
    }
}

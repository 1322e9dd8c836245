import Foundation
import Testing
import TidemarkModel

@testable import TidemarkStore

/// A program that dies at any step of taking a file in leaves a store that has all of the message or nothing, and no file that no row
/// names once it is opened again.
@Suite struct FileCrashTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path("chat.sqlite") }

    init() throws {
        folder = try TemporaryFolder()
        try Data("bytes".utf8).write(to: URL(fileURLWithPath: folder.path("a.png")))
    }

    private func open() async throws -> (store: MessageStore, scope: Scope) {
        let store = try await MessageStore.open(path)
        if try store.accounts().isEmpty {
            try store.addAccount("me", service: "avaya", identity: OutboxWorld.me, at: Timestamp(milliseconds: 0))
            var generator = CountingGenerator()
            _ = try store.enqueue(
                .createConversation(topic: "Trip", participants: []), token: nil, scope(store), Moment(milliseconds: 1),
                using: &generator)
        }
        return (store, scope(store))
    }

    private func scope(_ store: MessageStore) -> Scope {
        Scope(account: 1, traits: .likeAvaya, identity: OutboxWorld.me)
    }

    private var copies: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: path + "-files").filter { $0 != ".hold" }
        }
    }

    private var file: FileToSend { FileToSend(path: folder.path("a.png")) }

    @Test func `killed before the message is written, the copies go with the next opening`() async throws {
        var (store, scope) = try await open()
        let kept = try store.keep([file, file], scope.traits)
        #expect(try copies.count == 2)
        // Another program opens the store meanwhile: what is being taken in stays.
        let other = try await MessageStore.open(path)
        #expect(try copies.count == 2)
        try other.close()
        // The kernel lets go of a dead program's locks.
        kept.hold.end()
        try store.close()
        (store, scope) = try await open()
        #expect(try copies.isEmpty)
        #expect(try store.account().outbox().get().map(\.verb) == [.createConversation])
        try store.close()
    }

    @Test func `killed in the middle of a copy or a download, the part goes with the next opening`() async throws {
        var (store, scope) = try await open()
        try store.shelf.prepare()
        for name in ["0b4f.png", "0b4f.png.part"] {
            try Data("by".utf8).write(to: URL(fileURLWithPath: store.shelf.path(of: name)))
        }
        try store.close()
        (store, scope) = try await open()
        #expect(try copies.isEmpty)
        try store.close()
        _ = scope
    }

    @Test func `killed after the message is written, all of it is there`() async throws {
        var (store, scope) = try await open()
        var generator = CountingGenerator()
        let send = try store.send(
            OutgoingMessage("look"), to: ConversationID(1), files: [file], token: "s", scope, Moment(milliseconds: 2),
            using: &generator)
        try store.close()
        (store, scope) = try await open()
        let entry = try #require(try store.account().timeline(of: ConversationID(1)).get().entries.first)
        #expect(entry.id == send.message && entry.state == .waiting)
        let copy = try #require(entry.attachments.first?.localPath)
        #expect(try String(contentsOfFile: copy, encoding: .utf8) == "bytes")
        #expect(copy.hasPrefix(path + "-files/"))
        #expect(try store.account().outbox().get().map(\.verb) == [.createConversation, .upload, .send])
        // What is discarded goes at once; what a crash kept from it goes with the next opening.
        try Data("left".utf8).write(to: URL(fileURLWithPath: store.shelf.path(of: "left.png")))
        try store.act(.discard, on: send.intent, scope, Moment(milliseconds: 3), using: &generator)
        #expect(try copies == ["left.png"])
        try store.close()
        (store, scope) = try await open()
        #expect(try copies.isEmpty)
        try store.close()
    }

    @Test func `an account that goes takes its files along`() async throws {
        let (store, scope) = try await open()
        var generator = CountingGenerator()
        _ = try store.send(
            OutgoingMessage("look"), to: ConversationID(1), files: [file, file], token: "s", scope, Moment(milliseconds: 2),
            using: &generator)
        #expect(try copies.count == 2)
        try store.removeAccount("me", discardingUnsent: true)
        #expect(try copies.isEmpty)
        try store.close()
    }

    @Test func `looking at a store changes nothing in its folder`() async throws {
        let (store, scope) = try await open()
        var generator = CountingGenerator()
        _ = try store.send(
            OutgoingMessage("look"), to: ConversationID(1), files: [file], token: "s", scope, Moment(milliseconds: 2),
            using: &generator)
        try Data("left".utf8).write(to: URL(fileURLWithPath: store.shelf.path(of: "left.png")))
        try store.close()
        let looking = try await MessageStore.open(path, mode: .readOnly)
        #expect(try copies.count == 2)
        #expect(try looking.account().timeline(of: ConversationID(1)).get().entries.first?.attachments.first?.localPath != nil)
        #expect { try looking.keep([file], scope.traits) } throws: { ($0 as? StoreError)?.code == .readOnly }
        try looking.close()
    }
}

import Foundation
import TidemarkModel
import Testing

@testable import TidemarkStore

/// An account of a service that takes files and answers, and a folder with some to send.
struct FileWorld {
    var world: OutboxWorld
    let folder: TemporaryFolder
    let conversation: ConversationID

    init(_ change: (inout ServiceTraits) -> Void = { _ in }) throws {
        var traits = ServiceTraits.likeAvaya
        change(&traits)
        world = try OutboxWorld(traits)
        folder = try TemporaryFolder()
        conversation = try world.conversation(high: 10)
        try world.sql("UPDATE conversation SET windowHighTime = 60")
    }

    /// A file in the user's own folder.
    func file(_ name: String = "a.png", _ bytes: String = "bytes of a picture", thumbnail: String? = nil) throws -> FileToSend {
        try Data(bytes.utf8).write(to: URL(fileURLWithPath: folder.path(name)))
        if let thumbnail { try Data("small".utf8).write(to: URL(fileURLWithPath: folder.path(thumbnail))) }
        return FileToSend(path: folder.path(name), contentType: "image/png", thumbnailPath: thumbnail.map(folder.path))
    }

    @discardableResult
    mutating func send(_ files: [FileToSend], to other: ConversationID? = nil, token: Token? = nil) throws -> Enqueued {
        try send("look", files, to: other, token: token)
    }

    @discardableResult
    mutating func send(
        _ text: String, _ files: [FileToSend], to other: ConversationID? = nil, replyTo: MessageID? = nil,
        token: Token? = nil
    ) throws -> Enqueued {
        try world.store.send(
            OutgoingMessage(text), to: other ?? conversation, files: files, replyTo: replyTo, token: token, world.scope,
            world.moment, using: &world.generator)
    }

    /// The service takes a file and names it.
    @discardableResult
    mutating func take(_ delivery: Delivery, as key: String) throws -> Settlement {
        try world.settle(delivery, .success(Acceptance(attachment: RemoteAttachment(file: RemoteFileID(key)))))
    }

    /// Sends a message with one file, up to the claim of the send.
    mutating func sending(_ text: String = "look", key: String = "k1") throws -> (send: Enqueued, delivery: Delivery) {
        let send = try send(text, [try file()])
        try take(try #require(try world.claim().first), as: key)
        return (send, try #require(try world.claim().first))
    }

    /// What is in the store's folder of files.
    var copies: [String] {
        get throws {
            let shelf = world.store.shelf
            guard shelf.isInUse else { return [] }
            return try FileManager.default.contentsOfDirectory(atPath: shelf.folder).filter { $0 != ".hold" }.sorted()
        }
    }

    func entry(_ enqueued: Enqueued) throws -> TimelineEntry {
        let entries = try world.store.timeline(of: enqueued.conversation).get().entries
        return try #require(entries.first { $0.id == enqueued.message })
    }

    func uploads(of enqueued: Enqueued) throws -> [IntentRow] {
        try world.store.read { db in
            try IntentRow.fetchAll(
                db, where: "message = ? AND verb = 'upload' ORDER BY id", arguments: [enqueued.message?.number])
        }
    }
}

extension ServiceTraits {
    /// No token comes back, files tell their sends, and there are answers.
    static var likeAvaya: ServiceTraits {
        var traits = ServiceTraits.likeAzure
        (traits.lostAnswers[.send], traits.lostAnswers[.edit]) = (.recognisable, .recognisable)
        traits.changes = .feed
        traits.attachments = AttachmentTraits(maximumBytes: 1000, maximumPerMessage: 3, identifySends: true)
        traits.replies = true
        return traits
    }
}

extension RemoteMessage {
    /// An own message with files, as a listing shows it.
    static func bearing(_ keys: [String], at place: Int64, _ text: String = "look") -> RemoteMessage {
        var message = RemoteMessage.own(place, text, sequence: place)
        message.attachments = keys.map { RemoteAttachment(file: RemoteFileID($0), name: "\($0).png", size: 18) }
        return message
    }
}

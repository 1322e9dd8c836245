import Foundation
import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// Files are the store's own before a call returns, and nothing is left of what was refused.
@Suite struct KeepingTests {
    @Test func `the copies are there when the call returns, whatever becomes of what was attached`() throws {
        var files = try FileWorld()
        let file = try files.file(thumbnail: "small.jpg")
        let send = try files.send([file])
        try FileManager.default.removeItem(atPath: file.path)
        let kept = try #require(try files.entry(send).attachments.first)
        #expect((kept.name, kept.size, kept.contentType, kept.state) == ("a.png", 18, "image/png", .queued))
        let path = try #require(kept.localPath)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "bytes of a picture")
        #expect(path.hasSuffix(".png") && kept.upload != nil)
        #expect(try files.copies.count == 2)
    }

    @Test func `a store in memory takes its files with it`() throws {
        var files = try FileWorld()
        try files.send([try files.file()])
        let folder = files.world.store.shelf.folder
        #expect(FileManager.default.fileExists(atPath: folder))
        try files.world.store.close()
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func `what can't be sent is refused with a sentence, and leaves nothing`() throws {
        var files = try FileWorld()
        let good = try files.file()
        let cases: [(files: [FileToSend], code: StoreError.Code)] = [
            ([try files.file("empty", "")], .invalidArgument),
            ([FileToSend(path: files.folder.path("missing"))], .invalidArgument),
            ([FileToSend(path: files.folder.url.path)], .invalidArgument),
            ([FileToSend(path: "/dev/null")], .invalidArgument),
            ([good, try files.file("large", String(repeating: "x", count: 1001))], .invalidArgument),
            ([good, good, good, good], .invalidArgument),
            ([FileToSend(path: good.path, name: "")], .invalidArgument),
            ([FileToSend(path: good.path, contentType: "image/\u{0}")], .invalidArgument),
            ([FileToSend(path: good.path, thumbnailPath: files.folder.path("missing"))], .invalidArgument),
        ]
        for (attached, code) in cases {
            #expect {
                try files.send(attached)
            } throws: { error in
                (error as? StoreError)?.code == code && "\(error)".hasSuffix(".")
            }
            #expect(try files.copies.isEmpty)
        }
        #expect(try files.world.number("SELECT count(*) FROM intent") == 0)
        #expect(try files.world.number("SELECT count(*) FROM attachment") == 0)
    }

    @Test func `a service without files, a conversation that is not there and a used token leave nothing`() throws {
        var files = try FileWorld { $0.attachments = nil }
        let file = try files.file()
        #expect { try files.send([file]) } throws: { ($0 as? StoreError)?.code == .notAllowed }
        files = try FileWorld()
        #expect { try files.send([file], to: ConversationID(99)) } throws: { ($0 as? StoreError)?.code == .notFound }
        try files.world.send("plain", to: files.conversation, token: "t")
        let again = try files.file()
        #expect { try files.send([again], token: "t") } throws: { ($0 as? StoreError)?.code == .tokenReused }
        #expect(try files.copies.isEmpty)
    }

    @Test func `the same token with the same files is the same message, wherever they lie`() throws {
        var files = try FileWorld()
        let first = try files.send([try files.file()], token: "t")
        try FileManager.default.createDirectory(atPath: files.folder.path("other"), withIntermediateDirectories: false)
        let moved = try files.file("other/a.png")
        #expect(try files.send([moved], token: "t") == first)
        #expect(try files.copies.count == 1)
        let (changed, renamed) = (try files.file("a.png", "bytes of a pictura"), try files.file("b.png"))
        for other in [[changed], [renamed], [moved, moved], []] {
            #expect { try files.send(other, token: "t") } throws: { ($0 as? StoreError)?.code == .tokenReused }
        }
        #expect(try files.copies.count == 1)
    }

    @Test func `the text may be empty with a file, and not without`() throws {
        var files = try FileWorld()
        let send = try files.send("", [try files.file()])
        #expect(try files.entry(send).text?.isEmpty == true)
        #expect(throws: StoreError.self) { try files.send("", []) }
        let message = try #require(send.message)
        try files.world.wish(.edit(message, text: " ", metadata: [:]))
        let plain = try files.world.send("a", to: files.conversation)
        #expect(throws: StoreError.self) { try files.world.wish(.edit(try #require(plain.message), text: "", metadata: [:])) }
    }

    @Test func `a digest tells bytes apart, however they come in pieces`() {
        func digest(_ pieces: [[UInt8]]) -> String {
            var digest = FileDigest()
            for piece in pieces { piece.withUnsafeBytes { digest.add($0) } }
            return digest.text
        }
        let bytes = (0..<100).map { UInt8($0) }
        let whole = digest([bytes])
        for cut in 0...100 { #expect(digest([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole) }
        #expect(digest(bytes.map { [$0] }) == whole)
        #expect(Set((0...100).map { digest([Array(bytes[..<$0])]) }).count == 101)
        #expect(digest([[0]]) != digest([[0, 0]]))
        var other = bytes
        other[50] ^= 1
        #expect(digest([other]) != whole)
    }
}

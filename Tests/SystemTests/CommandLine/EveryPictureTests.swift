import Foundation
import Testing

/// The pictures under `Fixtures/captures` leave no command out.
@Suite(.timeLimit(.minutes(1))) struct EveryPictureTests {
    private struct Picture {
        var words: [String]
        var isFailure: Bool
    }

    /// What was typed into each picture, and whether it went well: 3 asks for a person, 130 is Ctrl-C.
    private func pictures() throws -> [Picture] {
        let names = try FileManager.default.contentsOfDirectory(atPath: Screen.folder.path).filter { $0.hasSuffix(".txt") }
        return try names.flatMap { name -> [Picture] in
            let text = try String(contentsOf: Screen.folder.appending(path: name), encoding: .utf8)
            return "\n\(text)".components(separatedBy: "\n$ tidemark ").dropFirst().map { part in
                let line = part.prefix { $0 != "\n" }
                let isFailure = part.contains(/\n[\[(]exit \d+[\])]/) && !part.contains(/\n[\[(]exit (0|3|130)[\])]/)
                return Picture(words: line.split(separator: " ").map(String.init), isFailure: isFailure)
            }
        }
    }

    /// Its words in their order, among what it is about: `participants c1 add`.
    private func shows(_ picture: Picture, _ path: [String], isDefault: Bool) -> Bool {
        guard !picture.words.contains("--help"), picture.words.first == path.first else { return false }
        var rest = path[...]
        for word in picture.words where word == rest.first { rest = rest.dropFirst() }
        return rest.isEmpty || isDefault && picture.words == path.dropLast()
    }

    @Test func `each command is seen at work in a picture`() async throws {
        let pictures = try pictures()
        try #require(pictures.count > 100)
        try await withProgram(account: false) { program in
            let commands = try await EveryCommandTests.paths(program)
            try #require(commands.count > 35)
            for path in commands {
                let own = pictures.filter { shows($0, path, isDefault: path.last == "list") }
                #expect(!own.isEmpty, "No picture of `tidemark \(path.joined(separator: " "))`: add one to ScreenTests.")
                #expect(own.isEmpty || own.contains { !$0.isFailure }, "`tidemark \(path.joined(separator: " "))` only fails.")
            }
        }
    }

    /// A picture that nobody compares any more would stand for what is no longer so.
    @Test func `each picture is compared by a test`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let sources = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix("Tests.swift") }
        let text = try sources.map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }.joined()
        let names = try FileManager.default.contentsOfDirectory(atPath: Screen.folder.path)
        try #require(names.count > 20)
        for name in names {
            let stem = name.replacing(".txt", with: "")
            #expect(text.contains("\"\(stem)\"") || text.contains("captures/\(name)"), "\(name)")
        }
    }
}

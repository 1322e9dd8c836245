import ArgumentParser
import Foundation
import Tidemark
import TidemarkAvaya
import TidemarkAzure
import TidemarkTranscripts

/// Plays transcripts and compares the views they expect.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Play transcripts and compare what the views show with what they expect.",
        discussion: """
            Each is played in a store in memory, on virtual time and with no network. A folder means every .jsonl file in it. \
            Exit code 1: something differs; the differences are printed.

            EXAMPLE
              tidemark replay Fixtures/transcripts
            """)

    @Argument(help: ArgumentHelp("Transcripts, or folders of them.", valueName: "file"))
    var files: [String]

    @Option(help: ArgumentHelp("Play it in this file, which must not exist yet, and leave it for looking at.", valueName: "path"))
    var store: String?

    @Flag(help: "Write what the views showed into the transcripts, in place of what they expected.")
    var update = false

    @Flag(help: "Print JSON: a line each.")
    var json = false

    /// More differences of one transcript than anybody reads; `--json` has them all.
    private static let shown = 10

    func run() async throws {
        let output = Output(isJSON: json)
        let paths = try files.flatMap(Self.transcripts)
        guard store == nil || paths.count == 1 else {
            throw Failure.usage("--store keeps the store of one transcript; name one file.")
        }
        var failed = 0
        for path in paths {
            let differences = try await play(path, output)
            failed += differences.isEmpty ? 0 : 1
            if output.isJSON {
                output.json([
                    ("file", .string(path)), ("passed", .bool(differences.isEmpty)),
                    ("differences", .array(differences.map(JSONValue.string))),
                ])
            } else if !differences.isEmpty {
                output.line("\(EscapedText.line(path)):")
                for difference in differences.prefix(Self.shown) { output.line("  \(EscapedText.line(difference))") }
                if differences.count > Self.shown { output.line("  and \(differences.count - Self.shown) more") }
            }
        }
        if output.isJSON {
            output.json([("passed", .number(paths.count - failed)), ("failed", .number(failed))])
        } else {
            output.line("\(paths.count - failed) passed, \(failed) failed")
        }
        if failed > 0 { throw ExitStatus.failed }
    }

    /// What differs; empty: nothing does.
    private func play(_ path: String, _ output: Output) async throws -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.failed, code: "file", "\(path) can't be read.", hint: "Check the path.")
        }
        do {
            let transcript = try Transcript([UInt8](data))
            let outcome = try Self.player.play(transcript, in: try await storeToPlayIn())
            guard update, !outcome.differences.isEmpty else { return outcome.differences }
            let updated = Data(outcome.updating(String(decoding: data, as: UTF8.self)).utf8)
            try updated.write(to: URL(fileURLWithPath: path), options: .atomic)
            if !output.isJSON { output.line("\(EscapedText.line(path)): updated") }
            // What no expectation can say stays a difference.
            return try Self.player.play(try Transcript([UInt8](updated))).differences
        } catch let error as TranscriptError {
            return [error.description]
        }
    }

    private func storeToPlayIn() async throws -> MessageStore? {
        guard let store else { return nil }
        guard !FileManager.default.fileExists(atPath: store) else {
            throw Failure(.failed, code: "exists", "\(store) exists already; a transcript is played in a new store.")
        }
        return try await MessageStore.open(store, mode: .create)
    }

    private static func transcripts(_ path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else { return [path] }
        let found = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        let files = found.filter { $0.hasSuffix(".jsonl") }.sorted().map { path + "/" + $0 }
        guard !files.isEmpty else {
            throw Failure(.failed, code: "file", "There is no transcript in \(path).", hint: "They end in .jsonl.")
        }
        return files
    }

    private static let player = TranscriptPlayer { service, endpoint in
        switch (service, URL(string: endpoint)) {
        case ("azure", let url?): return AzureChatService.wire(endpoint: url)
        case ("avaya", let url?): return AvayaChatService.wire(endpoint: url)
        case ("avaya-guest", let url?): return AvayaChatService.wire(endpoint: url, isGuest: true)
        default:
            throw Failure(
                .failed, code: "service",
                "This build plays transcripts of azure, avaya and livekit, and this one is of \(service).")
        }
    }
}

import Foundation
import Testing

/// The built `tidemark`, run as a process of its own on a store of its own.
struct Program: Sendable {
    struct Ended: Sendable {
        var status: Int32
        var output: String
        var errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }

        /// The lines of standard output as JSON objects.
        func objects() throws -> [[String: any Sendable]] {
            try lines.map { line in try Program.object(line) }
        }

        func object() throws -> [String: any Sendable] {
            try #require(objects().first)
        }

        func failure() throws -> [String: any Sendable] {
            try Program.object(errors)
        }
    }

    let folder: URL
    /// What the account's token is read from.
    var token = "a-token-of-nobody"

    /// A new folder with nothing in it; the caller removes it.
    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tidemark-system-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func remove() {
        try? FileManager.default.removeItem(at: folder)
    }

    var store: String { folder.appending(path: "chat.sqlite").path }

    private static func object(_ text: String) throws -> [String: any Sendable] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: any Sendable])
    }

    /// The repository's.
    static var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// Beside the test bundle, where one build puts both.
    static func executable() throws -> URL {
        let places = [CommandLine.arguments.first.map { URL(filePath: $0) }, Bundle.main.executableURL, Bundle.main.bundleURL]
        let candidates = places.compactMap { $0?.deletingLastPathComponent().appending(path: "tidemark") }
        let all = candidates + [root.appending(path: ".build/debug/tidemark")]
        return try #require(
            all.first { FileManager.default.isExecutableFile(atPath: $0.path) }, "There is no built tidemark beside the tests.")
    }

    /// A store of the last schema, in which much is unsent, in doubt and parked, and whose history has gaps. Its accounts are of a
    /// service that the program only looks at, unless its account `me` is to be written to: then that is one of Azure's.
    func fillFromFixture(isWritten: Bool = false) throws {
        let stores = Self.root.appending(path: "Fixtures/stores")
        let names = try FileManager.default.contentsOfDirectory(atPath: stores.path)
        let newest = try #require(names.filter { $0.hasSuffix(".sql") }.max())
        try python(
            "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())",
            stores.appending(path: newest).path)
        guard isWritten else { return }
        let settings = #"{"endpoint":"http://127.0.0.1:1","token-env":"TIDEMARK_TEST_TOKEN"}"#
        try change("UPDATE account SET service = 'azure', settings = '\(settings)' WHERE name = 'me'")
    }

    /// Writes into the store past the program's own checks.
    func change(_ sql: String) throws {
        try python(
            "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript('PRAGMA foreign_keys = OFF;' + sys.argv[2])", sql)
    }

    private func python(_ script: String, _ argument: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, store, argument]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    func process(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = try Self.executable()
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = [
            "PATH": "/usr/bin:/bin", "TIDEMARK_STORE": store, "TIDEMARK_TEST_TOKEN": token, "TZ": "UTC", "HOME": folder.path,
        ]
        return process
    }

    /// Runs to the end. What it prints goes into files, so that no full pipe can hold it up.
    func run(_ arguments: String..., input: Data = Data()) async throws -> Ended {
        try await run(arguments, input: input)
    }

    func run(_ arguments: [String], input: Data = Data()) async throws -> Ended {
        try await run(try process(arguments), input: input)
    }

    func run(_ process: Process, input: Data = Data()) async throws -> Ended {
        let names = ["in", "out", "err"].map { folder.appending(path: "\(UUID().uuidString).\($0)") }
        try input.write(to: names[0])
        for name in names.dropFirst() { try Data().write(to: name) }
        let files = try [FileHandle(forReadingFrom: names[0])] + names.dropFirst().map { try FileHandle(forWritingTo: $0) }
        // A process of Foundation's does not, and where a thousand files are open it crashes when it starts another.
        defer { for file in files { try? file.close() } }
        (process.standardInput, process.standardOutput, process.standardError) = (files[0], files[1], files[2])
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return Ended(
            status: process.terminationStatus, output: String(decoding: try Data(contentsOf: names[1]), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: names[2]), as: UTF8.self))
    }

    /// An account whose service does not answer: port 1 of this machine.
    func addAccount(endpoint: String = "http://127.0.0.1:1") async throws {
        let added = try await run("account", "add", "me", "--endpoint", endpoint, "--token-env", "TIDEMARK_TEST_TOKEN")
        try #require(added.status == 0, "\(added.errors)")
    }
}

/// Gives a program on a new store to a test and cleans up behind it.
func withProgram(account: Bool = true, _ body: (Program) async throws -> Void) async throws {
    let program = try Program()
    defer { program.remove() }
    if account { try await program.addAccount() }
    try await body(program)
}

import Foundation
import Testing

/// `tidemark simulate --service livekit`, and bridges to it made of a shell and its TCP.
struct Room: Sendable {
    let url: String
    let apiKey: String
    let secret: String
    let absentRoom: String
    private let port: String
    private let identifier: Int32

    static func open(_ program: Program) async throws -> Room {
        let process = try program.process(["simulate", "--service", "livekit", "--port", "0"])
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = try await FirstLine.read(pipe)
        let facts = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        func text(_ name: String) throws -> String { try #require(facts[name] as? String) }
        return Room(
            url: try text("url"), apiKey: try text("apiKey"), secret: try text("apiSecret"),
            absentRoom: try text("absentRoom"), port: String(try text("hub").split(separator: ":").last ?? ""),
            identifier: process.processIdentifier)
    }

    private init(url: String, apiKey: String, secret: String, absentRoom: String, port: String, identifier: Int32) {
        self.url = url
        self.apiKey = apiKey
        self.secret = secret
        self.absentRoom = absentRoom
        self.port = port
        self.identifier = identifier
    }

    func close() {
        kill(identifier, SIGKILL)
    }

    /// A script that joins the lobby and carries lines, until its input ends.
    func bridge(as identity: String, in program: Program) throws -> String {
        let script = """
            echo '{"event":"connecting"}'
            exec 3<>/dev/tcp/127.0.0.1/\(port) || exit 1
            echo '{"room":"lobby","identity":"\(identity)"}' >&3
            echo $$ > \(identity).pid
            cat <&3 & cat >&3
            kill $!
            """
        try Data(script.utf8).write(to: program.folder.appending(path: "\(identity).sh"))
        return "exec bash \(identity).sh"
    }
}

/// What a process prints, line by line, as it comes.
final class Lines: Sendable {
    let process: Process
    private let identifier: Int32
    private let lines: AsyncStream<String>

    /// Starts it. Its errors go into a file that the caller may read later.
    init(_ process: Process, errors: URL? = nil) throws {
        self.process = process
        let pipe = Pipe()
        process.standardOutput = pipe
        try errors.map { try Data().write(to: $0) }
        let saying = try errors.map { try FileHandle(forWritingTo: $0) }
        defer { try? saying?.close() }
        process.standardError = saying ?? .nullDevice
        let (lines, told) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        try process.run()
        identifier = process.processIdentifier
        let output = pipe.fileHandleForReading
        DispatchQueue.global().async {
            var held = Data()
            while let chunk = try? output.piece(), !chunk.isEmpty {
                held += chunk
                while let end = held.firstIndex(of: UInt8(ascii: "\n")) {
                    told.yield(String(decoding: held[held.startIndex..<end], as: UTF8.self))
                    held = Data(held[held.index(after: end)...])
                }
            }
            told.finish()
        }
    }

    /// Passes over others until one comes for which this gives something.
    func first(_ holds: (String) -> Bool) async throws -> String {
        for await line in lines where holds(line) { return line }
        throw EndedEarly()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    struct EndedEarly: Error {}

    /// Sends it a signal and waits for its end.
    func stop(_ signal: Int32 = SIGINT) async -> Int32 {
        kill(identifier, signal)
        return await end()
    }

    /// Waits until it ends by itself.
    func end() async -> Int32 {
        for await _ in lines {}
        process.waitUntilExit()
        return process.terminationStatus
    }
}

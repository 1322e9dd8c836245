import Foundation
import Testing

/// `tidemark simulate --service azure` as a process of its own, until it is stopped.
final class SimulatorProcess: Sendable {
    struct Account: Sendable {
        var id: String
        var token: String
    }

    let url: String
    let accounts: [Account]
    let connectionString: String
    private let identifier: Int32

    /// Starts it and reads its first line, which says where it is and who may use it.
    static func start(_ program: Program, _ arguments: String...) async throws -> SimulatorProcess {
        let process = try program.process(["simulate", "--service", "azure", "--port", "0"] + arguments)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = try await FirstLine.read(pipe)
        return try SimulatorProcess(line, process.processIdentifier)
    }

    private init(_ line: String, _ identifier: Int32) throws {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let accounts = try #require(object["accounts"] as? [[String: Any]])
        url = try #require(object["url"] as? String)
        connectionString = object["connectionString"] as? String ?? ""
        self.accounts = accounts.compactMap { one in
            guard let id = one["id"] as? String, let token = one["token"] as? String else { return nil }
            return Account(id: id, token: token)
        }
        self.identifier = identifier
    }

    func stop() {
        kill(identifier, SIGKILL)
    }

    /// Whether this build has it.
    static func isBuilt() -> Bool {
        guard let executable = try? Program.executable() else { return false }
        let process = Process()
        process.executableURL = executable
        process.arguments = ["simulate", "--help"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

/// The first line that a process prints, waited for without a sleep.
enum FirstLine {
    static func read(_ pipe: Pipe) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try line(of: pipe.fileHandleForReading) })
            }
        }
    }

    private static func line(of file: FileHandle) throws -> String {
        var bytes = Data()
        while let value = try file.piece(1).first, value != UInt8(ascii: "\n") {
            bytes.append(value)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

import Dispatch
import Foundation
import Tidemark

/// Where a secret is found. Only this is kept; the secret itself is read when it is needed and goes nowhere else.
enum SecretSource: Hashable, Sendable {
    case environment(String)
    case file(String)
    case command(String)

    /// Far more than any token or connection string has.
    static let maximumBytes = 65_536

    /// For people: how it was named, never what it holds.
    var description: String {
        switch self {
        case .environment(let name): "$\(name)"
        case .file(let path): "file \(path)"
        case .command(let command): "command '\(command)'"
        }
    }

    /// The secret, without white space around it. Throws ``Failure``, whose sentence holds nothing of it.
    func read() async throws -> String {
        let text: String
        switch self {
        case .environment(let name):
            guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
                throw missing("The environment variable \(name) is not set; the account's secret is read from it.")
            }
            text = value
        case .file(let path): text = try Self.contents(of: path)
        case .command(let command): text = try await Self.output(of: command)
        }
        let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !secret.isEmpty else { throw missing("The \(description) holds no secret; it is empty.") }
        return secret
    }

    private func missing(_ sentence: String) -> Failure {
        Failure(.failed, code: "noCredential", sentence)
    }

    private static func contents(of path: String) throws -> String {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Failure(
                .failed, code: "noCredential", "The file \(path) can't be read; the account's secret is read from it.")
        }
        defer { try? file.close() }
        let bytes = try file.read(upToCount: maximumBytes + 1) ?? Data()
        guard bytes.count <= maximumBytes, let text = String(data: bytes, encoding: .utf8) else {
            throw Failure(.failed, code: "noCredential", "The file \(path) holds no secret: it is too long or no text.")
        }
        return text
    }

    /// Runs a command of the user's own; what it says on standard error is shown to them.
    private static func output(of command: String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try run(command) })
            }
        }
    }

    private static func run(_ command: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command]
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var bytes = Data()
        while case let chunk = try pipe.fileHandleForReading.next(4096), !chunk.isEmpty {
            bytes.append(chunk)
            if bytes.count > maximumBytes { process.terminate() }
        }
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw Failure(
                .failed, code: "noCredential",
                "The command that prints the account's secret failed (exit \(process.terminationStatus)); run it by hand.")
        }
        guard let text = String(data: bytes, encoding: .utf8) else {
            throw Failure(.failed, code: "noCredential", "The command that prints the account's secret printed no text.")
        }
        return text
    }
}

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
        var complaint: String?
        switch self {
        case .environment(let name):
            guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
                throw missing("The environment variable \(name) is not set; the account's secret is read from it.")
            }
            text = value
        case .file(let path): text = try Self.contents(of: path)
        case .command(let command):
            let printed = try await SecretCommand(command).output()
            (text, complaint) = (printed.text, printed.complaint)
        }
        let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !secret.isEmpty else { throw missing("\(place) is empty; the account's secret is read from it.", complaint) }
        // No token, key or connection string has more; two lines are a secret and something else.
        guard !secret.contains(where: \.isNewline) else {
            throw missing("\(place) is more than one line; an account's secret is one line and nothing else.", complaint)
        }
        return secret
    }

    /// At the head of a sentence. What a command says is not repeated, and the command may itself hold what nobody should read.
    private var place: String {
        switch self {
        case .environment(let name): "The environment variable \(name)"
        case .file(let path): "The file \(path)"
        case .command: "What the command for the account's secret printed"
        }
    }

    private func missing(_ sentence: String, _ complaint: String? = nil) -> Failure {
        Failure(.failed, code: "noCredential", sentence, complaint: complaint)
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
}

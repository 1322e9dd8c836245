import Foundation
import Tidemark

/// Why a command did not do what it was asked: a sentence, what to do, and the exit code.
struct Failure: Error, Hashable, Sendable {
    var status: ExitStatus
    /// Stable, for programs.
    var code: String
    var message: String
    var hint: String?
    var candidates: [String] = []
    /// What a command of the person's own wrote to its standard error, where that was kept for a program.
    var complaint: String?

    init(
        _ status: ExitStatus, code: String, _ message: String, hint: String? = nil, candidates: [String] = [],
        complaint: String? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.candidates = candidates
        self.complaint = complaint
    }

    static func usage(_ message: String, hint: String? = nil) -> Failure {
        Failure(.usage, code: "usage", message, hint: hint)
    }

    /// `nil` for what the argument parser has to explain.
    init?(translating error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as StoreError: self.init(error)
        case let error as ServiceError: self.init(error)
        case is CancellationError: self.init(.interrupted, code: "interrupted", "Stopped; nothing is lost.")
        case let error as CocoaError:
            self.init(.failed, code: "file", "A file could not be read or written (\(error.code.rawValue)); check the path.")
        default: return nil
        }
    }

    private init(_ error: StoreError) {
        let status: ExitStatus =
            switch error.code {
            case .leaseHeld, .busy, .alreadyRunning: .temporary
            case .invalidArgument: .usage
            case .notAdopted, .noHistory: .needsPerson
            default: .failed
            }
        self.init(
            status, code: error.code.rawValue, error.description, hint: Self.hint(for: error), candidates: error.candidates)
    }

    private static func hint(for error: StoreError) -> String? {
        switch error.code {
        case .ambiguous where error.description.contains("account"): "Add --account NAME."
        case .notAStore, .cannotOpen: "Name the store with --store PATH or TIDEMARK_STORE."
        case .leaseHeld: "What you write is kept and sent by the process that syncs."
        case .notAdopted: "tidemark outbox adopt"
        default: nil
        }
    }

    private init(_ error: ServiceError) {
        let status: ExitStatus =
            switch error.code {
            case .unauthenticated, .wrongIdentity: .needsCredential
            case .unreachable, .answerLost, .throttled, .serverFailure, .tooLate: .temporary
            case .cancelled: .interrupted
            default: .failed
            }
        // The service's own words go to the person who asked.
        let words = error.serviceMessage.map { " It said: \(EscapedText.line($0, limit: 300))" } ?? ""
        self.init(status, code: error.code.rawValue, error.description + words)
    }

    /// A person reads few of them, a program more.
    private static let shownCandidates = 10
    private static let listedCandidates = 100

    /// How every failure begins, for a person: in lines as wide as the screen.
    static func headline(_ sentence: String) -> [String] {
        let style = Style(for: .standardError)
        return Terminal.lines(of: "error: \(sentence)", on: .standardError).enumerated().map { index, line in
            index == 0 ? style.red("error:") + line.dropFirst("error:".count) : line
        }
    }

    func print(isJSON: Bool) {
        if isJSON {
            var fields: [(String, JSONValue)] = [
                ("code", .string(code)), ("message", .string(message)), ("hint", .optional(hint)),
            ]
            if !candidates.isEmpty {
                fields.append(("candidates", .array(candidates.prefix(Self.listedCandidates).map(JSONValue.string))))
            }
            if let complaint { fields.append(("stderr", .string(complaint))) }
            Terminal.standardError(JSONValue.object(fields).text)
            return
        }
        let style = Style(for: .standardError)
        for line in Self.headline(EscapedText.line(message)) { Terminal.standardError(line) }
        for candidate in candidates.prefix(Self.shownCandidates) { Terminal.standardError("  \(EscapedText.line(candidate))") }
        let more = candidates.count - Self.shownCandidates
        if more > 0 { Terminal.standardError("  and \(more) more") }
        if let hint { Terminal.standardError(style.dim(EscapedText.line(hint))) }
    }
}

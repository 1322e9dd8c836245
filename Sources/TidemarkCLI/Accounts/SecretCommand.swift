import Dispatch
import Foundation
import Synchronization
import Tidemark

/// A command of the user's own that prints a secret: run for it, bounded in bytes and in time, and ended with whoever asked for it.
///
/// It may ask a person (a password manager does) and says so on standard error, which it shares; there is nothing on its standard input.
/// Where a program reads what this one says, what it writes there is kept instead, and told with the failure if it fails.
struct SecretCommand: Sendable {
    /// Whether what commands write to their standard error is kept for a failure instead of being shown as they write it.
    @TaskLocal static var keepsComplaints = false

    let line: String
    /// How long it may take.
    let limit: Duration

    static let defaultLimit: Duration = .seconds(60)

    /// The variable by which a person who has to find a key first allows more.
    static let limitVariable = "TIDEMARK_SECRET_LIMIT"

    /// Throws ``Failure`` where the variable holds no span of time.
    init(_ line: String) throws {
        self.line = line
        guard let text = ProcessInfo.processInfo.environment[Self.limitVariable], !text.isEmpty else {
            limit = Self.defaultLimit
            return
        }
        guard let argument = DurationArgument(argument: text), argument.duration <= .seconds(86_400) else {
            throw Failure.usage("\(Self.limitVariable) takes a span of time of at most a day, as 90s or 5m.")
        }
        limit = argument.duration
    }

    struct Printed: Sendable {
        var text: String
        /// What it wrote to its standard error, where that was kept.
        var complaint: String?
    }

    /// What it prints. Throws ``Failure``, whose sentence holds nothing of that. Cancelled it is ended, and throws.
    func output() async throws -> Printed {
        let child = Child()
        let keeps = Self.keepsComplaints
        let key = Interruption.atOnce { child.stop(.cancelled) }
        defer { Interruption.forget(key) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(with: Result { try run(child, keeps ? Complaint() : nil) })
                }
            }
        } onCancel: {
            child.stop(.cancelled)
        }
    }

    private func run(_ child: Child, _ complaint: Complaint?) throws -> Printed {
        let output = try child.start(line, complaint)
        let deadline = ContinuousClock.now + limit
        let alarm = DispatchWorkItem { child.stop(.slow) }
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(limit.milliseconds)), execute: alarm)
        let bytes = try Self.read(output, of: child, complaint, until: deadline)
        if let complaint { child.hear(complaint) }
        let end = child.waitForEnd()
        alarm.cancel()
        complaint?.hearRest()
        let said = complaint?.text(hiding: bytes)
        do {
            return Printed(text: try text(bytes, end), complaint: said)
        } catch var failure as Failure {
            failure.complaint = said
            throw failure
        }
    }

    private func text(_ bytes: Data, _ end: Child.End) throws -> String {
        switch end {
        case .stopped(.cancelled): throw CancellationError()
        case .stopped(.slow):
            let hint = "Run it by hand; allow it more time with \(Self.limitVariable)=5m."
            throw failure("printed none within \(limit.spoken) and was ended", hint: hint)
        case .stopped(.loud): throw failure("printed far more than a secret and was ended")
        case .exit(0): break
        case .exit(let status): throw failure("failed (exit code \(status))")
        case .signal(let number): throw failure("was ended by signal \(number)")
        }
        guard let text = String(data: bytes, encoding: .utf8) else { throw failure("printed no text") }
        return text
    }

    private func failure(_ what: String, hint: String = "Run it by hand.") -> Failure {
        Failure(.failed, code: "noCredential", "The command that prints the account's secret \(what).", hint: hint)
    }

    /// Until its end. What has left the command's group and holds its output open is not waited for longer than the command.
    private static func read(
        _ output: FileHandle, of child: Child, _ complaint: Complaint?, until deadline: ContinuousClock.Instant
    ) throws -> Data {
        var bytes = Data()
        while bytes.count <= SecretSource.maximumBytes {
            let rest = max(ContinuousClock.now.duration(to: deadline), .zero)
            var waiting = [output.fileDescriptor, complaint?.descriptor ?? -1].map { descriptor in
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            }
            let count = poll(&waiting, 2, Int32(rest.milliseconds) + 1)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                child.stop(.slow)
                return bytes
            }
            if waiting[1].revents != 0 { complaint?.hear() }
            guard waiting[0].revents != 0 else { continue }
            let chunk = try output.next(4096)
            guard !chunk.isEmpty else { return bytes }
            bytes.append(chunk)
        }
        child.stop(.loud)
        return bytes
    }

    /// The shell that runs it.
    private final class Child: Sendable {
        enum Stop: Sendable {
            case cancelled
            case slow
            case loud
        }

        enum End {
            case exit(Int32)
            case signal(Int32)
            case stopped(Stop)
        }

        private let process = Process()
        /// Why it was ended before it ended by itself.
        private let why = Mutex<Stop?>(nil)

        /// Its standard output.
        func start(_ line: String, _ complaint: Complaint?) throws -> FileHandle {
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", line]
            process.standardInput = FileHandle.nullDevice
            let pipe = Pipe()
            process.standardOutput = pipe
            if let complaint { process.standardError = complaint.standardError }
            try process.run()
            // It may have been told to end before it had begun.
            if why.withLock({ $0 }) != nil { endGroup() }
            return pipe.fileHandleForReading
        }

        /// Listens until the command ends or closes its standard error, so that nothing it writes there can hold it up.
        func hear(_ complaint: Complaint) {
            while process.isRunning, complaint.descriptor >= 0 { _ = complaint.hear(for: .milliseconds(20)) }
        }

        func waitForEnd() -> End {
            process.waitUntilExit()
            if let why = why.withLock({ $0 }) { return .stopped(why) }
            return process.terminationReason == .exit ? .exit(process.terminationStatus) : .signal(process.terminationStatus)
        }

        func stop(_ reason: Stop) {
            why.withLock { $0 = $0 ?? reason }
            endGroup()
        }

        /// The shell with what it has started: they are a group of their own.
        private func endGroup() {
            guard process.isRunning else { return }
            kill(-process.processIdentifier, SIGKILL)
        }
    }
}

internal import TidemarkModel
internal import TidemarkStore

/// The engine's suite, on any service: the real store, decisions and runner, on virtual time.
///
/// ```swift
/// @Test(arguments: ConformanceCheck.all) func conforms(_ check: ConformanceCheck) async throws {
///     let outcome = await ConformanceSuite(Board()).outcome(of: check)
///     #expect(outcome.isKept, "\(check): \(outcome)")
/// }
/// ```
public struct ConformanceSuite: Sendable {
    public let subject: any ConformanceSubject

    public init(_ subject: any ConformanceSubject) {
        self.subject = subject
    }

    /// Plays checks one after the other, each in a world of its own. It takes no time but the processor's.
    public func run(_ checks: [ConformanceCheck] = ConformanceCheck.all) async -> ConformanceReport {
        var rows: [ConformanceReport.Row] = []
        for check in checks { rows.append(ConformanceReport.Row(check, await outcome(of: check))) }
        return ConformanceReport(service: subject.name, rows: rows)
    }

    /// Plays one check.
    public func outcome(of check: ConformanceCheck) async -> ConformanceReport.Outcome {
        do {
            let stage = try await Stage(subject)
            defer { stage.remove() }
            if let reason = check.exemption(stage.traits) { return .notApplicable(reason) }
            try await check.play(stage)
            return .passed
        } catch let broken as Broken {
            return .failed(broken.reason)
        } catch let notPlayed as NotPlayed {
            return .notPlayed(notPlayed.reason)
        } catch {
            return .failed("it could not be played: \(error)")
        }
    }
}

extension ConformanceReport.Outcome {
    /// It did not fail.
    public var isKept: Bool {
        if case .failed = self { false } else { true }
    }
}

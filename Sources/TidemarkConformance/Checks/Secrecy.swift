internal import Logging
internal import Synchronization
internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// P12: nothing that somebody wrote, and no token, in an error or a log line.
extension ConformanceCheck {
    static let secrecy = [
        ConformanceCheck("P12", "no text and no token in errors and log lines", unless: [Unless.lacks(.send)]) { stage in
            let (device, place) = try await stage.begun()
            let lines = Lines()
            let text = "xyzzy-secret"
            let faults: [FaultyChatService.Fault] = [
                .answerLost, .forbidden, .failed(applied: false), .throttled(retryAfter: nil),
            ]
            for fault in faults { device.service.strike(.verb(.send), fault) }
            for _ in faults { try await device.engine.send(text, to: place.local) }
            device.halt()
            stage.clock.advance(by: .seconds(60))
            let engine = try SyncEngine(
                store: device.store, service: device.service, account: "me", configuration: device.configuration,
                clock: stage.clock, generator: SeededGenerator(seed: 5),
                logger: Logger(label: "conformance") { _ in lines.handler })
            let report = try await engine.syncOnce(deadline: .seconds(30))
            var said = lines.all + [report.problem ?? "", "\(report)"]
            for error in try await stage.refusals(place, text) {
                said.append("\(error)")
                said.append("\(error.code.rawValue) \(error.serviceCode ?? "")")
            }
            if stage.traits.maximumTextBytes < 1_000_000 {
                let long = String(repeating: text, count: stage.traits.maximumTextBytes / text.utf8.count + 1)
                do { try await engine.send(long, to: place.local) } catch { said.append("\(error)") }
            }
            for secret in [text] + stage.world.secrets where !secret.isEmpty {
                try require(!said.contains { $0.contains(secret) }, "an error or a log line holds what was written, or a token")
            }
            try require(!lines.all.isEmpty, "nothing was logged, although requests failed")
        }
    ]
}

extension Stage {
    /// What the service says to requests that it can't do.
    fileprivate func refusals(_ place: Place, _ text: String) async throws -> [ServiceError] {
        let actions: [Delivery.Action] = [
            .send(OutgoingMessage(text), in: "no-such-conversation"),
            .edit("no-such-message", text: text, metadata: [:], in: place.remote),
            .delete("no-such-message", in: place.remote), .rename("no-such-conversation", topic: text),
        ]
        let service = try await world.service(for: other)
        var errors: [ServiceError] = []
        for action in actions {
            do throws(ServiceError) {
                _ = try await service.perform(
                    Delivery(intent: IntentID(1), token: Token(text), action: action, wantedAt: clock.now))
            } catch {
                errors.append(error)
            }
        }
        guard !errors.isEmpty else { throw Broken("it says yes to what can't be done") }
        return errors
    }
}

/// Collects log lines.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    var handler: any LogHandler { Handler(lines: self) }

    struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.add("\(event.message) \(event.metadata ?? [:])")
        }
    }
}

import Foundation
import Synchronization
import Tidemark
import TidemarkLiveKit

/// The program that is in a room for this one: started, started again, listened to and ended.
final class RoomBridge: Sendable {
    /// How long a sync waits for it to be in its room.
    static let joinPatience: Duration = .seconds(30)

    let channel: LiveKitBridge
    let log: BridgeLog
    /// What happens at it, for one reader; a reader that is slow misses some.
    let notices: AsyncStream<LiveKitBridgeNotice>

    init(_ command: BridgeCommand, _ access: LiveKitAccess, _ log: BridgeLog) {
        let (notices, told) = AsyncStream.makeStream(of: LiveKitBridgeNotice.self, bufferingPolicy: .bufferingNewest(256))
        self.log = log
        self.notices = notices
        channel = LiveKitBridge(
            command.configuration,
            environment: {
                let token = try await access.joinToken()
                for secret in [token, try? await access.settings.secret?.read()] {
                    if let secret { log.hide(secret) }
                }
                return access.environment(joinToken: token)
            },
            notice: { notice in
                log.note(notice)
                told.yield(notice)
            })
    }

    /// Runs it while a body does, and ends it when the body is done: what was handed to it is published first.
    func running<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        // Who asks twice to stop does not wait, and the bridge must not stay behind.
        let key = Interruption.atOnce { [channel] in channel.kill() }
        defer { Interruption.forget(key) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.channel.run() }
            let result = await Result.awaiting { try await body() }
            group.cancelAll()
            try await group.waitForAll()
            return try result.get()
        }
    }

    /// Waits until it is in its room. `nil`: it is; else why not, as a sentence.
    func entering(within patience: Duration) async throws -> Trouble? {
        try await withThrowingTaskGroup(of: Trouble?.self) { group in
            group.addTask {
                for await notice in self.notices {
                    switch notice {
                    case .entered: return nil
                    case .startFailed: return .cannotStart
                    case .ended(let end): return .ended(end, lastLine: self.log.lastLine)
                    default: continue
                    }
                }
                throw CancellationError()
            }
            group.addTask {
                try await Task.sleep(for: patience)
                return .slow
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .slow
        }
    }

    /// Why the bridge is not in its room.
    enum Trouble: Hashable, Sendable {
        case cannotStart
        case slow
        case ended(LiveKitBridgeEnd, lastLine: String?)

        /// Whether the command itself is at fault: a shell can't find it, or may not run it.
        var isCommand: Bool {
            switch self {
            case .cannotStart, .ended(.exit(126), _), .ended(.exit(127), _): true
            default: false
            }
        }

        var sentence: String {
            switch self {
            case .cannotStart: "The bridge could not be started; check the account's --bridge command and its token."
            case .slow: "The bridge is not in its room yet."
            case .ended(let end, let line):
                "The bridge \(end.spoken) before it was in its room." + (line.map { " It said: “\($0)”." } ?? "")
            }
        }
    }
}

extension LiveKitBridgeEnd {
    /// For a sentence: what it did.
    var spoken: String {
        switch self {
        case .exit(127): "ended: its command was not found (exit code 127)"
        case .exit(126): "ended: its command can't be run (exit code 126)"
        case .exit(let status): "ended with exit code \(status)"
        case .signal(let number): "was ended by signal \(number)"
        case .hung: "hung and was ended"
        }
    }
}

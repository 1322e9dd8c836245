#if os(macOS) || os(Linux)
import Foundation
import Synchronization
import Testing
import TidemarkLiveKit

/// Nothing is handed to a bridge that is not in its room, and what was handed to it is published.
@Suite(.timeLimit(.minutes(1))) struct BridgePresenceTests {
    private func withBridge(
        _ command: String, gracePeriod: Duration = .seconds(20),
        environment: @escaping @Sendable () async throws -> [String: String]? = { nil },
        _ body: (LiveKitBridge, BridgeNotices) async throws -> Void
    ) async throws {
        var configuration = LiveKitBridgeConfiguration.shell(command)
        configuration.joinTimeout = .seconds(1000)
        configuration.gracePeriod = gracePeriod
        let notices = BridgeNotices()
        let bridge = LiveKitBridge(configuration, environment: environment, notice: { notices.tell($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bridge.run() }
            try await body(bridge, notices)
            group.cancelAll()
        }
    }

    private func entered(_ notice: LiveKitBridgeNotice) -> String?? {
        if case .entered(let identity) = notice { .some(identity) } else { nil }
    }

    private func said(_ event: String) -> (LiveKitBridgeNotice) -> Bool? {
        { if case .status(let status) = $0, status.event == event { true } else { nil } }
    }

    @Test func `what is published before the bridge is in its room is refused, and so while it is out`() async throws {
        // It goes on a step with each line that it reads from a fifo of the test's own.
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let steps = folder.appending(path: "steps").path
        #expect(mkfifo(steps, 0o600) == 0)
        let command = """
            exec 3<> '\(steps)'; echo '{"event":"connecting"}'; read x <&3
            echo '{"event":"connected","identity":"alice"}'; read x <&3
            echo '{"event":"reconnecting"}'; read x <&3
            echo '{"event":"reconnected"}'; cat
            """
        try await withBridge(command) { bridge, notices in
            let go = try #require(FileHandle(forUpdatingAtPath: steps))
            let line = Data("\n".utf8)
            _ = await notices.first(said("connecting"))
            await #expect(throws: DataChannelError(.notConnected).self) { try await bridge.publish([1], topic: "t") }
            #expect(bridge.identity == nil)
            try go.write(contentsOf: line)
            #expect(await notices.first(entered) == .some("alice"))
            #expect(bridge.identity == "alice")
            try await bridge.publish([1], topic: "t")
            try go.write(contentsOf: line)
            _ = await notices.first(said("reconnecting"))
            await #expect(throws: DataChannelError(.notConnected).self) { try await bridge.publish([1], topic: "t") }
            try go.write(contentsOf: line)
            _ = await notices.first(entered)
            try await bridge.publish([1], topic: "t")
        }
    }

    @Test func `a bridge that only passes packets is in its room with the first of them`() async throws {
        try await withBridge(#"echo '{"topic":"t","payload_base64":""}'; cat"#) { bridge, notices in
            #expect(await notices.first(entered) == .some(nil))
            try await bridge.publish([1], topic: "t")
        }
    }

    @Test func `what was published is out before the bridge ends, also when it is stopped at once`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "published")
        // It begins to read when it is being stopped.
        let command = #"echo '{"event":"connected"}'; sleep 0.5; cat > '\#(file.path)'"#
        try await withBridge(command) { bridge, notices in
            _ = await notices.first(entered)
            for number in 0..<20 { try await bridge.publish([UInt8(number)], topic: "t\(number)") }
        }
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 20)
        #expect(lines.last?.contains("\"t19\"") == true)
    }

    @Test func `the environment is asked for before each start, and one that can't be had is a start that failed`() async throws {
        let starts = Mutex(0)
        try await withBridge(#"echo "{\"event\":\"$TURN\"}"; exit 1"#) {
            let turn = starts.withLock { starts in
                starts += 1
                return starts
            }
            if turn == 2 { throw CocoaError(.fileNoSuchFile) }
            return ["TURN": "turn\(turn)", "PATH": "/usr/bin:/bin"]
        } _: { _, notices in
            #expect(await notices.first(said("turn1")) == true)
            #expect(await notices.first { $0 == .startFailed ? true : nil } == true)
            #expect(await notices.first(said("turn3")) == true)
        }
    }
}
#endif

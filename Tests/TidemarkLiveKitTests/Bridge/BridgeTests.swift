#if os(macOS) || os(Linux)
import Foundation
import Synchronization
import Testing
import TidemarkLiveKit

/// What a bridge told, awaited one after the other.
final class BridgeNotices: Sendable {
    let stream: AsyncStream<LiveKitBridgeNotice>
    private let told: AsyncStream<LiveKitBridgeNotice>.Continuation

    init() {
        (stream, told) = AsyncStream.makeStream()
    }

    func tell(_ notice: LiveKitBridgeNotice) { told.yield(notice) }

    /// Passes over others until this one comes.
    func first<Value>(_ matching: (LiveKitBridgeNotice) -> Value?) async -> Value? {
        for await notice in stream {
            if let value = matching(notice) { return value }
        }
        return nil
    }
}

@Suite(.timeLimit(.minutes(1))) struct BridgeTests {
    /// Runs a bridge made of a shell command, and ends it behind the test. Restarts do not wait.
    private func withBridge(
        _ command: String, configure: (inout LiveKitBridgeConfiguration) -> Void = { _ in },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { _ in },
        _ body: (LiveKitBridge, BridgeNotices) async throws -> Void
    ) async throws {
        var configuration = LiveKitBridgeConfiguration.shell(command)
        configuration.gracePeriod = .milliseconds(200)
        configuration.joinTimeout = .zero
        configure(&configuration)
        let notices = BridgeNotices()
        let bridge = LiveKitBridge(configuration, sleep: sleep, notice: { notices.tell($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bridge.run() }
            try await body(bridge, notices)
            group.cancelAll()
        }
    }

    private func isStarted(_ notice: LiveKitBridgeNotice) -> Bool? { notice == .started ? true : nil }

    /// The pause before a restart that never ends.
    private static let never: @Sendable (Duration) async throws -> Void = { _ in
        let (stream, _) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
        try Task.checkCancellation()
    }

    @Test func `what is published comes back from a bridge that echoes, in order and unchanged`() async throws {
        try await withBridge("exec cat") { bridge, notices in
            _ = await notices.first(isStarted)
            var events = bridge.packets().makeAsyncIterator()
            #expect(await events.next() == .gap(.started))
            for number in 0..<50 {
                let payload = Array("\(number) é\n\u{0}".utf8) + [UInt8](repeating: UInt8(number), count: number * 500)
                try await bridge.publish(payload, topic: "t\(number)")
                #expect(await events.next() == .packet(LiveKitPacket(topic: "t\(number)", payload: payload)))
            }
        }
    }

    @Test func `status, errors and broken lines are told, and packets between them arrive`() async throws {
        let command = #"""
            echo '{"event":"ready","room":"lobby"}'; echo 'warn: slow' >&2; echo 'no json'
            printf '{"topic":"t","payload_base64":"aGk=","identity":null}'
            """#
        try await withBridge(command, sleep: Self.never) { bridge, notices in
            var seen: Set<LiveKitBridgeNotice> = []
            _ = await notices.first { notice -> Bool? in
                seen.insert(notice)
                if case .restarting = notice { return true }
                return nil
            }
            #expect(
                seen == [
                    .started, .status(BridgeStatus(event: "ready", members: ["room": "lobby"])), .errorLine("warn: slow"),
                    .entered(identity: nil), .malformedLine("it is no JSON object"), .ended(.exit(0)),
                    .restarting(after: .seconds(1)),
                ])
            var events = bridge.packets().makeAsyncIterator()
            #expect(await events.next() == .gap(.started))
            // A last line without its end counts.
            #expect(await events.next() == .packet(LiveKitPacket(topic: "t", payload: Array("hi".utf8))))
            #expect(await events.next() == .gap(.exited))
            await #expect(throws: DataChannelError.self) { try await bridge.publish([1], topic: "t") }
        }
    }

    @Test func `a bridge that exits is started again with growing pauses, and each time is a gap`() async throws {
        let pauses = Mutex<[Duration]>([])
        try await withBridge(
            "exit 3",
            sleep: { duration in pauses.withLock { $0.append(duration) } }
        ) { bridge, notices in
            var ends: [LiveKitBridgeEnd] = []
            while ends.count < 4 {
                ends +=
                    await notices.first { notice -> [LiveKitBridgeEnd]? in
                        if case .ended(let end) = notice { [end] } else { nil }
                    } ?? []
            }
            #expect(ends == Array(repeating: .exit(3), count: 4))
            var events = bridge.packets().makeAsyncIterator()
            for gap in [DataChannelGap.started, .exited, .started, .exited] { #expect(await events.next() == .gap(gap)) }
        }
        #expect(pauses.withLock { Array($0.prefix(3)) } == [1, 2, 4].map(Duration.seconds))
    }

    @Test func `only a bridge that was in its room is started again without a longer pause`() async throws {
        for (event, expected) in [("error", [1, 2, 4]), ("connected", [1, 1, 1])] {
            let pauses = Mutex<[Duration]>([])
            try await withBridge(
                "echo '{\"event\":\"\(event)\"}'; exit 1",
                sleep: { duration in pauses.withLock { $0.append(duration) } }
            ) { _, notices in
                for _ in 0..<4 { _ = await notices.first { $0 == .ended(.exit(1)) ? true : nil } }
            }
            #expect(pauses.withLock { Array($0.prefix(3)) } == expected.map(Duration.seconds))
        }
    }

    @Test func `what a bridge says it missed is a gap where it says so`() async throws {
        let packet = #"{"topic":"t","payload_base64":""}"#
        let lines = [
            #"{"event":"connected","room":"lobby"}"#, packet, #"{"event":"overflow","dropped":3}"#, packet,
            #"{"event":"reconnecting"}"#, #"{"event":"reconnected"}"#, packet,
        ]
        try await withBridge("printf '%s\\n' " + lines.map { "'\($0)'" }.joined(separator: " "), sleep: Self.never) { bridge, _ in
            var events = bridge.packets().makeAsyncIterator()
            let read = DataChannelEvent.packet(LiveKitPacket(topic: "t", payload: []))
            var expected: [DataChannelEvent] = [
                .gap(.started), read, .gap(.overflow), read, .gap(.reconnected), read, .gap(.exited),
            ]
            // One gap for the start of the process and one for the room, unless nobody read between them.
            while let event = await events.next() {
                if event == .gap(.started), expected.first != event { continue }
                #expect(event == expected.removeFirst())
                if expected.isEmpty { break }
            }
            #expect(expected.isEmpty)
        }
    }

    @Test func `a command that is not there is told and tried again`() async throws {
        try await withBridge("") {
            $0.command = ["/nowhere/bridge"]
        } _: { _, notices in
            for _ in 0..<2 { #expect(await notices.first { $0 == .startFailed ? true : nil } == true) }
        }
    }

    @Test func `a bridge that is killed says by which signal`() async throws {
        try await withBridge("kill -9 $$", sleep: Self.never) { _, notices in
            let end = await notices.first { notice -> LiveKitBridgeEnd? in
                if case .ended(let end) = notice { end } else { nil }
            }
            #expect(end == .signal(9))
        }
    }

    @Test func `a flood is bounded and leaves a gap, and what comes later is read`() async throws {
        let line = #"{\"topic\":\"t\",\"payload_base64\":\"aGk=\"}"#
        let command = #"i=0; while [ $i -lt 5000 ]; do echo "\#(line)"; i=$((i+1)); done; echo '{"event":"flooded"}'; cat"#
        try await withBridge(command) {
            $0.maximumWaitingPackets = 10
        } _: { bridge, notices in
            #expect(await notices.first { $0 == .overflow ? true : nil } == true)
            #expect(await notices.first { $0 == .status(BridgeStatus(event: "flooded")) ? true : nil } == true)
            var events = bridge.packets().makeAsyncIterator()
            #expect(await events.next() == .gap(.started))
            var count = 0
            while let event = await events.next(), event != .gap(.overflow) { count += 1 }
            #expect(count == 9)
            try await bridge.publish([1], topic: "later")
            #expect(await events.next() == .packet(LiveKitPacket(topic: "later", payload: [1])))
        }
    }

    @Test func `a line without end is dropped as it grows, and the next one is read`() async throws {
        let command = #"head -c 300000 /dev/zero | tr '\0' x; echo; echo '{"topic":"t","payload_base64":""}'; cat"#
        try await withBridge(command) {
            $0.maximumLineBytes = 1_000
        } _: { bridge, _ in
            var events = bridge.packets().makeAsyncIterator()
            #expect(await events.next() == .gap(.started))
            #expect(await events.next() == .gap(.overflow))
            #expect(await events.next() == .packet(LiveKitPacket(topic: "t", payload: [])))
            await #expect(throws: DataChannelError(.tooLarge).self) {
                try await bridge.publish([UInt8](repeating: 0, count: 2_000), topic: "t")
            }
        }
    }

    @Test func `a bridge that reads nothing is ended as hung, and what waited for it throws`() async throws {
        try await withBridge("trap '' TERM; while :; do sleep 1; done") {
            $0.writeTimeout = .milliseconds(100)
        } sleep: {
            try await Self.never($0)
        } _: { bridge, notices in
            _ = await notices.first(isStarted)
            let payload = [UInt8](repeating: 7, count: 100_000)
            let error = await #expect(throws: DataChannelError.self) {
                for _ in 0..<100 { try await bridge.publish(payload, topic: "t") }
            }
            #expect(error?.code == .interrupted)
            let end = await notices.first { notice -> LiveKitBridgeEnd? in
                if case .ended(let end) = notice { end } else { nil }
            }
            #expect(end == .hung)
            var events = bridge.packets().makeAsyncIterator()
            #expect(await events.next() == .gap(.started))
            #expect(await events.next() == .gap(.hung))
        }
    }

    @Test func `more than may wait to be written is refused at once`() async throws {
        try await withBridge("sleep 60") {
            $0.maximumOutgoingBytes = 1_000
        } _: { bridge, notices in
            _ = await notices.first(isStarted)
            let error = await #expect(throws: DataChannelError.self) {
                try await bridge.publish([UInt8](repeating: 0, count: 1_000), topic: "t")
            }
            #expect(error?.code == .full)
        }
    }

    @Test func `a silent bridge is ended only where silence was said to be a hang`() async throws {
        let turns = Mutex(0)
        try await withBridge("cat") {
            $0.silenceTimeout = .seconds(30)
        } sleep: { duration in
            // Two silences pass; then the clock stands still.
            let turn = turns.withLock { turn in
                turn += duration == .seconds(30) ? 1 : 0
                return turn
            }
            if turn > 1 || duration != .seconds(30) { try await Self.never(duration) }
        } _: { _, notices in
            let end = await notices.first { notice -> LiveKitBridgeEnd? in
                if case .ended(let end) = notice { end } else { nil }
            }
            #expect(end == .hung)
        }
    }

    @Test func `a process that a bridge left behind does not hold it up`() async throws {
        try await withBridge("sleep 60 & echo '{\"event\":\"ready\"}'; exit 0", sleep: Self.never) { _, notices in
            let end = await notices.first { notice -> LiveKitBridgeEnd? in
                if case .ended(let end) = notice { end } else { nil }
            }
            #expect(end == .exit(0))
        }
    }

    @Test func `cancelling ends the process and the run`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "pid")
        try await withBridge(
            "echo $$ > '\(file.path)'; echo '{\"event\":\"ready\"}'; trap '' TERM; cat; while :; do sleep 1; done"
        ) {
            _, notices in
            #expect(await notices.first { $0 == .status(BridgeStatus(event: "ready")) ? true : nil } == true)
        }
        let pid = try #require(Int32(String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(pid, 0) == -1)
    }
}
#endif

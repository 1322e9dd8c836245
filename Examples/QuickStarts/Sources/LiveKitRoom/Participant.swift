import QuickStart
import TidemarkLiveKit

/// A bridge, and the moment at which it is in its room.
struct Participant {
    let bridge: LiveKitBridge
    private let entries: AsyncStream<String>

    /// The command of the bridge is read from this variable.
    init(_ variable: String) throws {
        let (entries, news) = AsyncStream.makeStream(of: String.self)
        self.entries = entries
        bridge = LiveKitBridge(
            .shell(try QuickStart.setting(variable)),
            notice: { notice in
                if case .entered(let identity) = notice { news.yield(identity ?? "?") }
            })
    }

    func entered() async throws -> String {
        for await identity in entries { return identity }
        throw QuickStartError("The bridge ended before it was in its room.")
    }
}

import TidemarkModel

/// The way from a socket's decisions to one open connection.
final class SocketLink: Sendable {
    let connection: Int
    private let texts: AsyncStream<String>
    private let text: AsyncStream<String>.Continuation
    private let closing = WakeSignal()

    /// A connection that takes nothing any more is not written to for ever.
    private static let maximumWaitingTexts = 1_024

    init(_ connection: Int) {
        self.connection = connection
        (texts, text) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.maximumWaitingTexts))
    }

    /// In the order of the calls.
    func write(_ text: String) {
        if case .dropped = self.text.yield(text) { close() }
    }

    func close() {
        closing.give()
    }

    /// Carries texts both ways until the connection ends, is closed, or the task is cancelled; then it is closed.
    func carry(_ connection: any WebSocketConnection, receive: @escaping @Sendable (String) -> Void) async {
        await withTaskGroup { group in
            group.addTask {
                do throws(TransportError) {
                    while let text = try await connection.receive() { receive(text) }
                } catch {
                    // However it ended, it is over.
                }
            }
            group.addTask { [texts] in
                do throws(TransportError) {
                    for await text in texts { try await connection.send(text) }
                } catch {
                    // What may have left is looked up.
                }
            }
            group.addTask { [closing] in await closing.wait() }
            await group.next()
            // What receives and sends ends with the connection.
            await connection.close()
            group.cancelAll()
        }
    }
}

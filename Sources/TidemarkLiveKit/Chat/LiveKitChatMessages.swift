import TidemarkModel

/// The messages that others send, read from a channel as they are asked for: what waits, waits in the channel.
public struct LiveKitChatMessages: AsyncSequence, Sendable {
    public typealias Element = LiveKitChatMessage
    public typealias Failure = Never

    let events: AsyncStream<DataChannelEvent>
    let wire: LiveKitChatWire
    let closing: CloseSignal
    let now: @Sendable () -> Timestamp
    let notice: @Sendable (LiveKitChatNotice) -> Void

    public func makeAsyncIterator() -> Iterator {
        Iterator(messages: self)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let messages: LiveKitChatMessages

        public mutating func next() async -> LiveKitChatMessage? {
            await next(isolation: nil)
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> LiveKitChatMessage? {
            while let event = await messages.event() {
                switch event {
                case .gap(let gap): messages.notice(.gap(gap))
                case .packet(let packet):
                    switch messages.wire.read(packet) {
                    case .observation(let observation): return LiveKitChatMessage(observation, now: messages.now())
                    case .reject(let reject): messages.notice(.reject(reject))
                    case .ignored: break
                    }
                }
            }
            return nil
        }
    }

    /// The channel's next event, or `nil` as soon as the chat is closed.
    private func event() async -> DataChannelEvent? {
        guard !closing.isClosed else { return nil }
        return await withTaskGroup(of: DataChannelEvent?.self) { group in
            group.addTask { [events] in
                var iterator = events.makeAsyncIterator()
                return await iterator.next()
            }
            group.addTask { [closing] in
                await closing.wait()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}

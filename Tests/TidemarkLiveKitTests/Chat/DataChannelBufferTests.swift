import Testing
import TidemarkLiveKit

@Suite struct DataChannelBufferTests {
    private func packet(_ number: Int, bytes: Int = 1) -> LiveKitPacket {
        LiveKitPacket(topic: "\(number)", payload: [UInt8](repeating: 0, count: bytes))
    }

    @Test func `a flood is dropped and leaves one overflow where it would have been`() async {
        let buffer = DataChannelBuffer(maximumPackets: 3, maximumBytes: 1_000)
        let taken = (0..<1_000).map { buffer.push(packet($0)) }
        #expect(taken.filter { $0 }.count == 3)
        for number in 0..<3 { #expect(await buffer.next() == .packet(packet(number))) }
        #expect(buffer.push(packet(7)))
        #expect(await buffer.next() == .gap(.overflow))
        #expect(await buffer.next() == .packet(packet(7)))
        buffer.finish()
        #expect(await buffer.next() == nil)
    }

    @Test func `bytes are bounded as well as packets, and what is read makes room`() async {
        let buffer = DataChannelBuffer(maximumPackets: 100, maximumBytes: 10)
        #expect(buffer.push(packet(1, bytes: 6)) && buffer.push(packet(2, bytes: 4)) && !buffer.push(packet(3)))
        _ = await buffer.next()
        #expect(buffer.push(packet(4, bytes: 6)) && !buffer.push(packet(5)))
    }

    @Test func `gaps neither repeat nor grow without bound`() async {
        let buffer = DataChannelBuffer(maximumPackets: 2, maximumBytes: 10)
        for _ in 0..<1_000 {
            buffer.push(.exited)
            buffer.push(.started)
        }
        buffer.finish()
        var count = 0
        while await buffer.next() != nil { count += 1 }
        #expect(count == 4)
    }

    @Test func `one who waits gets what comes, and nothing when cancelled`() async {
        let buffer = DataChannelBuffer(maximumPackets: 1, maximumBytes: 10)
        await withTaskGroup(of: DataChannelEvent?.self) { group in
            group.addTask { await buffer.next() }
            buffer.push(packet(1))
            #expect(await group.next() == .packet(packet(1)))
            group.addTask { await buffer.next() }
            group.cancelAll()
            #expect(await group.next() == .some(nil))
        }
        buffer.push(.overflow)
        #expect(await buffer.next() == .gap(.overflow))
    }
}

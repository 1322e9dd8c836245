import Testing
import TidemarkModel
@testable import TidemarkSimulator

struct LiveKitHubLineTests {
    @Test(arguments: [1, 2, 3, 7, 1000])
    func `lines come out the same however their bytes come in`(size: Int) {
        let bytes = Array("one\n\ntwo two\n0123456789x\nthree\nrest".utf8)
        var lines = LiveKitHubLines(limit: 10)
        var found: [LiveKitHubLines.Line] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            found += lines.feed(bytes[start..<min(start + size, bytes.count)])
        }
        let expected: [LiveKitHubLines.Line] = [
            .whole(Array("one".utf8)), .whole(Array("two two".utf8)), .tooLong, .whole(Array("three".utf8)),
        ]
        #expect(found == expected)
        #expect(lines.feed(Array("\n".utf8)) == [.whole(Array("rest".utf8))])
    }

    @Test func `a packet's line is read again as it was`() throws {
        var packet = SimulatedPacket(topic: "lk.chat", payload: Array("Grüße 😀\u{0}".utf8))
        packet.streamID = "s"
        packet.streamTimestamp = 5
        packet.attributes = ["a": "1"]
        packet.isReliable = false
        let line = LiveKitHubLine.line(packet, receivedAt: .init(milliseconds: 9))
        #expect(line.last == UInt8(ascii: "\n") && line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        #expect(try LiveKitHubLine.packet(Array(line.dropLast())) == packet)
        var plain = SimulatedPacket(topic: nil, payload: [])
        plain.identity = "ignored"
        let read = try LiveKitHubLine.packet(Array(LiveKitHubLine.line(plain, receivedAt: .init(milliseconds: 9)).dropLast()))
        #expect(read?.topic == nil && read?.identity == nil && read?.payload == [])
    }

    @Test func `news are no packets`() throws {
        #expect(try LiveKitHubLine.packet(Array(#"{"event":"connected","payload_base64":"AA=="}"#.utf8)) == nil)
        #expect(JSON(LiveKitHubLine.event("error", ["message": "a\nb"]))?["message"]?.text == "a\nb")
    }
}

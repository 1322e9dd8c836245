import Testing
import TidemarkLiveKit
import TidemarkModel

@Suite struct IdentifierTests {
    @Test func `an id has twelve characters, each of the 62 equally often`() {
        var generator = SeededGenerator(seed: 7)
        var counts: [Character: Int] = [:]
        let ids = (0..<6_200).map { _ in LiveKitMessageID.random(using: &generator) }
        for id in ids {
            #expect(id.utf8.count == LiveKitMessageID.length)
            for character in id { counts[character, default: 0] += 1 }
        }
        #expect(counts.count == 62 && counts.keys.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        // 1,200 are expected of each; folding 256 or 64 values into 62 would make some half or a third likelier.
        #expect(counts.values.allSatisfy { (1_050...1_350).contains($0) })
        #expect(Set(ids).count == ids.count)
    }

    @Test func `ids of the system's generator differ`() {
        #expect(Set((0..<200).map { _ in LiveKitMessageID.random() }).count == 200)
    }

    private func id(_ json: String, sender: String? = "alice", topic: String = LiveKitTopic.chat) -> String? {
        guard
            case .observation(let observation) = LiveKitChatWire().read(
                LiveKitPacket(topic: topic, payload: Array(json.utf8), identity: sender))
        else { return nil }
        return observation.id
    }

    @Test func `a packet without an id gets the same one each time, by sender, time and text`() {
        let pear = #"{"message":"pear","timestamp":1700000000123}"#
        // A fixed value: the ids are kept in stores and have to outlive this version.
        #expect(id(pear) == "idless-0cc4896b9c4791683bceaae65a07b4b7")
        #expect(id(pear) == id(#"{"timestamp": 1700000000123, "message": "pear", "id": null, "x": 1}"#))
        #expect(id(pear) == id(pear, topic: LiveKitTopic.update))
        let others = [
            id(pear), id(pear, sender: "bob"), id(pear, sender: nil), id(#"{"message":"pear"}"#), id("{}"),
            id(#"{"message":"","timestamp":1700000000123}"#), id(#"{"timestamp":1700000000123}"#),
            id(#"{"message":"pear1","timestamp":700000000123}"#),
        ]
        #expect(Set(others).count == others.count)
    }

    @Test(arguments: ["0", "false", "null", "\"\"", "[]", "{}", "0.0", "-0"]) func `an id that Python passes over is none`(
        value: String
    ) {
        let bare = #"{"message":"pear","timestamp":1}"#
        #expect(id(#"{"id":\#(value),"message":"pear","timestamp":1}"#) == id(bare))
    }
}

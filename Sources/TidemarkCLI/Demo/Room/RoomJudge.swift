import Foundation
import Tidemark
import TidemarkSimulator

/// Compares what went through the room with what its people have.
struct RoomJudge {
    let room: DemoRoom
    let alice: DemoPerson
    let bob: DemoPerson

    func verdicts() throws -> [DemoJudge.Verdict] {
        let mine = try alice.entries
        let his = try bob.entries
        return [said(mine + his), agree(mine, his), try missed(mine, his), try forged(mine), try settled()]
    }

    /// Every message that somebody wrote was said in the room, under one id.
    private func said(_ entries: [TimelineEntry]) -> DemoJudge.Verdict {
        let own = entries.filter(\.isOwn)
        var creates: [String: Int] = [:]
        for packet in room.accepted where packet.topic == "lk-chat-topic" {
            let json = (try? JSONSerialization.jsonObject(with: Data(packet.payload))) as? [String: Any]
            guard let id = json?["id"] as? String, json?["editTimestamp"] == nil else { continue }
            creates["\(id)@\(packet.identity ?? "")", default: 0] += 1
        }
        let lost = own.count { creates[$0.remoteID?.rawValue ?? ""] == nil }
        let doubled = creates.values.reduce(0) { $0 + $1 - 1 }
        return DemoJudge.Verdict(
            promise: "Said exactly once", isKept: lost == 0 && doubled == 0,
            detail: "\(own.count) messages were written, \(creates.count) said, \(lost) lost, \(doubled) doubled")
    }

    /// What both were there for is the same for both, in the same order.
    private func agree(_ mine: [TimelineEntry], _ his: [TimelineEntry]) -> DemoJudge.Verdict {
        func shared(_ entries: [TimelineEntry], _ others: [TimelineEntry]) -> [String] {
            let known = Set(others.compactMap(\.remoteID))
            return entries.filter { $0.remoteID.map(known.contains) ?? false }
                .map { "\($0.remoteID?.rawValue ?? "") \($0.deletedAt == nil ? $0.text ?? "" : "")" }
        }
        let (here, there) = (shared(mine, his), shared(his, mine))
        return DemoJudge.Verdict(
            promise: "Both see the same", isKept: here == there && !here.isEmpty,
            detail: here == there ? "\(here.count) messages, same texts, same order" : "their timelines differ")
    }

    /// What Bob missed is not there, and a gap says where.
    private func missed(_ mine: [TimelineEntry], _ his: [TimelineEntry]) throws -> DemoJudge.Verdict {
        let known = Set(his.compactMap(\.remoteID))
        let count = mine.count { !($0.remoteID.map(known.contains) ?? false) }
        let gaps = his.dropFirst().count(where: \.gapBefore)
        return DemoJudge.Verdict(
            promise: "What was missed shows", isKept: count > 0 && gaps == 1 && !mine.dropFirst().contains(where: \.gapBefore),
            detail: "Bob missed \(count) messages, and \(gaps) gap stands there; Alice has none")
    }

    private func forged(_ mine: [TimelineEntry]) throws -> DemoJudge.Verdict {
        let rejects = try [alice, bob].map { try $0.engine.account.rejects().get().count }
        let isKept = rejects == [1, 1] && !mine.contains { $0.text == "The meeting is off" }
        return DemoJudge.Verdict(
            promise: "Nobody edits for others", isKept: isKept,
            detail: isKept ? "Mallory's edit is listed as a reject and changed nothing" : "Mallory's edit was taken")
    }

    private func settled() throws -> DemoJudge.Verdict {
        let left = try [alice, bob].reduce(0) { try $0 + $1.engine.account.outbox().get().count }
        return DemoJudge.Verdict(
            promise: "Nothing is left open", isKept: left == 0,
            detail: left == 0 ? "both outboxes are empty" : "\(left) intents are not settled")
    }
}

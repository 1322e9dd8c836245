import Tidemark
import TidemarkModel
import TidemarkSimulator

/// Compares what the service holds with what the store shows and with what was written.
struct DemoJudge {
    /// One promise, whether it was kept, and the figures.
    struct Verdict {
        var promise: String
        var isKept: Bool
        var detail: String
    }

    /// The key under which the Azure adapter writes the token of a send, for everybody to see.
    private static let tokenKey = "tidemarkToken"

    let simulator: AzureSimulator
    let account: AccountView
    let written: [Enqueued]

    func verdicts(struck: [String: Int]) throws -> [Verdict] {
        let copies = simulator.copies(perMetadata: Self.tokenKey)
        let cancelled = try Set(
            written.filter { try account.intent($0.intent).get().state == .cancelled }.map(\.token))
        return [
            lost(copies, cancelled), doubled(copies, cancelled), try same(), order(cancelled), try settled(), struckAll(struck),
        ]
    }

    private func lost(_ copies: [String: Int], _ cancelled: Set<Token>) -> Verdict {
        let missing = written.count { !cancelled.contains($0.token) && copies[$0.token.rawValue] == nil }
        let detail =
            missing == 0
            ? "of \(written.count) messages \(written.count - cancelled.count) arrived, \(cancelled.count) taken back before"
            : "\(missing) of \(written.count) messages never reached the service"
        return Verdict(promise: "Nothing is lost", isKept: missing == 0, detail: detail)
    }

    private func doubled(_ copies: [String: Int], _ cancelled: Set<Token>) -> Verdict {
        let extra = copies.values.reduce(0) { $0 + $1 - 1 }
        let unwanted = cancelled.count { copies[$0.rawValue] != nil }
        let isKept = extra == 0 && unwanted == 0
        return Verdict(
            promise: "Nothing is doubled", isKept: isKept,
            detail: isKept
                ? "\(copies.count) tokens at the service, each once"
                : "the service has \(extra) copies too many and \(unwanted) that were taken back")
    }

    /// The same live messages with the same texts in the same order.
    private func same() throws -> Verdict {
        var missing = 0
        var extra = 0
        var different = 0
        var live = 0
        var isOrdered = true
        let conversations = try account.conversations().get()
        for thread in simulator.threads {
            let there = thread.messages.filter { ($0.kind == .text || $0.kind == .html) && $0.deletedAt == nil }
            live += there.count
            let id = conversations.first { $0.remoteID?.rawValue == thread.id }?.id
            let here = try id.map(shown) ?? []
            let texts = Dictionary(here, uniquingKeysWith: { first, _ in first })
            let known = Set(there.map { String($0.id) })
            missing += there.count { texts[String($0.id)] == nil }
            extra += here.count { !known.contains($0.0) }
            different += there.count { texts[String($0.id)].map { [content = $0.content] text in text != content } ?? false }
            let order = here.map(\.0).filter(known.contains)
            isOrdered = isOrdered && order == there.map { String($0.id) }.filter { texts[$0] != nil }
        }
        let faults = [
            (missing, "are missing in the store"), (extra, "live on in the store alone"), (different, "have another text there"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        let detail =
            if !faults.isEmpty {
                "of \(live) messages " + faults.joined(separator: ", ")
            } else if !isOrdered {
                "the store shows another order"
            } else {
                "\(live) live messages here and there, same texts"
            }
        return Verdict(promise: "Store and service agree", isKept: faults.isEmpty && isOrdered, detail: detail)
    }

    private func shown(_ conversation: ConversationID) throws -> [(String, String)] {
        let timeline = try account.timeline(of: conversation, limit: Timeline.maximumLimit).get()
        return timeline.entries.filter { $0.deletedAt == nil && $0.kind.isUserKind }
            .map { ($0.remoteID?.rawValue ?? $0.id.description, $0.text ?? "") }
    }

    private func order(_ cancelled: Set<Token>) -> Verdict {
        let messages = simulator.threads.flatMap(\.messages)
        let arrived = Dictionary(
            messages.compactMap { message in message.firstMetadata[Self.tokenKey].map { ($0, message.id) } },
            uniquingKeysWith: min)
        var swapped = 0
        var last: [ConversationID: Int64] = [:]
        for one in written {
            guard let id = arrived[one.token.rawValue] else { continue }
            if id < last[one.conversation, default: 0] { swapped += 1 }
            last[one.conversation] = max(last[one.conversation, default: 0], id)
        }
        return Verdict(
            promise: "Order is kept", isKept: swapped == 0,
            detail: swapped == 0
                ? "they arrived in the order they were written in"
                : "\(swapped) messages arrived behind one that was written later")
    }

    private func settled() throws -> Verdict {
        let left = try account.outboxSummary().get()
        let gaps = try account.gaps().get().count
        return Verdict(
            promise: "Nothing is left open", isKept: left.isEmpty && gaps == 0,
            detail: left.isEmpty && gaps == 0
                ? "the outbox is empty and history has no gap"
                : "\(left.queued + left.sent + left.needingPerson) intents are not settled, history has \(gaps) gaps")
    }

    private func struckAll(_ struck: [String: Int]) -> Verdict {
        let absent = DemoFault.all.filter { struck[$0.name] == nil }
        return Verdict(
            promise: "Every fault struck", isKept: absent.isEmpty,
            detail: absent.isEmpty
                ? "\(struck.values.reduce(0, +)) faults of \(DemoFault.all.count) kinds"
                : "these never did: " + absent.map(\.name).joined(separator: ", "))
    }
}

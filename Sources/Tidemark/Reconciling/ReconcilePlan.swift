public import TidemarkModel

/// What a repair would do, found without changing anything: a value that can be printed, kept and applied later.
///
/// It holds ids, versions and sentences, no message text. ``SyncEngine/apply(_:)`` applies it if neither the store nor the service
/// has moved since.
public struct ReconcilePlan: Hashable, Sendable, Codable {
    /// Of this form of the value. A plan of another one is refused.
    public static let format = 1

    /// What a conversation was when the plan was made.
    public struct Basis: Hashable, Sendable, Codable {
        public var conversation: ConversationID
        public var remoteConversation: RemoteConversationID
        /// Digests of ids and versions: of what the store held, and of what the service showed.
        public var here: String
        public var there: String
    }

    public let format: Int
    public let account: AccountName
    public let service: String
    public let madeAt: Timestamp
    public let since: Timestamp?
    /// The one conversation that was compared; `nil`: all of them, and the list of them.
    public let conversation: ConversationID?
    /// What was compared, in its order.
    public let bases: [Basis]
    /// What differs.
    public let found: Reconciliation

    public var isEmpty: Bool { found.findings.isEmpty }
}

extension ReconcilePlan: CustomStringConvertible {
    /// A line for each difference, and one that sums up. No message text.
    public var description: String {
        let lines = found.findings.map { finding in
            let place = [finding.conversation?.description, finding.message?.description].compactMap { $0 }
            let remote = finding.remoteID?.rawValue ?? finding.participant?.rawValue ?? finding.remoteConversation?.rawValue
            let head = [finding.kind.rawValue, place.joined(separator: "/"), remote ?? ""].filter { !$0.isEmpty }
            return "\(head.joined(separator: " ")): \(finding.reason)"
        }
        let count = "\(found.findings.count)\(found.isCut ? " and more" : "")"
        return (lines + ["\(count) found in \(found.conversations) conversations of \(account) on \(madeAt.rfc3339)"])
            .joined(separator: "\n")
    }
}

/// A sum over words and numbers, to tell whether they are the same as before. It is no secret and no proof against a forger.
struct Digest {
    private var low: UInt64 = 0xCBF2_9CE4_8422_2325
    private var high: UInt64 = 0x8422_2325_CBF2_9CE4

    mutating func add(_ parts: String?...) {
        for part in parts {
            add(part == nil ? 0 : 1)
            for byte in (part ?? "").utf8 { add(byte) }
            add(0xFF)
        }
    }

    mutating func add(_ number: Int64?) {
        add(number.map { String($0) })
    }

    private mutating func add(_ byte: UInt8) {
        low = (low ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        high = ((high << 7 | high >> 57) ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15
    }

    var text: String { "\(String(low, radix: 16))-\(String(high, radix: 16))" }
}

internal import GRDB
internal import TidemarkModel

/// An intent with what its state depends on.
struct OpenIntent: ColumnReadable {
    var row: IntentRow
    var parentState: IntentRow.State?
    var laneReason: String?
    var conversationIsBound: Bool
    /// A send whose files are not all at the service.
    var waitsForFiles: Bool

    /// All that is not over.
    static let openStates = "('queued', 'transmitting', 'inDoubt', 'sent', 'parked')"

    static let selection = selection(from: "intent i")

    /// `intents` names them `i`.
    private static func selection(from intents: String) -> String {
        """
        SELECT \(IntentRow.table.columns(of: "i")), p.state, l.parkReason, c.remoteID IS NOT NULL,
            CASE WHEN i.verb = 'send' AND i.state = 'queued' THEN EXISTS (SELECT 1 FROM intent u
                WHERE u.message = i.message AND u.verb = 'upload' AND u.\(Outbox.isOpen)) ELSE 0 END
        FROM \(intents)
        JOIN conversation c ON c.id = i.conversation
        LEFT JOIN intent p ON p.id = i.parent
        LEFT JOIN lane l ON l.conversation = i.conversation
        """
    }

    /// Joined and not tested for: that would copy the list into a table first.
    private static let selectionOfMessages = SQLText(
        once: selection(from: "json_each(?) AS wanted CROSS JOIN intent i ON i.message = wanted.value") + onMessage)
    private static let selectionOfMessage = SQLText(once: selection + onMessage + " AND i.message = ?")
    private static let onMessage = " WHERE i.verb <> 'markRead' AND i.\(Outbox.isOpen)"

    init(_ columns: Columns) throws {
        row = try IntentRow(columns)
        let more = IntentRow.table.columns.count
        parentState = try (columns[more] as String?).flatMap(IntentRow.State.init(rawValue:))
        laneReason = try columns[more + 1]
        conversationIsBound = try columns[more + 2]
        waitsForFiles = try columns[more + 3]
    }

    var id: Int64 { row.id ?? 0 }

    var state: DeliveryState {
        switch row.state {
        case .queued: queuedState
        case .transmitting: .transmitting
        case .inDoubt: .inDoubt
        // Acknowledged for good: views only go on showing it until a read does.
        case .sent: row.settledAt == nil ? .sent : .confirmed
        case .confirmed: .confirmed
        case .parked: .parked(ParkReason(rawValue: row.reason ?? laneReason ?? ParkReason.invalid.rawValue))
        case .cancelled: .cancelled
        }
    }

    private var queuedState: DeliveryState {
        if waitsForFiles { return .waiting }
        if let laneReason { return .parked(ParkReason(rawValue: laneReason)) }
        switch parentState {
        case .queued, .transmitting, .inDoubt, .parked: return .waiting
        case .sent, .confirmed, .cancelled, nil: break
        }
        if row.reason == ParkReason.roomClosed.rawValue { return .waiting }
        return conversationIsBound || row.verb == .createConversation ? .queued : .waiting
    }

    /// Views show it on top of the remote state (P7). A parked send stays visible, as parked; other parked intents do not.
    var isShown: Bool {
        switch row.state {
        case .queued, .transmitting, .inDoubt, .sent: row.isOverlaid
        case .parked: row.verb == .send || row.verb == .createConversation
        case .confirmed, .cancelled: false
        }
    }

    /// It still needs the wire or a person.
    var isPending: Bool {
        switch row.state {
        case .queued, .transmitting, .inDoubt, .parked: true
        case .sent: row.settledAt == nil
        case .confirmed, .cancelled: false
        }
    }

    /// Why a person is needed.
    var problem: ParkReason? {
        state.reason ?? (row.asks ? ParkReason(rawValue: row.reason ?? ParkReason.unprovable.rawValue) : nil)
    }

    /// The open intents on messages, oldest first, by message.
    static func onMessages(_ messages: [Int64], _ db: Database) throws -> [Int64: [OpenIntent]] {
        guard !messages.isEmpty else { return [:] }
        let distinct = Set(messages).sorted()
        // One alone needs no list.
        let found =
            distinct.count == 1
            ? try OpenIntent.fetchAll(db, cached: selectionOfMessage, arguments: [distinct[0]])
            : try OpenIntent.fetchAll(db, cached: selectionOfMessages, arguments: [distinct.jsonArray])
        return Dictionary(grouping: found.sorted { $0.id < $1.id }) { $0.row.message ?? 0 }
    }

    /// Not a list: SQLite would make a table of it each time.
    static func isOne(of verbs: [Verb], _ prefix: String = "") -> String {
        verbs.map { "\(prefix)verb = '\($0.rawValue)'" }.joined(separator: " OR ")
    }

    /// The statement that ``onConversation(_:account:_:_:)`` runs for these verbs: made once, since each has a plan of its own.
    static func selection(onConversation verbs: [Verb]) -> String {
        """
        \(selection)
        WHERE i.account = ? AND i.conversation = ? AND i.state IN \(openStates)
            AND (\(isOne(of: verbs, "i.")))
        ORDER BY i.id
        """
    }

    /// As ``selection(onConversation:)``, for all conversations of an account.
    static func selection(onConversations verbs: [Verb]) -> String {
        """
        \(selection)
        WHERE i.account = ? AND i.state IN \(openStates)
            AND (\(isOne(of: verbs, "i.")))
        ORDER BY i.id
        """
    }

    /// The open intents on a conversation itself, oldest first.
    static func onConversation(_ conversation: Int64, account: Int64, _ selection: SQLText, _ db: Database) throws -> [OpenIntent]
    {
        try OpenIntent.fetchAll(db, cached: selection, arguments: [account, conversation])
    }
}

extension [Int64] {
    /// A parameter for `json_each`.
    var jsonArray: String {
        "[" + map(String.init).joined(separator: ",") + "]"
    }
}

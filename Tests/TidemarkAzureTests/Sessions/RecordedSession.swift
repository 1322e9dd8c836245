import Foundation
import TidemarkModel

/// What one run of a client recorded: exchanges in the order in which they happened.
///
/// A file is a session, except that the JavaScript suites spread one over several files: a thread is made in one of
/// them, written to in the next and read in a third. Those are put together again.
struct RecordedSession {
    var name: String
    var files: Int
    var exchanges: [RecordedExchange]

    var bearsDates: Bool { exchanges.allSatisfy { $0.date != nil } }

    static func all() throws -> [RecordedSession] {
        var files: [(name: String, exchanges: [RecordedExchange])] = []
        for exchange in try RecordedExchange.all() {
            if files.last?.name != exchange.file { files.append((exchange.file, [])) }
            files[files.count - 1].exchanges.append(exchange)
        }
        let suites = Dictionary(grouping: files.filter { $0.name.hasPrefix("js-") }) { $0.name.prefix { $0 != "/" } }
        let single = files.filter { !$0.name.hasPrefix("js-") }
            .map { RecordedSession(name: $0.name, files: 1, exchanges: $0.exchanges) }
        let joined = suites.sorted { $0.key < $1.key }.map { suite in
            RecordedSession(
                name: String(suite.key), files: suite.value.count,
                exchanges: suite.value.map(\.exchanges).sorted(by: happenedBefore).flatMap { $0 })
        }
        return single + joined
    }

    /// By the answers' dates; inside one second, and where dates were not recorded, by what has to come before what.
    private static func happenedBefore(_ left: [RecordedExchange], _ right: [RecordedExchange]) -> Bool {
        let (first, second) = (left.compactMap(\.date).first ?? .distantPast, right.compactMap(\.date).first ?? .distantPast)
        return first == second ? rank(left) < rank(right) : first < second
    }

    private static func rank(_ file: [RecordedExchange]) -> Int {
        for exchange in file {
            switch RecordedCall(exchange) {
            case .delivery(let delivery, _): return rank(delivery.action.verb)
            case .page(let page): return rank(page.subject)
            case .typing: return 3
            case .identity, .registration, nil: continue
            }
        }
        return .max
    }

    private static func rank(_ verb: Verb) -> Int {
        switch verb {
        case .createConversation: 0
        case .rename: 2
        case .send: 3
        case .markRead: 6
        case .edit: 7
        case .delete: 8
        case .addParticipants: 9
        case .removeParticipant: 11
        case .deleteConversation: 13
        case .upload: 14
        }
    }

    private static func rank(_ subject: PageRequest.Subject) -> Int {
        switch subject {
        case .conversation: 1
        case .message: 4
        case .messages: 5
        case .participants: 10
        case .receipts: 12
        case .conversations: 14
        }
    }
}

extension RecordedExchange {
    /// When the service answered, to the second.
    var date: Date? {
        guard let text = responseHeaders.first(where: { $0.name.lowercased() == "date" })?.value else { return nil }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: text)
    }
}

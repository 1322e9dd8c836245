import Foundation
import Testing
import TidemarkAzure
import TidemarkModel

@Suite(.enabled(if: RecordingFolder.isExpected, "the recordings are not here; TIDEMARK_RECORDINGS names their folder"))
struct RecordedAnswersTests {
    private let exchanges: [RecordedExchange]
    private let wire: AzureChatWire

    init() throws {
        exchanges = try RecordedExchange.all()
        wire = try Example.wire()
    }

    @Test func `every recorded answer of six client libraries is read`() throws {
        var count = Count()
        for exchange in exchanges {
            let call = try #require(RecordedCall(exchange), "\(exchange.file): \(exchange.method) \(exchange.path)")
            switch call {
            case .registration: count.elsewhere += 1
            case .identity(let operation): try check(operation, exchange, &count)
            case .typing(let operation):
                try wire.acknowledge(exchange.response, of: operation)
                count.decoded += 1
            case .delivery(let delivery, _): try check(delivery, exchange, &count)
            case .page(let request): try check(request, exchange, &count)
            }
        }
        let files = Set(exchanges.map(\.file)).count
        print("recordings: \(files) files, \(exchanges.count) exchanges, \(count)")
        #expect(files >= Floor.files && count.decoded >= Floor.decoded && count.items >= Floor.items)
        #expect(count.failures >= Floor.failures && count.messages >= Floor.messages)
    }

    /// What was there when the tests were written. Less means that a reader has lost something.
    private enum Floor {
        static let files = 165
        static let decoded = 689
        static let items = 249
        static let messages = 65
        static let failures = 11
    }

    private struct Count: CustomStringConvertible {
        var decoded = 0
        var items = 0
        var messages = 0
        var failures = 0
        var sanitized = 0
        var elsewhere = 0

        var description: String {
            "\(decoded) answers decoded with \(items) items (\(messages) messages) and \(failures) failures, "
                + "\(sanitized) lists replaced by a word, \(elsewhere) of another service"
        }
    }

    private func check(_ delivery: Delivery, _ exchange: RecordedExchange, _ count: inout Count) throws {
        guard exchange.status < 400 else {
            let error = #expect(throws: ServiceError.self) { try wire.acceptance(of: exchange.response, for: delivery) }
            try check(error, exchange, &count)
            return
        }
        if exchange.responseJSON["multipleStatus"] is String {
            let error = #expect(throws: ServiceError.self) { try wire.acceptance(of: exchange.response, for: delivery) }
            #expect(error?.code == .unreadable && error?.certainty == .unknown)
            count.sanitized += 1
            return
        }
        let acceptance = try wire.acceptance(of: exchange.response, for: delivery)
        count.decoded += 1
        let json = exchange.responseJSON
        switch delivery.action {
        case .send: #expect(acceptance.message?.rawValue == json["id"] as? String)
        case .createConversation:
            let thread = json["chatThread"] as? [String: Any] ?? json
            #expect(acceptance.conversation?.id.rawValue == thread["id"] as? String)
            #expect(acceptance.conversation?.topic == thread["topic"] as? String)
            #expect(acceptance.conversation?.createdBy != nil && acceptance.conversation?.createdAt != nil)
        default: break
        }
        #expect(acceptance.failures.isEmpty)
    }

    private func check(_ request: PageRequest, _ exchange: RecordedExchange, _ count: inout Count) throws {
        guard exchange.status < 400 else {
            let error = #expect(throws: ServiceError.self) { try wire.page(of: exchange.response, for: request) }
            try check(error, exchange, &count)
            return
        }
        if exchange.responseJSON["value"] is String {
            // Python's recorder put a word in the place of the list: that is no page, and it says so.
            let error = #expect(throws: ServiceError.self) { try wire.page(of: exchange.response, for: request) }
            #expect(error?.code == .unreadable && error?.certainty == .notApplied)
            count.sanitized += 1
            return
        }
        let page = try wire.page(of: exchange.response, for: request)
        #expect(page.rejects.isEmpty, "\(exchange.file): \(page.rejects.map(\.reason))")
        #expect(page.next?.rawValue == exchange.responseJSON["nextLink"] as? String)
        let raw = exchange.responseJSON["value"] as? [[String: Any]] ?? [exchange.responseJSON]
        count.items += try RawItems(raw).compare(page.items, file: exchange.file)
        if case .messages(let messages) = page.items { count.messages += messages.count }
        count.decoded += 1
    }

    private func check(_ operation: AzureIdentityWire.Operation, _ exchange: RecordedExchange, _ count: inout Count) throws {
        let identity = AzureIdentityWire(endpoint: try Example.endpoint())
        switch operation {
        case .createUser(let scopes, _):
            #expect(!(try identity.user(of: exchange.response).rawID.isEmpty))
            if !scopes.isEmpty { #expect(try identity.token(of: exchange.response).expiresOn.milliseconds > 1_600_000_000_000) }
        case .issueToken: #expect(try identity.token(of: exchange.response).expiresOn.milliseconds > 1_600_000_000_000)
        case .revokeTokens, .deleteUser: try identity.checkSuccess(exchange.response)
        }
        count.decoded += 1
    }

    private func check(_ error: ServiceError?, _ exchange: RecordedExchange, _ count: inout Count) throws {
        let error = try #require(error, "\(exchange.file)")
        #expect(error.status == exchange.status && error.certainty == .notApplied)
        #expect(error.code == (exchange.status == 404 ? .notFound : .invalid))
        #expect(error.serviceCode == (exchange.status == 404 ? "NotFound" : "BadRequest"), "\(exchange.file)")
        count.failures += 1
        count.decoded += 1
    }
}

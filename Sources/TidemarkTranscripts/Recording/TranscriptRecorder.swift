import HTTPTypes
import Synchronization
public import Tidemark
public import TidemarkModel
public import TidemarkStore

/// Writes down what a real engine does, as a transcript that can be replayed.
///
/// It wraps the transport of the adapter: each request and its answer, and the time between them. Credentials never enter it, and
/// what people wrote only where it is asked for (see `docs/transcripts.md`). It holds everything in memory, at most
/// ``Transcript/maximumBytes``; then it stops recording and ``finish()`` says so.
public final class TranscriptRecorder: Sendable {
    private let account: AccountView
    private let clock: any EngineClock
    private let state: Mutex<State>

    private struct State {
        var redactor: Redactor
        /// `nil`: it has not begun.
        var writer: TranscriptWriter?
        var number = 0
    }

    /// A recorder that has not begun: what goes through its transport is not recorded yet.
    ///
    /// - Parameters:
    ///   - account: whose engine is recorded.
    ///   - keepsText: whether message texts, topics and names are recorded as they are.
    ///   - clock: the time; tests give their own.
    public init(account: AccountView, keepsText: Bool = false, clock: any EngineClock = SystemClock()) {
        self.account = account
        self.clock = clock
        state = Mutex(State(redactor: Redactor(keepsText: keepsText)))
    }

    /// Begins with what the store holds now. Call it right before the engine runs. Throws `StoreError`.
    ///
    /// - Parameters:
    ///   - title: a sentence for the reader.
    ///   - service: which service it is.
    ///   - user: whose engine it is.
    ///   - endpoint: where requests go; a replay needs it to follow a service's own links.
    ///   - configuration: the engine's, so that a replay does the same.
    public func begin(
        title: String, service: String, user: ParticipantID, endpoint: String, configuration: SyncConfiguration
    ) throws {
        let head: [String: JSON] = [
            "title": .text(title), "service": .text(service), "user": .text(user.rawValue),
            "starts": .text(clock.now.rfc3339), "endpoint": .text(endpoint), "patience": .text("10m"),
            "configuration": TranscriptConfiguration.write(configuration),
        ]
        let dump = try account.store.dump(of: account)
        let now = clock.monotonic
        state.withLock { state in
            state.writer = TranscriptWriter(head: head, at: now)
            state.writer?.add(["store": state.redactor.dump(dump).json])
            // What an engine does when it begins.
            state.writer?.add(["act": .text("wake")])
        }
    }

    /// A transport that records what goes through it.
    public func recording(_ transport: some HTTPTransport) -> any HTTPTransport {
        RecordingTransport(transport: transport, recorder: self)
    }

    /// The transcript, with what the views show now as what is expected. Throws `StoreError`.
    public func finish() throws -> [UInt8] {
        var views: [(String, ConversationID?, String?)] = [("conversations", nil, nil), ("outbox", nil, nil)]
        for conversation in try account.conversations(includingDeleted: true).get() {
            if let id = conversation.remoteID { views.append(("timeline", conversation.id, id.rawValue)) }
        }
        let shown = try views.map { view, conversation, name in (view, name, try account.rows(of: view, in: conversation)) }
        let now = clock.monotonic
        return state.withLock { state in
            state.writer?.pass(to: now)
            for (view, name, rows) in shown {
                let rows = JSON.list(rows.map { state.redactor.json(Self.lasting($0)) })
                state.writer?.add(Expectation.line(view, of: name, shows: rows))
            }
            return state.writer?.file ?? []
        }
    }

    /// A row without what a replay can't reach: when something is tried next is drawn anew.
    private static func lasting(_ row: JSON) -> JSON {
        guard var object = row.object else { return row }
        object["next"] = nil
        // Its text is under another name than texts are redacted by.
        object["last"] = nil
        return .object(object)
    }

    // MARK: Exchanges

    fileprivate func began(_ request: HTTPRequest, _ body: [UInt8]) -> String {
        let now = clock.monotonic
        return state.withLock { state in
            state.writer?.pass(to: now)
            state.number += 1
            let name = "r\(state.number)"
            let address = state.redactor.address(RequestPattern.describe(WireRequest(head: request)))
            var line: [String: JSON] = ["request": .text(address), "as": .text(name)]
            if !body.isEmpty, let json = try? JSON(bytes: body) { line["body"] = state.redactor.json(json) }
            state.writer?.add(line)
            return name
        }
    }

    fileprivate func ended(_ name: String, _ response: TransportResponse) {
        let now = clock.monotonic
        state.withLock { state in
            state.writer?.pass(to: now)
            var answer: [String: JSON] = ["status": .integer(Int64(response.head.status.code))]
            var headers: [String: JSON] = [:]
            for field in [HTTPField.Name.date, .retryAfter, .contentType] {
                headers[field.rawName] = response.head.headerFields[field].map(JSON.text)
            }
            if !headers.isEmpty { answer["headers"] = .object(headers) }
            if let json = try? JSON(bytes: response.body) {
                answer["body"] = state.redactor.json(json)
            } else if !response.body.isEmpty {
                let text = String(decoding: response.body, as: UTF8.self)
                answer["text"] = .text(state.redactor.keepsText ? text : String(repeating: "?", count: min(text.count, 1024)))
            }
            state.writer?.add(["answer": .text(name), "with": .object(answer)])
        }
    }

    fileprivate func ended(_ name: String, _ error: TransportError) {
        let now = clock.monotonic
        state.withLock { state in
            state.writer?.pass(to: now)
            state.writer?.add(["answer": .text(name), "with": .text(error.requestMayHaveArrived ? "lost" : "unsent")])
        }
    }
}

private struct RecordingTransport<Transport: HTTPTransport>: HTTPTransport {
    let transport: Transport
    let recorder: TranscriptRecorder

    func send(_ request: HTTPRequest, body: [UInt8], limits: HTTPLimits) async throws(TransportError) -> TransportResponse {
        let name = recorder.began(request, body)
        do {
            let response = try await transport.send(request, body: body, limits: limits)
            recorder.ended(name, response)
            return response
        } catch {
            recorder.ended(name, error)
            throw error
        }
    }

    /// The exchange is written down, and the file is not: it may be large, and is what somebody wrote.
    func upload(
        _ request: HTTPRequest, file path: String, limits: HTTPLimits, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        let name = recorder.began(request, [])
        do {
            let response = try await transport.upload(request, file: path, limits: limits, progress: progress)
            recorder.ended(name, response)
            return response
        } catch {
            recorder.ended(name, error)
            throw error
        }
    }

    func download(
        _ request: HTTPRequest, to path: String, limits: HTTPLimits, maximumBytes: Int64,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        let name = recorder.began(request, [])
        do {
            let response = try await transport.download(
                request, to: path, limits: limits, maximumBytes: maximumBytes, progress: progress)
            recorder.ended(name, response)
            return response
        } catch {
            recorder.ended(name, error)
            throw error
        }
    }
}

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
        var uploads = RecordedUploads()

        mutating func answer(_ name: String, _ answer: JSON) {
            writer?.add(["answer": .text(name), "with": answer])
        }
    }

    /// A recorder that has not begun: what goes through its transport is not recorded yet.
    ///
    /// - Parameters:
    ///   - account: whose engine is recorded.
    ///   - keepsText: whether message texts, topics and names are recorded as they are.
    ///   - clock: the time; tests give their own.
    ///   - reading: of a service whose texts travel as markup (Avaya Spaces), what its adapter reads of one: what is sent and what
    ///     comes back changed by the way then get the same placeholder. And of the service's JSON only what is known to be structure
    ///     is recorded as it is.
    public init(
        account: AccountView, keepsText: Bool = false, clock: any EngineClock = SystemClock(),
        reading: (@Sendable (String) -> RecordedBody)? = nil
    ) {
        self.account = account
        self.clock = clock
        state = Mutex(State(redactor: Redactor(keepsText: keepsText, reading: reading)))
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
            for name in state.uploads.rest() { state.answer(name, .text("lost")) }
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
        // Its text is under another name than texts are redacted by, and so are the service's words.
        object["last"] = nil
        object["detail"] = nil
        return .object(object)
    }

    // MARK: Exchanges

    /// What asks who the user is, or for an address of a file that is here already, is asked beside the engine: nothing that a replay
    /// does.
    private static let beside = ["/users/me", "/anonymous/auth", "/files/getdownloadurl"]
    private static let uploads = "/files/getuploadurl"

    /// `nil`: it is not recorded.
    fileprivate func began(_ request: HTTPRequest, _ body: [UInt8]) -> Recorded? {
        let now = clock.monotonic
        let path = (request.path ?? "").prefix { $0 != "?" }
        guard !Self.beside.contains(where: path.hasSuffix) else { return nil }
        return state.withLock { state in
            let json = body.isEmpty ? nil : try? JSON(bytes: body)
            let files = path.hasSuffix(Self.uploads) ? json?.object?["files"]?.list ?? [] : nil
            if let files, let name = state.uploads.renewed(by: files) {
                return Recorded(name: name, files: files, isRenewal: true)
            }
            state.writer?.pass(to: now)
            state.number += 1
            let name = "r\(state.number)"
            let address = state.redactor.address(RequestPattern.describe(WireRequest(head: request)))
            var line: [String: JSON] = ["request": .text(address), "as": .text(name)]
            if let json { line["body"] = state.redactor.wire(json) }
            state.writer?.add(line)
            return Recorded(name: name, files: files)
        }
    }

    fileprivate func ended(_ recorded: Recorded, _ response: TransportResponse) {
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
                answer["body"] = json
                if let files = recorded.files, response.head.status.kind == .successful,
                    state.uploads.hold(recorded.name, files: files, answer)
                {
                    return
                }
                answer["body"] = state.redactor.wire(json)
            } else if !response.body.isEmpty {
                let text = String(decoding: response.body, as: UTF8.self)
                answer["text"] = .text(state.redactor.keepsText ? text : String(repeating: "?", count: min(text.count, 1024)))
            }
            if recorded.isRenewal { state.uploads.forget(recorded.name) }
            state.answer(recorded.name, .object(answer))
        }
    }

    fileprivate func ended(_ recorded: Recorded, _ error: TransportError) {
        let now = clock.monotonic
        state.withLock { state in
            state.writer?.pass(to: now)
            if recorded.isRenewal { state.uploads.forget(recorded.name) }
            state.answer(recorded.name, .text(error.requestMayHaveArrived ? "lost" : "unsent"))
        }
    }

    /// A file went to its place, or did not.
    fileprivate func uploaded(_ request: HTTPRequest, _ outcome: RecordedUploads.Outcome) {
        let now = clock.monotonic
        let address = "\(request.scheme ?? "")://\(request.authority ?? "")\(request.path ?? "")"
        state.withLock { state in
            guard let told = state.uploads.ended(address, outcome) else { return }
            state.writer?.pass(to: now)
            guard var answer = told.answer.object, let body = answer["body"] else { return state.answer(told.name, told.answer) }
            answer["body"] = state.redactor.wire(body)
            state.answer(told.name, .object(answer))
        }
    }
}

/// A request that is under way, as the transcript calls it.
private struct Recorded: Sendable {
    var name: String
    /// Of one that asks for places of files, what it announces.
    var files: [JSON]?
    /// It asks for another place of one of them.
    var isRenewal = false
}

private struct RecordingTransport<Transport: HTTPTransport>: HTTPTransport {
    let transport: Transport
    let recorder: TranscriptRecorder

    func send(_ request: HTTPRequest, body: [UInt8], limits: HTTPLimits) async throws(TransportError) -> TransportResponse {
        guard let recorded = recorder.began(request, body) else {
            return try await transport.send(request, body: body, limits: limits)
        }
        do {
            let response = try await transport.send(request, body: body, limits: limits)
            recorder.ended(recorded, response)
            return response
        } catch {
            recorder.ended(recorded, error)
            throw error
        }
    }

    /// What became of the file is told with the request that named its place; its bytes are not.
    func upload(
        _ request: HTTPRequest, file path: String, limits: HTTPLimits, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        do {
            let response = try await transport.upload(request, file: path, limits: limits, progress: progress)
            recorder.uploaded(request, .status(response.head.status.code))
            return response
        } catch {
            recorder.uploaded(request, .failed(mayHaveArrived: error.requestMayHaveArrived))
            throw error
        }
    }

    /// A file that comes is nothing that the engine plans: a replay asks for none.
    func download(
        _ request: HTTPRequest, to path: String, limits: HTTPLimits, maximumBytes: Int64,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        try await transport.download(request, to: path, limits: limits, maximumBytes: maximumBytes, progress: progress)
    }
}

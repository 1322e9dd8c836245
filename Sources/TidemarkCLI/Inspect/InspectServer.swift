import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Tidemark

/// The page on a port of this machine.
///
/// Only GET is answered, only under the names of this machine, and only below the token. Every answer forbids the browser to load
/// anything from elsewhere, to keep it, and to show it inside another page.
struct InspectServer: Sendable {
    private static let scriptType = "text/javascript; charset=utf-8"

    let source: InspectSource
    let port: Int
    private let token = InspectAddress.randomToken()
    private let streams = InspectStreams()

    init(_ source: InspectSource, port: Int) {
        self.source = source
        self.port = port
    }

    /// Serves until the calling task is cancelled, then returns. `onReady` is called once, when the port is open.
    ///
    /// Throws what the system says if the port can't be opened.
    func run(onReady: @escaping @Sendable (InspectAddress) -> Void) async throws {
        var logger = Logger(label: "tidemark.inspect", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        let application = Application(
            responder: CallbackResponder<InspectContext> { request, context in
                guard let port = context.port else { return Response(status: .notFound) }
                return respond(to: request, at: InspectAddress(port: port, token: token))
            },
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port), serverName: nil),
            onServerRunning: { channel in
                guard let port = channel.localAddress?.port else { return }
                onReady(InspectAddress(port: port, token: token))
            },
            logger: logger)
        do {
            try await application.run()
        } catch is CancellationError {
            // Being cancelled is how it stops.
        }
    }

    private func respond(to request: Request, at address: InspectAddress) -> Response {
        let wish: InspectRequest
        do throws(InspectRequest.Refusal) {
            wish = try InspectRequest(request.head, at: address)
        } catch {
            var fields = Self.fields("text/plain; charset=utf-8")
            if error == .notGET { fields[.allow] = "GET" }
            return Response(status: error.status, headers: fields)
        }
        switch wish.subject {
        case .page: return Self.text(InspectPage.html, "text/html; charset=utf-8")
        case .script: return Self.text(InspectPage.script, Self.scriptType)
        case .parts: return Self.text(InspectPage.parts, Self.scriptType)
        case .style: return Self.text(InspectPage.style, "text/css; charset=utf-8")
        case .icon: return Self.text(InspectPage.icon, "image/svg+xml")
        case .changes: return changes(wish, request)
        case .store, .overview, .timeline, .message, .find: return answer(wish)
        }
    }

    /// A view, or why there is none.
    private func answer(_ wish: InspectRequest) -> Response {
        do {
            return Self.text(try source.answer(wish).text, "application/json")
        } catch {
            let failure =
                Failure(translating: error) ?? Failure(.failed, code: "failed", "The store could not be read; try again.")
            let status: HTTPResponse.Status = failure.code == "notFound" ? .notFound : .badRequest
            let body = JSONValue.object([
                ("code", .string(failure.code)), ("message", .string(EscapedText.line(failure.message))),
                ("candidates", .array(failure.candidates.map { .string(EscapedText.line($0, limit: 200)) })),
            ])
            return Self.text(body.text, "application/json", status)
        }
    }

    private func changes(_ wish: InspectRequest, _ request: Request) -> Response {
        guard let follower = try? source.follower(wish) else { return Response(status: .notFound) }
        guard let place = streams.take() else {
            return Self.text("Too many pages are open.", "text/plain; charset=utf-8", .serviceUnavailable)
        }
        return Response(
            status: .ok, headers: Self.fields("text/event-stream"),
            body: ResponseBody { writer in
                // Who closes the page ends it, and so does the end of the server.
                _ = try? await request.body.consumeWithCancellationOnInboundClose { _ in
                    try await follower.follow { try await writer.write(ByteBuffer(string: $0)) }
                }
                withExtendedLifetime(place) {}
                try await writer.finish(nil)
            })
    }

    private static func text(_ text: String, _ type: String, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: fields(type), body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private static func fields(_ type: String) -> HTTPFields {
        var fields: HTTPFields = [.contentType: type, .cacheControl: "no-store", .xContentTypeOptions: "nosniff"]
        fields[.contentSecurityPolicy] =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        for (name, value) in [
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
        ] {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return fields
    }
}

/// Lets the responder know the port that it is asked on.
private struct InspectContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let port: Int?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        port = source.channel.localAddress?.port
    }
}

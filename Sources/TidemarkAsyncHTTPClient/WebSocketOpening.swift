#if NIO
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization
import TidemarkModel

/// One attempt at a connection. It ends once: open, refused, failed, out of time or cancelled, whatever comes first.
final class WebSocketOpening: Sendable {
    /// How the other side answered the handshake.
    private enum Answer: Sendable {
        case open(NIOWebSocketConnection)
        case refused(EventLoopFuture<Int>)
    }

    private struct State {
        var channel: (any Channel)?
        /// The end, once there is one; `nil` in it is success.
        var end: TransportError??
    }

    private let host: String
    private let port: Int
    private let head: HTTPRequestHead
    private let limits: WebSocketLimits
    private let tls: NIOSSLContext?
    private let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
    private let state = Mutex(State())

    /// `nil` if the address has no host to connect to.
    init?(_ address: ExchangeAddress, _ request: HTTPRequest, limits: WebSocketLimits, tls: NIOSSLContext?) {
        guard let host = address.url.host(percentEncoded: false), let authority = request.authority else { return nil }
        self.host = host.trimmingCharacters(in: ["[", "]"])
        port = address.url.port ?? (tls == nil ? 80 : 443)
        var headers = HTTPHeaders(request.headerFields.withoutFraming.map { ($0.name.rawName, $0.value) })
        headers.replaceOrAdd(name: "Host", value: authority)
        head = HTTPRequestHead(version: .http1_1, method: .GET, uri: request.path ?? "/", headers: headers)
        self.limits = limits
        self.tls = tls
    }

    func run() async throws(TransportError) -> any WebSocketConnection {
        let outcome = loop.makePromise(of: NIOWebSocketConnection.self)
        let time = min(limits.connectTimeout, .seconds(24 * 60 * 60))
        let timer = loop.scheduleTask(in: TimeAmount(time)) { self.giveUp(.timeout, outcome) }
        start(outcome)
        do {
            let connection = try await withTaskCancellationHandler {
                try await outcome.futureResult.get()
            } onCancel: {
                giveUp(.cancelled, outcome)
            }
            timer.cancel()
            return connection
        } catch {
            timer.cancel()
            throw error as? TransportError ?? TransportError(.connectionLost, requestMayHaveArrived: true)
        }
    }

    private func giveUp(_ code: TransportError.Code, _ outcome: EventLoopPromise<NIOWebSocketConnection>) {
        let hasConnected = state.withLock { $0.channel != nil }
        end(TransportError(code, requestMayHaveArrived: hasConnected), outcome)
    }

    private func end(_ error: TransportError, _ outcome: EventLoopPromise<NIOWebSocketConnection>) {
        let (isFirst, channel) = state.withLock { state -> (Bool, (any Channel)?) in
            guard state.end == nil else { return (false, nil) }
            state.end = .some(error)
            return (true, state.channel)
        }
        // Closing ends the handshake too, on the loop: that is no end of its own.
        guard isFirst else { return }
        outcome.fail(error)
        channel?.close(promise: nil)
    }

    // MARK: On the loop

    private func start(_ outcome: EventLoopPromise<NIOWebSocketConnection>) {
        ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(min(limits.connectTimeout, .seconds(60))))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: host, port: port)
            .whenComplete { result in
                switch result {
                case .success(let channel): self.connected(channel, outcome)
                case .failure: self.end(TransportError(.unreachable, requestMayHaveArrived: false), outcome)
                }
            }
    }

    private func connected(_ channel: any Channel, _ outcome: EventLoopPromise<NIOWebSocketConnection>) {
        let isMeant = state.withLock { state in
            if state.end == nil { state.channel = channel }
            return state.end == nil
        }
        guard isMeant else {
            channel.close(promise: nil)
            return
        }
        do {
            try ask(channel).whenComplete { self.answered($0, channel, outcome) }
        } catch {
            end(Self.failure(error), outcome)
        }
    }

    /// Sends the handshake and tells the answer.
    private func ask(_ channel: any Channel) throws -> EventLoopFuture<Answer> {
        let pipeline = channel.pipeline.syncOperations
        if let tls {
            // An address has no name to be told; its certificate must hold the address itself.
            let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
            try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host))
        }
        let limits = limits
        let upgrader = NIOTypedWebSocketClientUpgrader<Answer>(
            maxFrameSize: WebSocketHandler.longestFrame(limits), enableAutomaticErrorHandling: false
        ) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                let inbox = WebSocketInbox(limits)
                let handler = WebSocketHandler(inbox, limits)
                try channel.pipeline.syncOperations.addHandler(handler)
                return .open(NIOWebSocketConnection(channel, handler: handler, inbox: inbox))
            }
        }
        let upgrade = NIOTypedHTTPClientUpgradeConfiguration<Answer>(upgradeRequestHead: head, upgraders: [upgrader]) { channel in
            channel.eventLoop.makeCompletedFuture {
                let status = channel.eventLoop.makePromise(of: Int.self)
                try channel.pipeline.syncOperations.addHandler(HandshakeRefusal(status))
                return .refused(status.futureResult)
            }
        }
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
        // The first frames may come in one piece with the answer.
        configuration.leftOverBytesStrategy = .forwardBytes
        return try pipeline.configureUpgradableHTTPClientPipeline(configuration: configuration)
    }

    private func answered(
        _ result: Result<Answer, any Error>, _ channel: any Channel, _ outcome: EventLoopPromise<NIOWebSocketConnection>
    ) {
        switch result {
        case .success(.open(let connection)):
            let isMeant = state.withLock { state in
                guard state.end == nil else { return false }
                state.end = .some(nil)
                return true
            }
            // One that nobody waits for any more was closed when it was given up.
            if isMeant { outcome.succeed(connection) }
        case .success(.refused(let status)):
            status.whenComplete { status in
                let code = (try? status.get()).map { TransportError.Code.refused(status: $0) } ?? .connectionLost
                self.end(TransportError(code, requestMayHaveArrived: true), outcome)
            }
        case .failure(let error):
            end(Self.failure(error), outcome)
        }
    }

    private static func failure(_ error: any Error) -> TransportError {
        switch error {
        // Before the end of its handshake TLS lets nothing of the request out.
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: TransportError(.unreachable, requestMayHaveArrived: false)
        default: TransportError(.connectionLost, requestMayHaveArrived: true)
        }
    }
}

/// Reads the status of an answer that is no WebSocket.
private final class HandshakeRefusal: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let status: EventLoopPromise<Int>

    init(_ status: EventLoopPromise<Int>) {
        self.status = status
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data) { status.succeed(Int(head.status.code)) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        status.fail(error)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        status.fail(ChannelError.eof)
    }
}
#endif

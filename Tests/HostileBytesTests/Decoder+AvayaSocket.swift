import Foundation
import TidemarkAvaya
import TidemarkModel

extension Decoder {
    var isOfAvayaSocket: Bool { rawValue.hasPrefix("avayaSocket") }

    /// Returns how many readings gave a value.
    func avayaSocket(_ bytes: [UInt8]) -> Int {
        switch self {
        case .avayaSocketFrame: frame(String(decoding: bytes, as: UTF8.self)) ? 1 : 0
        case .avayaSocketSession: session(String(decoding: bytes, as: UTF8.self))
        default: 0
        }
    }

    /// What is read can be written, and read as the same again.
    private func frame(_ text: String) -> Bool {
        guard let frame = try? EngineFrame(text) else { return false }
        if case .message(let packet) = frame, packet.namespace.contains(",") || packet.query?.contains(",") == true {
            preconditionFailure("A namespace holds its own end.")
        }
        if case .message(let packet) = frame, case .event(_, let arguments) = packet.kind {
            for argument in arguments {
                _ = SpacesEvent.token(in: argument)
                _ = (argument["_id"]?.text, argument["count"]?.integer)
            }
        }
        // The server's own order of members isn't kept in an opening.
        let again = try? EngineFrame(frame.text)
        precondition(again == frame, "It became another frame.")
        return true
    }

    /// A connection hears this, line by line. Every send ends once, and no timer runs away.
    private func session(_ text: String) -> Int {
        var socket = SpacesSocket(SpacesSocketConfiguration(), asksForSpaces: false, seed: 1)
        var now: Int64 = 0
        var pending: Set<Token> = []
        var events = 0
        func put(_ input: SpacesSocketInput) {
            for effect in socket.handle(input, at: now) {
                if case .settle(let token, _) = effect { precondition(pending.remove(token) != nil, "It ended twice.") }
                if case .tell(.event) = effect { events += 1 }
            }
        }
        put(.start)
        put(.opened(connection: socket.connection, AvayaAccess(scheme: .jwt, token: "h.a.s")))
        put(.subscribe("a", password: nil))
        put(.subscribe("b", password: "p"))
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).prefix(200).enumerated() {
            let token = Token("t-\(number % 5)")
            if socket.isReady, pending.insert(token).inserted {
                put(.send(SpacesMessage(token: token, space: "a", body: "hi")))
            }
            put(.text(String(line), connection: socket.connection))
            now += 10
        }
        for _ in 0..<50 {
            guard let time = socket.wakeUp, time > now else { break }
            now = time
            put(.tick)
            precondition(socket.wakeUp.map { $0 > now } ?? true, "A timer runs away.")
        }
        put(.stop)
        precondition(pending.isEmpty, "A send has no end.")
        return events
    }

    var avayaSocketSeeds: [String] {
        switch self {
        case .avayaSocketFrame: ["2", "3probe", "41/chat", "43/chat,17[true,\"a\"]", "42[\"A\",1,[2,{\"b\":null}]]"]
        default: []
        }
    }
}

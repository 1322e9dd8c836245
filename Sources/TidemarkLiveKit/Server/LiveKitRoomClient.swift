public import Foundation
import HTTPTypes
public import TidemarkModel

/// The part of LiveKit's server API that chat needs: to send without WebRTC, and to see whether a room is open.
///
/// It stores and repeats nothing. Every call throws `ServiceError`; what is `.unknown` may have had its effect. Nothing here
/// receives: the server's API neither pushes nor lists data.
public struct LiveKitRoomClient: Sendable {
    let wire: LiveKitRoomWire
    private let credential: LiveKitCredential
    private let transport: any HTTPTransport
    private let httpLimits: HTTPLimits

    /// `endpoint` is the server's address, as http, https, ws or wss. A call may take many seconds: the server asks its nodes
    /// three times, for three seconds each.
    public init(
        endpoint: URL, credential: LiveKitCredential, transport: any HTTPTransport, limits: LiveKitLimits = LiveKitLimits(),
        httpLimits: HTTPLimits = HTTPLimits()
    ) {
        wire = LiveKitRoomWire(endpoint: endpoint, limits: limits)
        self.credential = credential
        self.transport = transport
        self.httpLimits = httpLimits
    }

    /// Sends a packet into a room. Success means that the room's node has it, which says nothing about delivery.
    ///
    /// A retry with the same nonce is dropped by the room while it is among the last 100 of the room; without a nonce, or later,
    /// it is another packet. Where the server had no answer from any node (503), the rooms are asked for: `.roomNotOpen` with
    /// `.notApplied` if it is not among them, the 503 as `.unknown` otherwise.
    public func sendData(_ data: LiveKitSendData) async throws(ServiceError) {
        do throws(ServiceError) {
            try wire.checkSent(try await call(.sendData(data)))
        } catch {
            guard error.status == 503 else { throw error }
            throw error.explained(by: try? await listRooms(named: [data.room]), room: data.room)
        }
    }

    /// Who is in a room: nobody if it is not open.
    public func listParticipants(in room: String) async throws(ServiceError) -> [LiveKitParticipant] {
        try wire.participants(of: try await call(.listParticipants(room: room)))
    }

    /// The rooms that are open now, all or those of these names.
    public func listRooms(named names: [String] = []) async throws(ServiceError) -> [LiveKitOpenRoom] {
        try wire.rooms(of: try await call(.listRooms(names: names)))
    }

    /// Opens a room, or returns it as it is if it is open. Nobody is in it then, so that data sent into it is lost.
    ///
    /// Times are cut to whole seconds; without them the server's own count (300 s empty, 20 s after the last one left).
    @discardableResult
    public func createRoom(
        _ name: String, emptyTimeout: Duration? = nil, departureTimeout: Duration? = nil, metadata: String? = nil
    ) async throws(ServiceError) -> LiveKitOpenRoom {
        let operation = LiveKitRoomWire.Operation.createRoom(
            name: name, emptyTimeout: emptyTimeout, departureTimeout: departureTimeout, metadata: metadata)
        return try wire.createdRoom(of: try await call(operation))
    }

    /// One call of the server, whatever it answers.
    func call(_ operation: LiveKitRoomWire.Operation) async throws(ServiceError) -> TransportResponse {
        var request = try wire.request(for: operation)
        request.head.headerFields[.authorization] = "Bearer \(try await credential.token(operation.grant))"
        guard !Task.isCancelled else { throw ServiceError(.cancelled, certainty: .notApplied) }
        do {
            return try await transport.send(request.head, body: request.body, limits: httpLimits)
        } catch {
            throw LiveKitFailure(isRead: operation.isRead).error(error)
        }
    }
}

import Foundation
import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel
import TidemarkSimulator

/// The whole way of a file against the simulator, whose codec shares nothing with the adapter's.
struct SimulatedFileTests {
    private struct Bench {
        let transport: SimulatorTransport<AvayaSimulator>
        let clock: VirtualClock
        let client: AvayaSpacesClient
        let space: RemoteConversationID
        let storage: Storage
    }

    private func bench(_ behavior: AvayaBehavior = AvayaBehavior(), plan: FaultPlan = FaultPlan()) throws -> Bench {
        let clock = VirtualClock()
        var simulator = AvayaSimulator(seed: 7, behavior: behavior, baseURL: "https://spaces.example", now: clock.now)
        let user = simulator.users[0]
        let space = simulator.createSpace("Trip", by: user.id, with: [simulator.users[1].id], now: clock.now)
        let transport = SimulatorTransport(FaultyAvaya(simulator, faults: plan), clock: clock)
        let client = AvayaSpacesClient(
            servers: try Example.servers(), credential: try JWTAuthenticator(token: user.token, identity: ParticipantID(user.id)),
            transport: transport)
        return Bench(
            transport: transport, clock: clock, client: client, space: RemoteConversationID(space), storage: try Storage())
    }

    private func file(_ bench: Bench, _ text: String = "picture") throws -> AvayaLocalFile {
        AvayaLocalFile(path: try bench.storage.file("f", text), name: "Sea.png", mediaType: "image/png")
    }

    @Test func `a file goes up, into a message and down again`() async throws {
        let bench = try bench()
        let small = AvayaLocalFile(path: try bench.storage.file("t", "tiny"), mediaType: "image/jpeg")
        let attachment = try await bench.client.upload(try file(bench), thumbnail: small, in: bench.space)
        let sent = try await bench.client.send(
            AvayaOutgoingMessage(body: "look", attachments: [attachment]), to: bench.space)
        let read = try await bench.client.message(sent.id)
        let got = try #require(read.attachments.first)
        #expect(got.fileID == attachment.fileID && got.name == "Sea.png" && got.size == 7 && got.fileType == "image")
        for (key, text) in [(got.fileID, "picture"), (try #require(got.thumbnailFile), "tiny")] {
            try await bench.client.download(key, to: bench.storage.path("got"))
            #expect(try bench.storage.text("got") == text)
        }
    }

    @Test func `an address that ran out while the file waited is asked for anew`() async throws {
        var behavior = AvayaBehavior()
        behavior.uploadSeconds = 1
        let bench = try bench(behavior)
        let slow = SlowStorage(bench.transport, bench.clock)
        let client = AvayaSpacesClient(
            servers: try Example.servers(),
            credential: try JWTAuthenticator(token: bench.transport.with { $0.simulator.users[0].token }), transport: slow)
        let attachment = try await client.upload(try file(bench), in: bench.space)
        #expect(slow.waited.value == 1)
        let files = bench.transport.with { $0.simulator.uploadedFiles }
        #expect(files == [attachment.fileID: 7])
    }

    @Test func `a comment stands under its post and names it`() async throws {
        let bench = try bench()
        let post = try await bench.client.createPost(AvayaOutgoingMessage(body: "Where to?"), in: bench.space)
        let chat = try await bench.client.send("Anywhere", to: bench.space)
        for parent in [post, chat] {
            let sent = try await bench.client.send(
                AvayaOutgoingMessage(body: "To the sea", parent: parent.id), to: bench.space)
            #expect(try await bench.client.message(sent.id).parent?.id == parent.id)
        }
    }

    @Test func `a service that lets only posts be answered refuses the answer to a chat`() async throws {
        var behavior = AvayaBehavior()
        behavior.repliesToChats = false
        let bench = try bench(behavior)
        let chat = try await bench.client.send("Anywhere", to: bench.space)
        let error = await #expect(throws: ServiceError.self) {
            try await bench.client.send(AvayaOutgoingMessage(body: "To the sea", parent: chat.id), to: bench.space)
        }
        #expect(error?.code == .invalid && error?.certainty == .notApplied)
    }
}

/// Lets the first address run out before anything is put there.
private final class SlowStorage: HTTPTransport {
    let waited = Shared(0)
    private let transport: SimulatorTransport<AvayaSimulator>
    private let clock: VirtualClock

    init(_ transport: SimulatorTransport<AvayaSimulator>, _ clock: VirtualClock) {
        (self.transport, self.clock) = (transport, clock)
    }

    func send(
        _ request: HTTPRequest, body: [UInt8], limits: HTTPLimits
    ) async throws(TransportError) -> TransportResponse {
        if request.method == .put, waited.value == 0 {
            waited.set(1)
            clock.advance(by: .seconds(5))
        }
        return try await transport.send(request, body: body, limits: limits)
    }
}

import Foundation
import Testing
import Tidemark
import TidemarkAvaya
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

@testable import TidemarkTranscripts

/// Runs of the engine against the simulated Avaya Spaces, written down and played again, on virtual time.
@Suite struct AvayaRecordingTests {
    /// A token that nothing renews.
    private struct Credential: AvayaCredential {
        let user: TidemarkSimulator.AvayaUser

        func access() async throws(ServiceError) -> AvayaAccess {
            AvayaAccess(scheme: .jwt, token: user.token, identity: ParticipantID(user.id))
        }

        func renewed(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
            throw ServiceError(.unauthenticated, certainty: .notApplied, scope: .account)
        }
    }

    /// What a service may do to a body on its way, and what goes wrong.
    enum Way: String, CaseIterable {
        case plain, wrapped, escaped, faulty

        var behavior: AvayaBehavior {
            var behavior = AvayaBehavior()
            behavior.wrapsBodies = self == .wrapped || self == .faulty
            behavior.escapesQuotes = self == .escaped || self == .faulty
            return behavior
        }

        var plan: FaultPlan {
            get throws {
                try self == .faulty ? FaultPlan("status-503=0.1,applied-504=0.1,drop-response=0.05", seed: 5) : FaultPlan()
            }
        }
    }

    private final class Stage {
        let clock = VirtualClock()
        let transport: SimulatorTransport<AvayaSimulator>
        let me: TidemarkSimulator.AvayaUser
        let other: TidemarkSimulator.AvayaUser
        let space: String
        let store: MessageStore
        private var starts: UInt64 = 0

        init(_ way: Way) async throws {
            var simulator = AvayaSimulator(seed: 7, behavior: way.behavior, baseURL: "https://spaces.example", now: clock.now)
            (me, other) = (simulator.users[0], simulator.users[1])
            space = simulator.createSpace("Quiet garden", by: other.id, with: [me.id], now: clock.now)
            simulator.send("Is the heron \"back\" & well?", as: other.id, in: space, now: clock.now)
            simulator.send("<p>The <b>heron</b> <i>list</i></p>", as: other.id, in: space, now: clock.now)
            transport = SimulatorTransport(FaultyAvaya(simulator, faults: try way.plan), clock: clock)
            store = try MessageStore.inMemory()
            try store.addAccount("me", service: "avaya", identity: ParticipantID(me.id), at: clock.now)
        }

        /// A program that begins on the store: what an earlier one was told to look at would race the clock's timers.
        func engine(over recorder: TranscriptRecorder?) throws -> SyncEngine {
            starts += 1
            guard let rest = URL(string: "https://spaces.example"), let socket = URL(string: "https://socket.example") else {
                throw Fixture.UnknownService()
            }
            let service = AvayaChatService(
                servers: AvayaServers(rest: rest, socket: socket, accounts: rest), credential: Credential(user: me),
                transport: recorder?.recording(transport) ?? transport, limits: HTTPLimits(timeout: .seconds(12)),
                now: { [clock] in clock.now })
            var configuration = SyncConfiguration()
            (configuration.maximumConcurrentRequests, configuration.requestTimeout) = (1, .seconds(15))
            configuration.uploadProgressInterval = .zero
            return try SyncEngine(
                store: store, service: service, account: "me", configuration: configuration, clock: clock,
                generator: SeededGenerator(seed: starts))
        }

        /// A sync that is written down.
        func record(keepsText: Bool = false) async throws -> [UInt8] {
            let account = try store.account("me")
            let recorder = TranscriptRecorder(account: account, keepsText: keepsText, clock: clock) { body in
                switch AvayaBody.decoded(body) {
                case .text(let text): .text(text)
                case .html(let html): .html(html)
                }
            }
            let engine = try engine(over: recorder)
            try engine.refresh()
            try recorder.begin(
                title: "A recorded sync", service: "avaya", user: ParticipantID(me.id), endpoint: "https://spaces.example",
                configuration: engine.configuration)
            _ = try await engine.syncOnce(deadline: .seconds(600))
            return try recorder.finish()
        }

        var secrets: [String] {
            [me.token, other.token, me.displayName, other.displayName, "heron", "Heron", "garden", "jwt ", "signature=x"]
        }
    }

    private func check(_ bytes: [UInt8], hides secrets: [String]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        for secret in secrets where !secret.isEmpty { #expect(!text.contains(secret), "it holds what it must not: \(secret)") }
        let outcome = try Fixture.player.play(Transcript(bytes))
        #expect(outcome.differences == [], "\(text.prefix(6000))")
    }

    @Test(arguments: Way.allCases) func `a recorded run replays to the same views, without a word or a secret of it`(
        way: Way
    ) async throws {
        let stage = try await Stage(way)
        try check(try await stage.record(), hides: stage.secrets)
        let folder = FileManager.default.temporaryDirectory.appending(path: "tidemark-recording-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let picture = folder.appending(path: "Heron.png")
        try Data("the heron's picture".utf8).write(to: picture)
        let writing = try stage.engine(over: nil)
        let place = try #require(try stage.store.account("me").conversations().get().first?.id)
        let first = try await writing.send("the heron's <nest> & \"eggs\"", to: place)
        try await writing.send(
            "look, a heron", to: place, files: [FileToSend(path: picture.path, contentType: "image/png")])
        try check(try await stage.record(), hides: stage.secrets)
        let again = try stage.engine(over: nil)
        try await again.edit(try #require(first.message), to: "no heron's nest")
        try await again.markRead(place)
        try check(try await stage.record(), hides: stage.secrets)
        // And all of it got there, or this was the record of nothing.
        let account = try stage.store.account("me")
        let texts = try account.timeline(of: place, limit: 20).get().entries.filter(\.isOwn).compactMap(\.text)
        #expect(texts == ["no heron's nest", "look, a heron"])
        #expect(try account.outbox().get().allSatisfy { $0.asks || $0.verb == .markRead })
    }

    @Test func `texts stay where that is asked for, and secrets do not`() async throws {
        let stage = try await Stage(.wrapped)
        let text = String(decoding: try await stage.record(keepsText: true), as: UTF8.self)
        #expect(text.contains("heron") && text.contains("Quiet garden"))
        #expect(!text.contains(stage.me.token))
        #expect(try Fixture.player.play(Transcript(Array(text.utf8))).differences == [])
    }

    // MARK: Uploads

    /// What changes can't stand in an expectation.
    private final class Ledger {
        private var uploads = RecordedUploads()

        func hold(_ name: String, files: [JSON], _ answer: [String: JSON]) -> Bool { uploads.hold(name, files: files, answer) }
        func renewed(by request: [JSON]) -> String? { uploads.renewed(by: request) }
        func ended(_ address: String, _ outcome: RecordedUploads.Outcome) -> (name: String, answer: JSON)? {
            uploads.ended(address, outcome)
        }
        func rest() -> [String] { uploads.rest() }
    }

    private func place(_ number: Int) -> JSON {
        .object(["url": .text("https://storage.example/\(number)?sig=\(number)"), "fileKey": .text("key-\(number)")])
    }

    private func answer(_ places: [JSON]) -> [String: JSON] {
        ["status": .integer(200), "body": .object(["data": .list(places)])]
    }

    private let announced: [JSON] = [
        .object(["Content-Type": .text("image/png"), "Content-Length": .integer(7)]),
        .object(["Content-Type": .text("image/jpeg"), "Content-Length": .integer(3)]),
    ]

    @Test func `an upload is told when all its bytes are there`() throws {
        let uploads = Ledger()
        #expect(uploads.hold("r1", files: announced, answer([place(1), place(2)])))
        #expect(uploads.ended("https://storage.example/2?sig=2", .status(200)) == nil)
        #expect(uploads.ended("https://storage.example/9?sig=9", .status(200)) == nil)
        let told = try #require(uploads.ended("https://storage.example/1?sig=1", .status(200)))
        #expect(told.name == "r1" && told.answer == .object(answer([place(1), place(2)])))
        #expect(uploads.rest() == [])
    }

    @Test func `an address that is refused is asked for again in the same exchange, once`() throws {
        let uploads = Ledger()
        _ = uploads.hold("r1", files: announced, answer([place(1), place(2)]))
        #expect(uploads.renewed(by: [announced[1]]) == nil)
        #expect(uploads.ended("https://storage.example/2?sig=2", .status(403)) == nil)
        #expect(uploads.renewed(by: announced) == nil)
        #expect(uploads.renewed(by: [announced[1]]) == "r1")
        #expect(uploads.renewed(by: [announced[1]]) == nil)
        #expect(uploads.hold("r1", files: [announced[1]], answer([place(3)])))
        #expect(uploads.ended("https://storage.example/3?sig=3", .status(200)) == nil)
        let told = try #require(uploads.ended("https://storage.example/1?sig=1", .status(200)))
        #expect(told.answer == .object(answer([place(1), place(3)])))
    }

    @Test func `what became of the bytes is the answer where they are not there`() {
        for (outcome, told) in [
            (RecordedUploads.Outcome.failed(mayHaveArrived: true), JSON.text("lost")),
            (.failed(mayHaveArrived: false), .text("unsent")), (.status(503), .object(["status": .integer(503)])),
        ] {
            let uploads = Ledger()
            _ = uploads.hold("r1", files: [announced[0]], answer([place(1)]))
            #expect(uploads.ended("https://storage.example/1?sig=1", outcome)?.answer == told)
            #expect(uploads.rest() == [])
        }
        let uploads = Ledger()
        _ = uploads.hold("r1", files: [announced[0]], answer([place(1)]))
        #expect(uploads.rest() == ["r1"] && uploads.rest() == [])
        #expect(!uploads.hold("r2", files: [], ["body": .object(["data": .list([])])]))
        #expect(!uploads.hold("r2", files: [], ["body": .object(["data": .list([.text("no place")])])]))
    }
}

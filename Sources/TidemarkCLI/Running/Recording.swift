import Foundation
import Tidemark
import TidemarkAvaya
import TidemarkTranscripts

/// A sync that is written down as a transcript.
struct Recording: Sendable {
    let file: String
    let endpoint: String
    /// As a transcript's head calls it.
    let service: String
    let recorder: TranscriptRecorder

    /// Throws before anything is begun if the file is there already or can't be made.
    init(to file: String, of account: Account, in store: MessageStore, keepsText: Bool) throws {
        guard !FileManager.default.fileExists(atPath: file) else {
            throw Failure(.failed, code: "exists", "\(file) exists already; name a new file.")
        }
        guard FileManager.default.createFile(atPath: file, contents: nil) else {
            throw Failure(.failed, code: "file", "\(file) can't be written; check its folder.")
        }
        self.file = file
        let view = try store.account(account.name)
        guard account.service == AvayaSettings.service else {
            endpoint = try AzureSettings(account).endpoint.absoluteString
            service = account.service
            recorder = TranscriptRecorder(account: view, keepsText: keepsText)
            return
        }
        let settings = try AvayaSettings(account)
        endpoint = settings.servers.rest.absoluteString
        service = settings.isGuest ? "avaya-guest" : account.service
        recorder = TranscriptRecorder(account: view, keepsText: keepsText) { body in
            switch AvayaBody.decoded(body) {
            case .text(let text): .text(text)
            case .html(let html): .html(html)
            }
        }
    }

    func begin(_ engine: SyncEngine) async throws {
        let known = try engine.store.account(named: engine.account.name).identities.first
        guard let user = try await engine.service.identity() ?? known else {
            throw Failure(.failed, code: "identity", "Whose account it is is not known yet; sync once without --record.")
        }
        try recorder.begin(
            title: "A recorded sync", service: service, user: user, endpoint: endpoint,
            configuration: engine.configuration)
    }

    func end() throws {
        try Data(try recorder.finish()).write(to: URL(fileURLWithPath: file), options: .atomic)
    }
}

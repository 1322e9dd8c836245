import Foundation
import Tidemark
import TidemarkTranscripts

/// A sync that is written down as a transcript.
struct Recording: Sendable {
    let file: String
    let endpoint: String
    let recorder: TranscriptRecorder

    /// Throws before anything is begun if the file is there already or can't be made.
    init(to file: String, of account: AccountView, endpoint: String, keepsText: Bool) throws {
        guard !FileManager.default.fileExists(atPath: file) else {
            throw Failure(.failed, code: "exists", "\(file) exists already; name a new file.")
        }
        guard FileManager.default.createFile(atPath: file, contents: nil) else {
            throw Failure(.failed, code: "file", "\(file) can't be written; check its folder.")
        }
        self.file = file
        self.endpoint = endpoint
        recorder = TranscriptRecorder(account: account, keepsText: keepsText)
    }

    func begin(_ engine: SyncEngine) async throws {
        let known = try engine.store.account(named: engine.account.name).identities.first
        guard let user = try await engine.service.identity() ?? known else {
            throw Failure(.failed, code: "identity", "Whose account it is is not known yet; sync once without --record.")
        }
        try recorder.begin(
            title: "A recorded sync", service: engine.service.traits.service, user: user, endpoint: endpoint,
            configuration: engine.configuration)
    }

    func end() throws {
        try Data(try recorder.finish()).write(to: URL(fileURLWithPath: file), options: .atomic)
    }
}

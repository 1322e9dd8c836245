import Foundation
import TidemarkAvaya
import TidemarkAzure
import TidemarkTranscripts

/// What happened to one device in a history, in a form that `tidemark replay` plays.
package struct RetoldDevice: Sendable {
    package var file: [UInt8]
    /// What happened and a transcript has no words for.
    package var untold: [String]

    package init(file: [UInt8], untold: [String]) {
        self.file = file
        self.untold = untold
    }

    /// Plays it.
    ///
    /// - Returns: what differs from what has to be shown at the end, each as a sentence.
    /// - Throws: `TranscriptError` where it can't be played on.
    package func replay() throws -> [String] {
        let player = TranscriptPlayer { service, endpoint in
            guard let url = URL(string: endpoint) else { throw CocoaError(.formatting) }
            return switch service {
            case "avaya": AvayaChatService.wire(endpoint: url)
            case "avaya-guest": AvayaChatService.wire(endpoint: url, isGuest: true)
            default: AzureChatService.wire(endpoint: url)
            }
        }
        let transcript = try Transcript(file)
        return try player.play(transcript).differences
    }
}

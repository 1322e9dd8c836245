import Foundation
import TidemarkLiveKit

/// The command line that a person named to be in the room for this program, and the folder in which it was named.
struct BridgeCommand: Hashable, Sendable {
    var line: String
    var folder: String

    /// Relative paths mean what they meant when the account was added.
    var configuration: LiveKitBridgeConfiguration {
        LiveKitBridgeConfiguration(command: ["/bin/sh", "-c", #"cd -- "$1" && eval "$2""#, "sh", folder, line])
    }

    /// Refuses what can't work, without running it.
    static func checked(_ line: String) throws -> BridgeCommand {
        let words = line.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !words.isEmpty, words.utf8.count <= 10_000, !words.contains("\0") else {
            throw Failure.usage("--bridge is empty; name the command that is in the room and speaks JSON lines.")
        }
        // Three parts of base64, the first of them beginning with `{"`.
        guard words.firstMatch(of: #/eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}/#) == nil else {
            throw Failure.usage(
                "The bridge command holds an access token, which the store would keep and show.",
                hint: "Name where it is found with --token-env, --token-file or --token-command.")
        }
        guard try succeeds(["-n", "-c", words]) else {
            throw Failure.usage("/bin/sh does not understand the bridge command “\(EscapedText.line(words, limit: 100))”.")
        }
        // What begins with a variable or a quote is only known when it runs.
        let program = words.prefix { !$0.isWhitespace }
        if program.wholeMatch(of: #/[A-Za-z0-9_.\/+-]+/#) != nil {
            guard try succeeds(["-c", #"command -v -- "$0" >/dev/null"#, String(program)]) else {
                throw Failure.usage(
                    "There is no program “\(program)” for the bridge here.",
                    hint: "The bridges of this project: Bridges/livekit for real rooms, Bridges/hub for the simulator.")
            }
        }
        return BridgeCommand(line: words, folder: FileManager.default.currentDirectoryPath)
    }

    private static func succeeds(_ arguments: [String]) throws -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

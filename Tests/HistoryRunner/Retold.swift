import Foundation
import Histories

/// The transcripts of one history, one for each device that a transcript can tell of.
struct Retold {
    let history: History

    init(_ history: History) {
        self.history = history
    }

    func write(into folder: String) throws {
        for device in 0..<History.devices {
            var history = history
            history.retold = device
            guard let transcript = try history.play().transcript else {
                return print("No transcript tells of \(history.place.rawValue): it has no wire.")
            }
            guard transcript.untold.isEmpty else {
                print("No transcript tells of device \(device): \(transcript.untold.joined(separator: ", ")).")
                continue
            }
            let path = "\(folder)/\(history.place.rawValue)-\(history.seed)-device-\(device).jsonl"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(transcript.file).write(to: URL(fileURLWithPath: path))
            print("What device \(device) did and heard: tidemark replay \(path)\n    \(outcome(of: transcript))")
        }
    }

    private func outcome(of transcript: RetoldDevice) -> String {
        do {
            let differences = try transcript.replay()
            return differences.isEmpty ? "It comes to what the service has." : "It differs: \(differences[0])"
        } catch {
            return "It can't be played to its end: \(error)"
        }
    }
}

internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// P1: an accepted intent survives whatever happens to the program.
extension ConformanceCheck {
    /// Kills of one verb; a delivery takes fewer steps than this.
    private static let maximumKills = 60

    static let surviving = [
        ConformanceCheck("P1", "a send survives a kill at any step", unless: [Unless.lacks(.send)]) { stage in
            let device = try await stage.device(onFile: true)
            let place = try await stage.open(device)
            try await kill(device, stage, place) { point in
                try await device.engine.send("kill \(point)", to: place.local)
                return { messages in messages.count { $0.text == "kill \(point)" && !$0.isDeleted } == 1 }
            }
        },
        ConformanceCheck("P1", "an edit survives a kill at any step", unless: [Unless.lacks(.send, .edit)]) { stage in
            let device = try await stage.device(onFile: true)
            let place = try await stage.open(device)
            let sent = try await stage.say("to be edited", device, in: place)
            try await kill(device, stage, place) { point in
                if let message = sent.message { try await device.engine.edit(message, to: "edit \(point)") }
                return { messages in messages.filter { !$0.isDeleted }.map(\.text) == ["edit \(point)"] }
            }
        },
        ConformanceCheck("P1", "a delete survives a kill at any step", unless: [Unless.lacks(.send, .delete)]) { stage in
            let device = try await stage.device(onFile: true)
            let place = try await stage.open(device)
            try await kill(device, stage, place) { point in
                let sent = try await stage.say("gone \(point)", device, in: place)
                if let message = sent.message { try await device.engine.delete(message) }
                return { messages in !messages.contains { $0.text == "gone \(point)" && !$0.isDeleted } }
            }
        },
    ]

    /// Wishes something again and again, and kills the program one step later each time, until it was done before that.
    private static func kill(
        _ device: Device, _ stage: Stage, _ place: Stage.Place,
        _ wish: (Int) async throws -> ([HeldMessage]) -> Bool
    ) async throws {
        for point in 0..<maximumKills {
            let isDone = try await wish(point)
            let wasKilled = try await stage.kill(device, after: point)
            try await stage.answerQuestions(device, place)
            try require(device.outbox.isEmpty, "killed after step \(point): the intent is not settled within \(stage.bound)")
            let there = try await stage.world.messages(in: place.remote)
            try require(isDone(there), "killed after step \(point): the service does not hold what was wished for, once")
            if !wasKilled { return }
        }
    }
}

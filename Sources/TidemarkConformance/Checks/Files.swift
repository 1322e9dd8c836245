internal import Foundation
internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// Files go with their messages, and answers name what they answer.
extension ConformanceCheck {
    /// Kills of one upload with its send; both take fewer steps than this.
    private static let maximumKills = 80

    static let files = [
        ConformanceCheck("P1", "files arrive whole with their message, and come back", unless: [Unless.takesNoFiles]) { stage in
            let (device, place) = try await stage.begun()
            let sizes = [1, 70_000].prefix(stage.traits.attachments?.maximumPerMessage ?? 1)
            let sent = sizes.map { size in (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 256) } }
            try await stage.attach(sent, "with files", device, in: place)
            try await device.run(stage.bound) { device.isAtRest }
            try require(device.outbox.isEmpty, "it is not done within \(stage.bound): \(device.standing)")
            let held = try await stage.live(place).filter { $0.text == "with files" }
            try require(held.count == 1, "the service holds \(held.count) such messages")
            try require(held[0].files == sent, "the service does not hold the bytes of its files, in their order")
            try await comesBack(sent, stage, place)
        },
        ConformanceCheck("P1", "a send with a file survives a kill at any step", unless: [Unless.takesNoFiles]) { stage in
            let device = try await stage.device(onFile: true)
            let place = try await stage.open(device)
            for point in 0..<maximumKills {
                let (text, bytes) = ("file \(point)", Array("of \(point)".utf8))
                try await stage.attach([bytes], text, device, in: place)
                let wasKilled = try await stage.kill(device, after: point)
                try await stage.answerQuestions(device, place)
                try require(device.outbox.isEmpty, "killed after step \(point): it is not settled within \(stage.bound)")
                let held = try await stage.live(place).filter { $0.text == text }
                try require(held.map(\.files) == [[bytes]], "killed after step \(point): not one message with its file is there")
                if !wasKilled { return }
            }
        },
        ConformanceCheck("P2", "upload: a lost answer, one message with one file", unless: [Unless.takesNoFiles]) { stage in
            let (device, place) = try await stage.begun()
            for (index, fault) in faults.enumerated() {
                let (text, bytes) = ("upload \(index)", Array("of \(index)".utf8))
                let message = try await stage.attach([bytes], text, device, in: place)
                device.service.strike(.verb(.upload), fault)
                try await device.run(stage.bound) { device.isAtRest }
                let when = "an upload, \(fault.words)"
                try require(device.outbox.isEmpty, "\(when): it is not settled: \(device.standing)")
                let held = try await stage.live(place).filter { $0.text == text }
                try require(held.map(\.files) == [[bytes]], "\(when): not one message with its one file is there")
                try await stage.catchUp(device)
                let shown = try device.shown(place.local).first { $0.id == message }?.attachments
                try require(shown?.count == 1, "\(when): it is shown with \(shown?.count ?? 0) files")
            }
        },
        ConformanceCheck(
            "P2", "a send whose answer was lost is known by its file",
            unless: [Unless.takesNoFiles, Unless.knowsNoSendByItsFile]
        ) { stage in
            let (device, place) = try await stage.begun()
            var files: [[UInt8]] = []
            for (index, fault) in faults.enumerated() {
                // The words are no help: each time the same.
                files.append(Array("the only difference, \(index)".utf8))
                try await stage.attach([files[index]], "the same words", device, in: place)
                device.service.strike(.verb(.send), fault)
                try await device.run(stage.bound) { device.isAtRest }
                let when = "a send with a file, \(fault.words)"
                try require(!device.outbox.contains(where: \.asks), "\(when): a person was asked")
                try require(device.outbox.isEmpty, "\(when): it is not settled: \(device.standing)")
                let held = try await stage.live(place).filter { $0.text == "the same words" }
                try require(held.map(\.files) == files.map { [$0] }, "\(when): \(held.count) of \(files.count) are there")
            }
        },
        ConformanceCheck("P7", "an answer names what it answers", unless: [Unless.takesNoReplies]) { stage in
            let (device, place) = try await stage.begun()
            let first = try await stage.say("a question", device, in: place)
            let sent = try await device.engine.send("an answer", to: place.local, replyTo: first.message)
            try require(
                try device.shown(place.local).first { $0.id == sent.message }?.replyTo == first.message, "unsent, it names none")
            try await device.run(stage.bound) { device.isAtRest }
            let live = try await stage.live(place)
            let question = live.first { $0.text == "a question" }?.id
            try require(live.first { $0.text == "an answer" }?.replyTo == question, "the service holds it as no answer to it")
            let late = try await stage.device()
            let there = try await stage.find(place, on: late)
            let shown = try late.shown(there)
            let named = shown.first { $0.text == "an answer" }?.replyTo
            try require(
                named != nil && named == shown.first { $0.text == "a question" }?.id,
                "another program shows it as no answer to it")
        },
        ConformanceCheck("traits", "more files than a message takes are refused here", unless: [Unless.takesNoFiles]) { stage in
            let (device, place) = try await stage.begun()
            let count = (stage.traits.attachments?.maximumPerMessage ?? 0) + 1
            let before = device.service.calls.count
            let refused: Bool
            do {
                try await stage.attach(Array(repeating: [1], count: count), "too many", device, in: place)
                refused = false
            } catch is StoreError {
                refused = true
            }
            try require(refused, "\(count) files were accepted")
            try require(device.outbox.isEmpty && device.service.calls.count == before, "something of it is on its way")
        },
    ]

    /// Whoever comes late fetches the bytes, under another program of the same user.
    private static func comesBack(_ sent: [[UInt8]], _ stage: Stage, _ place: Stage.Place) async throws {
        let late = try await stage.device()
        let there = try await stage.find(place, on: late)
        let shown = try late.shown(there).first { $0.text == "with files" }?.attachments ?? []
        try require(shown.count == sent.count, "another program shows \(shown.count) files of \(sent.count)")
        for (file, bytes) in zip(shown, sent) {
            let path = try await late.engine.file(of: file.id)
            try require(
                FileManager.default.contents(atPath: path).map(Array.init) == bytes, "what is fetched is not what was sent")
        }
    }
}

extension Stage {
    /// Writes a message with files, which are gone from their place when it returns.
    @discardableResult
    func attach(_ files: [[UInt8]], _ text: String, _ device: Device, in place: Place) async throws -> MessageID? {
        let folder = FileManager.default.temporaryDirectory.appending(path: "conformance-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var given: [FileToSend] = []
        for (index, bytes) in files.enumerated() {
            let file = folder.appending(path: "file-\(index).txt")
            try Data(bytes).write(to: file)
            given.append(FileToSend(path: file.path))
        }
        return try await device.engine.send(text, to: place.local, files: given).message
    }

    /// Kills the program after so many steps and starts it again; false: it was at rest before.
    func kill(_ device: Device, after steps: Int) async throws -> Bool {
        device.budget = steps
        var wasKilled = false
        do {
            try await device.run(bound) { device.isAtRest }
        } catch is Device.Killed {
            wasKilled = true
        }
        device.budget = nil
        if wasKilled { try await device.restart() }
        try await device.run(bound) { device.isAtRest }
        return wasKilled
    }
}

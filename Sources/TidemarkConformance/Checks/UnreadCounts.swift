internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// P8: unread is what a recount finds.
extension ConformanceCheck {
    static let unread = [
        ConformanceCheck("P8", "unread equals a recount after every step", unless: [Unless.lacks(.send)]) { stage in
            let (device, place) = try await stage.begun()
            var ids: [RemoteMessageID] = []
            for number in 1...4 { ids.append(try await stage.otherSays("number \(number)", in: place)) }
            try await stage.catchUp(device)
            try count(device, place, 4, "after four messages")
            if stage.traits.lostAnswers[.edit] != nil {
                try await stage.others(.edit(ids[0], text: "number one", metadata: [:], in: place.remote))
                try await stage.catchUp(device)
                try count(device, place, 4, "after an edit")
            }
            var left = 4
            if stage.traits.lostAnswers[.delete] != nil {
                try await stage.others(.delete(ids[1], in: place.remote))
                try await stage.catchUp(device)
                left = 3
                try count(device, place, left, "after a delete")
            }
            let second = try device.shown(place.local).first { $0.remoteID == ids[2] }?.id
            try await device.engine.markRead(place.local, upTo: second)
            try count(device, place, 1, "read up to the one before the last")
            try await stage.catchUp(device)
            try count(device, place, 1, "read up to the one before the last, and synced")
            try await device.engine.markRead(place.local)
            try await device.run(stage.bound) { device.isAtRest }
            try count(device, place, 0, "all read")
            try await stage.otherSays("one more", in: place)
            try await stage.catchUp(device)
            try count(device, place, 1, "after one more message")
        },
        ConformanceCheck(
            "P8", "a read mark reaches the user's other program",
            unless: [Unless.hasNoHistory, Unless.tellsNoMarks, Unless.lacks(.send)]
        ) {
            stage in
            let (device, place) = try await stage.begun()
            for number in 1...3 { try await stage.otherSays("number \(number)", in: place) }
            try await stage.catchUp(device)
            try await device.engine.markRead(place.local)
            try await device.run(stage.bound) { device.isAtRest }
            try require(device.outbox.isEmpty, "a read mark is not settled")
            let second = try await stage.device()
            let local = try await stage.find(place, on: second)
            try await second.run(.seconds(90))
            let unread = try second.account.conversation(local).get().unread
            try require(unread == 0, "the other program counts \(unread) unread messages after all were read")
        },
    ]

    private static func count(_ device: Device, _ place: Stage.Place, _ expected: Int, _ when: String) throws {
        let unread = try device.account.conversation(place.local).get().unread
        try require(unread == expected, "\(when): \(unread) unread, and there are \(expected)")
    }
}

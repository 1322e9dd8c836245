internal import Synchronization
internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// P6: two messages stand side by side only if a page proved it.
extension ConformanceCheck {
    static let walks =
        (1...3).map { size in
            ConformanceCheck("P6", "pages of \(size) while somebody edits", unless: [Unless.hasNoHistory, Unless.lacks(.send)]) {
                stage in
                try await walk(stage, pagesOf: size)
            }
        } + [
            ConformanceCheck("P6", "a page that fails is read again", unless: [Unless.hasNoHistory, Unless.lacks(.send)]) {
                stage in
                let (device, place) = try await stage.begun()
                for number in 1...5 { try await stage.otherSays("number \(number)", in: place) }
                for fault in [
                    FaultyChatService.Fault.failed(applied: false), .unreachable, .throttled(retryAfter: .seconds(2)),
                    .requestLost,
                ] {
                    device.service.strike(.reads, fault)
                }
                try await stage.catchUp(device)
                try await device.run(stage.bound)
                try await stage.compare(device, place.local, with: place, "after failed pages")
            },
            ConformanceCheck("P6", "history that was not read is a gap", unless: [Unless.hasNoHistory, Unless.lacks(.send)]) {
                stage in
                let (_, place) = try await stage.begun()
                for number in 1...9 { try await stage.otherSays("number \(number)", in: place) }
                let late = try await stage.device { ($0.resultsPerPage, $0.historyPages) = (3, 1) }
                let local = try await stage.find(place, on: late)
                let count = try late.shown(local).count
                try require(count > 0, "the newest page is not shown")
                try require(count < 10, "one page of three was asked for, and all ten messages are shown")
                let timeline = try late.account.timeline(of: local, limit: 500).get()
                try require(!timeline.beginningIsProved, "the beginning is called proved, and was not read")
                try require(!(try late.account.gaps(in: local).get().isEmpty), "what was not read is no gap")
            },
            ConformanceCheck(
                "P6", "what nobody kept is a gap",
                unless: [
                    { traits in
                        traits.history == .none ? nil : "history is kept"
                    }
                ]
            ) { stage in
                let (device, place) = try await stage.begun()
                try await stage.otherSays("heard", in: place)
                try await device.run(.seconds(3))
                try require(try device.shown(place.local).contains { $0.text == "heard" }, "what was pushed is not shown")
                device.halt()
                try await stage.otherSays("missed", in: place)
                try await device.restart()
                try await device.run(.seconds(3))
                try await stage.otherSays("heard again", in: place)
                try await device.run(.seconds(3))
                let shown = try device.shown(place.local)
                try require(!shown.contains { $0.text == "missed" }, "a program that was not there heard it")
                guard let index = shown.firstIndex(where: { $0.text == "heard again" }) else {
                    throw Broken("what was pushed after a restart is not shown")
                }
                try require(shown[index].gapBefore, "what was missed is no gap")
            },
        ]

    private static func walk(_ stage: Stage, pagesOf size: Int) async throws {
        let (_, place) = try await stage.begun()
        var ids: [RemoteMessageID] = []
        for number in 1...7 { ids.append(try await stage.otherSays("number \(number)", in: place)) }
        let device = try await stage.device { $0.resultsPerPage = size }
        let edits = stage.traits.lostAnswers[.edit] == nil ? 0 : 5
        let editor = Editor(stage, place, ids, edits: edits)
        device.service.afterPage { page, request in
            guard case .messages = request.subject else { return }
            try await editor.edit()
        }
        let local = try await stage.find(place, on: device)
        for _ in 0..<4 {
            try await stage.catchUp(device)
            try await stage.adjoin(device, local, place)
        }
        device.service.afterPage(nil)
        try await stage.catchUp(device)
        try await stage.compare(device, local, with: place, "pages of \(size)")
        try require(
            try device.account.gaps(in: local).get().allSatisfy { $0.kind == .beginning }, "all was read, and a gap is left")
        for read in device.service.pages {
            guard case .messages(let items) = read.page.items, case .messages = read.request.subject else { continue }
            try require(
                items.count + read.page.rejects.count <= size, "a page of \(size) was asked for and had \(items.count) items")
        }
    }
}

/// Somebody who edits whenever a page was read.
private final class Editor: Sendable {
    private let theirs: @Sendable (Int) async throws -> Void
    private let left: Mutex<Int>

    init(_ stage: Stage, _ place: Stage.Place, _ ids: [RemoteMessageID], edits: Int) {
        left = Mutex(edits)
        let other = stage.editor(in: place)
        theirs = { number in try await other(ids[(number * 3) % ids.count], "edited \(number)") }
    }

    func edit() async throws {
        let number = left.withLock { left -> Int in
            defer { left = max(0, left - 1) }
            return left
        }
        if number > 0 { try await theirs(number) }
    }
}

extension Stage {
    /// Two live messages that are shown without a gap between them stand side by side at the service.
    fileprivate func adjoin(_ device: Device, _ local: ConversationID, _ place: Place) async throws {
        let there = try await live(place).map(\.id)
        var last: RemoteMessageID?
        var isAfterGap = false
        for entry in try device.account.timeline(of: local, limit: 500).get().entries {
            isAfterGap = isAfterGap || entry.gapBefore
            guard let id = entry.remoteID, entry.deletedAt == nil, entry.kind.isUserKind else { continue }
            if let last, !isAfterGap, let index = there.firstIndex(of: last) {
                try require(
                    there.dropFirst(index + 1).first == id, "two messages are shown side by side, and others stand between")
            }
            (last, isAfterGap) = (id, false)
        }
    }
}

import TidemarkModel
import Testing

@testable import TidemarkStore

/// P6: whatever others do between two pages, nothing is shown as adjacent that is not.
@Suite struct PhantomNeverHoleTests {
    /// One seeded history: others write, edit and delete between the pages; pushes come and get lost; walks restart.
    private struct History {
        var generator: SeededGenerator
        var thread = FakeThread()
        let harness: ReadingHarness
        let size: Int
        /// When a hidden number becomes visible.
        var appears: [Int64: Int64] = [:]
        let hides: Bool

        init(seed: UInt64, hides: Bool) throws {
            generator = SeededGenerator(seed: seed)
            size = Int.random(in: 1...3, using: &generator)
            harness = try ReadingHarness(pageSize: size, settle: .seconds(60))
            self.hides = hides
            _ = try harness.addConversation()
        }

        mutating func othersAct() throws {
            thread.clock += Int64.random(in: 0...3000, using: &generator)
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                let pick = Int.random(in: 0..<10, using: &generator)
                let gap = Int64.random(in: 1...2000, using: &generator)
                if pick < 5 || thread.items.isEmpty {
                    thread.send("m\(thread.lastSequence)", after: gap)
                } else {
                    let index = Int.random(in: 0..<thread.items.count, using: &generator)
                    if pick < 9 {
                        thread.edit(index, "e\(thread.lastSequence)", after: gap)
                    } else {
                        thread.delete(index, after: gap)
                    }
                    if pick == 7 { try push(index) }
                }
                if hides, pick == 0 {
                    appears[thread.lastSequence] = thread.clock + Int64.random(in: 1...50_000, using: &generator)
                }
                if pick == 1 { try push(thread.items.count - 1) }
            }
            thread.hidden = Set(appears.filter { $0.value > thread.clock }.keys)
        }

        private func push(_ index: Int) throws {
            _ = try harness.store.apply(
                .message(thread.pushed(index), in: ReadingHarness.thread), harness.scope, harness.moment)
        }

        /// One page, or time that passes. Tells whether a page was due.
        mutating func step() throws -> Bool {
            harness.now = max(harness.now, thread.clock)
            guard let read = try harness.planMessages() else {
                thread.clock += 2000
                return false
            }
            if read.request.cursor != nil, Int.random(in: 0..<25, using: &generator) == 0 {
                let gone = ServiceError(.invalid, certainty: .notApplied, status: 400)
                _ = try harness.store.fail(gone, of: read, harness.scope, harness.moment, using: &generator)
                thread.clock += 1000
                return true
            }
            try harness.apply(thread.page(read.request, size: size), read)
            return true
        }

        /// Every pair shown as adjacent has nothing between it at the service.
        func holes() throws -> [Int64] {
            try harness.adjacentPlaces().flatMap { low, high in
                thread.items.map(\.place).filter { $0 > low && $0 < high }
            }
        }

        /// Every message whose current number lies in the window is stored as it is.
        func missingInWindow() throws -> [Int64] {
            let row = try harness.conversation()
            guard let low = row.windowLow, let high = row.windowHigh else { return [] }
            let stored = Dictionary(uniqueKeysWithValues: try harness.messages().map { ($0.place ?? 0, $0) })
            return thread.items.filter { item in
                guard (low...high).contains(item.sequence) else { return false }
                return stored[item.place]?.version != item.version
            }.map(\.sequence)
        }
    }

    @Test(arguments: 0..<14 as Range<UInt64>)
    func `adjacent means that nothing is between, after every page`(seed: UInt64) throws {
        var history = try History(seed: seed, hides: seed % 2 == 1)
        for _ in 0..<6 { history.thread.send("start") }
        for _ in 0..<90 {
            try history.othersAct()
            _ = try history.step()
            #expect(try history.holes().isEmpty)
            #expect(try history.missingInWindow().isEmpty)
        }
        try settle(&history)
        try expectComplete(history)
    }

    /// Others are silent now, and the list says that something may be newer. A link that dies ends a round.
    private func settle(_ history: inout History) throws {
        history.thread.hidden = []
        history.appears = [:]
        for _ in 0..<9 {
            history.thread.clock += 61_000
            try history.harness.execute("UPDATE conversation SET walkDueAt = 0")
            var pages = 0
            while try history.step(), pages < 1000 { pages += 1 }
        }
    }

    private func expectComplete(_ history: History) throws {
        let stored = try history.harness.messages()
        let items = history.thread.items
        #expect(stored.map(\.place) == items.map(\.place))
        #expect(stored.map(\.version) == items.map(\.version))
        #expect(stored.map { $0.text ?? "" } == items.map(\.text))
        #expect(try history.harness.adjacentPlaces().count == max(0, items.count - 1))
        #expect(try history.harness.conversation().bottom != nil)
    }
}

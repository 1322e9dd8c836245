import Testing
import TidemarkModel

@testable import TidemarkStore

@Suite struct CoverageTests {
    @Test(arguments: 0..<30 as Range<UInt64>)
    func `intervals behave like the sets of places that they stand for`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var coverage = Coverage()
        // Links between a place and the next one are what adjacency is made of.
        var places: Set<Int64> = []
        var links: Set<Int64> = []
        for _ in 0..<40 {
            let low = Int64.random(in: 0...30, using: &generator)
            let high = low + Int64.random(in: 0...8, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0:
                coverage.remove(low...high)
                for place in low...high { places.remove(place) }
                for link in (low - 1)...high { links.remove(link) }
            case 1:
                coverage.cut(after: low)
                links.remove(low)
            default:
                coverage.insert(low...high)
                for place in low...high { places.insert(place) }
                for link in low..<high { links.insert(link) }
            }
            for place in 0...40 as ClosedRange<Int64> { #expect(coverage.contains(place) == places.contains(place)) }
            for place in 0..<40 as Range<Int64> { #expect(coverage.adjacent(place, place + 1) == links.contains(place)) }
        }
    }
}

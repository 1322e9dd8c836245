import Foundation
import Testing
import TidemarkModel

/// A day is lived once for each of its awaits and cancelled there; then it is lived again on what is left.
///
/// At an exchange there are three of them: the request has not left, it has arrived and its answer is lost, its answer is there.
@Suite(.timeLimit(.minutes(5))) struct CancelledAwaitTests {
    /// What may still be passed on the way out: the answer to what is under way.
    private static let most = 2

    /// `AWAITS=10` tries every tenth.
    private static let step = max(ProcessInfo.processInfo.environment["AWAITS"].flatMap { Int($0) } ?? 1, 1)

    @Test(arguments: CancelledDay.Program.allCases)
    func `whatever await a run is cancelled at, it ends at once, and nothing is lost, doubled or out of order`(
        program: CancelledDay.Program
    ) async throws {
        let whole = try CancelledDay()
        let awaits = try await whole.live(as: program).passed
        try await whole.judge("not cancelled")
        #expect(awaits.contains { $0.hasSuffix("is refused") } && awaits.contains { $0.hasSuffix("is not answered") })
        try #require(awaits.count > 100)
        for number in stride(from: 0, through: awaits.count, by: Self.step) {
            let place: Comment = "\(program.rawValue), await \(number): \(number == 0 ? "before it begins" : awaits[number - 1])"
            let day = try CancelledDay()
            let end = try await day.live(as: program, cancelAt: number)
            #expect(end.passed.prefix(number) == awaits.prefix(number), place)
            #expect(end.passed.count <= number + Self.most, place)
            #expect(end.open == 0, place)
            // `run` ends, since its owner wanted it to; a sync that was not done says so.
            #expect(program == .run ? end.error == nil : end.error is CancellationError, place)
            try await day.judge(place)
        }
        print("\(program.rawValue): cancelled at every \(Self.step == 1 ? "" : "\(Self.step)th ")of \(awaits.count) awaits")
    }
}

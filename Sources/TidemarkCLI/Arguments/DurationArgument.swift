import ArgumentParser
import Tidemark

/// `90s`, `15m`, `2d`: a span of time on the command line.
struct DurationArgument: ExpressibleByArgument, Hashable, Sendable {
    let duration: Duration

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        if argument.hasSuffix("ms"), let number = Self.number(argument.dropLast(2)) {
            duration = .milliseconds(number)
            return
        }
        guard let unit = argument.last.flatMap({ units[$0] }), let number = Self.number(argument.dropLast()) else { return nil }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
        // Ten thousand years are enough for anybody.
        guard !overflow, seconds <= 315_360_000_000 else { return nil }
        duration = .seconds(seconds)
    }

    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
        return Int64(text)
    }
}

/// A moment: RFC 3339, a date (its beginning, UTC), or a duration ago.
struct TimeArgument: ExpressibleByArgument, Hashable, Sendable {
    let time: Timestamp

    init?(argument: String) {
        self.init(argument, now: .current)
    }

    init?(_ text: String, now: Timestamp) {
        if let ago = DurationArgument(argument: text) {
            time = now - ago.duration
        } else if let exact = Timestamp(rfc3339: text) {
            time = exact
        } else if text.count == 10, let day = Timestamp(rfc3339: text + "T00:00:00Z") {
            time = day
        } else {
            return nil
        }
    }
}

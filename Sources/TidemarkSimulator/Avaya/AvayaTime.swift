/// Times as they stand on this wire: ISO 8601 in UTC with milliseconds and `Z`.
enum AvayaTime {
    static func text(_ milliseconds: Int64) -> String {
        let rest = (milliseconds % 1000 + 1000) % 1000
        let seconds = (milliseconds - rest) / 1000
        let digits = String(rest)
        return String(seconds.rfc3339.dropLast()) + "." + String(repeating: "0", count: 3 - digits.utf8.count) + digits + "Z"
    }

    /// With or without a fraction; what else is asked for is no time.
    static func milliseconds(_ text: String) -> Int64? {
        guard let match = text.wholeMatch(of: /(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z/) else { return nil }
        let numbers = [match.1, match.2, match.3, match.4, match.5, match.6].map { Int64($0) ?? 0 }
        guard (1...12).contains(numbers[1]), (1...31).contains(numbers[2]), numbers[3] < 24, numbers[4] < 60, numbers[5] < 61
        else { return nil }
        let fraction = (match.7.map(String.init) ?? "0").padded(to: 3)
        let seconds = days(numbers[0], numbers[1], numbers[2]) * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
        return seconds * 1000 + (Int64(fraction) ?? 0)
    }

    /// Days since 1970, counted over years that begin in March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let month = month <= 2 ? month + 9 : month - 3
        let leaps = year / 4 - year / 100 + year / 400
        return year * 365 + leaps + (month * 153 + 2) / 5 + day - 1 - 719_468
    }
}

extension String {
    fileprivate func padded(to count: Int) -> String {
        let start = String(prefix(count))
        return start + String(repeating: "0", count: count - start.count)
    }
}

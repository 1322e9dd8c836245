import Foundation
import Tidemark

/// Times as a person reads them: the machine's own zone, which is named where a list begins.
///
/// It asks the C library and not Foundation's formatters, which take longer to load than a command to run.
struct LocalTime: Hashable, Sendable {
    private let year, month, date, hour, minute, second, weekdayNumber: Int32
    /// The zone's short name: `CET`.
    let zone: String

    init(_ time: Timestamp) {
        var seconds = time_t(time.milliseconds / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        (year, month, date) = (parts.tm_year &+ 1900, parts.tm_mon + 1, parts.tm_mday)
        (hour, minute, second, weekdayNumber) = (parts.tm_hour, parts.tm_min, parts.tm_sec, parts.tm_wday)
        zone = parts.tm_zone.map { String(cString: $0) } ?? "local time"
    }

    private static func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }

    /// `2026-11-21`
    var day: String { "\(year)-\(Self.two(month))-\(Self.two(date))" }
    /// `14:02`
    var clock: String { "\(Self.two(hour)):\(Self.two(minute))" }
    /// `14:02:07`
    var clockWithSeconds: String { "\(clock):\(Self.two(second))" }
    /// `2026-11-21 14:02`
    var dayAndClock: String { "\(day) \(clock)" }

    var weekday: String {
        let names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
        return names.indices.contains(Int(weekdayNumber)) ? names[Int(weekdayNumber)] : ""
    }

    /// Today's times as a clock, others as a day.
    static func short(_ time: Timestamp?, now: Timestamp) -> String {
        guard let time else { return "" }
        let local = LocalTime(time)
        return local.day == LocalTime(now).day ? local.clock : local.day
    }
}

extension Timestamp {
    static var current: Timestamp { Timestamp(Date()) }
}

extension Duration {
    /// `45 s`, `12 min`, `3 h`, `2 d`: the greatest unit that fits.
    var spoken: String {
        let seconds = max(0, components.seconds)
        return switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) d"
        }
    }
}

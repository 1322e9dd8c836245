import HTTPTypes

/// Times as HTTP headers write them: `Tue, 23 Mar 2021 00:59:42 GMT`.
package enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    /// Reads the one form that senders may still write (RFC 9110, IMF-fixdate); `nil` for anything else.
    package static func timestamp(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT" || parts[5] == "UTC", parts[1].utf8.count == 2,
            let month = months.firstIndex(of: String(parts[2]))
        else { return nil }
        return Timestamp(rfc3339: "\(parts[3])-\(twoDigits(month + 1))-\(parts[1])T\(parts[4])Z")
    }

    /// The service's clock when it answered: the `Date` header.
    package static func of(_ response: TransportResponse) -> Timestamp? {
        response.head.headerFields[.date].flatMap { timestamp($0) }
    }

    package static func text(_ moment: Timestamp) -> String {
        let written = moment.rfc3339
        let date = written.prefix(while: { $0 != "T" }).split(separator: "-")
        let clock = written.drop(while: { $0 != "T" }).dropFirst().prefix(8)
        let milliseconds = moment.milliseconds % 86_400_000
        let day = (moment.milliseconds - milliseconds) / 86_400_000 - (milliseconds < 0 ? 1 : 0)
        let weekday = days[Int(((day % 7) + 7) % 7)]
        guard date.count == 3, let month = Int(date[1]), months.indices.contains(month - 1) else { return "" }
        return "\(weekday), \(date[2]) \(months[month - 1]) \(date[0]) \(clock) GMT"
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

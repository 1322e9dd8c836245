internal import Foundation

/// Small pieces of text as they stand on this wire.
enum WireText {
    static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    static func base64URL(_ bytes: [UInt8]) -> String {
        let digits = base64(bytes).utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    static func bytes(base64 text: String) -> [UInt8]? { Data(base64Encoded: text).map(Array.init) }

    /// Without padding, as in a token.
    static func bytes(base64URL text: String) -> [UInt8]? {
        guard !text.utf8.contains(where: { "+/=".utf8.contains($0) }) else { return nil }
        return bytes(anyBase64: text)
    }

    /// Either alphabet, with or without padding.
    static func bytes(anyBase64 text: String) -> [UInt8]? {
        let digits = text.replacing("-", with: "+").replacing("_", with: "/").replacing(#/={1,2}$/#, with: "")
        return bytes(base64: digits + String(repeating: "=", count: (4 - digits.utf8.count % 4) % 4))
    }

    static func hex(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    static func text(hex: String) -> String? {
        let digits = Array(hex.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
        }
        return String(bytes: bytes, encoding: .utf8)
    }

    static func decoded(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        return String(text).removingPercentEncoding ?? String(text)
    }

    /// `Tue, 21 Nov 2023 01:09:44 GMT`.
    static func httpDate(_ milliseconds: Int64) -> String {
        let seconds = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
        let time = CivilTime(seconds: seconds)
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var text = days[Int((seconds / 86_400) % 7 + 7) % 7] + ", "
        time.two(time.day, to: &text)
        text += " " + months[Int(time.month) - 1] + " " + String(time.year) + " "
        time.writeClock(to: &text)
        return text + " GMT"
    }

    /// Scripts and event handlers go; what they were not is left as it was.
    static func sanitised(html: String) -> String {
        // Most texts have neither, and to look for these takes longer than all else that is done with a message.
        guard html.utf8.contains(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "=") }) else { return html }
        return html.replacing(/(?i)<script\b[^>]*>.*?<\/script\s*>/.dotMatchesNewlines(), with: "")
            .replacing(/(?i)\son[a-z]+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/, with: "")
    }
}

extension Int64 {
    /// A count of seconds as the chat service writes times: whole seconds and `Z`.
    var rfc3339: String {
        let time = CivilTime(seconds: self)
        var text = String(time.year) + "-"
        time.two(time.month, to: &text)
        text += "-"
        time.two(time.day, to: &text)
        text += "T"
        time.writeClock(to: &text)
        return text + "Z"
    }
}

/// A day and a time of day in UTC.
private struct CivilTime {
    let year: Int64
    let month: Int64
    let day: Int64
    let secondOfDay: Int64

    init(seconds: Int64) {
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        secondOfDay = seconds - days * 86_400
        // Counted from the first of March of the year 0, so that the leap day is the last of a year.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        day = dayOfYear - (153 * fromMarch + 2) / 5 + 1
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    func writeClock(to text: inout String) {
        two(secondOfDay / 3600, to: &text)
        text += ":"
        two(secondOfDay / 60 % 60, to: &text)
        text += ":"
        two(secondOfDay % 60, to: &text)
    }

    func two(_ value: Int64, to text: inout String) {
        if value < 10 { text += "0" }
        text += String(value)
    }
}

import TidemarkModel
import TidemarkStore

/// The settings of a transcript's engine, by the names they have in ``SyncConfiguration``.
enum TranscriptConfiguration {
    /// The largest number and the longest span (in ms) that a transcript may set.
    private static let limit: Int64 = 1_000_000_000_000

    static let durations: [(name: String, path: any WritableKeyPath<SyncConfiguration, Duration> & Sendable)] = [
        ("requestTimeout", \.requestTimeout), ("firstBackoff", \.firstBackoff), ("maximumBackoff", \.maximumBackoff),
        ("firstThrottle", \.firstThrottle), ("furtherThrottle", \.furtherThrottle), ("maximumThrottle", \.maximumThrottle),
        ("confirmAfter", \.confirmAfter), ("listInterval", \.listInterval), ("sweepInterval", \.sweepInterval),
        ("topInterval", \.topInterval), ("setInterval", \.setInterval),
    ]

    static func read(_ settings: [String: JSON]) throws -> SyncConfiguration {
        var configuration = SyncConfiguration()
        // Reads that the story does not tell stay under way; they must not keep others from beginning.
        configuration.maximumConcurrentRequests = 256
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
            if let duration = durations.first(where: { $0.name == name }), let text = value.text,
                let span = Fields.duration(text), span >= .zero
            {
                configuration[keyPath: duration.path] = span
            } else if let number = value.integer, (1...limit).contains(number), let small = Int(exactly: number), small <= 100_000
            {
                switch name {
                case "resultsPerPage": configuration.resultsPerPage = small
                case "historyPages": configuration.historyPages = small
                case "maximumConcurrentRequests": configuration.maximumConcurrentRequests = small
                default: throw TranscriptError("\"configuration\" has no number \"\(name)\".", line: 1)
                }
            } else {
                throw TranscriptError("\"configuration\" has no setting \"\(name)\" with this value.", line: 1)
            }
        }
        return configuration
    }

    static func write(_ configuration: SyncConfiguration) -> JSON {
        var settings: [String: JSON] = [:]
        for (name, path) in durations { settings[name] = .text("\(configuration[keyPath: path].milliseconds)ms") }
        // How many requests run at once is left out: which of them a real engine began first hung on when its answers came. Not so
        // where each waited for the one before.
        if configuration.maximumConcurrentRequests == 1 { settings["maximumConcurrentRequests"] = .integer(1) }
        if let number = configuration.resultsPerPage { settings["resultsPerPage"] = .integer(Int64(number)) }
        if let number = configuration.historyPages { settings["historyPages"] = .integer(Int64(number)) }
        return .object(settings)
    }
}

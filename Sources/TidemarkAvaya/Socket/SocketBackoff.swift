import TidemarkModel

/// How long to wait before the next connection, in milliseconds.
///
/// | what ended | waits, before the jitter |
/// | --- | --- |
/// | a loss, or the first refusal | 1, 2, 4, 5, 5 … s |
/// | further refusals in a row | 30, 60, 120 … 600 s |
struct SocketBackoff: Hashable, Sendable {
    private let configuration: SpacesSocketConfiguration
    private var losses = 0
    private var refusals = 0

    init(_ configuration: SpacesSocketConfiguration) {
        self.configuration = configuration
    }

    mutating func worked() {
        (losses, refusals) = (0, 0)
    }

    mutating func delay(afterRefusal isRefusal: Bool, using generator: inout some RandomNumberGenerator) -> Int64 {
        refusals = isRefusal ? min(refusals + 1, 64) : 0
        let delay: Double
        if refusals > 1 {
            delay = Self.doubled(
                configuration.firstRefusalDelay, times: refusals - 2, longest: configuration.longestRefusalDelay)
        } else {
            delay = Self.doubled(configuration.firstDelay, times: losses, longest: configuration.longestDelay)
            losses = min(losses + 1, 64)
        }
        let jitter = min(max(configuration.jitter, 0), 1)
        let draw = Double(generator.next() >> 11) / Double(1 << 53) * 2 - 1
        return Int64((delay * (1 + jitter * draw)).rounded())
    }

    private static func doubled(_ first: Duration, times: Int, longest: Duration) -> Double {
        var delay = Double(max(first.milliseconds, 1))
        let longest = Double(min(max(longest.milliseconds, 1), 86_400_000))
        for _ in 0..<times where delay < longest { delay *= 2 }
        return min(delay, longest)
    }
}

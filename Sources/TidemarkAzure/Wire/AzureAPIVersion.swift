/// A version of Azure's chat API, such as `2024-03-07`. Later ones compare greater.
///
/// Requests are built for 2021-03-07 and later; the answers of older versions can still be read.
public struct AzureAPIVersion: RawRepresentable, Hashable, Comparable, Sendable, ExpressibleByStringLiteral {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { self.init(rawValue: value) }

    public static let v2021_03_07: AzureAPIVersion = "2021-03-07"
    public static let v2021_09_07: AzureAPIVersion = "2021-09-07"
    public static let v2023_11_07: AzureAPIVersion = "2023-11-07"
    /// The default: what the Python and JavaScript clients of 2024 use.
    public static let v2024_03_07: AzureAPIVersion = "2024-03-07"
    public static let v2025_03_15: AzureAPIVersion = "2025-03-15"

    public static func < (left: AzureAPIVersion, right: AzureAPIVersion) -> Bool {
        left.rawValue < right.rawValue
    }

    /// Messages carry metadata, and so the engine's tokens (since 2021-04-05-preview6).
    public var hasMessageMetadata: Bool { rawValue >= "2021-04-05" }

    /// Threads and participants carry metadata, and threads a retention policy (since 2025-03-15).
    public var hasThreadMetadata: Bool { self >= .v2025_03_15 }

    /// Whether requests of this version are built.
    public var isSupported: Bool { self >= .v2021_03_07 }
}

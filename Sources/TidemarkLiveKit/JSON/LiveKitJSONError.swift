/// Why some bytes are no JSON. It holds no part of them.
package struct LiveKitJSONError: Error, Hashable, Sendable {
    package var reason: String
    /// How many bytes of the text in UTF-8 had been read.
    package var offset: Int
}

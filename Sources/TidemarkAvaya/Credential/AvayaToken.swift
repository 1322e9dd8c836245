import TidemarkModel

/// A token's text, looked at before it goes into a header.
enum AvayaToken {
    /// Larger than any header that a server takes.
    static let maximumBytes = 16_384

    /// Throws `.unauthenticated` for a text that no header can carry.
    static func checked(_ text: String) throws(ServiceError) -> String {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count <= maximumBytes, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .unauthenticated("The token is empty, too long, or holds characters that a token can't have.")
        }
        return text
    }

    /// When it ends by its own word, by the clock of who made it.
    static func end(of token: String) -> Timestamp? {
        JSONWebToken.claims(of: token)?["exp"]?.integer.flatMap { seconds in
            let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
            return overflow ? nil : Timestamp(milliseconds: milliseconds)
        }
    }
}

/// Where the page is, and the secret in it: who doesn't know it is told nothing, not even that something is there.
struct InspectAddress: Hashable, Sendable {
    let port: Int
    let token: String

    var url: String { "http://127.0.0.1:\(port)/\(token)/" }

    /// The names under which a browser may ask for it. Any other one was made to point here by somebody else (DNS rebinding).
    var hosts: Set<String> { ["127.0.0.1:\(port)", "localhost:\(port)"] }

    var origins: Set<String> { Set(hosts.map { "http://\($0)" }) }

    /// 192 random bits.
    static func randomToken() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<3).map { _ in
            let digits = String(random.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Takes as long for a token that is nearly right as for one that is not right at all.
    func isToken(_ text: Substring) -> Bool {
        let (given, own) = (Array(text.utf8), Array(token.utf8))
        guard given.count == own.count else { return false }
        return zip(given, own).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

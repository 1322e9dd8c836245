package import TidemarkModel

/// A message's key as one text, for the engine: `id@sender`, or `id` alone where the sender has no name. In the id, `%`, `@`
/// and NUL are written `%25`, `%40` and `%00`, so that no two keys are one text, also where texts end at a NUL.
package enum LiveKitRemoteID {
    package static func text(_ key: LiveKitMessageKey) -> RemoteMessageID {
        var id = ""
        for scalar in key.id.unicodeScalars {
            switch scalar {
            case "%": id += "%25"
            case "@": id += "%40"
            case "\0": id += "%00"
            default: id.unicodeScalars.append(scalar)
            }
        }
        return RemoteMessageID(rawValue: key.sender.map { "\(id)@\($0)" } ?? id)
    }

    /// `nil`: it names no message.
    package static func key(_ text: RemoteMessageID) -> LiveKitMessageKey? {
        let parts = text.rawValue.unicodeScalars.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else { return nil }
        let sender = parts.count > 1 ? String(String.UnicodeScalarView(parts[1])) : nil
        return LiveKitMessageKey(sender: sender, id: plain(String.UnicodeScalarView(first)))
    }

    private static func plain(_ scalars: String.UnicodeScalarView) -> String {
        var result = String.UnicodeScalarView()
        var rest = Substring.UnicodeScalarView(scalars)
        while let scalar = rest.popFirst() {
            if scalar == "%", rest.starts(with: "25".unicodeScalars) {
                result.append("%")
                rest.removeFirst(2)
            } else if scalar == "%", rest.starts(with: "40".unicodeScalars) {
                result.append("@")
                rest.removeFirst(2)
            } else if scalar == "%", rest.starts(with: "00".unicodeScalars) {
                result.append("\0")
                rest.removeFirst(2)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}

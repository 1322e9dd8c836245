/// The service's own code and words out of an error's body, whichever version wrote it.
///
/// The wrapper is `error`, `Error`, `ChatError`, `CommunicationError` or missing, its members may be capitalised, the
/// message may be missing and the body empty (recorded; wire page §4).
package struct ServiceWords: Hashable {
    package var code: String?
    package var message: String?

    package init(_ body: [UInt8]) {
        guard !body.isEmpty, let json = try? JSONValue(reading: body) else { return }
        let wrapped = json["error", "Error", "ChatError", "CommunicationError"]
        let error = wrapped?.members == nil ? json : wrapped ?? json
        code = Self.bounded(error["code", "Code"]?.text)
        message = Self.bounded(error["message", "Message"]?.text ?? wrapped?.text)
    }

    /// More than the service says; what is longer came from somebody else.
    private static let longestText = 2048

    private static func bounded(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty ? nil : String($0.prefix(longestText)) }
    }
}

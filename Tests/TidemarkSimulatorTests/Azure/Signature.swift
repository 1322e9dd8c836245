import HTTPTypes
@testable import TidemarkSimulator

/// Signs as clients of the identity service do (wire page §9).
enum Signature {
    static func sign(
        _ request: inout HTTPRequest, _ body: [UInt8], key: String, date: String = "Tue, 21 Nov 2023 01:09:44 GMT"
    ) {
        let hash = WireText.base64(SHA256.hash(body))
        let text = "\(request.method.rawValue)\n\(request.path ?? "")\n\(date);\(request.authority ?? "");\(hash)"
        let code = SHA256.authenticationCode(Array(text.utf8), key: WireText.bytes(base64: key) ?? [])
        for (name, value) in [("x-ms-date", date), ("x-ms-content-sha256", hash)] {
            if let name = HTTPField.Name(name) { request.headerFields[name] = value }
        }
        request.headerFields[.authorization] =
            "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=\(WireText.base64(code))"
    }
}

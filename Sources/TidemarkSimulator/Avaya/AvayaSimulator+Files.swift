internal import Foundation
internal import HTTPTypes
internal import TidemarkModel

/// A place for a file, and its bytes once they are there.
struct AvayaFile: Hashable, Sendable, Codable {
    var contentType: String
    var size: Int64
    var content: Data?
    /// The server's file with the bytes, where they are too many to be held here (``SpooledBody``).
    var spooled: String?

    var isThere: Bool { content != nil || spooled != nil }
}

/// Files in two steps (wire page §5). The storage knows nobody: who has a signed address may use it until it ends.
extension AvayaSimulator {
    var downloadLife: Int64 { behavior.downloadSeconds * 1000 }

    mutating func answerFiles(
        _ call: AvayaCall, _ path: [String], _ user: AvayaUser
    ) throws(AvayaRefusal) -> AvayaReply {
        switch (call.method, path) {
        case ("POST", ["getuploadurl"]): return try uploadPlaces(call)
        case ("POST", ["getdownloadurl"]), ("GET", ["getdownloadurl"]): return try downloads(call)
        default: throw .notFound
        }
    }

    private mutating func uploadPlaces(_ call: AvayaCall) throws(AvayaRefusal) -> AvayaReply {
        guard let wanted = try call.object()["files"]?.list, (1...50).contains(wanted.count) else {
            throw .invalid("files is a list of 1 to 50.")
        }
        var items: [JSON] = []
        for file in wanted {
            guard let type = file["Content-Type"]?.text, let size = file["Content-Length"]?.number ?? Self.number(file),
                (0...(1 << 30)).contains(size)
            else { throw .invalid("A file needs Content-Type and Content-Length, at most 1 GB.") }
            let key = uuid()
            files[key] = AvayaFile(contentType: type, size: size)
            let url = signedURL("PUT", key, until: call.now + behavior.uploadSeconds * 1000)
            items.append(.members(("url", .text(url)), ("fileKey", .text(key))))
        }
        return .data(items)
    }

    private static func number(_ file: JSON) -> Int64? { file["Content-Length"]?.text.flatMap { Int64($0) } }

    private func downloads(_ call: AvayaCall) throws(AvayaRefusal) -> AvayaReply {
        let inQuery = call.query.filter { $0.0 == "fileKeys" || $0.0 == "fileKeys[]" }.map(\.1)
        let asked = call.body.isEmpty ? inQuery : try call.object()["fileKeys"]?.list?.compactMap(\.text) ?? []
        guard (1...100).contains(asked.count) else { throw .invalid("fileKeys is a list of 1 to 100.") }
        var items: [JSON] = []
        for key in asked {
            guard files[key]?.isThere == true else { throw .notFound }
            let url = signedURL("GET", key, until: call.now + downloadLife)
            items.append(.members(("url", .text(url)), ("fileKey", .text(key))))
        }
        return .data(items)
    }

    /// An address that is good for one method on one file until a time.
    func signedURL(_ method: String, _ key: String, until: Int64) -> String {
        let expires = until / 1000
        return "\(storageURL)/storage/\(AvayaPages.escaped(key))?Expires=\(expires)&Signature=\(signature(method, key, expires))"
    }

    private func signature(_ method: String, _ key: String, _ expires: Int64) -> String {
        let code = SHA256.authenticationCode(Array("\(method) \(key) \(expires)".utf8), key: secret)
        return WireText.base64URL(Array(code.prefix(18)))
    }

    mutating func answerStorage(_ call: AvayaCall) throws(AvayaRefusal) -> AvayaReply {
        guard call.path.count == 2, let expires = call.parameter("Expires").flatMap({ Int64($0) }) else { throw .notFound }
        let key = call.path[1]
        guard call.parameter("Signature") == signature(call.method, key, expires), expires > call.now / 1000 else {
            throw AvayaRefusal(status: 403, code: "SignatureDoesNotMatch", message: "The signature is wrong or has expired.")
        }
        guard let file = files[key] else { throw .notFound }
        switch call.method {
        case "PUT":
            guard call.fields[.contentType] == file.contentType else { throw .invalid("Another Content-Type was announced.") }
            let spooled = SpooledBody(in: call.fields)
            guard spooled?.bytes ?? Int64(call.body.count) == file.size else {
                throw .invalid("Another Content-Length was announced.")
            }
            files[key]?.content = spooled == nil ? Data(call.body) : nil
            files[key]?.spooled = spooled?.path
            return AvayaReply()
        case "GET":
            guard file.isThere else { throw .notFound }
            var reply = AvayaReply()
            reply.content = file.content.map(Array.init) ?? []
            reply.contentType = file.contentType
            if let path = file.spooled { reply.fields = SpooledBody(path: path, bytes: file.size).fields }
            return reply
        default: throw .notFound
        }
    }

    /// The bytes of a file that was uploaded and is held here; for a judge.
    public func content(ofFile key: String) -> [UInt8]? { files[key]?.content.map(Array.init) }

    /// Every file that was uploaded, by its key, with its size; for a judge of what no message names.
    public var uploadedFiles: [String: Int64] { files.compactMapValues { $0.isThere ? $0.size : nil } }
}

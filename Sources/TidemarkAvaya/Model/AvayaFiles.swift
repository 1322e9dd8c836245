public import Foundation
import TidemarkModel

/// Where one file may be put.
public struct AvayaUploadURL: Hashable, Sendable {
    /// Signed, and so a secret; it expires.
    public var url: URL
    /// What a message names the file by: its `fileId`.
    public var fileKey: String
}

/// Where one file can be fetched.
public struct AvayaDownloadURL: Hashable, Sendable {
    public var fileKey: String?
    /// Signed, and so a secret; it expires.
    public var url: URL
}

extension AvayaUploadURL {
    init?(json: JSONValue) {
        guard let key = json.words("fileKey"), let url = json.words("url").flatMap({ AvayaFileAddress.url($0) }) else {
            return nil
        }
        self.init(url: url, fileKey: key)
    }
}

extension AvayaDownloadURL {
    /// An object, or the address alone; the form is not established.
    init?(json: JSONValue, asked: String?) {
        guard let url = (json.words("url", "path") ?? json.text).flatMap({ AvayaFileAddress.url($0) }) else { return nil }
        self.init(fileKey: json.words("fileKey", "fileId") ?? asked, url: url)
    }
}

enum AvayaFileAddress {
    /// Only what a transport may go to.
    static func url(_ text: String) -> URL? {
        guard let url = URL(string: text), ["https", "http"].contains(url.scheme?.lowercased()), url.host() != nil else {
            return nil
        }
        return url
    }
}

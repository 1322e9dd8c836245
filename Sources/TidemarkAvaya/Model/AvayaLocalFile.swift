import Foundation
import TidemarkModel

/// A file on this machine that is to be uploaded.
public struct AvayaLocalFile: Hashable, Sendable {
    public var path: String
    public var name: String
    /// The MIME type. The service makes a kind of it: image, video, audio or document.
    public var mediaType: String

    /// `name`: as the others see it; the path's last part without it.
    public init(path: String, name: String? = nil, mediaType: String) {
        self.path = path
        self.name = name ?? URL(fileURLWithPath: path).lastPathComponent
        self.mediaType = mediaType
    }
}

extension AvayaAttachment {
    /// A message's word for a file of this kind: `fileType` (wire page §4).
    static func fileType(of mediaType: String?) -> String {
        let kind = mediaType?.lowercased().prefix { $0 != "/" } ?? ""
        return ["image", "video", "audio"].contains(kind) ? String(kind) : "document"
    }
}

import Foundation
import Tidemark

extension FileToSend {
    /// What a name's ending says of a file. What others see of it is up to their programs; the service only sorts by it.
    private static let mediaTypes = [
        "aac": "audio/aac", "avi": "video/x-msvideo", "bmp": "image/bmp", "csv": "text/csv", "flac": "audio/flac",
        "gif": "image/gif", "gz": "application/gzip", "heic": "image/heic", "htm": "text/html", "html": "text/html",
        "jpeg": "image/jpeg", "jpg": "image/jpeg", "json": "application/json", "m4a": "audio/mp4", "md": "text/markdown",
        "mkv": "video/x-matroska", "mov": "video/quicktime", "mp3": "audio/mpeg", "mp4": "video/mp4", "mpeg": "video/mpeg",
        "odt": "application/vnd.oasis.opendocument.text", "ogg": "audio/ogg", "pdf": "application/pdf", "png": "image/png",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "svg": "image/svg+xml",
        "tar": "application/x-tar", "tif": "image/tiff", "tiff": "image/tiff", "txt": "text/plain", "wav": "audio/wav",
        "webm": "video/webm", "webp": "image/webp", "xml": "application/xml", "zip": "application/zip",
    ]

    /// A file that was named on the command line.
    init(argument path: String) {
        let ending = URL(filePath: path).pathExtension.lowercased()
        self.init(path: path, contentType: Self.mediaTypes[ending] ?? "application/octet-stream")
    }
}

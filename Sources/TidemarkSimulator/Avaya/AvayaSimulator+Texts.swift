/// What becomes of a body on its way back (wire page §4).
extension AvayaSimulator {
    /// As a client reads it.
    public func written(_ text: String) -> String {
        var text = behavior.sanitises ? WireText.sanitised(html: text) : text
        if behavior.wrapsBodies, !text.hasPrefix("<p") { text = "<p>" + text + "</p>" }
        return behavior.escapesQuotes ? Self.escapingQuotes(text) : text
    }

    /// Quotation marks outside of tags, as entities.
    private static func escapingQuotes(_ text: String) -> String {
        var bytes: [UInt8] = []
        var isInTag = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"): isInTag = true
            case UInt8(ascii: ">"): isInTag = false
            default: break
            }
            switch byte {
            case UInt8(ascii: "'") where !isInTag: bytes += "&#x27;".utf8
            case UInt8(ascii: "\"") where !isInTag: bytes += "&quot;".utf8
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: A message

    /// As a listing shows it. `now` is when its signed links begin to age.
    func json(_ message: AvayaMessage, _ now: Int64) -> JSON {
        if message.deletedAt != nil, behavior.deletionMark == .bareID {
            return .members(
                ("_id", .text(message.id)), ("topicId", .text(message.space)),
                ("modified", .text(AvayaTime.text(message.modified))))
        }
        let showsDeletion = message.deletedAt != nil && behavior.deletionMark == .status
        var members: [(String, JSON)] = [
            ("_id", .text(message.id)), ("category", .text(message.category)), ("topicId", .text(message.space)),
            ("sender", json(sender: message.sender)), ("content", content(message, now)),
            ("created", .text(AvayaTime.text(message.created))), ("modified", .text(AvayaTime.text(message.modified))),
            ("status", .number(showsDeletion ? behavior.deletedStatus : 0)), ("chatCount", .number(message.comments)),
            ("likeCount", .number(0)), ("version", .text("1.1")),
        ]
        if let parent = message.parent, let place = places[parent] {
            let post = self[place]
            let described = JSON.members(
                ("_id", .text(parent)), ("bodyText", .text(written(post.text))), ("category", .text(post.category)))
            members.append(("parentMsg", described))
        }
        if let mentions = message.passed["mentions"].flatMap({ JSON(Array($0.utf8)) }) {
            members.append(("mentions", mentions))
        }
        if let deletedAt = message.deletedAt { members += mark(deletedAt: deletedAt) }
        return .object(members)
    }

    private func content(_ message: AvayaMessage, _ now: Int64) -> JSON {
        let isDeleted = message.deletedAt != nil
        var members: [(String, JSON)] = [
            ("bodyText", .text(isDeleted ? "" : written(message.text))), ("description", .text(message.description)),
            ("data", .list(isDeleted ? [] : message.attachments.map { json($0, now) })),
            ("startTime", .text(AvayaTime.text(message.created + 7))), ("endTime", .null), ("mediaMode", .text("audio")),
            ("virtualEndTime", .null), ("meetingStatus", .text("active")), ("recordings", .list([])),
        ]
        for name in ["assignees", "status", "dueDate"] where !isDeleted {
            if let value = message.passed[name].flatMap({ JSON(Array($0.utf8)) }) { members.append((name, value)) }
        }
        return .object(members)
    }

    private func json(_ file: AvayaAttachment, _ now: Int64) -> JSON {
        let thumbnail = file.thumbnail.isEmpty ? "" : signedURL("GET", file.thumbnail, until: now + downloadLife)
        return .members(
            ("fileId", .text(file.fileID)), ("fileSize", .number(file.size)), ("fileType", .text(file.type)),
            ("name", .text(file.name)), ("provider", .text("native")), ("providerFileType", .text(file.contentType)),
            ("icon", .text(file.icon)), ("thumbnailFile", .text(file.thumbnail)), ("thumbnail", .text(thumbnail)),
            ("previewFile", .text("")), ("pages", .number(0)), ("description", .text("")), ("keywords", .list([])),
            ("convertStatus", .number(0)), ("recordingId", .null),
            ("metaData", .members(("paging", .number(0)), ("prvwProvd", .text("gcs")), ("stgeProvd", .text("gcs")))),
            ("path", .text(signedURL("GET", file.fileID, until: now + downloadLife))))
    }
}

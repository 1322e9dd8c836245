import TidemarkModel

/// Which page of a listing by `size` and `page` begins at or before an offset (wire page §3, `members`).
///
/// The engine reads sets by offset with an overlap (rule R23), and such a listing has only pages: the size is chosen so that
/// the offset lies as near to a page's start as can be, and what stands before it is passed over.
struct AvayaMembersWindow: Hashable {
    var size: Int
    var page: Int
    /// How many items in front are passed over.
    var dropped: Int

    /// Larger pages are not asked for: the service documents 30 as its default and no maximum.
    static let largest = 30

    init(skip: Int, size: Int?) {
        let wanted = min(max(size ?? Self.largest, 1), Self.largest)
        var best = AvayaMembersWindow(size: wanted, page: skip / wanted, dropped: skip % wanted)
        for size in stride(from: wanted, to: wanted / 2, by: -1) {
            let candidate = AvayaMembersWindow(size: size, page: skip / size, dropped: skip % size)
            if candidate.size - candidate.dropped > best.size - best.dropped { best = candidate }
        }
        self = best
    }

    private init(size: Int, page: Int, dropped: Int) {
        self.size = size
        self.page = page
        self.dropped = dropped
    }

    /// The page that a cursor asks for, where it is one of this listing.
    init?(cursor: Cursor) {
        guard let mark = cursor.rawValue.firstIndex(of: "?") else { return nil }
        var numbers: [Substring: Int] = [:]
        for item in cursor.rawValue[cursor.rawValue.index(after: mark)...].split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1)
            if parts.count == 2, let number = Int(parts[1]) { numbers[parts[0]] = number }
        }
        guard let size = numbers["size"], let page = numbers["page"], size > 0, page >= 0, page < Int.max else { return nil }
        self.init(size: size, page: page, dropped: 0)
    }

    /// The page after this one, of the listing that the path names.
    func following(_ path: String) -> Cursor {
        Cursor("\(path.prefix { $0 != "?" })?size=\(size)&page=\(page + 1)")
    }
}

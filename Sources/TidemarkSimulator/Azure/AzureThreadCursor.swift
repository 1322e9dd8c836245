/// The windows of activity that a walk over the threads has covered, as base64 JSON in the link (recorded).
///
/// More than one: while more has moved to the top than a page holds, what lies between that page and the older ones is
/// still to come.
struct AzureThreadCursor {
    private(set) var windows: [ClosedRange<Int64>] = []
    var from: Int64

    init(from: Int64) {
        self.from = from
    }

    func covers(_ activity: Int64) -> Bool {
        windows.contains { $0.contains(activity) }
    }

    /// Adds a page. It begins with the newest that was not covered, so nothing above it is left open, and it joins the
    /// windows up there.
    mutating func cover(_ page: ClosedRange<Int64>) {
        let newest = windows.map(\.upperBound).max() ?? page.upperBound
        let window = page.lowerBound...max(newest, page.upperBound)
        let lower = windows.filter { $0.overlaps(window) }.map(\.lowerBound).min() ?? window.lowerBound
        windows.removeAll { $0.overlaps(window) }
        windows.append(min(lower, window.lowerBound)...window.upperBound)
    }

    init?(text: String) {
        let padded = text + String(repeating: "=", count: (4 - text.count % 4) % 4)
        guard let bytes = WireText.bytes(base64: padded.replacing("-", with: "+").replacing("_", with: "/")),
            let json = JSON(bytes), case .number(let from)? = json["from"], let list = json["windows"]?.list
        else { return nil }
        self.init(from: from)
        for entry in list {
            guard case .number(let lower)? = entry["from"], case .number(let upper)? = entry["to"], lower <= upper else {
                return nil
            }
            windows.append(lower...upper)
        }
    }

    var text: String {
        let list = windows.map { JSON.members(("from", .number($0.lowerBound)), ("to", .number($0.upperBound))) }
        return WireText.base64URL(JSON.members(("from", .number(from)), ("windows", .list(list))).bytes)
    }
}

import Foundation

/// Rows aligned under their titles. The column that may shrink is cut so that a row fits the terminal.
struct Table {
    struct Column {
        var title: String
        var isRight = false
        /// Gives way when the row is too wide.
        var shrinks = false
        /// Is cut in the middle.
        var isID = false

        fileprivate func cut(_ text: String, to width: Int) -> String {
            isID ? TextLayout.cutID(text, to: width) : TextLayout.cut(text, to: width)
        }
    }

    struct Cell {
        var text: String
        /// Colours the text after it was cut.
        var paint: ((String) -> String)?

        init(_ text: String, _ paint: ((String) -> String)? = nil) {
            self.text = text
            self.paint = paint
        }

        fileprivate func painted(_ text: String) -> String { paint?(text) ?? text }
    }

    private static let gap = "  "

    let columns: [Column]
    var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    mutating func add(_ cells: [Cell]) {
        rows.append(cells)
    }

    func lines(width: Int, style: Style) -> [String] {
        let widths = widths(fitting: width)
        guard widths.reduce(Self.gap.count * (columns.count - 1), +) <= width else { return flowing(width) }
        let head = columns.indices.map { Cell(columns[$0].title.uppercased(), style.dim) }
        return ([head] + rows).map { line($0, widths) }
    }

    /// For a terminal that is too narrow for columns: each row's cells one after the other, numbers with their titles.
    private func flowing(_ width: Int) -> [String] {
        rows.flatMap { cells -> [String] in
            var (lines, current, used): ([String], String, Int) = ([], "", 0)
            for (index, cell) in zip(cells.indices, cells) where !cell.text.trimmingCharacters(in: .whitespaces).isEmpty {
                let name = columns[index].isRight ? columns[index].title + " " : ""
                let text = columns[index].cut(name + cell.text.trimmingCharacters(in: .whitespaces), to: width - 4)
                let size = TextLayout.width(text)
                if used > 0, used + Self.gap.count + size > width {
                    lines.append(current)
                    (current, used) = ("    ", 4)
                } else if used > 0 {
                    current += Self.gap
                    used += Self.gap.count
                }
                current += cell.painted(text)
                used += size
            }
            return lines + [current]
        }
    }

    private func line(_ cells: [Cell], _ widths: [Int]) -> String {
        let parts = zip(cells.indices, cells).map { index, cell in
            let text = columns[index].cut(cell.text, to: widths[index])
            let space = String(repeating: " ", count: max(0, widths[index] - TextLayout.width(text)))
            if columns[index].isRight { return space + cell.painted(text) }
            return cell.painted(text) + (index == cells.count - 1 ? "" : space)
        }
        let line = parts.joined(separator: Self.gap)
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    private func widths(fitting total: Int) -> [Int] {
        var widths = columns.indices.map { index in
            max(TextLayout.width(columns[index].title), rows.map { TextLayout.width($0[index].text) }.max() ?? 0)
        }
        let room = total - Self.gap.count * (columns.count - 1)
        let shrinking = columns.indices.filter { columns[$0].shrinks }
        for index in shrinking.sorted(by: { widths[$0] > widths[$1] }) {
            let excess = widths.reduce(0, +) - room
            guard excess > 0 else { break }
            widths[index] = max(8, widths[index] - excess)
        }
        return widths
    }
}

import Foundation
import Testing

/// The document says what the table says.
struct OutcomeDocumentTests {
    /// Written anew with `TIDEMARK_WRITE_GOLDEN=1 swift test --filter OutcomeDocumentTests`.
    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/in-doubt.md")

    @Test func `the document has the table as it is in the code`() throws {
        var document = try String(contentsOf: Self.file, encoding: .utf8)
        let begin = try #require(document.range(of: OutcomeDocument.begin))
        let end = try #require(document.range(of: OutcomeDocument.end))
        let part = begin.lowerBound..<end.upperBound
        if ProcessInfo.processInfo.environment["TIDEMARK_WRITE_GOLDEN"] != nil {
            document.replaceSubrange(part, with: OutcomeDocument.text())
            try Data(document.utf8).write(to: Self.file)
            return
        }
        #expect(
            document[part] == OutcomeDocument.text(),
            "docs/in-doubt.md is out of date: TIDEMARK_WRITE_GOLDEN=1 swift test --filter OutcomeDocumentTests")
    }
}

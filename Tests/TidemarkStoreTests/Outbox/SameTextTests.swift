import Testing

@testable import TidemarkStore

@Suite struct SameTextTests {
    @Test(arguments: [
        ("Hello world", "Hello world"), ("Hello world", "<p>Hello world</p>"), ("it's", "it&#x27;s"), ("it's", "it&#39;s"),
        ("\"so\"", "&quot;so&quot;"), ("a & b", "a &amp; b"), ("1 < 2", "1 &lt; 2"), ("1 < 2", "<p>1 &lt; 2</p>"),
        ("two  spaces ", "two spaces"), ("line\nline", "line<br/>line"), ("line\r\nline", "<p>line</p>\n<p>line</p>"),
        ("grüße", "gr&#252;&#xDF;e"), ("a b", "a&nbsp;b"), ("", "<p></p>"), ("a <3 b", "a <3 b"),
    ]) func `a text that came back escaped, wrapped or trimmed is the one that was sent`(sent: String, told: String) {
        #expect(SameText(sent).matches(told))
    }

    @Test(
        arguments: [
            ("Hello world", "Hello word"), ("Hello", nil), ("a", ""), ("ab", "a b"), ("a&b", "a b"), ("1 < 2", "1 2"),
            ("it's", "its"), ("&bogus;", ""), ("&#0;", ""),
        ] as [(String, String?)]) func `another text is not`(sent: String, told: String?)
    {
        #expect(!SameText(sent).matches(told))
    }

    @Test func `whatever it is given it ends`() {
        for text in ["<", "&", "<a", "&#", "&#x;", "&#xFFFFFFFFFF;", "<!--", String(repeating: "<a", count: 20_000)] {
            #expect(SameText(text).matches(text))
        }
    }
}

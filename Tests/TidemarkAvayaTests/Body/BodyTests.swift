import Testing
import TidemarkAvaya
import TidemarkModel

struct BodyTests {
    @Test(arguments: [
        "Hello world", "", "a < b && c > d", "<b>not bold</b>", "&amp; is five letters", "it's \"quoted\"",
        "two\nlines", "windows\r\nlines", "<p>typed tags</p>", "<script>alert(1)</script>", "&#x27; stays", "👋🏽 žluť  ",
        "<br>", "& &x &; &#; &#xZZ; &#99999999;",
    ])
    func `a plain text comes back as it was typed`(text: String) {
        let body = AvayaBody.encoded(text: text)
        #expect(AvayaBody.decoded(body) == .text(text))
        // As the web client wraps it.
        #expect(AvayaBody.decoded("<p>\(body)</p>") == .text(text))
        #expect(!body.contains("<script"))
    }

    @Test(arguments: [
        ("It&#x27;s &quot;here&quot; &amp; &#60;there&#62;&nbsp;", "It's \"here\" & <there>\u{A0}"),
        ("<p>two &amp; three</p>", "two & three"),
        ("<P class=\"x\">Hi</P>", "Hi"),
        ("<p></p>", ""),
        ("one<br/>two<BR />three", "one\ntwo\nthree"),
        ("if a<3 and b>4", "if a<3 and b>4"),
        ("a < b", "a < b"),
        ("1 <", "1 <"),
        ("&unknown; &amp", "&unknown; &amp"),
        ("&amp;lt;", "&lt;"),
    ])
    func `a body without markup is a text`(body: String, text: String) {
        #expect(AvayaBody.decoded(body) == .text(text))
    }

    @Test(arguments: [
        "<b>bold</b>", "<p>one</p><p>two</p>", "<p><a href=\"https://example.com\">x</a></p>", "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>", "text <!-- hidden --> text", "<?xml?>", "<p>open",
    ])
    func `markup stays as it came and is told apart`(body: String) {
        #expect(AvayaBody.decoded(body) == .html(body))
    }

    @Test(arguments: [
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("a<script>alert('x<b>')</script>b", "ab"),
        ("<style>p{}</style><p>x &lt; y</p>", "x < y"),
        ("<ul><li>1</li><li>2</li></ul>", "1\n2"),
        ("a<!-- <b>no</b> -->b", "ab"),
        ("<script>never closed", ""),
        ("one<br><br>two", "one\n\ntwo"),
        ("<SCRIPT>x</sCript >y", "y"),
    ])
    func `words are read without markup and without scripts`(body: String, words: String) {
        #expect(AvayaBody.plainText(body) == words)
    }

    @Test func `bodies that escaping changed are the same`() {
        let sent = AvayaBody.encoded(text: "it's 3 < 4")
        for came in [sent, "<p>\(sent)</p>", "it&#x27;s 3 &lt; 4", "it&#39;s 3 &amp;lt; 4", "<p>it's  3 &lt; 4 </p>"] {
            #expect(AvayaBody.isSame(sent, came) && AvayaBody.isSame(came, sent), "\(came)")
        }
        for other in ["it's 3 < 5", "", "its 3 &lt; 4"] { #expect(!AvayaBody.isSame(sent, other)) }
        #expect(AvayaBody.isSame("<b>hi</b>", "<strong>hi</strong>"))
    }

    @Test func `only a plain text is encoded`() {
        #expect(AvayaBody.encoded("<b>x</b>", as: .html) == "<b>x</b>")
        #expect(AvayaBody.encoded("<b>x</b>", as: .text) == "&lt;b&gt;x&lt;/b&gt;")
    }

    @Test(arguments: ["<", "<!--", "<a", "&", "&#", "<p>", "<script>", "-->", "<br>", "</"])
    func `a huge hostile body is read in time`(piece: String) {
        let body = String(repeating: piece, count: 40_000)
        let clock = ContinuousClock()
        let spent = clock.measure {
            _ = AvayaBody.decoded(body)
            _ = AvayaBody.plainText(body)
            _ = AvayaBody.isSame(body, body + "x")
        }
        #expect(spent < .seconds(30))
    }
}

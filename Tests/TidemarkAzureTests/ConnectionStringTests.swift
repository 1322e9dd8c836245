import Foundation
import Testing
import TidemarkAzure
import TidemarkModel

struct ConnectionStringTests {
    @Test(arguments: [
        "endpoint=https://c.example/;accesskey=c2VjcmV0", " Endpoint = https://c.example/ ; AccessKey=c2VjcmV0 ;",
        "accesskey=c2VjcmV0;endpoint=https://c.example/",
    ])
    func `its parts are read in any order and case`(text: String) throws {
        let parsed = try AzureConnectionString(text.replacing(" = ", with: "="))
        #expect(parsed.endpoint.absoluteString == "https://c.example/" && parsed.key == Array("secret".utf8))
    }

    @Test(arguments: [
        ("", "endpoint="), ("endpoint=https://c.example", "accesskey="), ("accesskey=c2VjcmV0", "endpoint="),
        ("endpoint=c.example;accesskey=c2VjcmV0", "http or https"),
        ("endpoint=ftp://c.example;accesskey=c2VjcmV0", "http or https"),
        ("endpoint=https://c.example;accesskey=%%%", "base64"), ("endpoint=https://c.example;accesskey", "`=`"),
    ])
    func `what is missing or wrong is said without the key`(text: String, word: String) {
        let error = #expect(throws: AzureConnectionString.Malformed.self) { try AzureConnectionString(text) }
        #expect(error?.description.contains(word) == true)
        #expect(error?.description.contains("c2VjcmV0") == false)
    }

    @Test func `it never shows its key`() throws {
        let parsed = try AzureConnectionString("endpoint=https://c.example/;accesskey=c2VjcmV0")
        var shown = "\(parsed)"
        dump(parsed, to: &shown)
        #expect(!shown.contains("c2VjcmV0") && !shown.contains("115"))
    }
}

struct HTTPDateTests {
    @Test(arguments: [
        ("Thu, 01 Jan 1970 00:00:00 GMT", Int64(0)), ("Tue, 23 Mar 2021 00:59:42 GMT", 1_616_461_182_000),
        ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199_000), ("Wed, 31 Dec 1969 23:59:59 GMT", -1000),
    ])
    func `a header's time is read and written`(text: String, milliseconds: Int64) {
        #expect(HTTPDate.timestamp(text) == Timestamp(milliseconds: milliseconds))
        #expect(HTTPDate.text(Timestamp(milliseconds: milliseconds)) == text)
    }

    @Test(arguments: [
        "", "Tue, 23 Mar 2021", "Tue, 23 Mär 2021 00:59:42 GMT", "Tue, 23 Mar 2021 25:59:42 GMT", "2021-03-23T00:59:42Z",
    ])
    func `another form is none`(text: String) {
        #expect(HTTPDate.timestamp(text) == nil)
    }
}

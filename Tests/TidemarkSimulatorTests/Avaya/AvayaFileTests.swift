import Testing
@testable import TidemarkSimulator

struct AvayaFileTests {
    private func place(_ bench: inout AvayaBench, _ size: Int = 5) throws -> (url: String, key: String) {
        let body = #"{"files":[{"Content-Type":"text/plain","Content-Length":\#(size)}]}"#
        let item = try #require(bench.call("POST", "/api/files/getuploadurl", body).items.first)
        return (try #require(item["url"]?.text), try #require(item["fileKey"]?.text))
    }

    private func chat(_ key: String) -> String {
        let file = #"{"fileId":"\#(key)","fileSize":5,"fileType":"document","name":"a.txt","provider":"native"}"#
        return #"{"content":{"bodyText":"","data":[\#(file)]}}"#
    }

    @Test func `a file is put, sent and fetched`() throws {
        var bench = AvayaBench()
        let space = bench.space()
        let (url, key) = try place(&bench)
        #expect(bench.call("POST", "/api/spaces/\(space)/chats", chat(key)).status == 400)
        #expect(bench.call("PUT", url, "hello", authorization: "", type: "text/plain").status == 200)
        let sent = bench.call("POST", "/api/spaces/\(space)/chats", chat(key))
        let file = try #require(sent.items.first?["content"]?["data"]?.list?.first)
        #expect(file["fileId"]?.text == key && bench.avaya.copies(ofFile: key).count == 1)
        let path = try #require(file["path"]?.text)
        #expect(bench.call("GET", path, authorization: "").bytes == Array("hello".utf8))
        let link = bench.call("POST", "/api/files/getdownloadurl", #"{"fileKeys":["\#(key)"]}"#).items.first?["url"]?.text
        #expect(bench.call("GET", try #require(link), authorization: "").bytes == Array("hello".utf8))
        #expect(bench.call("POST", "/api/files/getdownloadurl", #"{"fileKeys":["x"]}"#).status == 404)
    }

    @Test func `an address is good for its bytes, its type, its method and its time`() throws {
        var bench = AvayaBench()
        let (url, key) = try place(&bench)
        for (bytes, type) in [("hell", "text/plain"), ("hello!", "text/plain"), ("hello", "text/html")] {
            #expect(bench.call("PUT", url, bytes, authorization: "", type: type).status == 400)
        }
        #expect(bench.call("GET", url, authorization: "").status == 403)
        #expect(bench.call("PUT", url + "x", "hello", authorization: "", type: "text/plain").status == 403)
        bench.now += 900_000
        #expect(bench.call("PUT", url, "hello", authorization: "", type: "text/plain").status == 403)
        #expect(bench.avaya.content(ofFile: key) == nil)
        let huge = #"{"files":[{"Content-Type":"a/b","Content-Length":99999999999}]}"#
        #expect(bench.call("POST", "/api/files/getuploadurl", huge).status == 400)
    }
}

import Testing
import TidemarkAvaya
import TidemarkModel

/// One message, in each of the readings that the wire page leaves open.
struct MessageTests {
    private func history(_ item: String) throws -> Page {
        try Example.wire().page(of: .json(200, #"{"data":[\#(item)]}"#), for: PageRequest(.messages(in: Example.space)))
    }

    private func feed(_ item: String) throws -> Page {
        let request = PageRequest(.messages(in: Example.space), startTime: Example.start)
        return try Example.wire().page(of: .json(200, #"{"data":[\#(item)]}"#), for: request)
    }

    private func byID(_ body: String) throws -> Page {
        try Example.wire().page(of: .json(200, body), for: PageRequest(.message(Example.message, in: Example.space)))
    }

    @Test func `a chat has its places in time, its sender and its words`() throws {
        let page = try history(
            try Example.message(body: "<p>it&#x27;s</p>", modified: "2020-08-05T11:55:00.001Z", more: #","status":0"#))
        let message = try #require(page.messages.first)
        #expect(message.id == Example.message && message.sender == Example.ann && message.senderName == "Ann")
        #expect(message.kind == .text && message.text == "it's")
        #expect(message.version == 1_596_628_500_001 && message.sequence == message.version)
        #expect(message.place == 1_596_628_473_290 && message.createdAt == Timestamp(milliseconds: 1_596_628_473_290))
        #expect(message.editedAt == Timestamp(milliseconds: 1_596_628_500_001) && message.deletedAt == nil)
    }

    @Test func `a chat that was never changed is not edited`() throws {
        #expect(try history(try Example.message()).messages.first?.editedAt == nil)
    }

    @Test func `markup makes an html message with its bytes as they came`() throws {
        let body = "<p>see <a href='https://example.com'>this</a></p>"
        let message = try #require(try history(try Example.message(body: body)).messages.first)
        #expect(message.kind == .html && message.text == body)
    }

    @Test(arguments: [("idea", "post"), ("task", "task"), ("poll", "poll")])
    func `a post, a task and what is not known keep their category`(category: String, kind: String) throws {
        let item = try Example.message(body: "<b>Plan</b> &amp; do", category: category)
        let message = try #require(try history(item).messages.first)
        #expect(message.kind == .unknown(kind) && message.text == "Plan & do")
        let data = try JSONValue(reading: try #require(message.serviceData))
        #expect(data["bodyText"]?.text == "<b>Plan</b> &amp; do")
    }

    @Test func `files, the parent, mentions and likes go to the service's data, signed addresses don't`() throws {
        let item = #"""
            {"_id":"5f2a9df91c85f02eb068a4e0","category":"chat","topicId":"5f2276a8fe5c16664f01c5be",\#
            "content":{"bodyText":"x","data":[{"fileId":"f-1","fileSize":3239,"fileType":"document","name":"n",\#
            "provider":"native","providerFileType":"text/plain","path":"https://storage.example/x?Signature=SECRET"}]},\#
            "parentMsg":{"_id":"p-1","bodyText":"<p>Plan</p>","category":"idea"},"likeCount":2,\#
            "mentions":[{"id":"u-1","type":"user","title":"Bob"}],"created":"2020-08-05T11:54:33.290Z","somethingNew":{"a":1}}
            """#
        let message = try #require(try history(item).messages.first)
        let text = try #require(message.serviceData)
        #expect(!text.contains("SECRET"))
        let data = try JSONValue(reading: text)
        #expect(data["attachments"]?.elements?.first?["fileId"]?.text == "f-1")
        #expect(data["attachments"]?.elements?.first?["fileSize"]?.integer == 3239)
        #expect(data["parentMsg"]?["_id"]?.text == "p-1" && data["likeCount"]?.integer == 2)
        #expect(data["mentions"]?.elements?.first?["title"]?.text == "Bob" && data["somethingNew"]?["a"]?.integer == 1)
        // Without modified it was never changed.
        #expect(message.version == message.place)
    }

    @Test func `a message without a time has the second of its id`() throws {
        let item = #"{"_id":"5f2a9df91c85f02eb068a4e0","content":{"bodyText":"x"}}"#
        let message = try #require(try history(item).messages.first)
        #expect(message.place == 1_596_628_473_000 && message.version == 1_596_628_473_000)
        let page = try history(#"{"_id":"m-1","content":{"bodyText":"x"}}"#)
        #expect(page.messages.isEmpty && page.rejects.first?.id == "m-1")
    }

    // MARK: What marks a deletion is not established

    @Test func `a status in the feed makes a tombstone`() throws {
        let item = try Example.message(modified: "2020-08-05T12:00:00.000Z", more: #","status":1"#)
        let message = try #require(try feed(item).messages.first)
        #expect(message.deletedAt == Timestamp(rfc3339: "2020-08-05T12:00:00Z") && message.text == nil)
        #expect(message.version == message.deletedAt?.milliseconds && message.sequence == message.version)
        #expect(message.editedAt == nil)
    }

    @Test func `a status in a read by id makes a tombstone`() throws {
        let item = try Example.message(more: #","status":2"#)
        #expect(try byID(item).messages.first?.deletedAt != nil)
        #expect(try byID(#"{"data":\#(item)}"#).messages.first?.deletedAt != nil)
    }

    @Test func `a status in the history alone makes no tombstone`() throws {
        let message = try #require(try history(try Example.message(more: #","status":1"#)).messages.first)
        #expect(message.deletedAt == nil && message.text == "hello")
    }

    @Test(arguments: ["deleted", "isDeleted"], ["true", "1", #""true""#])
    func `a flag makes a tombstone wherever it stands`(name: String, value: String) throws {
        let item = try Example.message(more: #","\#(name)":\#(value)"#)
        for page in [try history(item), try feed(item), try byID(item)] {
            #expect(page.messages.first?.deletedAt == Timestamp(rfc3339: "2020-08-05T11:54:33.290Z"))
            #expect(page.messages.first?.text == nil)
        }
    }

    @Test func `a flag that is false is none`() throws {
        let item = try Example.message(more: #","deleted":false,"isDeleted":0,"deletedAt":null"#)
        #expect(try feed(item).messages.first?.text == "hello")
    }

    @Test(arguments: ["deletedTime", "deletedAt", "deleted"], [#""2020-08-05T13:00:00.500Z""#, "1596632400500"])
    func `a stamp makes a tombstone with its own time`(name: String, value: String) throws {
        let item = try Example.message(more: #","\#(name)":\#(value)"#)
        for page in [try history(item), try feed(item), try byID(item)] {
            #expect(page.messages.first?.deletedAt == Timestamp(rfc3339: "2020-08-05T13:00:00.500Z"))
        }
    }

    @Test func `an item of nothing but its id makes a tombstone in the feed and by id`() throws {
        let item = #"{"_id":"5f2a9df91c85f02eb068a4e0","topicId":"5f2276a8fe5c16664f01c5be","content":null}"#
        for page in [try feed(item), try byID(item)] {
            let message = try #require(page.messages.first)
            #expect(message.deletedAt != nil && message.version == nil && message.place == nil)
        }
        #expect(try feed(#"{"_id":"odd"}"#).messages.first?.deletedAt != nil)
    }

    @Test func `an item of nothing but its id and the time of its change makes a tombstone of that time`() throws {
        let item = #"{"_id":"5f2a9df91c85f02eb068a4e0","modified":"2020-08-05T12:00:00.000Z"}"#
        for page in [try history(item), try feed(item), try byID(item)] {
            let message = try #require(page.messages.first)
            #expect(message.deletedAt == Timestamp(rfc3339: "2020-08-05T12:00:00Z"))
            #expect(message.version == message.deletedAt?.milliseconds && message.place == nil)
        }
    }

    @Test func `a status in the history is what is left of a message if there is nothing in it`() throws {
        let item = #"""
            {"_id":"5f2a9df91c85f02eb068a4e0","status":2,"content":{"bodyText":"<p></p>"},
             "created":"2020-08-05T11:54:33.290Z","modified":"2020-08-05T12:00:00.000Z"}
            """#
        #expect(try history(item).messages.first?.deletedAt == Timestamp(rfc3339: "2020-08-05T12:00:00Z"))
    }

    @Test func `a message of another space is passed over`() throws {
        let item = #"{"_id":"a","topicId":"\#(Example.otherSpace.rawValue)","created":"2020-08-05T11:54:33.290Z"}"#
        for page in [try history(item), try feed(item), try byID(item)] {
            #expect(page.messages.isEmpty && page.rejects.isEmpty)
        }
    }

    @Test func `another message than the one asked for is passed over`() throws {
        #expect(try byID(try Example.message("5f2a9df91c85f02eb068a4e1")).messages.isEmpty)
    }

    @Test(arguments: [
        #"{"_id":"m","created":"yesterday"}"#, #"{"_id":"m","created":"2020-08-05T11:54:33Z","content":"text"}"#,
        #"{"_id":"m","created":"2020-08-05T11:54:33Z","modified":{}}"#, #"{"content":{}}"#, "17", "null", "[]", #""text""#,
    ])
    func `what can't be read is set aside and stops nothing`(item: String) throws {
        let page = try history(item + "," + (try Example.message()))
        #expect(page.messages.count == 1 && page.rejects.count == 1)
        #expect(page.rejects.first?.id == (item.contains(#""_id""#) ? "m" : nil))
    }
}

import HTTPTypes
import Testing
import TidemarkModel
@testable import TidemarkSimulator

/// The rows of the wire page's table of errors (§4).
struct LiveKitErrorTests {
    @Test func `no token and a token without the right are refused by Twirp with 401`() {
        var bench = LiveKitBench()
        let body = #"{"room":"lobby","data":"AA=="}"#
        let tokens = ["", bench.token { $0.roomAdmin = false }, bench.token(room: "other")]
        for token in tokens {
            let answer = bench.call("SendData", body, token: token)
            #expect(answer.status == 401 && answer.code == "unauthenticated", "\(answer.text)")
            #expect(answer.json?["msg"]?.text == "permissions denied" && answer.type == "application/json")
        }
        #expect(bench.livekit.accepted.isEmpty)
    }

    @Test func `a bad token is refused in plain text, even for a route that is not there`() {
        var bench = LiveKitBench()
        let good = bench.token()
        let stranger = LiveKitSimulator(apiKey: "APIother", apiSecret: "s").token(LiveKitGrants(), now: bench.time)
        for token in ["x.y.z", "abc", "Basic abc def", String(good.dropLast(2)), good + "AA", stranger] {
            for path in ["SendData", "/twirp/other.Service/Call"] {
                let answer = bench.call(path, "{}", token: token)
                #expect(answer.status == 401 && answer.json == nil, "\(answer.text)")
                #expect(answer.type.hasPrefix("text/plain") && !answer.text.isEmpty)
            }
        }
        bench.now += 25 * 3600 * 1000
        #expect(bench.call("ListRooms", "{}", token: good).text.contains("expired"))
    }

    @Test func `the leeway is a minute, both ways and to the second`() {
        var bench = LiveKitBench()
        let grants = LiveKitGrants(.members(("roomList", .bool(true))))
        let token = bench.livekit.token(grants, lasting: 10, now: bench.time)
        let start = bench.now
        for (seconds, status) in [(-61, 401), (-60, 200), (0, 200), (70, 200), (71, 401)] {
            bench.now = start + Int64(seconds) * 1000
            #expect(bench.call("ListRooms", "{}", token: token).status == status, "\(seconds)")
        }
    }

    @Test(arguments: ["AA==", "AAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA="])
    func `a nonce that is not 16 bytes is an invalid argument`(nonce: String) {
        var bench = LiveKitBench()
        let answer = bench.call("SendData", #"{"room":"lobby","data":"AA==","nonce":"\#(nonce)"}"#)
        #expect(answer.status == 400 && answer.code == "invalid_argument")
        #expect(answer.json?["meta"]?["argument"]?.text == "nonce")
    }

    @Test(arguments: [
        "", "nope", "[]", "null", #"{"room":5}"#, #"{"room":"lobby","data":"*"}"#, #"{"room":"lobby","data":7}"#,
        #"{"room":"lobby","kind":"LOUD"}"#, #"{"room":"lobby","kind":-1}"#, #"{"room":"lobby","kind":99999999999}"#,
        #"{"room":"lobby","destination_identities":"alice"}"#, #"{"room":"lobby","destinationIdentities":[1]}"#,
        #"{"room":"lobby","topic":{}}"#,
    ])
    func `a JSON body that can't be decoded is malformed`(body: String) {
        var bench = LiveKitBench()
        let answer = bench.call("SendData", body, type: "application/json; charset=utf-8")
        #expect(answer.status == 400 && answer.code == "malformed", "\(answer.text)")
    }

    @Test(arguments: [[0x0A], [0x0A, 0x05, 0x61], [0x00, 0x01], [0x0B], [0x0A, 0x02, 0xC3, 0x28], [0x08, 0x01], [0xFF]])
    func `a protobuf body that can't be decoded is malformed`(body: [UInt8]) {
        var bench = LiveKitBench()
        let answer = bench.call("SendData", body, type: "application/protobuf")
        #expect(answer.status == 400 && answer.code == "malformed", "\(answer.text)")
        // An error is JSON whatever was asked in.
        #expect(answer.type == "application/json")
    }

    @Test func `a wrong route, method or content type is no route`() {
        var bench = LiveKitBench()
        let answers = [
            bench.call("NoSuchThing", "{}"), bench.call("/twirp/livekit.Egress/ListEgress", "{}"), bench.call("/", "{}"),
            bench.call("ListRooms", "{}", type: "text/plain"), bench.call("ListRooms", "{}", type: ""),
            bench.call("ListRooms", "", method: "GET"),
        ]
        for answer in answers {
            #expect(answer.status == 404 && answer.code == "bad_route", "\(answer.text)")
            #expect(answer.json?["meta"]?["twirp_invalid_route"]?.text?.isEmpty == false)
        }
        #expect(bench.call("UpdateParticipant", "{}").status == 501)
    }

    @Test func `a room on no node is unavailable, and the lists tell it from a server that is down`() {
        var bench = LiveKitBench()
        let answer = bench.send("x", to: "absent")
        #expect(answer.status == 503 && answer.code == "unavailable")
        #expect(answer.json?["msg"]?.text == "no response from servers")
        #expect(bench.call("ListRooms", #"{"names":["absent"]}"#).text == #"{"rooms":[]}"#)
        let people = bench.call("ListParticipants", #"{"room":"absent"}"#, token: bench.token(room: "absent"))
        #expect(people.status == 200 && people.text == #"{"participants":[]}"#)
        #expect(bench.call("CreateRoom", #"{"name":"absent"}"#).status == 200)
        #expect(bench.send("x", to: "absent").status == 200)
    }

    @Test func `a node that lost a room may say 404 instead`() {
        var bench = LiveKitBench { $0.absentStatus = 404 }
        let answer = bench.send("x", to: "absent")
        #expect(answer.status == 404 && answer.code == "not_found")
        #expect(bench.call("ListRooms", "{}").status == 200)
    }

    @Test func `a body over the limit is 413 in plain text, and older servers take it`() {
        let body = #"{"room":"lobby","data":"\#(String(repeating: "AAAA", count: 400))"}"#
        var bench = LiveKitBench { $0.largestBody = 1000 }
        let answer = bench.call("SendData", body)
        #expect(answer.status == 413 && answer.json == nil && bench.livekit.accepted.isEmpty)
        var older = LiveKitBench { $0.largestBody = nil }
        #expect(older.call("SendData", body).status == 200)
    }

    @Test(arguments: [(404, "not_found"), (503, "unavailable"), (200, nil as String?)])
    func `what is sent into a room that just closed is answered as the switch says`(status: Int, code: String?) {
        var bench = LiveKitBench {
            $0.closingTime = 2000
            $0.closingStatus = status
        }
        bench.livekit.close("lobby", now: bench.time)
        let answer = bench.send("x")
        #expect(answer.status == status && answer.code == code && bench.livekit.accepted.isEmpty)
        bench.now += 2000
        #expect(bench.send("x").status == 503)
    }

    @Test(arguments: [(408, "deadline_exceeded"), (429, "resource_exhausted"), (500, "internal"), (503, "unavailable")])
    func `a fault speaks Twirp`(status: Int, code: String) throws {
        let answer = LiveKitSimulator().refusal(status)
        #expect(answer.head.status.code == status && JSON(answer.body)?["code"]?.text == code)
        #expect(JSON(LiveKitSimulator().refusal(401).body) == nil)
    }

    @Test func `more calls than the switch allows are 429, for a second`() {
        var bench = LiveKitBench { $0.callsPerSecond = 3 }
        #expect((0..<4).map { bench.send("\($0)").status } == [200, 200, 200, 429])
        bench.now += 1000
        #expect(bench.send("x").status == 200)
    }

    @Test func `a duplicated request is one packet with a nonce, and two without`() throws {
        for (nonce, count) in [(7 as UInt8?, 1), (nil, 2)] {
            let bench = LiveKitBench()
            var plan = FaultPlan()
            plan.add(.duplicate, 1)
            var faulty = FaultyLiveKit(bench.livekit, faults: plan)
            let request = LiveKitBench.sent(nonce: nonce, token: bench.token())
            _ = faulty.exchange(request.head, body: request.body, now: bench.time)
            #expect(faulty.simulator.accepted.count == count)
        }
    }
}

extension LiveKitBench {
    static func sent(nonce: UInt8?, token: String) -> (head: HTTPRequest, body: [UInt8]) {
        var head = HTTPRequest(method: .post, scheme: "http", authority: "x", path: LiveKitCall.service + "SendData")
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.authorization] = "Bearer " + token
        let nonce = nonce.map { #","nonce":"\#(WireText.base64(Array(repeating: $0, count: 16)))""# } ?? ""
        return (head, Array(#"{"room":"lobby","data":"AA=="\#(nonce)}"#.utf8))
    }
}

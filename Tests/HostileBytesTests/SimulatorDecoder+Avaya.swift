import HTTPTypes
import TidemarkModel
import TidemarkSimulator

extension SimulatorDecoder {
    /// A service with a space, a message and a connection that listens.
    private struct Scene {
        var avaya = AvayaSimulator()
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        var space = ""
        var message = ""
        var connection = 0

        init() {
            let alice = avaya.users[0]
            space = avaya.createSpace("Lobby", by: alice.id, with: [avaya.users[1].id], now: now)
            message = avaya.send("hello", as: alice.id, in: space, now: now) ?? ""
            connection = avaya.admit("/socket.io/?token=\(alice.token)&tokenType=jwt&EIO=3&transport=websocket", now: now)
            avaya.hear("40/chat", on: connection, now: now)
            avaya.hear(
                #"42/chat,["SUBSCRIBE_CHANNEL",{"channel":{"_id":"\#(space)","type":"topic"}}]"#, on: connection, now: now)
            _ = avaya.tick(now: now)
        }
    }

    private static let scene = Scene()

    /// Gives how many readings succeeded.
    func readByAvaya(_ bytes: [UInt8]) -> Int {
        switch self {
        case .avayaBody: return Self.bodies(bytes)
        case .avayaTarget:
            // A target holds no spaces and no control characters, whatever it is given.
            let target = String(decoding: bytes.prefix(8000).filter { (0x21...0x7E).contains($0) }, as: UTF8.self)
            var scene = Self.scene
            // As the target of a socket too: it is opened or refused.
            _ = scene.avaya.open(target, now: scene.now)
            return Self.call("GET", target.hasPrefix("/") ? target : "/" + target, []) ? 1 : 0
        default:
            var scene = Self.scene
            let frame = String(decoding: bytes, as: UTF8.self)
            return scene.avaya.receive(frame, on: scene.connection, now: scene.now).isEmpty ? 0 : 1
        }
    }

    private static func bodies(_ bytes: [UInt8]) -> Int {
        // A form is read whatever it says, and refused for what it lacks.
        _ = call("POST", "/oauth2/access_token", bytes, "application/x-www-form-urlencoded")
        _ = call("POST", "/api/anonymous/auth", bytes, "application/x-www-form-urlencoded")
        let space = "/api/spaces/\(scene.space)"
        return [
            "\(space)/chats", "\(space)/invite", space, "/api/spaces/invite", "/api/messages/deletemessages",
            "/api/messages/\(scene.message)", "/api/files/getuploadurl", "/api/users/me/spaces/\(scene.space)/markread",
        ].count { call("POST", $0, bytes) }
    }

    private static func call(_ method: String, _ target: String, _ body: [UInt8], _ type: String = "application/json") -> Bool {
        var head = HTTPRequest(method: .init(method) ?? .get, scheme: "http", authority: "x", path: target)
        head.headerFields[.contentType] = type
        head.headerFields[.authorization] = "jwt \(scene.avaya.users[0].token)"
        var avaya = scene.avaya
        let answer = avaya.respond(to: head, body: body, now: scene.now)
        // Whatever it is, it is answered as the service answers.
        precondition([200, 400, 401, 403, 404].contains(answer.head.status.code), "It answered something else.")
        return answer.head.status.code == 200
    }

    /// What it reads when it is well.
    var seedsOfAvaya: [[UInt8]] {
        let scene = Self.scene
        let feed = "spacelist=\(scene.space)&after=1&size=2&includedeleted=true&pageToken="
        let query = "direction=before&refTime=2023-11-14T22:13:20.000Z&size=1&nextRefObjId=\(scene.message)&searchstring=h"
        let seeds =
            switch self {
            case .avayaBody:
                [
                    #"{"content":{"bodyText":"it's <b>me</b>","data":[{"fileId":"f","fileSize":9}],"description":"d"},"mentions":[1.5]}"#,
                    #"{"_id":"\#(scene.message)","content":{"bodyText":"x"},"readTime":"2023-11-14T22:13:20.123Z"}"#,
                    #"["\#(scene.message)","000000000000000000000000"]"#,
                    #"{"files":[{"Content-Type":"image/png","Content-Length":123}],"topicId":"\#(scene.space)"}"#,
                    #"{"topic":{"title":"T","type":"group","id":null},"invitees":[{"inviteeType":"email","invitee":"a@b","role":"member"}]}"#,
                ]
            case .avayaTarget:
                [
                    "/api/users/me/messages?\(feed)", "/api/spaces/\(scene.space)/messages/query?\(query)",
                    "/api/users/me/spaces?size=1&topictype=all&topicstatus=all&after=5",
                    "/api/spaces/\(scene.space)/members?page=1&size=5&search=a",
                ]
            default:
                [
                    "2probe", "40/chat?token=x&tokenType=jwt,",
                    #"42/chat,7["SEND_MESSAGE",{"category":"chat","topicId":"\#(scene.space)","content":{"bodyText":"hi"},"loopbackMetadata":{"a":[1.5]}}]"#,
                    #"42/chat,["SUBSCRIBE_CHANNEL",{"channel":{"_id":"\#(scene.space)","type":"topic","password":"p"}}]"#,
                    #"42/chat,["UNSUBSCRIBE_CHANNEL",{"channel":{"_id":"\#(scene.space)","type":"topic"}}]"#,
                ]
            }
        return seeds.map { Array($0.utf8) }
    }
}

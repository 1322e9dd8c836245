import Foundation
import Testing
@testable import TidemarkSimulator

/// The samples of the developer documentation, beside the simulator's answers.
struct AvayaSampleTests {
    private func sample(_ name: String) throws -> JSON {
        let data = try Data(contentsOf: Recordings.folder.appending(path: "avaya/\(name).json"))
        return try #require(JSON(Array(data)))
    }

    /// The names of an object's members, with those of objects in it.
    private func names(_ json: JSON?, _ path: String = "") -> Set<String> {
        switch json {
        case .object(let members)?:
            members.reduce(into: []) { names, member in
                names.insert(path + member.0)
                names.formUnion(self.names(member.1, path + member.0 + "."))
            }
        case .list(let items)?: names(items.first, path + "0.")
        default: []
        }
    }

    @Test(.enabled(if: Recordings.isExpected))
    func `a chat with a file is answered with the members of the sample`() throws {
        var bench = AvayaBench()
        let space = bench.space()
        let answer = bench.call("POST", "/api/spaces/\(space)/chats", try sample("post-chats.request").written)
        #expect(answer.status == 200)
        // What the sample leaves open is null or tells of a conversion that no chat needs.
        let unneeded: Set = ["data.0.content.data.0.metaData", "convertStart", "nextSchedule", "type"]
        let missing = names(try sample("post-chats.response")).subtracting(names(answer.json)).filter { name in
            !unneeded.contains { name.hasSuffix($0) }
        }
        #expect(missing == [])
        #expect(answer.texts == ["Hello world"])
        #expect(answer.items.first?["created"] == answer.items.first?["modified"])
        #expect(answer.items.first?["created"]?.text?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        let file = answer.items.first?["content"]?["data"]?.list?.first
        #expect(file?["fileId"]?.text == "80b65d25-d960-4356-ab4d-8b09590efcd0")
        #expect(file?["path"]?.text?.contains("Signature=") == true)
    }

    @Test(.enabled(if: Recordings.isExpected)) func `a guest's token has the claims of the sample`() throws {
        var bench = AvayaBench()
        let answer = bench.call(
            "POST", "/api/anonymous/auth", try sample("anonymous-auth.request").written, authorization: "")
        func claims(_ json: JSON?) throws -> JSON {
            let parts = try #require(json?["token"]?.text).split(separator: ".")
            let bytes = try #require(WireText.bytes(base64URL: String(parts[1])))
            return try #require(JSON(bytes))
        }
        let ours = try claims(answer.json)
        let theirs = try claims(sample("anonymous-auth.response"))
        #expect(names(ours) == names(theirs))
        let issued = try #require(ours["iat"]?.number)
        #expect(ours["exp"]?.number == issued + 86_400)
        #expect(bench.avaya.users.last?.displayName == "anonymous ab")
        #expect(bench.avaya.users.last?.id == ours["anonymous_id"]?.text)
    }

    @Test(.enabled(if: Recordings.isExpected)) func `what the service says of itself has the samples' members`() throws {
        var bench = AvayaBench()
        let configurations = bench.call("GET", "/api/service-configurations", authorization: "")
        #expect(configurations["spaces"]?["socketio_server_url"]?.text == bench.avaya.socketURL)
        let sampled = names(try sample("service-configurations.response"))
        #expect(names(configurations.json).isSubset(of: sampled))
        let limits = bench.call("GET", "/api/limit", authorization: "")
        #expect(names(try sample("limit.response.partial")).isSubset(of: names(limits.json)))
        let me = bench.call("GET", "/api/users/me")
        let wanted: Set = ["_id", "username", "displayname", "timezone", "permissions", "licenses", "picturefile"]
        #expect(wanted.isSubset(of: names(me.json)))
    }

    @Test(.enabled(if: Recordings.isExpected)) func `ids that nobody knows are told as not found when they are deleted`() throws {
        var bench = AvayaBench()
        let ids = try sample("delete-messages.request")
        let answer = bench.call("POST", "/api/messages/deletemessages", ids.written)
        #expect(answer.status == 200 && answer["notFoundMmessages"] == ids)
        #expect(answer["deletedMessages"]?.list?.isEmpty == true)
    }
}

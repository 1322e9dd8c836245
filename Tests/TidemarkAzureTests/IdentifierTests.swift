import Testing
import TidemarkAzure
import TidemarkModel

struct IdentifierTests {
    @Test(arguments: [
        ("8:acs:r_1", CommunicationIdentifier.communicationUser(id: "8:acs:r_1")),
        ("8:dod-acs:r_1", .communicationUser(id: "8:dod-acs:r_1")),
        ("8:gcch-acs:r_1", .communicationUser(id: "8:gcch-acs:r_1")),
        ("8:spool:r_1", .communicationUser(id: "8:spool:r_1")),
        ("4:+15551234", .phoneNumber(value: "+15551234")),
        ("4:+15551234_77", .phoneNumber(value: "+15551234_77", assertedID: "77")),
        ("4:anonymous", .phoneNumber(value: "anonymous", isAnonymous: true)),
        ("8:orgid:u", .microsoftTeamsUser(userID: "u")),
        ("8:dod:u", .microsoftTeamsUser(userID: "u", cloud: .dod)),
        ("8:gcch:u", .microsoftTeamsUser(userID: "u", cloud: .gcch)),
        ("8:teamsvisitor:u", .microsoftTeamsUser(userID: "u", isAnonymous: true)),
        ("28:orgid:a", .microsoftTeamsApp(appID: "a")),
        ("28:dod:a", .microsoftTeamsApp(appID: "a", cloud: .dod)),
        ("28:gcch:a", .microsoftTeamsApp(appID: "a", cloud: .gcch)),
        ("8:acs:res_ten_usr", .teamsExtensionUser(userID: "usr", tenantID: "ten", resourceID: "res")),
        ("8:gcch-acs:res_ten_usr", .teamsExtensionUser(userID: "usr", tenantID: "ten", resourceID: "res", cloud: .gcch)),
        ("48:newkind:x", .unknown(rawID: "48:newkind:x")),
        ("8:", .unknown(rawID: "8:")), ("8:acs", .unknown(rawID: "8:acs")), ("28:bot", .unknown(rawID: "28:bot")),
        ("", .unknown(rawID: "")), ("sanitized", .unknown(rawID: "sanitized")),
    ])
    func `a raw id is read by its prefix and written back as it was`(rawID: String, identifier: CommunicationIdentifier) {
        #expect(CommunicationIdentifier(rawID: rawID) == identifier)
        #expect(identifier.rawID == rawID)
    }

    @Test(arguments: [
        (#"{"rawId":"8:acs:r_1","kind":"communicationUser","communicationUser":{"id":"8:acs:r_1"}}"#, "8:acs:r_1"),
        (#"{"rawId":"8:acs:r_1"}"#, "8:acs:r_1"),
        (#"{"communicationUser":{"id":"8:acs:r_1"}}"#, "8:acs:r_1"),
        (#""8:acs:r_1""#, "8:acs:r_1"),
        (#"{"rawId":"8:acs:r_1","communicationUser":{"id":"8:acs:other"}}"#, "8:acs:r_1"),
        (#"{"kind":"phoneNumber","phoneNumber":{"value":"+1555"}}"#, "4:+1555"),
        (#"{"microsoftTeamsUser":{"userId":"u","isAnonymous":true}}"#, "8:teamsvisitor:u"),
        (#"{"microsoftTeamsUser":{"userId":"u","cloud":"dod"}}"#, "8:dod:u"),
        (#"{"microsoftTeamsApp":{"appId":"a","cloud":"gcch"}}"#, "28:gcch:a"),
        (#"{"teamsExtensionUser":{"userId":"u","tenantId":"t","resourceId":"r","cloud":"public"}}"#, "8:acs:r_t_u"),
        (#"{"rawId":"77:x:y","kind":"someNewKind","someNewKind":{"a":1}}"#, "77:x:y"),
    ])
    func `an identifier is read with or without kind and raw id`(json: String, rawID: String) throws {
        let body = #"{"value":[{"communicationIdentifier":\#(json)}]}"#
        let page = try Example.wire().page(of: .json(200, body), for: PageRequest(.participants(in: Example.thread)))
        #expect(page.items == .participants([Participant(id: ParticipantID(rawID))]))
    }

    @Test(arguments: ["{}", #"{"rawId":""}"#, #"{"communicationUser":{}}"#, "[]"])
    func `a participant without an identifier is set aside`(json: String) throws {
        let body = #"{"value":[{"communicationIdentifier":\#(json)}]}"#
        let page = try Example.wire().page(of: .json(200, body), for: PageRequest(.participants(in: Example.thread)))
        #expect(page.rejects.count == 1)
    }

    @Test(arguments: [
        CommunicationIdentifier.communicationUser(id: "8:acs:r_1"), .phoneNumber(value: "+1555_9", assertedID: "9"),
        .phoneNumber(value: "anonymous", isAnonymous: true), .microsoftTeamsUser(userID: "u", cloud: .dod),
        .microsoftTeamsUser(userID: "u", isAnonymous: true), .microsoftTeamsApp(appID: "a", cloud: .gcch),
        .teamsExtensionUser(userID: "u", tenantID: "t", resourceID: "r"), .unknown(rawID: "99:x"),
    ])
    func `what a request says is read back as the same participant`(identifier: CommunicationIdentifier) throws {
        let request = try Example.wire().request(for: .removeParticipant(identifier, in: Example.thread))
        let body = #"{"value":[{"communicationIdentifier":\#(String(decoding: request.body, as: UTF8.self))}]}"#
        let page = try Example.wire().page(of: .json(200, body), for: PageRequest(.participants(in: Example.thread)))
        #expect(page.items == .participants([Participant(id: identifier.participantID)]))
    }
}

import Foundation
import TidemarkAzure
import Testing
import TidemarkModel

/// Values that the tests share. All of them are made up.
enum Example {
    static let thread: RemoteConversationID = "19:abc_DEF-123@thread.v2"
    static let alice: ParticipantID = "8:acs:11111111-aaaa-4bbb-8ccc-000000000001_00000001-0002-0003-0004-000000000005"
    static let bob: ParticipantID = "8:acs:11111111-aaaa-4bbb-8ccc-000000000001_00000001-0002-0003-0004-000000000006"
    static let token: Token = "0f5ce9a0-6f0f-4f0e-9d4e-3f6f4d0a1b2c"

    static func endpoint(_ text: String = "https://contoso.communication.azure.com") throws -> URL {
        try #require(URL(string: text))
    }

    static func wire(
        _ version: AzureAPIVersion = .v2024_03_07, at address: String = "https://contoso.communication.azure.com",
        as identity: ParticipantID? = nil
    ) throws -> AzureChatWire {
        AzureChatWire(endpoint: try endpoint(address), version: version, identity: identity)
    }

    static func delivery(_ action: Delivery.Action, as identity: ParticipantID? = nil) -> Delivery {
        Delivery(intent: IntentID(1), token: token, action: action, identity: identity)
    }

    /// A token of the service's form. Nothing signs it.
    static func jwt(_ claims: String) -> String {
        let parts = [#"{"alg":"RS256"}"#, claims].map { text in
            Data(text.utf8).base64EncodedString().replacingOccurrences(of: "+", with: "-")
                .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        }
        return parts.joined(separator: ".") + ".c2ln"
    }

    static func jwt(of user: ParticipantID, until moment: Timestamp) -> String {
        jwt(#"{"skypeid":"\#(user.rawValue.dropFirst(2))","exp":\#(moment.milliseconds / 1000),"scp":1792}"#)
    }
}

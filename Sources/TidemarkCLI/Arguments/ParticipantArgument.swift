import ArgumentParser
import Tidemark

/// `ID[,name=…][,history=TIME]`: somebody to bring into a conversation.
struct ParticipantArgument: ExpressibleByArgument, Hashable, Sendable {
    let participant: Participant

    init?(argument: String) {
        var parts = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard let id = parts.first, !id.isEmpty else { return nil }
        parts.removeFirst()
        var participant = Participant(id: ParticipantID(id))
        var lastKey: String?
        for part in parts {
            if part.hasPrefix("name=") {
                participant.displayName = String(part.dropFirst("name=".count))
                lastKey = "name"
            } else if part.hasPrefix("history=") {
                guard let time = TimeArgument(argument: String(part.dropFirst("history=".count))) else { return nil }
                participant.shareHistoryTime = time.time
                lastKey = "history"
            } else if lastKey == "name" {
                // A comma inside a name: `name=Doe, Jane`.
                participant.displayName = (participant.displayName ?? "") + "," + part
            } else {
                return nil
            }
        }
        self.participant = participant
    }
}

/// `KEY=VALUE`.
struct MetadataArgument: ExpressibleByArgument, Hashable, Sendable {
    let key: String
    let value: String

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else { return nil }
        key = String(argument[..<sign])
        value = String(argument[argument.index(after: sign)...])
    }
}

import Synchronization
import TidemarkConformance
import TidemarkModel
import TidemarkSimulator

/// The plain service, whole or with a defect, as the suite takes it.
struct PlainSubject: ConformanceSubject {
    var kind = PlainKind.echoed
    var defect: Defect?

    var name: String { defect?.rawValue ?? (kind == .echoed ? "plain" : kind.rawValue) }

    func makeWorld(on clock: VirtualClock) async throws -> any ConformanceWorld {
        PlainWorld(house: PlainHouse(kind, defect) { clock.now })
    }
}

struct PlainWorld: ConformanceWorld {
    let house: PlainHouse

    var users: [ParticipantID] { ["ann", "ben", "cid"] }

    func service(for user: ParticipantID) async throws -> any ChatService {
        PlainService(house: house, user: user.rawValue)
    }

    func conversations() async throws -> [HeldConversation] {
        house.talk.withLock { talk in
            talk.rooms.map { room in
                HeldConversation(
                    id: RemoteConversationID(room.id), topic: room.topic, members: room.members.map { ParticipantID($0) },
                    isDeleted: room.isDeleted)
            }
        }
    }

    func messages(in conversation: RemoteConversationID) async throws -> [HeldMessage] {
        house.talk.withLock { talk in
            let messages = talk.rooms.first { $0.id == conversation.rawValue }?.messages ?? []
            return messages.filter { !$0.isUnreadable }.map { message in
                HeldMessage(
                    id: RemoteMessageID(String(message.id)), author: ParticipantID(message.author), text: message.text,
                    isDeleted: message.isDeleted, isEdited: message.marker != nil,
                    files: message.files.map { talk.files[$0] ?? [] },
                    replyTo: message.replyTo.map { RemoteMessageID(String($0)) })
            }
        }
    }

    func plantUnreadable(in conversation: RemoteConversationID) async throws -> Bool {
        let now = house.now().milliseconds
        return house.talk.withLock { talk in
            guard let room = talk.rooms.firstIndex(where: { $0.id == conversation.rawValue }) else { return false }
            var message = talk.post("", by: "ben", token: "", in: room, at: now)
            message.isUnreadable = true
            talk.rooms[room].messages.append(message)
            return true
        }
    }
}

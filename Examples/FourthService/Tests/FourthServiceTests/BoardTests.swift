import FourthService
import Testing
import Tidemark
import TidemarkConformance
import TidemarkSimulator

/// The board, as the suite takes it: fresh ones, and what really hangs there.
struct BoardSubject: ConformanceSubject {
    var name: String { "board" }

    func makeWorld(on clock: VirtualClock) async throws -> any ConformanceWorld { World(clock: clock) }

    struct World: ConformanceWorld {
        let clock: VirtualClock
        let board = Board()
        var users: [ParticipantID] { ["ann", "ben"] }

        func service(for user: ParticipantID) async throws -> any ChatService {
            BoardService(board, as: user.rawValue) { clock.now }
        }

        func conversations() async throws -> [HeldConversation] {
            board.topics.map { topic in
                HeldConversation(
                    id: RemoteConversationID(topic.id), topic: topic.name, members: topic.people.map { ParticipantID($0) })
            }
        }

        func messages(in conversation: RemoteConversationID) async throws -> [HeldMessage] {
            let notes = board.topics.first { $0.id == conversation.rawValue }?.notes ?? []
            return notes.map { note in
                HeldMessage(
                    id: RemoteMessageID(String(note.id)), author: ParticipantID(note.author), text: note.text,
                    isDeleted: note.isDown, isEdited: note.editToken != nil)
            }
        }
    }
}

@Test(arguments: ConformanceCheck.all) func `the board keeps the promise`(check: ConformanceCheck) async {
    let outcome = await ConformanceSuite(BoardSubject()).outcome(of: check)
    #expect(outcome.isKept, "\(check): \(outcome)")
}

@Test func `the board's column of the matrix`() async {
    let report = await ConformanceSuite(BoardSubject()).run()
    print(ConformanceMatrix([report]))
    #expect(report.isPassed)
}

import Foundation
import QuickStart
import TidemarkAzure
import TidemarkModel

/// The steps of the quick start: threads here, what is in one beside it.
struct AzureChat {
    let alice: AzureChatClient
    let bob: AzureChatClient
    let bobID: CommunicationIdentifier
    let carolID: CommunicationIdentifier

    /// A thread with somebody in it. Whoever repeats the call after a lost answer repeats it with the same token.
    func createThread() async throws -> AzureChatThreadClient {
        let token = Token(UUID().uuidString)
        let guest = ChatParticipant(bobID, displayName: "Bob", shareHistoryTime: Timestamp(Date()) - .seconds(3600))
        let made = try await alice.createThread(topic: "A trip", participants: [guest], idempotencyToken: token)
        try QuickStart.see("Made a thread, with everybody who was asked.", made.invalidParticipants.isEmpty)
        let again = try await alice.createThread(topic: "A trip", participants: [guest], idempotencyToken: token)
        try QuickStart.see("Asked again with the same token: it is the same thread.", again.thread.id == made.thread.id)

        let thread = alice.threadClient(for: made.thread.id)
        try await thread.updateTopic("A trip to the sea")
        let properties = try await thread.getProperties()
        try QuickStart.see("Its topic is now: \(properties.topic ?? "")", properties.topic == "A trip to the sea")
        return thread
    }

    func listThreads(_ wanted: RemoteConversationID) async throws {
        var found: [ChatThreadItem] = []
        for try await item in alice.listChatThreads(resultsPerPage: 1, startTime: Timestamp(Date()) - .seconds(7200)) {
            found.append(item)
        }
        try QuickStart.see("It is listed, page by page.", found.contains { $0.id == wanted && $0.deletedOn == nil })
    }

    /// Everybody, and those whom the service leaves out: they are named, so that they can be tried again.
    func participants(of thread: AzureChatThreadClient) async throws {
        // The id of nobody: Carol's, with other last digits.
        let nobody = CommunicationIdentifier(rawID: carolID.rawID.dropLast(6) + "000000")
        let wanted = [ChatParticipant(carolID, displayName: "Carol"), ChatParticipant(nobody, displayName: "Nobody")]
        let refused = try await thread.addParticipants(wanted)
        let failed = wanted.filter { participant in refused.contains { $0.target == participant.identifier.rawID } }
        let names = failed.compactMap(\.displayName)
        try QuickStart.see("Added Carol; left out: \(names.joined(separator: ", "))", names == ["Nobody"])
        let again = try await thread.addParticipants(failed)
        try QuickStart.see("Tried again who was left out: still \(again.count).", again.count == failed.count)

        var all: [String] = []
        for try await participant in thread.listParticipants(resultsPerPage: 1) { all.append(participant.identifier.rawID) }
        var rest: [String] = []
        for try await participant in thread.listParticipants(resultsPerPage: 2, skip: 1) {
            rest.append(participant.identifier.rawID)
        }
        let isSame = Set(all).count == 3 && rest == Array(all.dropFirst())
        try QuickStart.see("\(all.count) are in it, \(rest.count) behind the first.", isSame)

        try await thread.removeParticipant(carolID)
        var left: Set<CommunicationIdentifier> = []
        for try await participant in thread.listParticipants() { left.insert(participant.identifier) }
        try QuickStart.see("Removed Carol.", !left.contains(carolID) && left.contains(bobID))
    }

    func deleteThread(_ thread: RemoteConversationID) async throws {
        try await alice.deleteThread(thread)
        var isGone = false
        for try await item in alice.listChatThreads() where item.id == thread { isGone = item.deletedOn != nil }
        try QuickStart.see("Deleted the thread; it is listed as deleted.", isGone)
    }
}

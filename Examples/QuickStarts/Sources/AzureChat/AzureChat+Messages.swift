import Foundation
import QuickStart
import TidemarkAzure
import TidemarkModel

extension AzureChat {
    func messages(in thread: AzureChatThreadClient) async throws {
        let first = try await thread.sendMessage("Who brings the tent?", senderDisplayName: "Alice", metadata: ["about": "tent"])
        let sent = try await thread.getMessage(first)
        try QuickStart.see("Sent, and read by its id: \(sent.content.message ?? "")", sent.metadata["about"] == "tent")

        let html = try await thread.sendMessage("<b>I</b> do.", type: .html)
        try QuickStart.see("Sent with markup.", try await thread.getMessage(html).type == .html)

        try await thread.updateMessage(first, content: "Who brings the stove?")
        let changed = try await thread.getMessage(first)
        try QuickStart.see("Changed: \(changed.content.message ?? "")", changed.editedOn != nil && changed.version > sent.version)

        try await thread.deleteMessage(html)
        let deleted = try await thread.getMessage(html)
        let isEmpty = deleted.content.message?.isEmpty ?? true
        try QuickStart.see("Deleted: what stays has no text.", deleted.deletedOn != nil && isEmpty)
    }

    /// `resultsPerPage` is the greatest size of a page, `startTime` a lower bound, and a page tells where the next one begins: also
    /// to a program that was started anew.
    func listByPage(_ thread: AzureChatThreadClient) async throws {
        let start = Timestamp(Date())
        for number in 1...5 { _ = try await thread.sendMessage("Page \(number)") }
        let listing = thread.listMessages(resultsPerPage: 2, startTime: start - .seconds(60))
        guard let page = try await listing.byPage().first(where: { !$0.items.isEmpty }), let next = page.next else {
            throw QuickStartError("The first page says that there is no other.")
        }
        try QuickStart.see("The first page has the newest two.", page.items.map(\.content.message) == ["Page 5", "Page 4"])

        var later: [String] = []
        for try await page in listing.byPage(continuing: next) {
            guard page.items.count <= 2 else { throw QuickStartError("A page is larger than it was asked to be.") }
            later += page.items.compactMap(\.content.message)
        }
        let rest = Array(later.prefix(3))
        try QuickStart.see("Gone on from there: \(rest.joined(separator: ", "))", rest == ["Page 3", "Page 2", "Page 1"])

        var none = 0
        for try await _ in thread.listMessages(startTime: Timestamp(Date()) + .seconds(3600)) { none += 1 }
        try QuickStart.see("Since an hour from now: \(none).", none == 0)
    }

    /// Typing, and how far somebody has read.
    func reading(_ thread: AzureChatThreadClient) async throws {
        let others = bob.threadClient(for: thread.id)
        try await others.sendTypingNotification(senderDisplayName: "Bob")
        try QuickStart.see("Bob is typing.")

        let last = try await others.sendMessage("See you there")
        try await others.sendReadReceipt(for: last)
        try await thread.sendReadReceipt(for: last)
        var receipts: [ChatMessageReadReceipt] = []
        for try await receipt in thread.listReadReceipts(resultsPerPage: 1) { receipts.append(receipt) }
        let bobs = receipts.filter { $0.sender == bobID }
        try QuickStart.see("Bob has read up to his own message.", bobs.map(\.messageID) == [last])
        var rest: [ChatMessageReadReceipt] = []
        for try await receipt in thread.listReadReceipts(skip: 1) { rest.append(receipt) }
        try QuickStart.see("\(receipts.count) have read it, \(rest.count) behind the first.", rest.count == receipts.count - 1)
    }
}

import Tidemark
import TidemarkSimulator

/// Compares what the space holds with what its two people have.
struct SpacesJudge {
    let simulator: AvayaSimulator
    let alice: SpacesPerson
    let gus: SpacesPerson
    let trip: ConversationID
    let gusTrip: ConversationID

    func verdicts() throws -> [DemoJudge.Verdict] {
        let mine = try alice.entries(in: trip)
        let his = try gus.entries(in: gusTrip)
        return [
            said(mine, his), agree(mine, his), decided(mine), pictured(mine), answered(mine, his), remembered(his), try settled(),
        ]
    }

    /// Every message that somebody wrote stands in the space, and no other does.
    private func said(_ mine: [TimelineEntry], _ his: [TimelineEntry]) -> DemoJudge.Verdict {
        let there = Set(simulator.spaces.flatMap(\.messages).map(\.id))
        let own = (mine + his).filter(\.isOwn)
        let found = Set(own.compactMap(\.remoteID?.rawValue)).intersection(there)
        let (lost, doubled) = (own.count - found.count, there.count - found.count)
        return DemoJudge.Verdict(
            promise: "Said exactly once", isKept: lost == 0 && doubled == 0,
            detail: "\(own.count) messages were written, \(there.count) stand there, \(lost) lost, \(doubled) doubled")
    }

    /// What both may see is the same for both, in the same order.
    private func agree(_ mine: [TimelineEntry], _ his: [TimelineEntry]) -> DemoJudge.Verdict {
        func shared(_ entries: [TimelineEntry], _ others: [TimelineEntry]) -> [String] {
            let known = Set(others.compactMap(\.remoteID))
            return entries.filter { $0.remoteID.map(known.contains) ?? false }
                .map { "\($0.remoteID?.rawValue ?? "") \($0.text ?? "")" }
        }
        let (here, there) = (shared(mine, his), shared(his, mine))
        return DemoJudge.Verdict(
            promise: "Both see the same", isKept: here == there && !here.isEmpty,
            detail: here == there ? "\(here.count) messages since Gus came, same texts, same order" : "their timelines differ")
    }

    private func decided(_ mine: [TimelineEntry]) -> DemoJudge.Verdict {
        let isKept = mine.contains { $0.text == "We arrive at twenty past nine" && $0.editedAt != nil }
        return DemoJudge.Verdict(
            promise: "A person decides", isKept: isKept,
            detail: isKept ? "of two edits the one that Alice wanted stands" : "the edit that Alice wanted does not stand")
    }

    /// The picture stands in one message, though it went up twice.
    private func pictured(_ mine: [TimelineEntry]) -> DemoJudge.Verdict {
        let files = mine.flatMap(\.attachments)
        let messages = files.compactMap(\.file).flatMap { simulator.copies(ofFile: $0.rawValue) }
        let isKept =
            files.count == 1 && messages.count == 1 && simulator.uploadedFiles.count == 2
            && files.allSatisfy { $0.file.flatMap { simulator.content(ofFile: $0.rawValue) }?.count == SpacesStory.pictureBytes }
        return DemoJudge.Verdict(
            promise: "A file arrives once", isKept: isKept,
            detail: "uploaded \(simulator.uploadedFiles.count) times, named by \(messages.count) message")
    }

    private func answered(_ mine: [TimelineEntry], _ his: [TimelineEntry]) -> DemoJudge.Verdict {
        let pairs = [mine, his].map { entries -> (String?, String?) in
            let answer = entries.first { $0.replyTo != nil }
            return (answer?.text, entries.first { $0.id == answer?.replyTo }?.text)
        }
        let isKept = pairs.allSatisfy { $0 == ("I can hear her", "Coach 3, next to the singer") }
        return DemoJudge.Verdict(
            promise: "An answer has its place", isKept: isKept,
            detail: isKept ? "for both of them it stands with what it answers" : "it does not for one of them")
    }

    /// Two users of the service are one person here.
    private func remembered(_ his: [TimelineEntry]) -> DemoJudge.Verdict {
        let own = his.filter(\.isOwn)
        let users = Set(own.compactMap(\.sender))
        return DemoJudge.Verdict(
            promise: "A guest keeps his words", isKept: own.count == 3 && users.count == 2,
            detail: "\(own.count) messages of his own, written as \(users.count) users of the service")
    }

    private func settled() throws -> DemoJudge.Verdict {
        let left = try [alice, gus].reduce(0) { try $0 + $1.account.outbox().get().count }
        return DemoJudge.Verdict(
            promise: "Nothing is left open", isKept: left == 0,
            detail: left == 0 ? "both outboxes are empty" : "\(left) intents are not settled")
    }
}

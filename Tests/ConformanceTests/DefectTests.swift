import Testing
import TidemarkConformance

/// Every check can fail: services that are broken in one way each, and the check that is meant for it.
struct DefectTests {
    struct Case: CustomStringConvertible, Sendable {
        var defect: Defect
        var kind: PlainKind
        var check: String

        var description: String { "\(defect.rawValue): \(check)" }
    }

    static let table: [Case] = [
        one(.doublesSends, "P1 a send survives a kill at any step"),
        one(.losesSends, "P2 send: a lost answer, one effect"),
        one(.losesSends, .blind, "P2 asked, and told that it did not arrive: sent once"),
        one(.losesSends, "P9 a refused credential stops the account until there is a new one"),
        one(.losesSends, "P9 the outbox empties once faults stop"),
        one(.reordersSends, "P3 messages keep their order through faults"),
        one(.reordersSends, "P3 a parked send holds its own lane and no other"),
        one(.forgetsDeletes, "P1 a delete survives a kill at any step"),
        one(.forgetsDeletes, "P2 delete: a lost answer, one effect"),
        one(.forgetsDeletes, "P4 what others delete goes, and a late page or push brings nothing back"),
        one(.forgetsDeletes, "P4 what oneself deleted stays deleted"),
        one(.forgetsDeletes, "P4 a delete that comes before its message wins"),
        one(.forgetsDeletes, "P8 unread equals a recount after every step"),
        one(.ignoresTokens, .repeatable, "P2 send: a lost answer, one effect"),
        one(.ignoresTokens, .repeatable, "traits a send settles as its trait says"),
        one(.echoesNoToken, "P2 send: a lost answer, one effect"),
        one(.echoesNoToken, "P2 edit: a lost answer, one effect"),
        one(.echoesNoToken, "traits a send settles as its trait says"),
        one(.namesNobody, .recognisable, "P2 send: a lost answer, one effect"),
        one(.namesNobody, .recognisable, "P2 sent again after proof of absence, if so configured"),
        one(.namesNobody, .recognisable, "traits a send settles as its trait says"),
        one(.bloatsPages, "P6 pages of 1 while somebody edits"),
        one(.bloatsPages, "traits pages hold no more than is declared"),
        one(.listsOldestFirst, "P6 pages of 2 while somebody edits"),
        one(.listsOldestFirst, "P6 history that was not read is a gap"),
        one(.listsOldestFirst, "traits a listing is complete, ends, and is in its order"),
        one(.neverEndsListings, "traits a listing is complete, ends, and is in its order"),
        one(.neverEndsListings, "P9 Retry-After is obeyed"),
        one(.skipsAnItemBetweenPages, "P6 pages of 3 while somebody edits"),
        one(.skipsAnItemBetweenPages, "traits a listing is complete, ends, and is in its order"),
        one(.feedSkipsDeletes, .feed, "P4 what others delete goes, and a late page or push brings nothing back"),
        one(.dropsEdits, "P1 an edit survives a kill at any step"),
        one(.dropsEdits, "P5 a program that comes late shows what one shows that saw all"),
        one(.dropsEdits, "P7 an acknowledged edit never flickers back"),
        one(.hidesEdits, "P6 pages of 3 while somebody edits"),
        one(.forgetsReadMarks, "P8 a read mark reaches the user's other program"),
        one(.dropsUnreadable, "R24 what can't be read is a hole, and the rest is shown"),
        one(.refusesLongTexts, "traits a text of the greatest length arrives, a longer one is refused here"),
        one(.doesWhatItDoesNotDeclare, "traits a verb that is not declared is refused here and there"),
        one(.decodesAnything, "traits bytes that are no item decode to nothing"),
        one(.tellsAnotherIdentity, "R13 a credential of somebody else sends nothing"),
        one(.tellsAnotherIdentity, "traits it tells the identity of its user"),
        one(.leaksTexts, "P12 no text and no token in errors and log lines"),
        one(.listsNothingNew, "P5 any order of what was told gives the same content"),
        one(.listsNothingNew, "P6 a page that fails is read again"),
        one(.listsNothingNew, "P6 pages of 1 while somebody edits"),
        one(.forgetsWhatItCreated, "P2 createConversation: a lost answer, one effect"),
        one(.refusesReadMarks, "P2 markRead: a lost answer, one effect"),
        one(.dropsRenames, "P2 rename: a lost answer, one effect"),
        one(.invitesNobody, "P2 addParticipants: a lost answer, one effect"),
        one(.keepsPeople, "P2 removeParticipant: a lost answer, one effect"),
        one(.keepsConversations, "P2 deleteConversation: a lost answer, one effect"),
        one(.dropsFiles, "P1 a send with a file survives a kill at any step"),
        one(.cutsFiles, "P1 files arrive whole with their message, and come back"),
        one(.swapsFiles, "P1 files arrive whole with their message, and come back"),
        one(.servesOtherFiles, "P1 files arrive whole with their message, and come back"),
        one(.doublesFiles, "P2 upload: a lost answer, one message with one file"),
        one(.namesNoFiles, .recognisable, "P2 a send whose answer was lost is known by its file"),
        one(.forgetsReplies, "P7 an answer names what it answers"),
    ]

    private static func one(_ defect: Defect, _ check: String) -> Case { one(defect, .echoed, check) }

    private static func one(_ defect: Defect, _ kind: PlainKind, _ check: String) -> Case {
        Case(defect: defect, kind: kind, check: check)
    }

    @Test(arguments: table) func `a broken service is caught by the check that is meant for it`(planted: Case) async throws {
        let check = try #require(ConformanceCheck.all.first { $0.description == planted.check })
        let outcome = await ConformanceSuite(PlainSubject(kind: planted.kind, defect: planted.defect)).outcome(of: check)
        guard case .failed(let reason) = outcome else {
            Issue.record("\(planted.defect.rawValue) was not caught: \(outcome)")
            return
        }
        #expect(!reason.hasPrefix("it could not be played"), "\(reason)")
    }

    @Test(arguments: [
        (LiveKitSubject.Defect.replaysWhatWasMissed, "P6 what nobody kept is a gap"),
        (.neverCloses, "R21 what is written while it is closed waits, and leaves once it is open"),
    ])
    func `a broken room is caught by the check that is meant for it`(defect: LiveKitSubject.Defect, name: String) async throws {
        let check = try #require(ConformanceCheck.all.first { $0.description == name })
        let outcome = await ConformanceSuite(LiveKitSubject(defect: defect)).outcome(of: check)
        guard case .failed = outcome else {
            Issue.record("\(defect.rawValue) was not caught: \(outcome)")
            return
        }
    }

    @Test func `every defect is in the table`() {
        #expect(Set(Self.table.map(\.defect)) == Set(Defect.allCases))
    }
}

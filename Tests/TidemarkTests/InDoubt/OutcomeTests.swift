import Testing
import TidemarkModel
import TidemarkStore

/// Every cell of the table, played on a real store against a service that is a value. Where the engine and the table differ,
/// one of them is wrong: think which, by the rules, before changing either.
@Suite struct OutcomeTests {
    @Test func `every cell is said in one row, or it is said why there is none`() {
        for standing in Standing.allCases {
            for verb in OutcomeTable.every {
                let instead = OutcomeTable.instead(verb, standing)
                #expect(instead.count <= 1, "\(verb) \(standing)")
                for deed in Deed.allCases {
                    let rows = OutcomeTable.rows(for: Circumstance(verb: verb, standing: standing, deed: deed))
                    #expect(rows.count + instead.count == 1, "\(verb) \(standing) \(deed): \(rows.count) rows")
                }
            }
        }
    }

    @Test func `no row is empty or says nothing`() {
        for row in Standing.allCases.flatMap(OutcomeTable.rows) {
            #expect(!row.verbs.isEmpty && !row.deeds.isEmpty && row.why.hasSuffix("."))
            #expect(row.outcome.effects.count { $0 == .wish } <= 1)
        }
    }

    @Test(arguments: Standing.allCases) func `what is not possible comes to something else`(standing: Standing) throws {
        for verb in OutcomeTable.every {
            guard let instead = OutcomeTable.instead(verb, standing).first else { continue }
            let play = try Play(Circumstance(verb: verb, standing: standing, deed: .kill))
            #expect(try play.found() == instead, "\(verb) \(standing)")
        }
    }

    @Test(arguments: Standing.allCases) func `the engine does what the table says`(standing: Standing) throws {
        for verb in OutcomeTable.every where OutcomeTable.instead(verb, standing).isEmpty {
            for deed in Deed.allCases {
                let cell = Circumstance(verb: verb, standing: standing, deed: deed)
                var play = try Play(cell)
                try #require(try play.found() == standing, "\(cell)")
                let outcome = try play.outcome()
                let row = try #require(OutcomeTable.rows(for: cell).first)
                #expect(outcome == row.outcome, "\(verb), \(standing), \(deed)")
                #expect(play.doubles().isEmpty, "\(verb), \(standing), \(deed)")
            }
        }
    }
}

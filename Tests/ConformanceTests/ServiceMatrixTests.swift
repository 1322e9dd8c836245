import Testing
import TidemarkConformance

/// The engine's suite on every service that the package speaks to, and on each kind of a plain one.
struct ServiceMatrixTests {
    @Test func `the engine keeps its promises on every service`() async {
        var reports: [ConformanceReport] = []
        for subject in [PlainSubject(), AzureSubject(), LiveKitSubject()] as [any ConformanceSubject] {
            reports.append(await ConformanceSuite(subject).run())
        }
        print(ConformanceMatrix(reports))
        for report in reports {
            #expect(report.isPassed, "\(report.service): \(report.failures.map { "\($0.check): \($0.outcome)" })")
        }
        #expect(Self.notPlayed(reports[0]) == [])
        #expect(Self.notPlayed(reports[1]) == ["R24 what can't be read is a hole, and the rest is shown"])
        #expect(
            Self.notPlayed(reports[2]) == [
                "P2 createConversation: a lost answer, one effect", "P3 a parked send holds its own lane and no other",
            ])
    }

    @Test(arguments: PlainKind.allCases.filter { $0 != .echoed })
    func `the engine keeps its promises however a service settles what was lost and lists what changed`(kind: PlainKind) async {
        let report = await ConformanceSuite(PlainSubject(kind: kind)).run()
        #expect(report.isPassed, "\(report.failures.map { "\($0.check): \($0.outcome)" })")
        #expect(Self.notPlayed(report).allSatisfy { $0 == "P2 asked, and told that it arrived: kept once" })
    }

    private static func notPlayed(_ report: ConformanceReport) -> [String] {
        report.rows.filter { row in
            if case .notPlayed = row.outcome { true } else { false }
        }.map(\.check.description)
    }
}

import Testing
import TidemarkConformance

/// The engine's suite on every service that the package speaks to, and on each kind of a plain one.
struct ServiceMatrixTests {
    @Test func `the engine keeps its promises on every service`() async {
        var reports: [ConformanceReport] = []
        for subject in [PlainSubject(), AzureSubject(), LiveKitSubject(), AvayaSubject()] as [any ConformanceSubject] {
            reports.append(await ConformanceSuite(subject).run())
        }
        print(ConformanceMatrix(reports))
        for report in reports {
            #expect(report.isPassed, "\(report.service): \(report.failures.map { "\($0.check): \($0.outcome)" })")
        }
        #expect(Self.notPlayed(reports[0]) == [])
        let unreadable = "R24 what can't be read is a hole, and the rest is shown"
        #expect(Self.notPlayed(reports[1]) == [unreadable])
        #expect(
            Self.notPlayed(reports[2]) == [
                "P2 createConversation: a lost answer, one effect", "P3 a parked send holds its own lane and no other",
            ])
        #expect(Self.notPlayed(reports[3]) == [unreadable])
    }

    @Test(arguments: PlainKind.allCases.filter { $0 != .echoed })
    func `the engine keeps its promises however a service settles what was lost and lists what changed`(kind: PlainKind) async {
        let report = await ConformanceSuite(PlainSubject(kind: kind)).run()
        #expect(report.isPassed, "\(report.failures.map { "\($0.check): \($0.outcome)" })")
        #expect(Self.notPlayed(report) == [])
    }

    @Test func `a guest of Avaya, who may get another id, is promised the same`() async {
        let report = await ConformanceSuite(AvayaSubject(isGuest: true)).run()
        #expect(report.isPassed, "\(report.failures.map { "\($0.check): \($0.outcome)" })")
    }

    private static func notPlayed(_ report: ConformanceReport) -> [String] {
        report.rows.filter { row in
            if case .notPlayed = row.outcome { true } else { false }
        }.map(\.check.description)
    }
}

import Testing

@testable import TidemarkSimulator

/// A single reading of what is not established would prove only our guess (wire page §13).
@Suite struct BehaviorTests {
    private let dealt = (UInt64(0)..<64).map { AzureBehavior(seed: $0) }

    @Test(
        arguments: [
            \AzureBehavior.startTimeComparesVersion, \.redeliversMovedMessages, \.editsBumpThread, \.editsChangeLastMessage,
            \.receiptsBumpThread, \.receiptsChangeLastMessage, \.tombstonesKeepMetadata, \.deletedMessageCanBeRead,
            \.sendsRetryAfter,
        ] as [any KeyPath<AzureBehavior, Bool> & Sendable])
    func `every reading of what is open is dealt`(_ reading: any KeyPath<AzureBehavior, Bool> & Sendable) {
        #expect(Set(dealt.map { $0[keyPath: reading] }) == [true, false])
    }

    @Test(
        arguments: [
            \AzureBehavior.secondDeleteStatus, \.secondRemoveStatus, \.editOfDeletedStatus, \.foreignMessageStatus,
            \.oversizedStatus, \.defaultPageSize,
        ] as [any KeyPath<AzureBehavior, Int> & Sendable])
    func `every status that is open is dealt`(_ status: any KeyPath<AzureBehavior, Int> & Sendable) {
        #expect(Set(dealt.map { $0[keyPath: status] }).count == 2)
    }

    @Test func `lifetimes, lags and short pages are dealt both ways`() {
        #expect(Set(dealt.map(\.repeatabilityLifetime)).sorted() == [600_000, 86_400_000])
        #expect(Set(dealt.map(\.shortPages)).sorted() == [0, 0.2])
        #expect(dealt.contains { $0.listLag == 0 } && dealt.contains { $0.listLag > 2000 })
    }
}

import TidemarkAvaya
import TidemarkModel
import Testing

@Test func `a guest's id may change and a registered user's may not`() {
    #expect(ServiceTraits.avaya(isGuest: true).identityChanges)
    #expect(!ServiceTraits.avaya().identityChanges)
}

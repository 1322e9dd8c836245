internal import Tidemark
internal import TidemarkModel

/// One thing that the engine promises, played on a service.
public struct ConformanceCheck: Sendable, CustomStringConvertible {
    /// The promise or the rule of the architecture page: `P2`, `R13`, or `traits` for what a service says of itself.
    public let promise: String
    /// A few words, unique in the suite.
    public let name: String
    /// Why a service with these traits has nothing to promise here; `nil`: it has.
    let exemption: @Sendable (ServiceTraits) -> String?
    let play: @Sendable (Stage) async throws -> Void

    init(
        _ promise: String, _ name: String, unless exemptions: [@Sendable (ServiceTraits) -> String?] = [],
        play: @escaping @Sendable (Stage) async throws -> Void
    ) {
        self.promise = promise
        self.name = name
        self.exemption = { traits in exemptions.lazy.compactMap { $0(traits) }.first }
        self.play = play
    }

    public var description: String { "\(promise) \(name)" }

    /// All of them, in the order of the matrix.
    public static let all: [ConformanceCheck] =
        surviving + files + lostAnswers + asking + ordered + deletions + converging + walks + overlays + unread + draining
        + secrecy
        + identities + declared
}

/// Why something does not apply, as the traits say it.
enum Unless {
    static func lacks(_ verbs: Verb...) -> @Sendable (ServiceTraits) -> String? {
        { traits in verbs.first { traits.lostAnswers[$0] == nil }.map { "lostAnswers has no \($0.rawValue)" } }
    }

    @Sendable static func hasNoHistory(_ traits: ServiceTraits) -> String? {
        traits.history == .none ? "history is none" : nil
    }

    @Sendable static func takesNoFiles(_ traits: ServiceTraits) -> String? {
        traits.attachments == nil ? "it takes no attachments" : nil
    }

    @Sendable static func knowsNoSendByItsFile(_ traits: ServiceTraits) -> String? {
        traits.attachments?.identifySends == true ? nil : "attachments do not identify sends"
    }

    @Sendable static func takesNoReplies(_ traits: ServiceTraits) -> String? {
        traits.replies ? nil : "it takes no replies"
    }

    @Sendable static func tellsNoMarks(_ traits: ServiceTraits) -> String? {
        if traits.lostAnswers[.markRead] == nil { return "lostAnswers has no markRead" }
        return (traits.maximumParticipantsForReceipts ?? 1) < 0 ? "maximumParticipantsForReceipts: read marks stay local" : nil
    }
}

func require(_ isSo: Bool, _ reason: @autoclosure () -> String) throws {
    guard isSo else { throw Broken(reason()) }
}

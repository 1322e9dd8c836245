import ArgumentParser
import Tidemark

/// The conversation that a command is about.
struct ConversationArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The conversation: a local id, a remote id, or the beginning of either.", valueName: "conv"))
    var conversation: String

    func resolve(in account: AccountView) throws -> ConversationID {
        try account.resolveConversation(conversation)
    }
}

/// The message that a command is about.
struct MessageArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The message: a local id, a remote id, a beginning of either, or CONV/MSG.", valueName: "msg"))
    var message: String

    func resolve(in account: AccountView) throws -> MessageID {
        try account.resolveMessage(message)
    }

    /// What a wish with a token is about. Asked for again it may be a message that the wish itself has taken back: the engine
    /// knows the token and tells what became of it.
    func resolve(in account: AccountView, for token: Token?) throws -> MessageID {
        do {
            return try resolve(in: account)
        } catch let error as StoreError where error.code == .notFound {
            guard token != nil, let id = MessageID(message) else { throw error }
            return id
        }
    }
}

/// The one intent that a command is about, and what opens its store.
struct IntentArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The intent: a local id or a token.", valueName: "id"))
    var id: String

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    /// Does something to it and tells what became of it.
    func perform(
        _ done: String, _ wish: Standing.Wish, _ body: (SyncEngine, IntentID) async throws -> Void
    ) async throws {
        let act = try await OutboxAct(common)
        try await act.perform(done, wish, on: [try act.account.resolveIntent(id)]) { try await body(act.engine, $0) }
    }
}

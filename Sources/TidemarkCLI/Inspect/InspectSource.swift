import Tidemark

/// What the page asks for, as JSON: views of the store, cut to what a page can show.
struct InspectSource: Sendable {
    /// The most of each list that a page is given; it is told how many more there are.
    enum Limit {
        static let accounts = 200
        /// Above it who syncs is not looked up: that counts the rows of every account.
        static let accountsWithHolders = 20
        static let conversations = 500
        static let intents = 500
        static let entries = 1000
        static let journal = 500
    }

    let store: MessageStore
    let common: CommonOptions

    func answer(_ wish: InspectRequest) throws -> JSONValue {
        switch wish.subject {
        case .store: .object(try storeFields())
        case .overview: .object(try overview(try account(wish)))
        case .timeline: .object(try timeline(wish, try account(wish)))
        case .message: .object(try message(wish, try account(wish)))
        case .find: .object(try find(wish, try account(wish)))
        default: .null
        }
    }

    func follower(_ wish: InspectRequest) throws -> InspectFollower {
        let account = try account(wish)
        return InspectFollower(
            account: account, conversation: try wish["conversation"].map { try account.resolveConversation($0) },
            message: try wish["message"].map { try account.resolveMessage($0) })
    }

    /// The one that was named when the page was made; else the one that the page names.
    private func account(_ wish: InspectRequest) throws -> AccountView {
        try store.account(common.accountName ?? wish["account"].map { AccountName($0) })
    }

    /// Commands to copy: with the account where there are several.
    func options(_ account: AccountView) throws -> CommonOptions {
        var options = common
        if try store.accounts().count > 1 { options.account = account.name.rawValue }
        return options
    }

    // MARK: The store and its accounts

    private func storeFields() throws -> [(String, JSONValue)] {
        let accounts = try store.accounts().filter { common.account == nil || $0.name == common.accountName }
        let shown = accounts.prefix(Limit.accounts)
        let infos = try infos(accounts.count)
        return [
            ("path", .optional(store.path.map { EscapedText.line($0) })), ("version", .string(ToolVersion.number)),
            ("now", .time(.current)), ("isAdopted", .bool(try store.isAdopted)),
            ("adopt", .string(common.command("outbox adopt"))), ("more", .number(accounts.count - shown.count)),
            (
                "accounts",
                .array(
                    try shown.map { account in
                        .object(try fields(account, infos.first { $0.account.name == account.name }))
                    })
            ),
        ]
    }

    private func infos(_ count: Int) throws -> [StoreInfo.AccountInfo] {
        count > Limit.accountsWithHolders ? [] : try store.info(at: .current).accounts
    }

    enum Holder: Hashable, Sendable {
        case nobody
        case somebody
        case notAsked
    }

    /// Whether some process syncs an account.
    func holder(of account: AccountName) throws -> Holder {
        guard let info = try infos(try store.accounts().count).first(where: { $0.account.name == account }) else {
            return .notAsked
        }
        return info.leaseHolder == nil ? .nobody : .somebody
    }

    private func fields(_ account: Account, _ info: StoreInfo.AccountInfo?) throws -> [(String, JSONValue)] {
        let summary = try store.account(account.name).outboxSummary().get()
        return [
            ("name", .string(account.name.rawValue)), ("label", .string(EscapedText.line(account.name.rawValue, limit: 80))),
            ("service", .string(account.service)), ("place", .string(AccountListCommand.place(account))),
            ("user", .optional(account.identities.first.map { EscapedText.line($0.rawValue, limit: 200) })),
            ("contactAt", .time(account.contactAt)), ("stopReason", .optional(account.stopReason?.rawValue)),
            ("stopSentence", .optional(account.stopReason.map(OutboxText.sentence))),
            ("holderIsKnown", .bool(info != nil)), ("leaseHolder", .optional(info?.leaseHolder)),
            ("leaseExpiresAt", .time(info?.leaseExpiresAt)), ("queued", .number(summary.queued)), ("sent", .number(summary.sent)),
            ("parked", .number(summary.parked)), ("asking", .number(summary.asking)), ("oldestAt", .time(summary.oldestAt)),
        ]
    }

    // MARK: Finding

    /// A message, an intent, a token or a conversation, by whatever of it is known.
    private func find(_ wish: InspectRequest, _ account: AccountView) throws -> [(String, JSONValue)] {
        guard let text = wish["id"] else { throw StoreError(.invalidArgument, "Say an id or a token.") }
        if let intent = try found({ try account.resolveIntent(text) }) {
            let entry = try account.intent(intent).get()
            return [("conversation", .id(entry.conversation)), ("message", .id(entry.message)), ("intent", .id(intent))]
        }
        if let id = try found({ try account.resolveMessage(text) }) {
            let entry = try account.message(id).get().entry
            return [("conversation", .id(entry.conversation)), ("message", .id(entry.id))]
        }
        if let id = try found({ try account.resolveConversation(text) }) {
            return [("conversation", .id(id)), ("message", .null)]
        }
        throw StoreError(.notFound, "Nothing in this account has that id or token.")
    }

    private func found<Value>(_ body: () throws -> Value) throws -> Value? {
        do {
            return try body()
        } catch let error as StoreError where error.code == .notFound {
            return nil
        }
    }
}

import ArgumentParser

/// The root: what it lists is all there is. A command is a file in `Commands`.
struct TidemarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tidemark",
        abstract: "Chat that works offline: write at once, sync when there is a network.",
        discussion: """
            Every command works on one store, a SQLite file. Writing is local and durable at once; `sync` makes the store \
            and the service agree. What only looks changes nothing.

            EXAMPLE
              tidemark account add me --endpoint http://127.0.0.1:4040 --token-env TOKEN
            """,
        version: ToolVersion.number,
        subcommands: [
            DemoCommand.self,
            AccountCommand.self,
            SyncCommand.self,
            CreateCommand.self, SendCommand.self, EditCommand.self, DeleteCommand.self, ReadCommand.self,
            RenameCommand.self, DeleteConversationCommand.self, ParticipantsCommand.self, TypingCommand.self,
            ConversationsCommand.self, TimelineCommand.self, MessageCommand.self, ReceiptsCommand.self,
            SearchCommand.self, MessagesCommand.self,
            DownloadCommand.self,
            OutboxCommand.self,
            ReconcileCommand.self, VerifyCommand.self, ReplayCommand.self,
            GapsCommand.self, BackfillCommand.self, RejectsCommand.self,
            ExplainCommand.self, JournalCommand.self,
            ExportCommand.self, ImportCommand.self, PruneCommand.self, BackupCommand.self, MigrateCommand.self, WipeCommand.self,
            InspectCommand.self, DoctorCommand.self, SimulateCommand.self,
        ]
    )
}

enum ToolVersion {
    static let number = "0.1.0"
}

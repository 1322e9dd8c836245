import Foundation
import Testing

/// What a person sees of each command on a terminal of 80 columns, as text under `Fixtures/captures`.
///
/// Written anew with TIDEMARK_WRITE_CAPTURES=1; then look at what changed.
@Suite(.timeLimit(.minutes(5))) struct ScreenTests {
    /// Commands that only look, on the store of the last schema: much of it is unsent, in doubt, parked and missing.
    private static let looks: [String: [String]] = [
        "account-list": ["account list"],
        "conversations": ["conversations --account me", "conversations --account room"],
        "timeline": ["timeline c1 --account me", "timeline c10 --account me --limit 4", "timeline c9 --account me --before m80"],
        "message": ["message m206 --account me", "message m204 --account me", "message m80 --history --account me"],
        "messages": ["messages --limit 4 --account me"],
        "participants": ["participants c1 --account me"],
        "receipts": ["receipts c1 --account me"],
        "outbox": ["outbox --account me --state parked", "outbox --account me --state inDoubt", "outbox --account work"],
        "gaps": ["gaps --account me", "gaps c2 --account me"],
        "rejects": ["rejects --account me"],
        "explain": ["explain m206 --account me", "explain i31 --account me"],
        "journal": ["journal --limit 6 --account me"],
        "doctor": ["doctor --offline"],
        "failures": [
            "timeline c1", "timeline c99 --account me", "message 17 --account me", "outbox resolve i35 --account me",
            "send c1 Hello --account nobody", "frobnicate", "sned c1 Hello", "timeline c1 --limit many",
        ],
        "help": [
            "--help", "outbox --help", "send --help", "sync --help", "backfill --help", "edit --help", "typing --help",
            "download --help", "inspect --help", "simulate --help",
        ],
    ]

    /// A day without a network, step by step on one store.
    private static let day = [
        "account add me --endpoint http://127.0.0.1:1 --token-env TOKEN", "conversations",
        "create Trip --with 8:acs:alice,name=Alice --token t1", "send c1 Hello --token t2", "send c1 - --token t3",
        "edit m1 'Hello, all' --token t4", "delete m2 --yes --token t5", "rename c1 'Trip to the sea' --token t6",
        "participants c1 add 8:acs:bob,name=Bob --token t7", "read c1 --token t8", "conversations --json", "outbox skip i1",
        "outbox edit i2 'Hello, everybody'", "outbox discard i1 --yes", "outbox adopt", "sync --deadline 0s",
        "delete-conversation c1 --yes --token t9", "migrate", "backup copy.sqlite", "account remove me --yes",
        "account remove me --yes --discard-unsent", "wipe --yes",
    ]

    /// What stands still, asks, or has not left is answered.
    private static let answers = [
        "outbox retry i33", "outbox retry i33", "outbox skip i31", "outbox --state parked", "outbox resolve i34 --mine",
        "outbox resolve i35", "outbox resolve i35 --arrived 1700304151100", "message m206", "outbox resolve i39 --not-sent",
        "outbox edit i36 'Behind no question'", "outbox retry --all", "outbox retry --all", "outbox discard i36 i32 --yes",
        "delete m205 --yes --token t1", "explain i31", "outbox list --state inDoubt", "outbox discard i37 --yes --json",
        "delete-conversation c5 --yes --token t2", "delete-conversation c5 --yes --token t2", "send c5 'Is anybody here?'",
    ]

    @Test func `what is answered is told, with what has become of it`() async throws {
        try await withProgram(account: false) { program in
            try program.fillFromFixture(isWritten: true)
            var text = ""
            for line in Self.answers { text += try await Screen.capture(line + " --account me", program) }
            try Screen.compare(text, "answers")
        }
    }

    @Test(arguments: looks.keys.sorted()) func `a command that looks shows what it showed`(name: String) async throws {
        try await withProgram(account: false) { program in
            try program.fillFromFixture()
            var text = ""
            for line in try #require(Self.looks[name]) { text += try await Screen.capture(line, program) }
            try Screen.compare(text, name)
        }
    }

    /// What is wrong in a store, and what is done about it: of each kind of damage one.
    @Test func `what is damaged is told with its repair, and what was repaired is told, too`() async throws {
        try await withProgram(account: false) { program in
            try program.fillFromFixture()
            try program.change(
                """
                UPDATE conversation SET unread = 7 WHERE id = 4;
                UPDATE message SET text = 'left' WHERE id = (SELECT min(id) FROM message WHERE deletedAt IS NOT NULL);
                INSERT INTO participant (conversation, participant) VALUES (99, 'nobody');
                INSERT INTO coverage VALUES (5, 3, 8), (5, 6, 12);
                """)
            var text = ""
            for line in ["verify", "verify --repair", "verify"] { text += try await Screen.capture(line, program) }
            try Screen.compare(text, "verify")
        }
    }

    @Test func `what was pruned is a gap with a name, and stays found nowhere`() async throws {
        try await withProgram(account: false) { program in
            try program.fillFromFixture()
            var text = ""
            for line in [
                "search 'Killed' --account me", "timeline c11 --account me --limit 3", "prune --older-than 1d --conversation c11",
                "prune --older-than 1d --conversation c11 --account me --yes", "gaps c11 --account me",
                "timeline c11 --account me", "search 'Killed' --account me", "prune --older-than 1d --account me --yes",
                "gaps --account me", "prune --older-than 1d --account me --yes", "conversations --account me",
            ] {
                text += try await Screen.capture(line, program)
            }
            try Screen.compare(text, "prune")
        }
    }

    @Test func `a day without a network shows what it showed`() async throws {
        try await withProgram(account: false) { program in
            var text = ""
            for line in Self.day { text += try await Screen.capture(line, program) }
            try Screen.compare(text, "a-day-offline")
        }
    }
}

"""A store as it lies on disk, read from a copy: what a killed process left is found by the program, not by its judge."""

import shutil
import sqlite3
import tempfile
from pathlib import Path

OPEN = ("queued", "transmitting", "inDoubt", "parked")


class Snapshot:
    """Take it while no process writes to the store; one that is stopped does not."""

    def __init__(self, store):
        self.tokens, self.intents, self.conversations, self.lease, self.deadline, self.requests = set(), {}, {}, None, 0, 0
        self.hasAccount, self.fault, self.takeovers = False, None, []
        with tempfile.TemporaryDirectory(prefix="tidemark-crash-") as folder:
            copy = Path(folder) / "store.sqlite"
            # A store that was killed while it was made, before it writes ahead, has a journal to be rolled back.
            for ending in ("", "-journal", "-wal"):
                if Path(f"{store}{ending}").exists():
                    shutil.copyfile(f"{store}{ending}", f"{copy}{ending}")
            if copy.exists():
                self._read(copy)

    def _read(self, copy):
        database = sqlite3.connect(copy)
        database.row_factory = sqlite3.Row
        try:
            check = [row[0] for row in database.execute("PRAGMA integrity_check")]
            strays = database.execute("PRAGMA foreign_key_check").fetchall()
            if check != ["ok"] or strays:
                self.fault = f"integrity_check says {check[:3]}, {len(strays)} rows refer to nothing"
            # A store that was killed while it was made has no tables yet: its schema is one transaction.
            if database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'account'").fetchone()[0]:
                self._read_tables(database)
        except sqlite3.DatabaseError as error:
            self.fault = f"it can't be read: {error}"
        finally:
            database.close()

    def _read_tables(self, database):
        self.hasAccount = database.execute("SELECT count(*) FROM account").fetchone()[0] > 0
        self.tokens = {row[0] for row in database.execute("SELECT token FROM tokenUse")}
        for row in database.execute("SELECT * FROM intent ORDER BY id"):
            self.intents[row["token"]] = dict(row)
        for row in database.execute("SELECT id, remoteID, topic, deletedAt FROM conversation"):
            self.conversations[row["id"]] = dict(row)
        # When somebody took what another had left behind.
        self.takeovers = [row[0] for row in database.execute(
            "SELECT at FROM journal WHERE kind = 'leaseTaken' AND cause = 'expired' ORDER BY id")]
        self.requests = database.execute("SELECT startNumber FROM store").fetchone()[0]
        self.lease = database.execute("SELECT holder, generation, expiresAt FROM lease").fetchone()
        self.deadline = database.execute("SELECT max(deadline) FROM attempt WHERE outcome = 'open'").fetchone()[0] or 0

    @property
    def open(self):
        return [intent for intent in self.intents.values() if intent["state"] in OPEN]

    def leaseEnd(self):
        """When the lease runs out, in Unix seconds; 0: nobody has it."""
        return self.lease["expiresAt"] / 1000 if self.lease else 0

    def phase(self, pid):
        """How far the process had come that was struck."""
        if not self.lease or f"process {pid} (" not in self.lease["holder"]:
            return "no lease"
        if not self.lease["expiresAt"]:
            return "gave it back"
        if any(intent["state"] == "transmitting" for intent in self.intents.values()):
            return "a write on its way"
        return "held it"

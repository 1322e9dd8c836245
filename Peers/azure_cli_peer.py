"""The Python client and `tidemark`, by turns on one simulated service: what one writes the other reads."""

import json
import pathlib
import tempfile

from azure.communication.chat import ChatParticipant, CommunicationUserIdentifier

from azure_client import Operations, Person
from program import simulator, tidemark


def run(checks):
    code, help_text, _ = tidemark("--help")
    checks.equal(code, 0, "the program tells its commands")
    if not any(line.split()[:1] == ["sync"] for line in help_text.splitlines()):
        print("  left out: this program has no sync command")
        return
    with tempfile.TemporaryDirectory() as folder, simulator() as service:
        operations = Operations()
        mine, theirs = service.accounts[:2]
        me = Program(checks, pathlib.Path(folder) / "me.sqlite", mine["token"])
        me.lines("account", "add", "me", "--service", "azure", "--endpoint", service.url, "--token-env", "TOKEN")
        bob = Person(service.url, theirs["token"], operations)
        with checks.guarded("from Python to tidemark"):
            from_python(checks, me, bob, mine["id"])
        with checks.guarded("from tidemark to Python"):
            to_python(checks, me, bob, theirs["id"])
        checks.equal(service.stop(), 0, "SIGTERM ends the simulator in good order")


class Program:
    """One store's `tidemark`."""

    def __init__(self, checks, store, token):
        self.checks = checks
        self.store = str(store)
        self.environment = {"TOKEN": token}

    def lines(self, *arguments):
        """Runs a command, which must succeed; what it printed, line by line."""
        code, out, err = tidemark(*arguments, "--store", self.store, "--json", environment=self.environment)
        self.checks.that(code == 0, f"tidemark {arguments[0]} succeeds", (code, err[:300]))
        return [json.loads(line) for line in out.splitlines() if line.strip()]

    def one(self, *arguments):
        return self.lines(*arguments)[-1]

    def texts(self, conversation):
        """The texts of a timeline, without the messages that a thread makes itself."""
        return [line["text"] for line in self.timeline(conversation)]

    def timeline(self, conversation):
        return [line for line in self.lines("timeline", conversation) if line["kind"] in ("text", "html")]


def from_python(checks, me, bob, my_id):
    participant = ChatParticipant(identifier=CommunicationUserIdentifier(my_id), display_name="Me")
    made = bob.chat.create_chat_thread("From Python", thread_participants=[participant]).chat_thread.id
    thread = bob.thread(made)
    kept = thread.send_message("Stays", sender_display_name="Bob").id
    edited = thread.send_message("Before").id
    deleted = thread.send_message("Goes").id
    report = me.one("sync")
    checks.that(report["received"] >= 3, "sync tells what it received", report)
    checks.equal(me.texts(made), ["Stays", "Before", "Goes"], "what Python sent is in the timeline, in its order")
    checks.equal([one["topic"] for one in me.lines("conversations")], ["From Python"], "and its thread in the list")

    thread.update_message(edited, "After")
    thread.delete_message(deleted)
    thread.update_topic("Renamed by Python")
    thread.send_message("Later")
    me.one("sync")
    lines = {line["remoteID"].split("/")[-1]: line for line in me.timeline(made)}
    checks.equal(lines[edited]["text"], "After", "an edit by Python arrives")
    checks.that(lines[edited]["editedAt"] is not None, "with its time", lines[edited])
    checks.that(lines[deleted]["deletedAt"] is not None, "a delete by Python arrives as a tombstone", lines[deleted])
    checks.that("Goes" not in json.dumps(lines), "whose text is gone")
    checks.equal(lines[kept]["senderName"], "Bob", "the sender's name is kept")
    checks.equal([line["text"] for line in lines.values()][-1], "Later", "what came later is last")
    checks.equal([one["topic"] for one in me.lines("conversations")], ["Renamed by Python"], "a rename by Python arrives")
    people = {line["id"] for line in me.lines("participants", made)}
    checks.that(len(people) == 2 and my_id in people, "the participants are those that Python put in", people)


def to_python(checks, me, bob, bob_id):
    conversation = me.one("create", "From tidemark", "--with", f"{bob_id},name=Bob")["conversation"]
    me.one("send", conversation, "Stays")
    edited = me.one("send", conversation, "Before")["message"]
    deleted = me.one("send", conversation, "Goes")["message"]
    checks.equal([one.topic for one in bob.chat.list_chat_threads() if one.topic == "From tidemark"], [], "nothing before sync")
    report = me.one("sync")
    checks.that(report["sent"] >= 3 and report["pending"] == 0, "sync tells what it sent", report)
    made = [one for one in bob.chat.list_chat_threads() if one.topic == "From tidemark"]
    if not checks.equal(len(made), 1, "the thread exists once for Python"):
        return
    thread = bob.thread(made[0].id)
    checks.equal(user_texts(thread), ["Goes", "Before", "Stays"], "what tidemark sent is read by Python, each once")

    me.one("edit", edited, "After")
    me.one("delete", deleted, "--yes")
    me.one("rename", conversation, "Renamed by tidemark")
    report = me.one("sync")
    checks.equal(report["pending"], 0, "edit, delete and rename leave nothing behind")
    copies = {one.id: one for one in thread.list_messages() if user_text(one) is not None}
    checks.equal(sorted(user_text(one) for one in copies.values()), ["", "After", "Stays"], "Python reads the edit and the delete")
    checks.equal(sum(one.deleted_on is not None for one in copies.values()), 1, "the deleted one as a tombstone")
    checks.equal(sum(one.edited_on is not None for one in copies.values()), 1, "and the edited one as edited")
    checks.equal(thread.get_properties().topic, "Renamed by tidemark", "Python reads the rename")

    thread.send_message("An answer from Python")
    me.one("sync")
    checks.equal(me.texts(conversation)[-1], "An answer from Python", "the answer is last in the timeline")
    me.one("read", conversation)
    me.one("sync")
    marks = [one for one in thread.list_read_receipts() if one.sender.properties["id"] != bob_id]
    checks.equal(len(marks), 1, "Python sees how far tidemark has read")


def user_text(message):
    """The text of what a person sent, or None for what the thread made."""
    kind = str(getattr(message.type, "value", message.type))
    return (message.content.message or "") if kind in ("text", "html") else None


def user_texts(thread):
    return [text for text in map(user_text, thread.list_messages()) if text is not None]

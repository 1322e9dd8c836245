"""LiveKit's `ChatManager` against the program's engine, through a bridge."""

import base64
import contextlib
import json
import pathlib
import queue
import shlex
import signal
import socket
import subprocess
import tempfile
import threading
import time

from program import PROGRAM, tidemark

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = HERE / ".venv-chat" / "bin" / "python"
TEXTS = [
    "hello", "Grüße, 日本語", "עברית ثم English", "😀 👨‍👩‍👧‍👦 🇩🇪", "é vs é", "she said \"hi\" \\ then\n\ttabbed", "a\u2028b \u200b \ufeffc",
    "{\"id\":\"x\"}", "x" * 3_000, "\u0001 \\u0000",
]
UPDATE, CHAT = "lk-chat-update-topic", "lk-chat-topic"


def run(checks):
    with contextlib.ExitStack() as stack:
        engine = Engine(pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory())))
        stack.callback(engine.stop)
        engine.start(checks)
        for part in (heard, spoken, foreign, missed):
            with checks.guarded(f"engine: {part.__name__}"):
                part(checks, engine)
        checks.equal(engine.stop(), 130, "Ctrl-C ends the watch")


class Engine:
    """An account of the program with a `ChatManager` at the other end of its bridge."""

    def __init__(self, folder):
        self.store = str(folder / "chat.sqlite")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(folder / "manager"))
        self.listener.listen()
        self.listener.settimeout(30)
        self.command = shlex.join([str(PYTHON), str(HERE / "livekit_manager_bridge.py"), str(folder / "manager")])
        self.process = None

    def run(self, *arguments):
        return tidemark(*arguments, "--store", self.store, "--json")

    def start(self, checks):
        code, _, errors = self.run("account", "add", "me", "--service", "livekit", "--room", "lobby", "--bridge", self.command)
        checks.equal((code, errors), (0, ""), "the account is added")
        self.watch()

    def watch(self):
        self.process = subprocess.Popen(
            [PROGRAM, "sync", "--watch", "--json", "--store", self.store], stdout=subprocess.DEVNULL)
        self.connection = self.listener.accept()[0]
        self.heard = queue.Queue()
        threading.Thread(target=self._read, args=(self.connection.makefile("r"), self.heard), daemon=True).start()

    @staticmethod
    def _read(lines, heard):
        with contextlib.suppress(OSError):
            for line in lines:
                heard.put(json.loads(line))

    def stop(self):
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self.process = None
            self.connection.close()

    def manager(self, **command):
        """Has the manager do something; gives the message as it sent it."""
        self.connection.sendall(json.dumps(command).encode() + b"\n")
        return None if command["do"] == "raw" else self.next("sent")

    def next(self, kind):
        while True:
            line = self.heard.get(timeout=20)
            if kind in line:
                return line[kind]

    def timeline(self):
        _, output, _ = self.run("timeline", "c1", "--limit", "200")
        return [json.loads(line) for line in output.splitlines()]

    def until(self, holds, seconds=20):
        """Looks at the timeline until something holds of it."""
        end = time.monotonic() + seconds
        while not holds(entries := self.timeline()) and time.monotonic() < end:
            time.sleep(0.1)
        return entries

    def entry(self, message):
        return next((one for one in self.timeline() if one["remoteID"] == f"{message['id']}@manager"), None)


def heard(checks, engine):
    """What the manager sends, edits and deletes stands in the program's timeline."""
    sent = [engine.manager(do="send", text=text) for text in TEXTS]
    entries = engine.until(lambda entries: len(entries) >= len(TEXTS))
    checks.equal([one["text"] for one in entries], TEXTS, "all that the manager sent is there, in order, as it was")
    checks.equal({one["sender"] for one in entries}, {"manager"}, "under its name")
    checks.equal([one["gapBefore"] for one in entries], [True] + [False] * (len(TEXTS) - 1), "without a gap behind the first")
    for message, entry in zip(sent, entries):
        checks.that(entry["createdAt"] == rfc3339(message["timestamp"]), "with its time", (message, entry["createdAt"]))
    engine.manager(do="edit", id=sent[0]["id"], text="hello, 🌍 שלום")
    entries = engine.until(lambda entries: entries[0]["text"] != "hello")
    checks.equal(entries[0]["text"], "hello, 🌍 שלום", "an edit of the manager's replaces the text")
    engine.manager(do="delete", id=sent[1]["id"])
    entries = engine.until(lambda entries: entries[1]["deletedAt"])
    checks.that(entries[1]["deletedAt"] and entries[1]["text"] is None, "a delete leaves a tombstone", entries[1])
    engine.manager(do="edit", id=sent[1]["id"], text="risen")
    last = engine.manager(do="send", text="after the dead")
    entries = engine.until(lambda entries: entries[-1]["text"] == last["message"])
    checks.that(entries[1]["deletedAt"] and entries[1]["text"] is None, "and nothing brings it back", entries[1])


def spoken(checks, engine):
    """What the program sends, edits and deletes reaches the manager."""
    for text in TEXTS:
        code, output, errors = engine.run("send", "c1", text)
        if not checks.equal((code, errors), (0, ""), "the program takes a message"):
            continue
        sent = json.loads(output)
        got = engine.next("received")
        checks.equal((got["message"], got["from"], got["deleted"]), (text, "tidemark", False), "the manager gets it as it was")
        checks.equal(len(got["id"]), 12, "with an id like its own")
    engine.until(lambda entries: entries[-1]["state"] == "sent")
    code, _, errors = engine.run("edit", sent["message"], "edited ✍️ עריכה")
    checks.equal((code, errors), (0, ""), "the program takes an edit")
    for _ in range(2):
        edit = engine.next("received")
        checks.equal((edit["id"], edit["message"]), (got["id"], "edited ✍️ עריכה"), "the manager gets it on each topic")
        checks.equal(edit["timestamp"], got["timestamp"], "with the first time")
    code, _, errors = engine.run("delete", sent["message"], "--yes")
    checks.equal((code, errors), (0, ""), "the program takes a delete")
    for _ in range(2):
        gone = engine.next("received")
        checks.equal((gone["id"], gone["message"], gone["deleted"]), (got["id"], "", True), "the manager gets it, without the text")
    entries = engine.until(lambda entries: entries[-1]["state"] == "sent" and entries[-1]["deletedAt"])
    checks.equal(engine.run("outbox")[1], "", "nothing is left to send")
    checks.that(all(one["state"] in ("sent", "confirmed") for one in entries), "and all is sent")


def foreign(checks, engine):
    """Nobody edits another's message, and what can't be read is listed and stops nothing."""
    mine = json.loads(engine.run("send", "c1", "mine alone")[1])
    got = engine.next("received")
    engine.until(lambda entries: entries[-1]["state"] == "sent")
    engine.manager(do="edit", id=got["id"], text="stolen")
    engine.manager(do="delete", id=got["id"])
    for payload in (b"{", b"\xff\xfe{", b"[1]", json.dumps({"id": "n", "message": "late", "timestamp": "soon"}).encode()):
        engine.manager(do="raw", topic=CHAT, payload_base64=base64.b64encode(payload).decode())
    engine.manager(do="raw", topic="somebody-elses-topic", payload_base64="aGk=")
    engine.manager(do="raw", topic=CHAT, payload_base64=base64.b64encode(
        b'{"id":"nul","message":"nul \\u0000 and \\ud83d\\ude00","timestamp":1700000000000}').decode())
    last = engine.manager(do="send", text="and on it goes")
    entries = engine.until(lambda entries: entries[-1]["text"] == last["message"])
    own = next(one for one in entries if one["id"] == mine["message"])
    checks.equal((own["text"], own["deletedAt"]), ("mine alone", None), "another's edit and delete change nothing")
    checks.equal(
        [one["text"] for one in entries if one["remoteID"] == "nul@manager"], ["nul \0 and 😀"], "escapes are read, and a NUL stays one and cuts nothing off")


def missed(checks, engine):
    """What is said while nobody records is a gap, and stays one."""
    engine.stop()
    engine.watch()
    back = engine.manager(do="send", text="are you back?")
    entries = engine.until(lambda entries: entries[-1]["text"] == back["message"])
    checks.equal((entries[-1]["text"], entries[-1]["gapBefore"]), ("are you back?", True), "a gap stands before what came next")


def rfc3339(milliseconds):
    seconds = time.gmtime(milliseconds // 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", seconds) + f".{milliseconds % 1000:03}Z"

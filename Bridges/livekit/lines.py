"""JSON lines on standard input and output, with bounds on everything that waits."""

import asyncio
import base64
import binascii
import collections
import json
import os
import threading

LONGEST_LINE = 512 * 1024
MOST_WAITING_LINES = 4096
MOST_WAITING_BYTES = 32 * 1024 * 1024
# What is kept free of packets, so that news are not lost in a flood.
ROOM_FOR_EVENTS = 256


class BadLine(Exception):
    """Why a line was not taken, as a sentence without anything of the line in it."""


class Packet:
    """What one line says: `{"topic":…,"payload_base64":…}`, and more if wanted."""

    def __init__(self, line):
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            raise BadLine("A line is one JSON object in UTF-8.") from None
        if not isinstance(fields, dict):
            raise BadLine("A line is one JSON object in UTF-8.")
        self.is_status = "event" in fields
        if self.is_status:
            return
        self.topic = _text(fields, "topic") or ""
        try:
            self.payload = base64.b64decode(_text(fields, "payload_base64"), validate=True)
        except (TypeError, ValueError, binascii.Error):
            raise BadLine("A packet has its bytes in payload_base64, as standard base64.") from None
        self.reliable = fields.get("reliable", True)
        if not isinstance(self.reliable, bool):
            raise BadLine("“reliable” is true or false.")
        self.stream_id = _text(fields, "stream_id")
        self.destinations = fields.get("destination_identities") or []
        if not isinstance(self.destinations, list) or not all(isinstance(one, str) for one in self.destinations):
            raise BadLine("“destination_identities” is a list of texts.")
        self.attributes = fields.get("attributes") or {}
        if not isinstance(self.attributes, dict) or not all(isinstance(one, str) for one in self.attributes.values()):
            raise BadLine("“attributes” is an object of texts.")


def _text(fields, name):
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value
    raise BadLine(f"“{name}” is a text or null.")


def encoded(fields):
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


class Output:
    """Writes lines in a thread of its own. What a slow reader leaves waiting is bounded: more is dropped and counted, and
    told with an `overflow` as soon as there is room."""

    def __init__(self, descriptor=1, most_lines=MOST_WAITING_LINES, most_bytes=MOST_WAITING_BYTES):
        self._descriptor = descriptor
        self._most_lines = most_lines
        self._most_bytes = most_bytes
        self._condition = threading.Condition()
        self._waiting = collections.deque()
        self._bytes = 0
        self._dropped = 0
        self._ended = False
        self.broken = False
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def packet(self, topic, payload, identity, **more):
        fields = {"topic": topic, "payload_base64": base64.b64encode(payload).decode(), "identity": identity or None}
        fields.update((name, value) for name, value in more.items() if value is not None)
        line = encoded(fields)
        with self._condition:
            if len(self._waiting) >= self._most_lines or self._bytes + len(line) > self._most_bytes:
                self._dropped += 1
                return
            self._put(line)

    def event(self, name, **more):
        with self._condition:
            if len(self._waiting) < self._most_lines + ROOM_FOR_EVENTS:
                self._put(encoded({"event": name, **more}))

    def _put(self, line):
        # Told where the gap is: before what comes after it.
        self._hold(self._overflow() + line)
        self._condition.notify()

    def _hold(self, line):
        self._waiting.append(line)
        self._bytes += len(line)

    def _overflow(self):
        dropped, self._dropped = self._dropped, 0
        return encoded({"event": "overflow", "dropped": dropped}) if dropped else b""

    def _write(self):
        while True:
            with self._condition:
                while not self._waiting and not self._dropped and not self._ended:
                    self._condition.wait()
                if not self._waiting:
                    self._hold(self._overflow())
                line = self._waiting.popleft()
                self._bytes -= len(line)
                if not line:
                    return
            try:
                while line:
                    line = line[os.write(self._descriptor, line):]
            except OSError:
                self.broken = True
                return

    def end(self, seconds=2.0):
        """Waits until all is written, but not for a reader that does not read."""
        with self._condition:
            self._ended = True
            self._condition.notify()
        self._thread.join(seconds)


class Input:
    """Reads lines in a thread of its own, and not faster than they are used."""

    def __init__(self, loop, descriptor=0, longest=LONGEST_LINE):
        self._loop = loop
        self._descriptor = descriptor
        self._longest = longest
        self._queue = asyncio.Queue(maxsize=64)
        threading.Thread(target=self._read, daemon=True).start()

    async def next(self):
        """The next line; `None` for one that was too long; raises EOFError at the end."""
        line = await self._queue.get()
        if line is EOFError:
            raise EOFError
        return line

    def _read(self):
        held, skipping = b"", False
        try:
            while True:
                try:
                    chunk = os.read(self._descriptor, 65536)
                except OSError:
                    chunk = b""
                if not chunk:
                    break
                *ended, rest = chunk.split(b"\n")
                for part in ended:
                    line, held = held + part, b""
                    if skipping or len(line) > self._longest:
                        self._hand(None)
                    elif line.strip():
                        self._hand(line)
                    skipping = False
                held += rest
                if len(held) > self._longest:
                    held, skipping = b"", True
            self._hand(EOFError)
        except RuntimeError:
            pass  # The loop is closed: nobody waits any more.

    def _hand(self, line):
        asyncio.run_coroutine_threadsafe(self._queue.put(line), self._loop).result()

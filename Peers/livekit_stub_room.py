"""A room for LiveKit's `ChatManager` whose packets travel as JSON lines, through any program that speaks them.

It is what `ChatManager` needs of a room: `on`, `off`, and a local participant that publishes data. The participants are the
SDK's own events and classes as far as they carry data.
"""

import asyncio
import base64
import json

from livekit import rtc
from livekit.rtc.event_emitter import EventEmitter


class Person:
    """Somebody in the room; of the SDK's participant only the identity."""

    def __init__(self, identity):
        self.identity = identity


class LocalPerson(Person):
    def __init__(self, identity, room):
        super().__init__(identity)
        self._room = room

    async def publish_data(self, payload, *, reliable=True, destination_identities=(), topic=""):
        if isinstance(payload, str):
            payload = payload.encode()
        await self._room.write({
            "topic": topic, "payload_base64": base64.b64encode(payload).decode(), "identity": self.identity,
            "reliable": reliable, "destination_identities": list(destination_identities)})


class StubRoom(EventEmitter):
    """`async with StubRoom(command, identity)` runs the command and is the room that it speaks of."""

    def __init__(self, command, identity):
        super().__init__()
        self.command = command
        self.local_participant = LocalPerson(identity, self)
        self.people = {}
        self.events = []
        self._changed = asyncio.Condition()

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            *self.command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20)
        self._reading = asyncio.ensure_future(self._read())
        return self

    async def __aexit__(self, *_):
        self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), 20)
        except asyncio.TimeoutError:
            self.process.kill()
            await self.process.wait()
        self._reading.cancel()

    async def write(self, fields):
        self.process.stdin.write(json.dumps(fields).encode() + b"\n")
        await self.process.stdin.drain()

    async def _read(self):
        async for line in self.process.stdout:
            await self.feed(json.loads(line))

    async def feed(self, fields):
        """One line: news, or a packet that the SDK's class makes an event of."""
        if "event" in fields:
            self.events.append(fields["event"])
        else:
            identity = fields.get("identity")
            person = self.people.setdefault(identity, Person(identity)) if identity else None
            kind = rtc.DataPacketKind.KIND_RELIABLE if fields.get("reliable", True) else rtc.DataPacketKind.KIND_LOSSY
            self.emit("data_received", rtc.DataPacket(
                data=base64.b64decode(fields["payload_base64"]), kind=kind, participant=person, topic=fields["topic"]))
        async with self._changed:
            self._changed.notify_all()

    async def until(self, holds, seconds=20):
        """Waits until something holds, which is looked at after every line."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(holds), seconds)

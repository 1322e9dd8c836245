"""Two real `ChatManager`s in one room of the simulator's hub. Run with `livekit==0.21.3`, the last release that has it.

    python livekit_chat_rooms.py FACTS

FACTS is the first line of `tidemark simulate --service livekit`. The last line says how many checks there were and failed.
"""

import asyncio
import copy
import json
import pathlib
import sys
import urllib.request

from livekit.rtc.chat import ChatManager, ChatMessage

from checks import Checks
from livekit_stub_room import StubRoom

HUB = pathlib.Path(__file__).resolve().parent.parent / "Bridges" / "hub"
TEXTS = [
    "hello", "Grüße, 日本語, עברית", "😀 👨‍👩‍👧‍👦 🇩🇪", "she said \"hi\" \\ then\n\ttabbed\r\n", "", "\u0000 \u2028 \u200b",
    "x" * 15_000, "é vs é",
]


class Chat:
    """A manager, its room, and what it received."""

    def __init__(self, room):
        self.room = room
        self.manager = ChatManager(room)
        self.received = []
        self.manager.on("message_received", self.received.append)

    async def got(self, count):
        await self.room.until(lambda: len(self.received) >= count)
        return self.received[-1]


def command(facts, identity, room="lobby"):
    return [sys.executable, str(HUB), "--hub", facts["hub"], "--room", room, "--identity", identity]


def fields(message):
    return message.id, message.message, int(message.timestamp.timestamp() * 1000), message.deleted


async def talk(checks, facts):
    async with StubRoom(command(facts, "alice"), "alice") as one, StubRoom(command(facts, "bob"), "bob") as two:
        for room in (one, two):
            await room.until(lambda room=room: "connected" in room.events)
        alice, bob = Chat(one), Chat(two)
        for text in TEXTS:
            sent = await alice.manager.send_message(text)
            got = await bob.got(len(bob.received) + 1)
            checks.equal(fields(got), fields(sent), f"bob gets what alice wrote: {text[:20]!r}")
            checks.equal((got.participant.identity, got.is_local), ("alice", False), "and knows that it is hers")
        checks.equal(alice.received, [], "nobody hears themselves")
        await edits(checks, alice, bob)
        await both(checks, alice, bob)
        await server(checks, facts, alice, bob)
        count = len(bob.received)
        bob.manager.close()
        await alice.manager.send_message("after bob closed")
        await bob.manager.send_message("bob still writes")
        await alice.got(len(alice.received) + 1)
        checks.equal(len(bob.received), count, "a closed manager receives nothing")


async def edits(checks, alice, bob):
    sent = await bob.manager.send_message("typo")
    first = await alice.got(len(alice.received) + 1)
    edited = copy.copy(sent)
    edited.message = "no typo 🖋️"
    await bob.manager.update_message(edited)
    second = await alice.got(len(alice.received) + 1)
    checks.equal((second.id, second.message, second.deleted), (first.id, "no typo 🖋️", False), "an edit keeps the id")
    checks.equal(second.timestamp, first.timestamp, "and the time")
    edited.deleted = True
    await bob.manager.update_message(edited)
    third = await alice.got(len(alice.received) + 1)
    checks.equal((third.id, third.deleted), (first.id, True), "a delete keeps the id too")
    # Nothing on the wire forbids it.
    await alice.manager.update_message(ChatMessage(id=sent.id, message="by alice", timestamp=sent.timestamp))
    stolen = await bob.got(len(bob.received) + 1)
    checks.equal((stolen.id, stolen.participant.identity), (sent.id, "alice"), "another's edit arrives under its own name")


async def both(checks, alice, bob):
    a, b = len(alice.received), len(bob.received)
    sends = [chat.manager.send_message(f"{name} {number}") for number in range(50) for name, chat in (("a", alice), ("b", bob))]
    await asyncio.gather(*sends)
    await alice.got(a + 50)
    await bob.got(b + 50)
    checks.equal([one.message for one in alice.received[a:]], [f"b {number}" for number in range(50)], "bob's order holds")
    checks.equal([one.message for one in bob.received[b:]], [f"a {number}" for number in range(50)], "alice's order holds")


async def server(checks, facts, alice, bob):
    """What is no chat, or nobody's, or broken."""
    await alice.room.local_participant.publish_data(b"nonsense", topic="lk-chat-topic")
    await alice.room.local_participant.publish_data(b"{}", topic="other")
    sent = await alice.manager.send_message("after the nonsense")
    got = await bob.got(len(bob.received) + 1)
    checks.equal(got.id, sent.id, "what is no message is dropped, and the next one comes")
    try:
        urllib.request.urlopen(facts["url"] + "/twirp/livekit.RoomService/SendData", b"{}", 10)
        checks.that(False, "a request without a token is refused")
    except urllib.error.HTTPError as error:
        checks.equal(error.code, 404, "a form is no content type of Twirp")


async def late(checks, facts):
    async with StubRoom(command(facts, "carol", "studio"), "carol") as room:
        await room.until(lambda: "connected" in room.events)
        carol = Chat(room)
        await carol.manager.send_message("before dave")
        async with StubRoom(command(facts, "dave", "studio"), "dave") as other:
            await other.until(lambda: "connected" in other.events)
            dave = Chat(other)
            sent = await carol.manager.send_message("with dave")
            got = await dave.got(1)
            checks.equal([one.id for one in dave.received], [sent.id], "who joins late gets nothing older")
            checks.equal(got.message, "with dave", "and everything from then on")


def main():
    checks = Checks()
    facts = json.loads(sys.argv[1])
    for part in (talk, late):
        with checks.guarded(part.__name__):
            asyncio.run(part(checks, facts))
    print(json.dumps({"count": checks.count, "failed": checks.failed}))


if __name__ == "__main__":
    main()

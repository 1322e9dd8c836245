"""A bridge whose room holds one real `ChatManager`: what the program publishes reaches it, and what it sends reaches the program.

    python livekit_manager_bridge.py SOCKET

Run with `livekit==0.21.3`. It is started by the program under test and speaks JSON lines to it; the test tells it on SOCKET, a
line each, what the manager shall do, and hears what the manager got.
"""

import asyncio
import base64
import copy
import json
import sys

from livekit.rtc.chat import ChatManager, ChatMessage

from livekit_stub_room import StubRoom

ME, PEER = "tidemark", "manager"


def fields(message):
    return {
        "id": message.id, "message": message.message, "deleted": message.deleted,
        "timestamp": int(message.timestamp.timestamp() * 1000),
        "from": message.participant.identity if message.participant else None}


class Bridge(StubRoom):
    """The room of the manager; the program on the other side is one of its participants."""

    def __init__(self):
        super().__init__([], PEER)

    async def write(self, packet):
        # The server writes who sent it, and the sender gets nothing back.
        say({**packet, "identity": PEER})


def say(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def reader(pipe):
    stream = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), pipe)
    return stream


async def told(commands, answers, room, manager):
    """What the test wants the manager to do."""
    sent = {}
    async for line in commands:
        command = json.loads(line)
        if command["do"] == "send":
            message = await manager.send_message(command["text"])
            sent[message.id] = message
        elif command["do"] == "raw":
            await room.local_participant.publish_data(base64.b64decode(command["payload_base64"]), topic=command["topic"])
            continue
        else:
            message = copy.copy(sent.get(command["id"])) or ChatMessage(id=command["id"], message="")
            message.message = command.get("text", message.message)
            message.deleted = command["do"] == "delete"
            await manager.update_message(message)
        answers.write(json.dumps({"sent": fields(message)}).encode() + b"\n")


async def main():
    lines = await reader(sys.stdin)
    commands, answers = await asyncio.open_unix_connection(sys.argv[1])
    room = Bridge()
    manager = ChatManager(room)
    manager.on(
        "message_received", lambda message: answers.write(json.dumps({"received": fields(message)}).encode() + b"\n"))
    say({"event": "connected", "room": "lobby", "identity": ME})
    working = asyncio.ensure_future(told(commands, answers, room, manager))
    async for line in lines:
        await room.feed({**json.loads(line), "identity": ME})
    working.cancel()
    await answers.drain()


if __name__ == "__main__":
    asyncio.run(main())

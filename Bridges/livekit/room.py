"""A LiveKit room on one side, lines on the other."""

import asyncio
import time

from livekit import rtc

from lines import BadLine, Packet

LEGACY_TOPICS = ("lk-chat-topic", "lk-chat-update-topic")
STREAM_TOPIC = "lk.chat"
MOST_STREAMS = 64
LONGEST_STREAM = 256 * 1024
# How long the SDK may take to say that it took a packet.
PUBLISH_SECONDS = 15
# How long a stream may take from its header to its end.
STREAM_SECONDS = 60


class RoomBridge:
    """Writes what a room's others publish on the chat topics, and publishes what it is told to."""

    def __init__(self, room, output):
        self._room = room
        self._output = output
        self._streams = set()
        self.lost = asyncio.Event()
        room.on("data_received", self._data)
        room.on("disconnected", self._disconnected)
        room.on("reconnecting", lambda: output.event("reconnecting"))
        room.on("reconnected", lambda: output.event("reconnected"))
        room.register_text_stream_handler(STREAM_TOPIC, self._stream)

    # From the room

    def _data(self, packet):
        if packet.topic not in LEGACY_TOPICS:
            return
        self._output.packet(
            packet.topic, packet.data, packet.participant.identity if packet.participant else None,
            reliable=packet.kind == rtc.DataPacketKind.KIND_RELIABLE, room=self._room.name, received_at=now())

    def _disconnected(self, reason):
        self._output.event("disconnected", reason=rtc.DisconnectReason.Name(reason))
        self.lost.set()

    def _stream(self, reader, identity):
        if len(self._streams) >= MOST_STREAMS:
            close(reader)
            self._output.event("overflow", dropped=1)
            return
        task = asyncio.get_running_loop().create_task(self._collect(reader, identity))
        self._streams.add(task)
        task.add_done_callback(self._streams.discard)

    async def _collect(self, reader, identity):
        """A stream becomes one packet when it has ended well. One that breaks off, is too long or takes too long is told."""
        try:
            text = await asyncio.wait_for(read(reader), STREAM_SECONDS)
        except asyncio.TimeoutError:
            self._output.event("error", message=f"A text stream did not end within {STREAM_SECONDS} seconds.")
            return
        except BadLine as error:
            self._output.event("error", message=str(error))
            return
        except Exception as error:  # whatever the SDK makes of a stream that breaks off
            self._output.event("error", message=f"A text stream broke off ({type(error).__name__}).")
            return
        finally:
            close(reader)
        info = reader.info
        self._output.packet(
            STREAM_TOPIC, text.encode(), identity, reliable=True, room=self._room.name, received_at=now(),
            stream_id=info.stream_id, timestamp=info.timestamp, attributes=info.attributes or None)

    # To the room

    async def publish(self, line):
        """Publishes one line, after all before it. What does not work is told, and the next may work."""
        try:
            if line is None:
                raise BadLine("A line was too long.")
            packet = Packet(line)
            if packet.is_status:
                return
            send = self._publish_stream if packet.topic == STREAM_TOPIC else self._publish_data
            await asyncio.wait_for(send(packet), PUBLISH_SECONDS)
        except BadLine as error:
            self._output.event("error", message=str(error))
        except asyncio.TimeoutError:
            self._output.event("error", message=f"The room did not take a packet within {PUBLISH_SECONDS} seconds.")
        except Exception as error:  # the SDK's own errors differ from version to version
            self._output.event("error", message=f"The room did not take a packet ({type(error).__name__}).")

    async def _publish_data(self, packet):
        await self._room.local_participant.publish_data(
            packet.payload, reliable=packet.reliable, topic=packet.topic, destination_identities=packet.destinations)

    async def _publish_stream(self, packet):
        try:
            text = packet.payload.decode()
        except UnicodeDecodeError:
            raise BadLine(f"What goes out on {STREAM_TOPIC} is text in UTF-8.") from None
        writer = await self._room.local_participant.stream_text(
            topic=STREAM_TOPIC, stream_id=packet.stream_id, attributes=packet.attributes,
            destination_identities=packet.destinations, total_size=len(packet.payload))
        await writer.write(text)
        await writer.aclose()


async def read(reader):
    parts, size = [], 0
    async for part in reader:
        size += len(part.encode())
        if size > LONGEST_STREAM:
            raise BadLine(f"A text stream was longer than {LONGEST_STREAM} bytes.")
        parts.append(part)
    return "".join(parts)


def close(reader):
    # Readers before 1.2 need no closing.
    getattr(reader, "close", lambda: None)()


def now():
    """Unix milliseconds."""
    return int(time.time() * 1000)

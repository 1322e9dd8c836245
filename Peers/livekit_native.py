"""The native half of the LiveKit SDK, played here: the SDK's own Python classes run on it unchanged, and no server is needed.

    python livekit_native.py MODE [arguments of Bridges/livekit]

runs the bridge on it. MODE: `echo` has somebody else publish whatever is published; `hang` never says that it took anything;
`flood` publishes 50,000 packets at once and logs `flooded` when the SDK has handed
them all out; `lose` ends the room right after joining; `refuse` takes nothing.
"""

import ctypes
import logging
import os
import pathlib
import runpy
import sys

from livekit.rtc._ffi_client import FfiClient, FfiQueue
from livekit.rtc._proto import ffi_pb2, room_pb2

FLOOD = 50_000
ROOM = 1
LOCAL = 2


class Native:
    """Stands where the loaded library stands: requests in, responses and later events out."""

    def __init__(self, mode):
        self.mode = mode
        self.queue = FfiQueue()
        self._ffi_lib = self
        self._pid = os.getpid()
        self.handles = iter(range(100, 1 << 62))
        self.buffers = {}
        self.consumed = 0
        self.writers = {}
        self.readers = {}
        FfiClient._instance = self

    def livekit_ffi_drop_handle(self, handle):
        if self.buffers.pop(handle.value, None) is not None:
            self.consumed += 1
            if self.consumed == FLOOD:
                print("flooded", file=sys.stderr, flush=True)
        return True

    def request(self, request):
        kind = request.WhichOneof("message")
        response = ffi_pb2.FfiResponse()
        answer = getattr(response, kind, None)
        if answer is not None:
            answer.SetInParent()
            if "async_id" in answer.DESCRIPTOR.fields_by_name:
                answer.async_id = next(self.handles)
        handler = getattr(self, kind, None)
        if handler:
            handler(getattr(request, kind), answer.async_id if answer is not None and hasattr(answer, "async_id") else 0)
        return response

    def tell(self, name, identifier, **fields):
        """The event that answers a request."""
        event = ffi_pb2.FfiEvent()
        getattr(event, name).async_id = identifier
        for field, value in fields.items():
            setattr(getattr(event, name), field, value)
        self.queue.put(event)

    def happen(self, fill):
        """Something that happens in the room."""
        event = ffi_pb2.FfiEvent()
        event.room_event.room_handle = ROOM
        fill(event.room_event)
        self.queue.put(event)

    # The room

    def connect(self, request, identifier):
        event = ffi_pb2.FfiEvent()
        event.connect.async_id = identifier
        if "stub" not in request.url:
            logging.getLogger("livekit").error("can't connect to %s?access_token=%s", request.url, request.token)
            event.connect.error = f"can't connect to {request.url} with {request.token}"
            self.queue.put(event)
            return
        result = event.connect.result
        result.room.handle.id = ROOM
        result.room.info.name = "lobby"
        result.room.info.sid = "RM_stub"
        result.local_participant.handle.id = LOCAL
        result.local_participant.info.identity = "bridge"
        result.local_participant.info.sid = "PA_bridge"
        for identity in ("peer", "alice", "bob"):
            other = result.participants.add().participant
            other.handle.id = next(self.handles)
            other.info.identity = identity
            other.info.sid = f"PA_{identity}"
        required(event)
        self.queue.put(event)

    def ready_for_room_event(self, request, identifier):
        if self.mode == "flood":
            for number in range(FLOOD):
                self.data(str(number).encode(), "lk-chat-topic", "peer", True)
        elif self.mode == "lose":
            self.happen(lambda room: setattr(room.disconnected, "reason", 5))

    def disconnect(self, request, identifier):
        self.happen(lambda room: room.eos.SetInParent())
        self.tell("disconnect", identifier)

    # Packets

    def data(self, payload, topic, identity, reliable):
        buffer = (ctypes.c_ubyte * max(1, len(payload))).from_buffer_copy(payload or b"\0")
        handle = next(self.handles)
        self.buffers[handle] = buffer

        def fill(room):
            packet = room.data_packet_received
            packet.kind = room_pb2.KIND_RELIABLE if reliable else room_pb2.KIND_LOSSY
            packet.participant_identity = identity
            packet.user.topic = topic
            packet.user.data.handle.id = handle
            packet.user.data.data.data_ptr = ctypes.addressof(buffer)
            packet.user.data.data.data_len = len(payload)
        self.happen(fill)

    def publish_data(self, request, identifier):
        payload = ctypes.string_at(request.data_ptr, request.data_len)
        if self.mode == "hang":
            return
        if self.mode == "refuse":
            self.tell("publish_data", identifier, error="engine is closed")
            return
        self.tell("publish_data", identifier)
        identity = {"": "peer", "server": ""}.get("".join(request.destination_identities[:1]), "alice")
        self.data(payload, request.topic, identity, request.reliable)

    # Streams

    def text_stream_open(self, request, identifier):
        handle = next(self.handles)
        self.writers[handle] = (request.options, [])
        event = ffi_pb2.FfiEvent()
        event.text_stream_open.async_id = identifier
        event.text_stream_open.writer.handle.id = handle
        describe(event.text_stream_open.writer.info, request.options)
        self.queue.put(event)

    def text_stream_write(self, request, identifier):
        self.writers[request.writer_handle][1].append(request.text)
        self.tell("text_stream_writer_write", identifier)

    def text_stream_close(self, request, identifier):
        options, parts = self.writers.pop(request.writer_handle)
        self.tell("text_stream_writer_close", identifier)
        handle = next(self.handles)
        self.readers[handle] = "".join(parts)

        def fill(room):
            room.text_stream_opened.participant_identity = "peer"
            room.text_stream_opened.reader.handle.id = handle
            describe(room.text_stream_opened.reader.info, options)
        self.happen(fill)

    def text_read_incremental(self, request, identifier):
        text = self.readers.pop(request.reader_handle)
        # An attribute asks for a stream that breaks off, as when its sender leaves.
        is_broken = text.startswith("BREAK")
        for start in range(0, len(text), 5000):
            event = ffi_pb2.FfiEvent()
            event.text_stream_reader_event.reader_handle = request.reader_handle
            event.text_stream_reader_event.chunk_received.content = text[start:start + 5000]
            self.queue.put(event)
        event = ffi_pb2.FfiEvent()
        event.text_stream_reader_event.reader_handle = request.reader_handle
        event.text_stream_reader_event.eos.SetInParent()
        if is_broken:
            event.text_stream_reader_event.eos.error.description = "the sender left"
        self.queue.put(event)


def describe(info, options):
    info.stream_id = options.id
    info.timestamp = 1700000000123
    info.mime_type = "text/plain"
    info.topic = options.topic
    info.attributes.update(options.attributes)
    required(info)


def required(message):
    """Gives required fields that were left out their defaults; the native half always writes them."""
    for field in message.DESCRIPTOR.fields:
        if field.is_required and not message.HasField(field.name):
            if field.message_type:
                getattr(message, field.name).SetInParent()
            else:
                setattr(message, field.name, field.default_value)
    for field, value in message.ListFields():
        if field.message_type and not field.message_type.GetOptions().map_entry:
            for one in (value if field.is_repeated else [value]):
                required(one)


if __name__ == "__main__":
    Native(sys.argv[1])
    bridge = pathlib.Path(__file__).resolve().parent.parent / "Bridges" / "livekit"
    sys.argv = [str(bridge), *sys.argv[2:]]
    runpy.run_path(str(bridge), run_name="__main__")

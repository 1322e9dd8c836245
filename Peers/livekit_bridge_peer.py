"""The bridge to real rooms, on the real classes of the LiveKit SDK."""

import base64
import json
import os
import pathlib
import sys
import tempfile
import time

from lines import LineProcess, payload
from livekit.protocol import models
from livekit_native import FLOOD
from program import RECORDINGS

HERE = pathlib.Path(__file__).resolve().parent
TOKEN = "secret-token-of-the-test"


def run(checks):
    for part in (vectors, streams, bad_lines, ends, hang, flood, trouble):
        with checks.guarded(f"bridge: {part.__name__}"):
            part(checks)


def bridge(mode, *arguments, reading=True, url="ws://stub", environment=None):
    """The bridge on a stub of the SDK's native half."""
    environment = {**os.environ, "LIVEKIT_TOKEN": TOKEN} if environment is None else environment
    return LineProcess(
        [sys.executable, str(HERE / "livekit_native.py"), mode, "--url", url, *arguments], environment, reading)


def recorded(name):
    return json.loads((RECORDINGS / "livekit" / name).read_text())


def vectors(checks):
    """Every recorded packet goes out, and comes back byte for byte from somebody else."""
    packets = [("lk-chat-topic", case["payload_base64"], "alice") for case in recorded("chat_encode.json")["cases"]]
    packets += [
        (case["topic"], case["payload_base64"], case["identity"]) for case in recorded("chat_decode.json")["cases"]]
    packets += [
        (one["packet"]["topic"], one["packet"]["payload_base64"], one["packet"]["identity"])
        for one in recorded("session_two_peers.json")["packets"]]
    with bridge("echo") as process:
        checks.equal(
            [process.next(), process.next()],
            [{"event": "connecting"}, {"event": "connected", "room": "lobby", "identity": "bridge"}],
            "the bridge says that it is in")
        for topic, data, identity in packets:
            if topic == "lk.chat":
                continue  # a stream's topic; here it was tried as a plain packet's
            bytes_ = base64.b64decode(data)
            # The stub has `alice` publish what is for anybody, and the server's API what is for `server`.
            destination = "anybody" if identity else "server"
            process.publish(topic or "", bytes_, destination_identities=[destination])
            if topic not in ("lk-chat-topic", "lk-chat-update-topic"):
                continue
            line = process.next()
            checks.equal(
                (line.get("topic"), payload(line), line["identity"]), (topic, bytes_, "alice" if identity else None),
                "a recorded packet passes the bridge")
            checks.that(line["reliable"] is True and line["room"] == "lobby", "it says how it came", line)
            checks.that(abs(line["received_at"] / 1000 - time.time()) < 60, "and when, in milliseconds", line)
        process.publish("lk-chat-topic", b"lossy", reliable=False)
        checks.equal(process.next()["reliable"], False, "a lossy packet is told as one")
        process.process.stdin.close()
        checks.equal([line.get("event") for line in process.rest()], ["disconnected"], "no other packet came")
        checks.equal(process.wait(), 0, "the end of its input is the bridge's end")
    checks.that(len(packets) > 60, "all vectors were there", len(packets))


def streams(checks):
    """Text streams keep their text, id, attributes and time."""
    with bridge("echo") as process:
        process.event("connected")
        for stream in recorded("text_streams.json")["streams"]:
            text = b"".join(
                models.DataPacket.FromString(base64.b64decode(one["datapacket_base64"])).stream_chunk.content
                for one in stream["packets"] if one["kind"] == "stream_chunk")
            process.publish("lk.chat", text, stream_id=stream["stream_id"], attributes={"ü": "2"})
            line = process.next()
            checks.equal(payload(line), text, f"the text of the stream {stream['name']}")
            checks.equal(
                (line["topic"], line["stream_id"], line["attributes"], line["timestamp"], line["identity"]),
                ("lk.chat", stream["stream_id"], {"ü": "2"}, 1700000000123, "peer"), "what its header says")
        process.publish("lk.chat", b"BREAK", stream_id="s")
        checks.that("broke off" in process.next().get("message", ""), "a stream that breaks off is told, and shown nowhere")
        process.publish("lk.chat", b"x" * 300_000, stream_id="s")
        checks.that("longer" in process.next().get("message", ""), "and so is one that is too long")
        process.publish("lk.chat", b"\xff", stream_id="s")
        checks.that("UTF-8" in process.next().get("message", ""), "a stream that is no text is not begun")
        process.publish("lk.chat", b"after", stream_id="s2")
        checks.equal(payload(process.next()), b"after", "the bridge goes on")
        checks.equal(process.stop(), 0, "SIGTERM is a clean end")


def bad_lines(checks):
    bad = [
        b"nonsense", b"[]", b"5", b"\xff\xfe", b'{"topic":5,"payload_base64":""}', b'{"topic":"t"}',
        b'{"topic":"t","payload_base64":"%"}', b'{"payload_base64":"","reliable":1}',
        b'{"payload_base64":"","destination_identities":"a"}', b'{"payload_base64":"","attributes":{"a":1}}',
        b"[" * 100_000, b'{"payload_base64":"' + b"A" * 1_000_000 + b'"}',
    ]
    with bridge("echo") as process:
        process.event("connected")
        for line in bad:
            process.write(line + b"\n")
            checks.equal(process.next().get("event"), "error", f"a bad line is told: {line[:40]!r}")
        process.write(b'\n\n{"event":"status"}\n')
        process.publish("lk-chat-topic", b"good")
        checks.equal(payload(process.next()), b"good", "and the next good line goes out")
        checks.equal(process.stop(), 0, "the bridge ends cleanly")
        checks.equal(process.rest()[-1:], [{"event": "disconnected", "reason": "CLIENT_INITIATED"}], "and says so")


def ends(checks):
    """Every way in which it ends, and the exit code of each."""
    with bridge("lose") as process:
        checks.equal(process.event("disconnected")["reason"], "ROOM_DELETED", "a lost room is told with its reason")
        checks.equal(process.wait(), 1, "and is an end that asks for a restart")
    with bridge("echo", url="ws://elsewhere") as process:
        line = process.event("error")
        checks.that(line, "a room that can't be joined is told")
        checks.equal(process.wait(), 1, "and ends with 1")
        checks.that(process.logs("ERROR livekit: can't connect to ws://elsewhere?access_token=…\n".encode()), "it is logged")
        checks.that(TOKEN not in json.dumps(line) and TOKEN.encode() not in b"".join(process.log), "without the token", line)
    # The real native library, and nobody at the port.
    real = [sys.executable, str(HERE.parent / "Bridges" / "livekit"), "--url", "ws://127.0.0.1:9"]
    with LineProcess(real, {**os.environ, "LIVEKIT_TOKEN": TOKEN}) as process:
        checks.that(process.event("error", 60), "the real SDK finds nobody, and it is told")
        checks.equal(process.wait(), 1, "and ends with 1")
        log = b"".join(process.log)
        checks.that(TOKEN.encode() not in log, "the log has no token", log[-300:])
    with bridge("echo", "--token-env", "NO_SUCH_VARIABLE") as process:
        checks.equal(process.wait(), 2, "without a token it says so and ends with 2")
    with tempfile.NamedTemporaryFile("w", suffix=".token") as file:
        file.write(TOKEN + "\n")
        file.flush()
        with bridge("echo", "--token-file", file.name, environment=dict(os.environ)) as process:
            checks.that(process.event("connected"), "a token can come from a file")
            process.process.stdin.close()
            checks.equal(process.wait(), 0, "and it ends with its input")
    with bridge("refuse") as process:
        process.event("connected")
        process.publish("lk-chat-topic", b"x")
        checks.equal(process.next().get("event"), "error", "a packet that the room does not take is told")
        checks.equal(process.stop(), 0, "and the bridge is still well")


def hang(checks):
    """The room takes nothing, and the bridge holds no more than it has to; it can be ended all the same."""
    with bridge("hang") as process:
        process.event("connected")
        written = fill(process.process.stdin.fileno(), 64 * 1024 * 1024)
        checks.that(written < 40 * 1024 * 1024, "a bridge whose room hangs stops reading", written)
        checks.equal(process.stop(), 0, "SIGTERM ends it")


def fill(descriptor, most):
    """Writes lines until nobody takes them for a while; gives how many bytes were taken."""
    os.set_blocking(descriptor, False)
    line = json.dumps({"topic": "lk-chat-topic", "payload_base64": "A" * 100_000}).encode() + b"\n"
    written, data, since = 0, line, time.monotonic()
    while written < most and time.monotonic() - since < 2:
        try:
            count = os.write(descriptor, data)
        except BlockingIOError:
            time.sleep(0.01)
            continue
        written, data, since = written + count, data[count:] or line, time.monotonic()
    return written


def flood(checks):
    """A room that floods and a reader that does not read: bounded, told, and in order."""
    with bridge("flood", reading=False) as process:
        checks.that(process.logs(b"flooded\n"), "the room floods")
        memory = resident(process.process.pid)
        checks.that(memory is None or memory < 400, "what waits does not grow without a bound (MB)", memory)
        process.read()
        seen, dropped, line = [], 0, {}
        while len(seen) + dropped < FLOOD and line is not None:
            line = process.next()
            if line and line.get("event") == "overflow":
                dropped += line["dropped"]
            elif line and "payload_base64" in line:
                seen.append(int(payload(line)))
        # Not earlier: as long as the queue is full, this packet too would be dropped and counted.
        process.publish("lk-chat-topic", b"after")
        while line is not None and line.get("payload_base64") != base64.b64encode(b"after").decode():
            line = process.next()
        checks.that(line is not None, "a packet after the flood comes out")
        checks.that(dropped > 0, "what was dropped is told", dropped)
        checks.equal(len(seen) + dropped, FLOOD, "and counted")
        checks.that(seen == sorted(set(seen)), "the rest is in order and comes once", seen[:5])
        checks.equal(process.stop(), 0, "it ends cleanly")
    with bridge("flood", reading=False) as process:
        process.logs(b"flooded\n")
        checks.equal(process.stop(), 0, "SIGTERM ends it although nobody reads")


def resident(process):
    """Megabytes of memory; `None` where the system does not say."""
    try:
        status = pathlib.Path(f"/proc/{process}/status").read_text()
    except OSError:
        return None
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def trouble(checks):
    """The reader goes away."""
    with bridge("echo") as process:
        process.event("connected")
        process.process.stdin.close()
        checks.equal(process.wait(), 0, "it ends when both of its ends are gone")

"""The simulator's hub and the bridge to it: several processes in one room."""

import socket
import sys

from lines import LineProcess, payload
from program import ROOT, simulator

TOPIC = "lk-chat-topic"


def run(checks):
    for part in (room, ends, stalled):
        with checks.guarded(f"hub: {part.__name__}"):
            part(checks)


def bridge(hub, identity, *more, reading=True):
    return LineProcess(
        [sys.executable, str(ROOT / "Bridges" / "hub"), "--hub", hub, "--room", "lobby", "--identity", identity, *more],
        reading=reading)


def room(checks):
    with simulator(service="livekit") as service:
        hub = service.facts["hub"]
        with bridge(hub, "alice") as alice, bridge(hub, "bob") as bob, bridge(hub, "ghost", "--hidden") as ghost:
            for one in (alice, bob, ghost):
                one.event("connected")
            bob.publish(TOPIC, "für alle 😀".encode(), reliable=False)
            for one in (alice, ghost):
                line = one.next()
                checks.equal(
                    (payload(line).decode(), line["identity"], line["topic"], line["reliable"], line["room"]),
                    ("für alle 😀", "bob", TOPIC, False, "lobby"), "a packet reaches everybody else")
            ghost.publish("lk.chat", b"boo", stream_id="s", attributes={"a": "1"}, destination_identities=["alice"])
            line = alice.next()
            checks.equal(
                (payload(line), line["identity"], line["stream_id"], line["attributes"]), (b"boo", None, "s", {"a": "1"}),
                "who is hidden has no name")
            bob.write(b"nonsense\n" + b"x" * 600_000 + b"\n")
            checks.equal([bob.next()["event"] for _ in range(2)], ["error", "error"], "bad lines are told")
            for number in range(300):
                bob.publish(TOPIC, str(number).encode())
            bob.process.stdin.close()
            checks.equal(bob.wait(), 0, "the end of the input is the bridge's end")
            got = [payload(alice.next()) for _ in range(300)]
            checks.equal(got, [str(number).encode() for number in range(300)], "and all that was written before arrives in order")
            checks.equal(alice.stop(), 0, "SIGTERM is a clean end")


def ends(checks):
    with simulator(service="livekit") as service:
        with bridge(service.facts["hub"], "alice") as alice:
            alice.event("connected")
            service.stop()
            checks.equal(alice.wait(), 1, "a hub that goes away ends the bridge, to be started again")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        hub = f"127.0.0.1:{free.getsockname()[1]}"
        with bridge(hub, "alice") as alice:
            checks.equal((alice.event("error")["event"], alice.wait()), ("error", 1), "a hub that is not there is told")
    with bridge("nonsense", "alice") as alice:
        checks.equal(alice.wait(), 2, "and so is an address that is none")


def stalled(checks):
    """One does not read; the others notice nothing."""
    with simulator(service="livekit") as service:
        hub = service.facts["hub"]
        with bridge(hub, "alice") as alice, bridge(hub, "bob") as bob, bridge(hub, "stalled", reading=False) as stuck:
            alice.event("connected")
            bob.event("connected")
            for number in range(3000):
                alice.publish(TOPIC, b"%d " % number + b"x" * 2000)
                if number % 100 == 99:
                    got = [int(payload(bob.next()).split()[0]) for _ in range(100)]
                    checks.equal(got, list(range(number - 99, number + 1)), "a hundred packets pass one who does not read")
            checks.equal(stuck.stop(), 0, "who does not read can be ended")
            alice.publish(TOPIC, b"end")
            checks.equal(payload(bob.next()), b"end", "and the room goes on")

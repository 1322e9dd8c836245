"""Joins a room of the simulator's hub and speaks JSON lines, as Bridges/livekit does for real rooms; it needs Python alone.

    python3 Bridges/hub --hub 127.0.0.1:PORT --room lobby --identity alice

The port is what `tidemark simulate --service livekit` says. It ends with 0 when its input ends or it gets SIGTERM, with 1 when
the hub can't be reached or hangs up.
"""

import argparse
import json
import os
import signal
import socket
import sys
import threading


def arguments():
    parser = argparse.ArgumentParser(
        prog="hub-bridge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hub", required=True, metavar="HOST:PORT")
    parser.add_argument("--room", required=True)
    parser.add_argument("--identity", required=True)
    parser.add_argument("--hidden", action="store_true", help="be seen by nobody; what is published then has no identity")
    given = parser.parse_args()
    host, _, port = given.hub.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        parser.error("--hub is of the form 127.0.0.1:4321")
    given.address = (host, int(port))
    return given


def carry(read, write, done):
    """Carries bytes until either side ends. Nothing is held: a side that does not read slows the other down."""
    try:
        while chunk := read(65536):
            view = memoryview(chunk)
            while view:
                view = view[write(view):]
    except OSError:
        pass
    done()


def fail(message):
    print(json.dumps({"event": "error", "message": message}), flush=True)
    return 1


def when_told_to_stop(act):
    """Acts in a thread of its own, so that no signal falls between two calls."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)

    def wait():
        os.read(reading, 1)
        act()

    threading.Thread(target=wait, daemon=True).start()


def main():
    given = arguments()
    when_told_to_stop(lambda: os._exit(0))
    # Nothing is handed to a bridge that says so, until it is in the room.
    print(json.dumps({"event": "connecting"}), flush=True)
    try:
        connection = socket.create_connection(given.address, timeout=10)
    except OSError:
        return fail("The hub can't be reached; is the simulator running?")
    connection.settimeout(None)
    join = {"room": given.room, "identity": given.identity, "hidden": given.hidden}
    connection.sendall(json.dumps(join).encode() + b"\n")

    left = threading.Event()

    def leave():
        left.set()
        try:
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        # The hub hangs up when it has read all that was published. It is not waited for any longer.
        threading.Timer(2, os._exit, (0,)).start()

    threading.Thread(
        target=carry, args=(lambda size: os.read(0, size), connection.send, leave), daemon=True).start()
    # The hub's lines, `connected` first, are this bridge's lines.
    carry(connection.recv, lambda view: os.write(1, view), lambda: None)
    os._exit(0 if left.is_set() else 1)


sys.exit(main())

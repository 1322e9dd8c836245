"""Joins a LiveKit room and speaks JSON lines: what others publish in its chat comes out on standard output, a packet a line,
and each line on standard input is published.

    LIVEKIT_TOKEN=… python3 Bridges/livekit --url wss://example.livekit.cloud

The token is read from a variable of the environment or from a file, never from the command line, which others can see.
Lines with an "event" are news: connecting, connected, reconnecting, reconnected, disconnected, overflow, error. It ends with 0 when its
input ends or it gets SIGTERM, with 1 when the room can't be joined or is lost, and with 2 for wrong arguments.
"""

import argparse
import asyncio
import logging
import os
import pathlib
import signal
import sys
import threading
import time

from lines import Input, Output

# How long leaving the room in good order may take.
STOP_SECONDS = 5


def arguments():
    parser = argparse.ArgumentParser(
        prog="livekit-bridge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default=os.environ.get("LIVEKIT_URL"), help="the server, ws or wss (default $LIVEKIT_URL)")
    parser.add_argument("--token-env", default="LIVEKIT_TOKEN", metavar="NAME", help="the variable with the access token")
    parser.add_argument("--token-file", metavar="FILE", help="a file with the access token")
    given = parser.parse_args()
    if not given.url:
        parser.error("say where the room is with --url or LIVEKIT_URL")
    if given.token_file:
        try:
            given.token = pathlib.Path(given.token_file).read_text().strip()
        except (OSError, UnicodeDecodeError):
            parser.error("the file that --token-file names can't be read")
    else:
        given.token = os.environ.get(given.token_env, "").strip()
    if not given.token:
        parser.error(f"there is no access token; put one into {given.token_file or given.token_env}")
    return given


class Redacting(logging.Formatter):
    """The SDK can log addresses, and the token stands in some of them."""

    def __init__(self, token):
        super().__init__("%(levelname)s %(name)s: %(message)s")
        self._token = token

    def format(self, record):
        return super().format(record).replace(self._token, "…")


def when_told_to_stop(act):
    """Acts in a thread of its own: that needs no turn of a loop, and no signal falls between two calls."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)

    def wait():
        os.read(reading, 1)
        act()

    threading.Thread(target=wait, daemon=True).start()


async def bridge(url, token, output):
    """Runs until the input ends, a signal comes or the room is lost; gives the exit code."""
    # Nothing is handed to a bridge that says so, until it is in the room; loading the SDK and joining take a while.
    output.event("connecting")
    # Here, so that wrong arguments and --help need no SDK.
    from livekit import rtc
    from room import RoomBridge

    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()

    def stop():
        loop.call_soon_threadsafe(stopped.set)
        # A room that floods can keep the loop from ever looking at this.
        time.sleep(STOP_SECONDS)
        os._exit(0)

    when_told_to_stop(stop)
    room = rtc.Room()
    connection = RoomBridge(room, output)
    connecting = asyncio.ensure_future(room.connect(url, token, rtc.RoomOptions(auto_subscribe=False)))
    stopping = asyncio.ensure_future(stopped.wait())
    await asyncio.wait({connecting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not connecting.done():
        return 0
    if connecting.exception():
        # The SDK's text can hold the address with the token.
        output.event("error", message=f"The room can't be joined ({type(connecting.exception()).__name__}).")
        return 1
    output.event("connected", room=room.name, identity=room.local_participant.identity)
    publishing = asyncio.ensure_future(publish(connection, Input(loop)))
    losing = asyncio.ensure_future(connection.lost.wait())
    await asyncio.wait({publishing, stopping, losing}, return_when=asyncio.FIRST_COMPLETED)
    code = 1 if connection.lost.is_set() else 0
    try:
        await asyncio.wait_for(room.disconnect(), STOP_SECONDS)
    except Exception:  # it ends whether the room lets go of it or not
        pass
    return code


async def publish(connection, lines):
    while True:
        try:
            line = await lines.next()
        except EOFError:
            return
        await connection.publish(line)


def main():
    given = arguments()
    log = logging.StreamHandler(sys.stderr)
    log.setFormatter(Redacting(given.token))
    logging.basicConfig(handlers=[log], level=logging.WARNING)
    # Standard output belongs to the lines: what a library prints goes to the log.
    lines = os.dup(1)
    os.dup2(2, 1)
    output = Output(lines)
    try:
        code = asyncio.run(bridge(given.url, given.token, output))
    except ImportError:
        output.event("error", message="The package livekit is missing; pip install -r Bridges/livekit/requirements.txt")
        code = 1
    output.end()
    # A reader that does not read, or the SDK's threads, must not keep it.
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()

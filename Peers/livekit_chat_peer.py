"""LiveKit's `ChatManager`, two of them in one room of the simulator."""

import json
import pathlib
import subprocess

from program import simulator

HERE = pathlib.Path(__file__).resolve().parent
# It needs a release of the SDK that does not go together with today's.
PYTHON = HERE / ".venv-chat" / "bin" / "python"


def run(checks):
    with simulator(service="livekit") as service:
        done = subprocess.run(
            [PYTHON, HERE / "livekit_chat_rooms.py", json.dumps(service.facts)], stdout=subprocess.PIPE, text=True, timeout=300)
    lines = done.stdout.splitlines()
    for line in lines[:-1]:
        print(line)
    if checks.that(done.returncode == 0 and lines, "the chat managers ran to their end", done.returncode):
        told = json.loads(lines[-1])
        checks.count += told["count"]
        checks.failed += told["failed"]

"""python-socketio 4.6.1, the reference of the protocol's version, against the simulator's sockets."""

import json
import pathlib
import subprocess

from program import simulator

HERE = pathlib.Path(__file__).resolve().parent
# Later releases speak another version of the protocol.
PYTHON = HERE / ".venv-avaya" / "bin" / "python"


def run(checks):
    with simulator(service="avaya") as service:
        done = subprocess.run(
            [PYTHON, HERE / "avaya_socket_clients.py", json.dumps(service.facts)], stdout=subprocess.PIPE, text=True, timeout=300)
        checks.equal(service.stop(), 0, "SIGTERM ends the simulator in good order, sockets and all")
    lines = done.stdout.splitlines()
    for line in lines[:-1]:
        print(line)
    if checks.that(done.returncode == 0 and lines, "the socket clients ran to their end", done.returncode):
        told = json.loads(lines[-1])
        checks.count += told["count"]
        checks.failed += told["failed"]

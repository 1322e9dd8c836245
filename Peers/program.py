"""Starts and runs the program under test."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("TIDEMARK", str(ROOT / ".build" / "debug" / "tidemark"))
RECORDINGS = pathlib.Path(os.environ.get("TIDEMARK_RECORDINGS") or ROOT.parent / "shared" / "recordings")
SPECS = pathlib.Path(os.environ.get("TIDEMARK_SPECS", ROOT.parent / "shared" / "specs"))


class Simulator:
    """A running `tidemark simulate`, with what its first line says."""

    def __init__(self, process, line):
        self.process = process
        self.facts = json.loads(line)
        self.url = self.facts["url"]
        self.accounts = self.facts["accounts"]

    def stop(self):
        """Asks it to end; gives its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@contextlib.contextmanager
def simulator(*options, service="azure"):
    process = subprocess.Popen(
        [PROGRAM, "simulate", "--service", service, "--port", "0", *options], stdout=subprocess.PIPE, text=True)
    try:
        started = Simulator(process, process.stdout.readline())
        yield started
        started.stop()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def tidemark(*arguments, environment=None):
    """Runs one command to its end: (exit code, standard output, standard error)."""
    done = subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})})
    return done.returncode, done.stdout, done.stderr

"""One process of `tidemark`, which is killed at a moment that was drawn, or ends."""

import os
import signal
import subprocess
import threading
import time

# Nothing of what is run here takes longer by itself.
LONGEST = 150.0
SECRET = "TIDEMARK_CRASH_SECRET"


class Moment:
    """When it is struck: `seconds` after its start, or after the store's log grew for the `growth`th time."""

    def __init__(self, seconds, growth=0):
        self.seconds, self.growth = seconds, growth

    def wait(self, process, store):
        """Returns whether the process was still there when the moment came."""
        if self.growth:
            self._watch(process, store)
        try:
            process.wait(timeout=max(0.0, self.seconds))
            return False
        except subprocess.TimeoutExpired:
            return True

    def _watch(self, process, store):
        log, sizes, began = f"{store}-wal", set(), time.monotonic()
        while len(sizes) < self.growth + 1 and process.poll() is None and time.monotonic() - began < 2:
            try:
                sizes.add(os.stat(log).st_size)
            except OSError:
                sizes.add(0)
            time.sleep(0.0004)


class Run:
    """A finished process: what it said, how long it took, whether it was killed."""

    def __init__(self, tidemark, store, arguments, secret, moment=None):
        self.arguments = arguments
        began = time.monotonic()
        process = start(tidemark, store, arguments, secret)
        self.pid = process.pid
        # The pipes are read from the start: a full one would hold the process up.
        reader = threading.Thread(target=self._read, args=(process,))
        reader.start()
        if moment and moment.wait(process, store):
            process.kill()
        try:
            process.wait(timeout=LONGEST)
            self.isHung = False
        except subprocess.TimeoutExpired:
            self.isHung = True
            process.kill()
            process.wait()
        reader.join()
        self.seconds = time.monotonic() - began
        self.code = process.returncode
        self.isKilled = self.code == -signal.SIGKILL and not self.isHung
        self.trapped = self.code < 0 and not self.isKilled or self.isHung

    def _read(self, process):
        self.output, self.errors = process.communicate()


def start(tidemark, store, arguments, secret, environment=None):
    environment = dict(os.environ, **{SECRET: secret}, **(environment or {}))
    return subprocess.Popen(
        [str(tidemark), *arguments, "--store", str(store), "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=environment)

"""A program that speaks JSON lines on its standard input and output."""

import base64
import json
import queue
import signal
import subprocess
import threading


class LineProcess:
    """Starts it; `next()` waits for its lines. Everything that waits has a limit, so that a program that hangs is a finding."""

    def __init__(self, arguments, environment=None, reading=True):
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        self._lines = queue.Queue()
        if reading:
            self.read()
        self.log = []
        self._logged = threading.Condition()
        self._log = threading.Thread(target=self._read_log, daemon=True)
        self._log.start()

    def read(self):
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def _read_log(self):
        for line in self.process.stderr:
            with self._logged:
                self.log.append(line)
                self._logged.notify_all()

    def logs(self, line, seconds=60):
        """Waits until it has logged a line; gives whether it did."""
        with self._logged:
            return self._logged.wait_for(lambda: line in self.log, seconds)

    def send(self, fields):
        self.write(json.dumps(fields).encode() + b"\n")

    def publish(self, topic, payload, **more):
        self.send({"topic": topic, "payload_base64": base64.b64encode(payload).decode(), "identity": None, **more})

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def next(self, seconds=20):
        """The next line; `None` at the end."""
        return self._lines.get(timeout=seconds)

    def event(self, name, seconds=20):
        """Skips to an event of this name."""
        while (line := self.next(seconds)) is not None:
            if line.get("event") == name:
                return line
        raise AssertionError(f"it ended without {name}: {b''.join(self.log)[-300:]!r}")

    def rest(self):
        lines = []
        while (line := self.next()) is not None:
            lines.append(line)
        return lines

    def stop(self):
        """Asks it to end; gives its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self, seconds=20):
        """Its exit code; it is killed if it does not end."""
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._log.join(5)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except OSError:
                pass


def payload(line):
    return base64.b64decode(line["payload_base64"])

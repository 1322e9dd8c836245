"""A running `tidemark simulate` that keeps its state in a file, so that its faults end with a restart."""

import json
import signal
import subprocess


class Service:
    def __init__(self, tidemark, folder, seed):
        self.tidemark, self.state, self.seed, self.port, self.process = tidemark, folder / "service.json", seed, 0, None

    def start(self, faults=""):
        """Serves what the last one kept, on the same port, with other faults."""
        command = [str(self.tidemark), "simulate", "--service", "azure", "--port", str(self.port), "--seed", str(self.seed)]
        command += ["--state", str(self.state)] + (["--faults", faults] if faults else [])
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the simulator did not start on port {self.port}")
        told = json.loads(line)
        self.port, self.url, self.users = told["port"], told["url"], told["accounts"]
        self.connection_string = told["connectionString"]
        return self

    def stop(self):
        """Ends it in good order: its state is in the file then."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process = None

    def history(self):
        """What it has accepted, once it is stopped: everything that a judge wants to know, by no code of the engine."""
        return History(json.loads(self.state.read_text()))


class History:
    """The raw history of the service: each message with all the writes that were accepted of it."""

    TOKEN, MARKER = "tidemarkToken", "tidemarkEdit"

    def __init__(self, state):
        self.faults = state["faults"]["struck"]
        self.arrivals = state["arrivals"]
        self.threads = {thread["id"]: thread for thread in state["simulator"]["threads"]}
        # By token; by topic: the threads that began with it, and those that bore it at some time.
        self.copies, self.markers, self.made, self.renames = {}, {}, {}, {}
        for thread in self.threads.values():
            for message in thread["messages"]:
                self._take(thread, message)
            first = next((message["topic"] for message in thread["messages"] if message["kind"] == "topicUpdated"), None)
            self.made.setdefault(first, []).append(thread["id"])

    def _take(self, thread, message):
        if message["kind"] == "topicUpdated":
            self.renames.setdefault(message.get("topic"), []).append(thread["id"])
        for change in message["changes"]:
            metadata = change["metadata"]
            if change["kind"] == "create" and self.TOKEN in metadata:
                self.copies.setdefault(metadata[self.TOKEN], []).append((thread["id"], message))
            if self.MARKER in metadata:
                self.markers.setdefault(metadata[self.MARKER], []).append(message["id"])

    def live(self, thread):
        """(id, text) of what people wrote and nobody deleted, in order of creation."""
        messages = self.threads[thread]["messages"] if thread in self.threads else []
        return [
            (str(message["id"]), message["content"]) for message in messages
            if message["kind"] in ("text", "html") and message.get("deletedAt") is None]

"""One store whose syncing process is stopped, and the process that takes over."""

import signal
import time

from .judge import lines
from .program import Moment, Run, start
from .story import Story

# The quarantine of Azure, in seconds.
Q = 20.0
# Longer than a lease, a request's limit, a quarantine and a look-up.
MOST = 150.0
# From SIGCONT to the arrival of what was about to be written; a token that was refused takes longer to be fetched anew.
AT_ONCE = 0.1
VIEWS = (["conversations"], ["outbox"], ["timeline", "c1"])


class Stop:
    def __init__(self, number, seed, folder, tidemark, service):
        self.story, self.tidemark, self.service = Story(number, f"stop/{seed}", folder), tidemark, service
        self.random = self.story.random
        self.faults, self.views, self.writes = [], [], []
        self.phase, self.ending, self.code, self.taken, self.done = "ended too soon", "", None, None, None
        self.holder, self.stoppedAt, self.resumedAt, self.onTheWay = None, 0.0, 0.0, set()

    def program(self, arguments):
        return Run(self.tidemark, self.story.store, arguments, self.story.secret(self.service))

    def run(self, gate):
        """`gate` lets few begin at once: who has to share the processor mostly stands still in the middle of a transaction."""
        with gate:
            self._prepare()
            for _ in range(6):
                if self._stop():
                    break
                self._send(4)
            else:
                return
        try:
            self._standStill()
        finally:
            self.end()
        self.settle(time.monotonic() + MOST)

    def _prepare(self):
        self.program(self.story.enter(self.service))
        for _ in range(2):
            self._write("create")
        self.settle(time.monotonic() + MOST)
        self._send(6)

    def _send(self, count):
        for _ in range(count):
            self._write("send")
        edit = self.story.act("edit")
        if edit:
            self.program(edit.arguments(self.story))
            self.story.look()

    def _write(self, verb):
        """Returns the run of a write; it is looked for in the store later, whatever it said."""
        act = self.story.act(verb)
        run = self.program(act.arguments(self.story))
        act.wasSaid = run.code == 0
        self.story.look()
        return run

    # The stop

    def _stop(self):
        """Stops a sync at a moment of its usual length, or just after one of its commits. False: it had ended."""
        moment = Moment(self.random.uniform(0.1, 2.5))
        if self.random.random() < 0.2:
            moment = Moment(self.random.uniform(0, 0.08), growth=self.random.randint(2, 9))
        self.holder = start(
            self.tidemark, self.story.store, ["sync", "--deadline", "60s"], self.story.secret(self.service))
        if not moment.wait(self.holder, self.story.store):
            self.holder.communicate()
            return False
        self.holder.send_signal(signal.SIGSTOP)
        self.stoppedAt = time.time()
        time.sleep(0.05)
        snapshot = self.story.look()
        self.phase = snapshot.phase(self.holder.pid)
        self.heldUntil = snapshot.leaseEnd() if self.phase not in ("no lease", "gave it back") else time.time()
        self.attemptEnd = snapshot.deadline / 1000
        self.onTheWay = {
            token for token, intent in snapshot.intents.items() if intent["state"] == "transmitting" and intent["verb"] == "send"}
        return True

    # While it stands still

    def _standStill(self):
        """Views and writes go on, another process takes over at the lease's end, and at some time the first goes on."""
        # Mostly it wakes when all is over; else at some time before, perhaps in time to keep its lease.
        wakesAt = time.time() + self.random.uniform(3, 55) if self.random.random() < 0.35 else None
        until, other, looksAt, triesAt = time.monotonic() + MOST, None, 0.0, self.heldUntil
        run = self._write("send")
        self.writes.append(run.seconds)
        if run.code != 0:
            if '"busy"' not in run.output + run.errors:
                self.faults.append(f"{self.story.name}: a write beside the stopped process failed: {run.output}{run.errors}")
            self.phase = "in a transaction"
            self.writes.pop()
            self._look(len(VIEWS))
            self.ending = "nobody could write until it went on"
            return self._wake()
        early = self.program(["sync", "--deadline", "1s"])
        if self.heldUntil > time.time() + 1 and early.code != 75:
            self.faults.append(f"{self.story.name}: a sync beside the holder ended with {early.code}: {early.errors[-200:]}")
        while time.monotonic() < until:
            if wakesAt and time.time() >= wakesAt and not self.resumedAt:
                self.ending = "it went on before the lease's end" if time.time() < self.heldUntil else "it went on meanwhile"
                self._wake()
            if time.time() >= looksAt:
                self._look(1)
                looksAt = time.time() + self.random.uniform(3, 6)
            if other is None and time.time() >= triesAt:
                other = start(self.tidemark, self.story.store, ["sync", "--deadline", "60s"], self.story.secret(self.service))
            if other is not None and other.poll() is not None:
                other.communicate()
                if other.returncode == 0:
                    break
                other, triesAt = None, time.time() + 0.5
            time.sleep(0.05)
        else:
            if other is not None:
                other.kill()
                other.communicate()
            self.faults.append(f"{self.story.name}: nobody had taken over and settled all {MOST:.0f} s after the stop")
        self._measure()
        if not self.resumedAt:
            self.ending = "it went on when all was over"
            self._wake()

    def _look(self, count):
        for view in self.random.sample(VIEWS, count):
            run = self.program(view)
            self.views.append(run.seconds)
            if run.code != 0:
                self.faults.append(f"{self.story.name}: {view[0]} failed beside the stopped process: {run.errors[-200:]}")

    def _measure(self):
        """How soon the lease was taken and how soon all was settled, by the store's own journal."""
        snapshot = self.story.look()
        taken = [at / 1000 for at in snapshot.takeovers if at / 1000 >= self.stoppedAt]
        if not taken:
            return
        self.taken = taken[0] - self.heldUntil
        settled = [intent["settledAt"] / 1000 for intent in snapshot.intents.values() if intent["settledAt"]]
        self.done = max(0.0, max(settled) - max(self.heldUntil, self.attemptEnd))

    def _wake(self):
        self.resumedAt = time.time()
        self.holder.send_signal(signal.SIGCONT)

    def end(self):
        """The stopped one goes on and ends by itself."""
        if self.holder is None or self.code is not None:
            return
        if self.holder.poll() is None and not self.resumedAt:
            self._wake()
        try:
            _, errors = self.holder.communicate(timeout=100)
        except Exception:
            self.faults.append(f"{self.story.name}: the process that was stopped did not end after it went on")
            self.holder.kill()
            _, errors = self.holder.communicate()
        self.code = self.holder.returncode
        if self.code not in (0, 4, 75):
            self.faults.append(f"{self.story.name}: the process that was stopped ended with {self.code}: {errors[-300:]}")

    def settle(self, until):
        """Syncs until nothing is left to send."""
        while time.monotonic() < until:
            code = self.program(["sync", "--deadline", "30s"]).code
            if code == 0 and not lines(self.program(["outbox"]).output):
                self.story.look()
                return
            time.sleep(1)
        self.faults.append(f"{self.story.name}: it did not come to rest")

    def isInWindow(self, token, history):
        """Whether two copies of it are what a check can't prevent: it was on its way when its process was stopped, and one of
        them arrived the moment that process went on. One that came later had not been checked right before it was written."""
        late = [message["id"] / 1000 - self.resumedAt for _, message in history.copies[token]]
        late = [seconds for seconds in late if seconds >= 0]
        return token in self.onTheWay and len(late) == 1 and late[0] < AT_ONCE

"""SIGKILL at random moments, then faults off, then the reckoning."""

import threading
import time

from .judge import Judge, lines
from .program import Moment, Run
from .service import Service
from .story import Story
from .tally import Tally

FAULTS = (
    "drop-request=0.03,drop-response=0.05,late=0.02,late-by=2s,status-401=0.01,status-429=0.01,status-503=0.02,"
    "applied-503=0.02,applied-504=0.02,truncated=0.02,malformed=0.01,early-404=0.02,delay=40ms")
KILLED = 0.6
# Long enough for the last lease, a request's limit, a quarantine and a look-up, with backoff.
MOST_SETTLING = 240.0
WORKERS = 4


class Kills:
    def __init__(self, tidemark, folder, runs, seed):
        self.tidemark, self.folder, self.runs, self.seed = tidemark, folder, runs, seed
        self.service = Service(tidemark, folder, seed)
        self.tally, self.faults, self.begun = Tally(), [], 0
        self.lock = threading.Condition()
        count = max(4, min(60, runs // 6))
        self.stories = [Story(number, seed, folder) for number in range(count)]

    def run(self):
        began = time.monotonic()
        self.service.start(FAULTS)
        try:
            self._people()
            self._each(self._work)
            struck = time.monotonic() - began
            self.service.stop()
            self.struck = self.service.history().faults
            self.service.start()
            self._settle()
            # Once more: by now every other store has sent all it had, and each must have read it.
            self._settle()
            settled = time.monotonic() - began - struck
            timelines = {story.name: self._timelines(story) for story in self.stories}
        finally:
            self.service.stop()
        self._judge(timelines)
        print(f"  {struck:.0f} s of kills, {settled:.0f} s until quiet; seed {self.seed}", flush=True)
        return self.faults

    def _people(self):
        """Two stores each for the four users that there are; every other store makes a user of its own."""
        users = self.service.users
        for number, story in enumerate(self.stories[: 2 * len(users)]):
            story.user = number % len(users)
            if number < len(users):
                story.friends = [f"{users[(number + 1) % len(users)]['id']},history=2026-01-01"]

    # The kills

    def _each(self, work):
        workers = [threading.Thread(target=work) for _ in range(WORKERS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def _work(self):
        while (story := self._take()) is not None:
            try:
                self._turn(story)
            except Exception as error:
                self._fault(f"{story.name}: the test itself failed: {error!r}")
                self.begun = self.runs
            with self.lock:
                story.isBusy = False
                self.lock.notify_all()

    def _take(self):
        """The store that waits longest. One whose lease was left behind has to wait for its end before it syncs again."""
        with self.lock:
            while self.begun < self.runs:
                idle = [story for story in self.stories if not story.isBusy]
                story = min(idle, key=lambda story: story.readyAt, default=None)
                wait = story.readyAt - time.time() if story else 1.0
                if wait <= 0:
                    story.isBusy = True
                    self.begun += 1
                    return story
                self.lock.wait(timeout=min(1.0, wait))
            return None

    def _moment(self, story, verb):
        """Anywhere in its usual length, or just after one of its commits."""
        draw = story.random
        # The beginning is short: what comes after it is what there is more to learn of.
        if draw.random() >= (KILLED if story.own("create") else KILLED / 2):
            return None
        if draw.random() < 0.4:
            return Moment(draw.uniform(0, 0.004), growth=draw.randint(1, 3 if verb in ("open", "send", "create") else 8))
        return Moment(draw.uniform(0, 1.1) * self.tally.length(verb))

    def _turn(self, story):
        verb, act = story.next()
        if verb == "open":
            arguments = story.enter(self.service)
        elif verb == "reconcile":
            arguments = ["reconcile", "--all"]
        elif verb.startswith("sync"):
            arguments = ["sync", "--deadline", f"{story.random.randint(1, 5)}s"]
            arguments += story.random.choice([[], [], ["--quick"], ["--page-size", "3"]])
        else:
            arguments = act.arguments(story) + (["--sync"] if verb.endswith("--sync") else [])
        beside = self._beside(story, act) if verb == "sync beside send" else None
        verb = "sync" if beside else verb
        run = self._run(story, arguments, self._moment(story, verb))
        if beside:
            beside[0].join()
        former, snapshot = story.snapshot, story.look()
        self._note(story, verb, run, None if beside else act, former)
        if beside:
            self._note(story, "send", beside[1][0], act, former)
        if snapshot.fault:
            self._fault(f"{story.name}: after {verb}: {snapshot.fault}")
        story.readyAt = time.time()
        if story.wantsLease and story.random.random() < 0.9:
            story.readyAt = max(story.readyAt, snapshot.leaseEnd())

    def _run(self, story, arguments, moment=None):
        return Run(self.tidemark, story.store, arguments, story.secret(self.service), moment)

    def _beside(self, story, act):
        """Somebody writes while the other process syncs."""
        with self.lock:
            self.begun += 1
        result, moment, pause = [], self._moment(story, "send"), story.random.uniform(0, 0.3)

        def write():
            time.sleep(pause)
            result.append(self._run(story, act.arguments(story), moment))

        thread = threading.Thread(target=write)
        thread.start()
        return thread, result

    def _note(self, story, verb, run, act, former):
        if run.trapped:
            end = "did not end" if run.isHung else f"ended by signal {-run.code}"
            self._fault(f"{story.name}: {' '.join(run.arguments[:2])} {end}: {run.errors[-300:]}")
        # Who reads everything again stops at an answer that was spoiled; a sync goes round it.
        isSpoiled = verb == "reconcile" and '"unreadable"' in run.errors
        if run.code not in (0, 3, 4, 75) and not run.isKilled and not isSpoiled:
            self._fault(f"{story.name}: {' '.join(run.arguments)} failed ({run.code}): {run.output[-200:]}{run.errors[-300:]}")
        phase = story.snapshot.phase(run.pid) if "sync" in verb else None
        if act is not None:
            act.wasSaid = act.wasSaid or any(line.get("token") == act.token for line in lines(run.output))
            isDurable = act.token in story.snapshot.tokens
            if run.isKilled:
                story.repeatMaybe(act)
            elif not isDurable:
                self._fault(f"{story.name}: {' '.join(run.arguments)} was refused ({run.code}): {run.errors[-300:]}")
        else:
            isDurable = {
                "open": story.snapshot.hasAccount, "reconcile": story.snapshot.requests > former.requests,
            }.get(verb, phase != "no lease")
        ending = "ended" if not run.isKilled else "killed after" if isDurable else "killed before"
        with self.lock:
            self.tally.add(verb, run, ending, phase)

    def _fault(self, sentence):
        with self.lock:
            self.faults.append(sentence)

    # Quiet

    def _settle(self):
        """Each store syncs whenever something of it falls due, until its outbox is empty."""
        for story in self.stories:
            if not story.snapshot.hasAccount:
                self._note(story, "open", self._run(story, story.enter(self.service)), None, story.look())
        self.waiting = {story.name: story for story in self.stories}
        for story in self.waiting.values():
            story.readyAt = max(time.time(), story.snapshot.leaseEnd())
        self.until = time.monotonic() + MOST_SETTLING
        self._each(self._settleSome)
        for story in self.waiting.values():
            self._fault(f"{story.name}: it did not come to rest within {MOST_SETTLING:.0f} s")

    def _settleSome(self):
        while self.waiting and time.monotonic() < self.until:
            with self.lock:
                due = [story for story in self.waiting.values() if not story.isBusy and story.readyAt <= time.time()]
                story = min(due, key=lambda story: story.readyAt, default=None)
                if story:
                    story.isBusy = True
            if story is None:
                time.sleep(0.05)
                continue
            self._settleOne(story)
            with self.lock:
                story.isBusy = False

    def _settleOne(self, story):
        run = self._run(story, ["sync", "--deadline", "1s"])
        snapshot = story.look()
        if run.trapped:
            self._fault(f"{story.name}: the last sync ended with {run.code}: {run.errors[-300:]}")
        outbox = self._run(story, ["outbox"])
        isQuiet = run.code == 0 and not lines(outbox.output) and not snapshot.open
        needsPerson = run.code == 3
        if needsPerson:
            self._fault(f"{story.name}: it asks a person: {outbox.output[:600]}")
        if isQuiet or needsPerson:
            with self.lock:
                del self.waiting[story.name]
        ends = [intent["quarantineUntil"] / 1000 for intent in snapshot.open if intent["state"] == "inDoubt"]
        story.readyAt = max(time.time() + 1, snapshot.leaseEnd(), min(ends, default=0))

    def _timelines(self, story):
        story.look()
        shown = {}
        for conversation in sorted(story.snapshot.conversations):
            shown[conversation] = lines(self._run(story, ["timeline", f"c{conversation}", "--limit", "1000"]).output)
        return shown

    def _judge(self, timelines):
        history = self.service.history()
        judge = Judge(history)
        for story in self.stories:
            judge.judge(story, timelines[story.name])
        judge.nowhere(self.stories)
        self.faults += judge.faults
        self.tally.print()
        accepted = sum(len(story.accepted) for story in self.stories)
        print("  faults that struck: " + ", ".join(f"{name} {count}" for name, count in sorted(self.struck.items())))
        print(
            f"  {self.tally.total} processes on {len(self.stories)} stores, {self.tally.kills} killed; {accepted} intents accepted,"
            f" {judge.sends} of them sends: {judge.lost} lost, {judge.doubled} doubled, {judge.swapped} out of order")

"""SIGSTOP at a random moment, a second process that takes over, SIGCONT, and the reckoning."""

import threading
import time
from collections import Counter

from .judge import Judge, lines
from .program import Run
from .service import Service
from .stop import Q, Stop
from .tally import row

# A refused token is fetched anew between the claim and the write, and takes its time: there the check of the deadline counts.
FAULTS = "status-401=0.2,delay=300ms"
# What a view may take with the machine full of other processes; a lock would hold it up for as long as the holder stands still.
LONGEST_VIEW = 5.0
# From the end of the lease or of the attempt to the last confirmation: the quarantine, then the look-up and what waited.
LONGEST_TAKEOVER = Q + 20.0


class Stops:
    def __init__(self, tidemark, folder, count, seed):
        self.folder, self.seed, self.tidemark = folder, seed, tidemark
        self.service = Service(tidemark, folder, seed)
        self.stops = [Stop(number, seed, folder, tidemark, self.service) for number in range(count)]
        self.faults, self.gate = [], threading.Semaphore(2)

    def run(self):
        began = time.monotonic()
        self.service.start(FAULTS)
        try:
            threads = [threading.Thread(target=self._one, args=(stop,)) for stop in self.stops]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.service.stop()
            self.service.start()
            timelines = {stop.story.name: self._last(stop) for stop in self.stops}
        finally:
            for stop in self.stops:
                stop.end()
            self.service.stop()
        self._judge(timelines)
        print(f"  {time.monotonic() - began:.0f} s; seed {self.seed}", flush=True)
        return self.faults

    def _one(self, stop):
        try:
            stop.run(self.gate)
        except Exception as error:
            stop.faults.append(f"{stop.story.name}: the test itself failed: {error!r}")

    def _last(self, stop):
        """Without faults: what is left is sent, and what there is is read."""
        stop.settle(time.monotonic() + 90)
        return {
            conversation: lines(stop.program(["timeline", f"c{conversation}", "--limit", "1000"]).output)
            for conversation in sorted(stop.story.look().conversations)}

    def _judge(self, timelines):
        judge = Judge(self.service.history())
        inside = 0
        for stop in self.stops:
            self.faults += stop.faults
            judge.folded = set()
            judge.isFoldAllowed = lambda token, stop=stop: stop.isInWindow(token, judge.history)
            judge.judge(stop.story, timelines[stop.story.name])
            inside += len(judge.folded)
        judge.nowhere([stop.story for stop in self.stops])
        self.faults += judge.faults
        self._print(judge, inside)

    def _print(self, judge, inside):
        phases, resumed = Counter(stop.phase for stop in self.stops), Counter(stop.ending for stop in self.stops)
        row("stopped", *phases)
        row("", *phases.values())
        print("  then: " + ", ".join(f"{ending}: {count}" for ending, count in sorted(resumed.items())))
        print("  exit codes of the stopped: " + ", ".join(
            f"{code}: {count}" for code, count in Counter(str(stop.code) for stop in self.stops).items()))
        taken = [stop.taken for stop in self.stops if stop.taken is not None]
        done = [stop.done for stop in self.stops if stop.done is not None]
        views = [seconds for stop in self.stops for seconds in stop.views]
        writes = [seconds for stop in self.stops for seconds in stop.writes]
        longest = lambda all: f"{max(all):.1f} s" if all else "none"
        print(f"  {len(taken)} takeovers, at the latest {longest(taken)} after the lease's end; all was settled at the latest"
              f" {longest(done)} after the end of the lease and of the attempt (Q is {Q:.0f} s)")
        print(f"  meanwhile {len(views)} views took {longest(views)} at most, {len(writes)} writes {longest(writes)}")
        print(f"  {judge.sends} sends: {judge.lost} lost, {judge.doubled} doubled, {judge.swapped} out of order; {inside} doubled"
              " between the check and the write and shown as one")
        if views and max(views) > LONGEST_VIEW:
            self.faults.append(f"a view took {max(views):.1f} s while the holder stood still")
        if done and max(done) > LONGEST_TAKEOVER:
            self.faults.append(f"a takeover was settled {max(done):.1f} s after the end of the lease and of the attempt")

"""Counts of what was struck and where, and the usual length of each verb."""

from collections import Counter, defaultdict, deque
from statistics import median

ENDINGS = ("ended", "killed before", "killed after")
PHASES = ("no lease", "held it", "a write on its way", "gave it back")


class Tally:
    def __init__(self):
        self.runs, self.phases, self.codes = defaultdict(Counter), defaultdict(Counter), Counter()
        self._lengths = defaultdict(lambda: deque(maxlen=40))

    def length(self, verb):
        """How long it takes as a rule, in seconds; a killed one never tells."""
        known = self._lengths[verb]
        return min(1.5, median(known)) if known else {"sync": 0.7, "reconcile": 0.7}.get(verb.split()[0], 0.1)

    def add(self, verb, run, ending, phase=None):
        self.runs[verb][ending] += 1
        if run.isKilled:
            if phase:
                self.phases[verb][phase] += 1
        else:
            self._lengths[verb].append(run.seconds)
            self.codes[run.code] += 1

    @property
    def total(self):
        return sum(counter.total() for counter in self.runs.values())

    @property
    def kills(self):
        return self.total - sum(counter["ended"] for counter in self.runs.values())

    def print(self):
        row("processes by verb", "runs", *ENDINGS)
        for verb in sorted(self.runs):
            row(verb, self.runs[verb].total(), *(self.runs[verb][ending] for ending in ENDINGS))
        row("all", self.total, *(sum(counter[ending] for counter in self.runs.values()) for ending in ENDINGS))
        print("  (before, after: a write before or after it was durable, a sync its lease, a reconcile its first request)")
        row("killed with the lease", *PHASES)
        for verb in sorted(self.phases):
            row(verb, *(self.phases[verb][phase] for phase in PHASES))
        print("  exit codes of those that ended: " + ", ".join(f"{code}: {self.codes[code]}" for code in sorted(self.codes)))


def row(*cells):
    print("  " + f"{cells[0]:<24}" + "".join(f"{cell:>20}" for cell in cells[1:]), flush=True)

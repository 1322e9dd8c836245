"""Counts what holds and what does not."""

import contextlib
import traceback


class Checks:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def that(self, holds, sentence, found=None):
        """One check. `found` is printed if it fails."""
        self.count += 1
        if not holds:
            self.failed += 1
            print(f"  FAILED: {sentence}" + ("" if found is None else f" (found {found!r})"), flush=True)
        return bool(holds)

    def equal(self, found, expected, sentence):
        return self.that(found == expected, f"{sentence}: expected {expected!r}", found)

    @contextlib.contextmanager
    def guarded(self, name):
        """What breaks inside is a failed check, and the rest goes on."""
        try:
            yield
        except Exception as error:  # a peer that breaks is a finding, whatever broke it
            self.that(False, f"{name} broke: {type(error).__name__}: {str(error)[:300]}")
            traceback.print_exc(limit=-3)

"""Runs all peers; the last line counts the checks of all of them."""

import sys

import azure_cli_peer
import azure_peer
from checks import Checks

checks = Checks()
for peer in (azure_peer, azure_cli_peer):
    print(peer.__doc__.splitlines()[0], flush=True)
    with checks.guarded(peer.__name__):
        peer.run(checks)
print(f"{checks.count} checks, {checks.failed} failed")
sys.exit(1 if checks.failed else 0)

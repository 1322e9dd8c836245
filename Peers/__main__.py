"""Runs all peers; the last line counts the checks of all of them."""

import sys

import avaya_rest_peer
import avaya_socket_peer
import azure_cli_peer
import azure_peer
import livekit_api_peer
import livekit_bridge_peer
import livekit_chat_peer
import livekit_engine_peer
import livekit_hub_peer
from checks import Checks

PEERS = (
    azure_peer, azure_cli_peer, livekit_api_peer, livekit_hub_peer, livekit_chat_peer, livekit_engine_peer, livekit_bridge_peer,
    avaya_rest_peer, avaya_socket_peer)
checks = Checks()

for peer in PEERS:
    print(peer.__doc__.splitlines()[0], flush=True)
    with checks.guarded(peer.__name__):
        peer.run(checks)
print(f"{checks.count} checks, {checks.failed} failed")
sys.exit(1 if checks.failed else 0)

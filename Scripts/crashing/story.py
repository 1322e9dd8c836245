"""One store and what its user does: what comes next is drawn from the seed, and from what was durable so far."""

import random
from dataclasses import dataclass

from .program import SECRET
from .snapshot import Snapshot

MOST_CONVERSATIONS = 4
# What a person writes, and how often.
WRITES = {"send": 52, "edit": 14, "delete": 8, "create": 8, "rename": 6, "read": 6, "send --sync": 6}
SYNCS = {"sync": 75, "sync beside send": 15, "reconcile": 10}


@dataclass
class Act:
    """Something a user asked for. Its token tells it in the store, and at the service."""

    verb: str
    token: str
    text: str = ""
    conversation: int = 0
    # The token of the send that it is about.
    target: str = ""
    # The program said that it was accepted.
    wasSaid: bool = False

    def arguments(self, story):
        """The command line; the conversation and the message by their local ids."""
        place = f"c{self.conversation}"
        message = f"m{story.snapshot.intents[self.target]['message']}" if self.target else ""
        return {
            "create": ["create", self.text, *story.company()], "send": ["send", place, self.text],
            "edit": ["edit", message, self.text], "delete": ["delete", message, "--yes"],
            "rename": ["rename", place, self.text], "read": ["read", place],
        }[self.verb] + ["--token", self.token]


class Story:
    def __init__(self, number, seed, folder):
        self.name, self.store = f"s{number:02}", folder / f"s{number:02}.sqlite"
        self.random = random.Random(f"{seed}/{number}")
        self.user = None
        self.snapshot = Snapshot(self.store)
        # In the order in which they became durable: the promises are about these.
        self.accepted, self.asked, self.again = [], [], None
        self.writesLeft, self.isBusy, self.readyAt = 0, False, 0.0
        self.friends = []

    # What is next

    def next(self):
        """("open", None), (a write's name, its act) or (a sync's name, the act beside it)."""
        if not self.snapshot.hasAccount:
            return "open", None
        if self.again is not None:
            act, self.again = self.again, None
            return act.verb, act
        if not self.own("create"):
            return "create", self.act("create")
        if self.writesLeft > 0:
            self.writesLeft -= 1
            name = self._draw(WRITES)
            act = self.act(name.split()[0]) or self.act("send")
            return (name if act.verb == name.split()[0] else "send"), act
        self.writesLeft = self.random.randint(1, 3)
        name = self._draw(SYNCS)
        return name, (self.act("send") if name == "sync beside send" else None)

    @property
    def wantsLease(self):
        """Whether what comes next waits for its turn at the service."""
        return self.snapshot.hasAccount and self.again is None and bool(self.own("create")) and self.writesLeft <= 0

    def _draw(self, weights):
        return self.random.choices(list(weights), list(weights.values()))[0]

    def act(self, verb):
        act = Act(verb, f"{self.name}-{len(self.asked)}")
        if verb in ("edit", "delete"):
            gone = {one.target for one in self.asked if one.verb == "delete"}
            sends = [one for one in self.own("send") if one.token not in gone]
            if not sends:
                return None
            # Mostly news: what is on its way while it is changed is the hard case.
            target = self.random.choice(sends[-4:] if self.random.random() < 0.7 else sends)
            act.target, act.conversation = target.token, target.conversation
        elif verb == "create":
            if len(self.own("create")) >= MOST_CONVERSATIONS:
                return None
        elif verb == "rename":
            act.conversation = self.snapshot.intents[self.random.choice(self.own("create")).token]["conversation"]
        else:
            act.conversation = self.random.choice(sorted(self.snapshot.conversations))
        act.text = f"{verb} {act.token}"
        self.asked.append(act)
        return act

    def own(self, verb):
        return [act for act in self.accepted if act.verb == verb]

    def company(self):
        return [part for friend in self.friends for part in ("--with", friend)]

    # What has become of it

    def look(self):
        """Reads what is durable now. Call it while nobody writes."""
        self.snapshot = Snapshot(self.store)
        known = {act.token for act in self.accepted}
        self.accepted += [act for act in self.asked if act.token in self.snapshot.tokens and act.token not in known]
        return self.snapshot

    def repeatMaybe(self, act):
        """A user who saw the program die asks for the same again, mostly: the same token does nothing twice."""
        if self.random.random() < 0.6:
            self.again = act

    # Who it is

    def enter(self, service):
        """The account's arguments: some share a user with another store, each of the others has one of its own."""
        arguments = ["account", "add", "me"]
        if self.user is None:
            return [*arguments, "--connection-string-env", SECRET]
        return [*arguments, "--endpoint", service.url, "--token-env", SECRET]

    def secret(self, service):
        return service.connection_string if self.user is None else service.users[self.user]["token"]

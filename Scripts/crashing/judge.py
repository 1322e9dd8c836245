"""Compares what the service really holds with what was accepted. It shares no code with the engine."""

import json


class Judge:
    """`isFoldAllowed(token)`: two copies of it are no fault, if they are shown as one."""

    def __init__(self, history, isFoldAllowed=lambda token: False):
        self.history, self.isFoldAllowed, self.faults, self.folded = history, isFoldAllowed, [], set()
        self.sends = self.lost = self.doubled = self.swapped = 0

    def judge(self, story, timelines):
        """`timelines`: what the views show, by the conversation's local id."""
        self.story = story
        if story.snapshot.fault:
            self._fault(story.snapshot.fault)
        for act in story.asked:
            if act.wasSaid and act.token not in story.snapshot.tokens:
                self._fault(f"{act.token} was said to be accepted and is not in the store")
        for intent in story.snapshot.open:
            self._fault(f"{intent['token']} ({intent['verb']}) is {intent['state']} for {intent['reason']}")
        for act in story.accepted:
            getattr(self, f"_{act.verb}", lambda act: None)(act)
        self._order()
        for conversation, entries in timelines.items():
            self._view(conversation, entries)

    def nowhere(self, stories):
        """What is at the service and was never accepted by any store."""
        known = {act.token for story in stories for act in story.accepted}
        for token in self.history.copies:
            if token not in known:
                self.story = None
                self._fault(f"{token} is at the service and no store has accepted it")

    def _fault(self, sentence):
        self.faults.append(f"{self.story.name}: {sentence}" if self.story else sentence)

    # The verbs

    def _send(self, act):
        self.sends += 1
        later = [one for one in self.story.accepted if one.target == act.token]
        isDeleted = any(one.verb == "delete" for one in later)
        texts = [act.text] + [one.text for one in later if one.verb == "edit"]
        copies = [message for _, message in self.history.copies.get(act.token, [])]
        live = [message for message in copies if message.get("deletedAt") is None]
        if not copies and not isDeleted:
            self.lost += 1
            self._fault(f"{act.token} is lost: it is not at the service")
        if len(copies) > 1:
            if self.isFoldAllowed(act.token):
                self.folded.add(act.token)
            else:
                self.doubled += 1
                self._fault(f"{act.token} is doubled: {len(copies)} copies, {[copy['id'] for copy in copies]}")
        if isDeleted and live:
            self._fault(f"{act.token} was deleted and lives on at the service")
        if not isDeleted and copies and not live:
            self._fault(f"{act.token} was deleted at the service and nobody asked for it")
        for message in [] if isDeleted else live:
            if message["content"] != texts[-1]:
                self._fault(f"{act.token} reads “{message['content']}” at the service and should read “{texts[-1]}”")
            if message["changes"][0]["content"] not in texts:
                self._fault(f"{act.token} was sent with a text that nobody wrote")

    def _edit(self, act):
        edited = self.history.markers.get(act.token, [])
        if len(edited) > 1 and not self.isFoldAllowed(act.target):
            self._fault(f"the edit {act.token} was done {len(edited)} times")

    def _create(self, act):
        # A rename of what never left changes what leaves.
        conversation = self.story.snapshot.intents[act.token]["conversation"]
        topics = [act.text] + [one.text for one in self.story.own("rename") if one.conversation == conversation]
        made = sum(len(self.history.made.get(topic, [])) for topic in topics)
        if made != 1:
            self.lost, self.doubled = self.lost + (made == 0), self.doubled + (made > 1)
            self._fault(f"the conversation {act.token} is at the service {made} times")

    def _rename(self, act):
        renames = [one for one in self.story.own("rename") if one.conversation == act.conversation]
        times = len(self.history.renames.get(act.text, []))
        isLast = renames[-1] is act
        if times > 1 or isLast and times == 0:
            self._fault(f"the topic of {act.token} was set {times} times")
        remote = self.story.snapshot.conversations[act.conversation]["remoteID"]
        if isLast and remote in self.history.threads and self.history.threads[remote]["topic"] != act.text:
            self._fault(f"{act.token} is not the topic at the service")

    # The whole

    def _order(self):
        """What one store wrote into one conversation has arrived in the order it was written in."""
        last = {}
        for act in self.story.own("send"):
            copies = self.history.copies.get(act.token)
            if not copies:
                continue
            sequence = min(message["changes"][0]["sequence"] for _, message in copies)
            if sequence < last.get(act.conversation, 0):
                self.swapped += 1
                self._fault(f"{act.token} arrived before one that was written earlier")
            last[act.conversation] = max(sequence, last.get(act.conversation, 0))

    def _view(self, conversation, entries):
        remote = self.story.snapshot.conversations[conversation]["remoteID"]
        there = self.history.live(remote)
        hidden = set()
        for token in self.folded:
            copies = sorted(str(message["id"]) for _, message in self.history.copies[token])
            hidden.update(copies[1:])
        there = [(message, text) for message, text in there if message not in hidden]
        here = [
            (entry["remoteID"], entry["text"]) for entry in entries
            if entry["deletedAt"] is None and entry["kind"] in ("text", "html")]
        if here != there:
            missing, extra = [one for one in there if one not in here], [one for one in here if one not in there]
            self._fault(
                f"c{conversation} shows another history than the service: missing {missing[:3]}, too many {extra[:3]}"
                + ("" if missing or extra else ", in another order"))


def lines(output):
    """JSON lines of a program that may have been killed while it wrote them."""
    found = []
    for line in output.splitlines():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found

"""Real socket.io clients on the simulator's sockets. Run with `python-socketio==4.6.1`.

    python avaya_socket_clients.py FACTS

FACTS is the first line of `tidemark simulate --service avaya`. The last line says how many checks there were and failed.
"""

import asyncio
import contextlib
import json
import sys

import aiohttp
import socketio

from checks import Checks

CHAT = "/chat"
LIMIT = 20
EVENTS = (
    "CHANNEL_SUBSCRIBED", "CHANNEL_UNSUBSCRIBED", "SUBSCRIBE_CHANNEL_FAILED", "MESSAGE_SENT", "SEND_MESSAGE_FAILED",
    "PRESENCE_EVENT_RESPONSE", "TOPIC_READ")
TEXTS = [
    "hello", "Grüße, 日本語, עברית", "😀 👨‍👩‍👧‍👦 🇩🇪", "she said \"hi\" \\ then\n\ttabbed", "\u2028 \u200b", "<p>two &amp; three</p>",
    "x" * 15_000, "é vs é",
]


class Client:
    """A connection, and what it was told."""

    def __init__(self, facts, token, scheme="jwt", reconnection=False, namespace=CHAT):
        self.url = f"{facts['socketURL']}/?token={token}&tokenType={scheme}"
        self.namespace = namespace
        self.told = asyncio.Queue()
        self.entered = asyncio.Event()
        self.refused = asyncio.Queue()
        self.ended = asyncio.Event()
        self.entries = 0
        self.sio = socketio.AsyncClient(reconnection=reconnection, reconnection_delay=0.1)
        self.sio.on("connect", self._enter, namespace=CHAT)
        self.sio.on("connect_error", self.refused.put, namespace=CHAT)
        self.sio.on("disconnect", self.ended.set, namespace="/")
        for event in EVENTS:
            self.sio.on(event, self._hear(event), namespace=CHAT)

    def _enter(self):
        self.entries += 1
        self.entered.set()

    def _hear(self, event):
        async def heard(payload):
            await self.told.put((event, payload))
        return heard

    async def connect(self):
        await self.sio.connect(self.url, transports=["websocket"], namespaces=[self.namespace])

    async def __aenter__(self):
        await self.connect()
        await asyncio.wait_for(self.entered.wait(), LIMIT)
        return self

    async def __aexit__(self, *_):
        await self.sio.disconnect()

    async def emit(self, event, payload, callback=None):
        await self.sio.emit(event, payload, namespace=CHAT, callback=callback)

    async def next(self, event, seconds=LIMIT):
        """Skips to an event of this name; gives its payload."""
        while True:
            name, payload = await asyncio.wait_for(self.told.get(), seconds)
            if name == event:
                return payload

    async def subscribe(self, space, **more):
        await self.emit("SUBSCRIBE_CHANNEL", {"channel": {"_id": space, "type": "topic", **more}})
        return await self.next("CHANNEL_SUBSCRIBED")

    async def send(self, space, text, **more):
        await self.emit(
            "SEND_MESSAGE", {"category": "chat", "topicId": space, "content": {"bodyText": text, "data": []}, **more})


class Rest:
    def __init__(self, facts, session, token):
        self.facts, self.session, self.fields = facts, session, {"Authorization": f"jwt {token}"}

    async def call(self, method, path, body=None):
        async with self.session.request(method, self.facts["url"] + path, json=body, headers=self.fields) as answer:
            return await answer.json()


async def forms(checks, facts, rest):
    space, token = facts["spaces"][0], facts["accounts"][0]["token"]
    for namespace in (CHAT, f"{CHAT}?token={token}&tokenType=jwt"):
        async with Client(facts, token, namespace=namespace) as client:
            facts_of_it = await client.subscribe(space)
            checks.equal(facts_of_it["channel"], {"_id": space, "type": "topic"}, f"subscribed after {namespace[:6]}")
            checks.that(facts_of_it["sessionId"] and facts_of_it["dtsid"], "with its session", facts_of_it)
            await client.emit("UNSUBSCRIBE_CHANNEL", {"channel": {"_id": space, "type": "topic"}})
            left = await client.next("CHANNEL_UNSUBSCRIBED")
            checks.equal(left["channel"]["_id"], space, "and it is left in order")


async def talk(checks, facts, rest):
    space = facts["spaces"][0]
    async with Client(facts, facts["accounts"][0]["token"]) as alice, Client(facts, facts["accounts"][1]["token"]) as bob:
        for one in (alice, bob):
            await one.subscribe(space)
        for number, text in enumerate(TEXTS):
            metadata = {"n": number, "deep": [None, 1.5, {"ä": True}]}
            await alice.send(space, text, loopbackMetadata=metadata)
            mine, theirs = await alice.next("MESSAGE_SENT"), await bob.next("MESSAGE_SENT")
            checks.equal(mine["loopbackMetadata"], metadata, "the sender gets its metadata back")
            checks.that("loopbackMetadata" not in theirs, "and nobody else does", theirs.keys())
            checks.equal(theirs["content"]["bodyText"], text, "a text arrives as it was sent")
            checks.equal(theirs["sender"]["_id"], facts["accounts"][0]["id"], "with its sender")
            checks.that(theirs["topicTitle"] and theirs["topicType"] == "group", "and its space", theirs)
        for number in range(100):
            await bob.send(space, str(number))
        heard = [(await alice.next("MESSAGE_SENT"))["content"]["bodyText"] for _ in range(100)]
        checks.equal(heard, [str(number) for number in range(100)], "a hundred arrive in order")
        await alice.emit("SEND_PRESENCE_EVENT", {"category": "party.typing", "topicId": space, "content": {}})
        typing = await bob.next("PRESENCE_EVENT_RESPONSE")
        checks.equal((typing["category"], typing["sender"]["_id"]), ("party.typing", facts["accounts"][0]["id"]), "typing arrives")


async def posted(checks, facts, rest):
    """What comes by REST is told on the sockets too, in frames above 16 KiB as well."""
    space = facts["spaces"][0]
    async with Client(facts, facts["accounts"][1]["token"]) as bob:
        await bob.subscribe(space)
        for size in (10, 20_000, 300_000):
            text = "ä" * size
            made = await rest.call("POST", f"/api/spaces/{space}/chats", {"content": {"bodyText": text}})
            told = await bob.next("MESSAGE_SENT")
            checks.that(told["content"]["bodyText"] == text, f"{size} characters arrive whole")
            checks.equal(told["_id"], made["data"][0]["_id"], "under the id of the answer")
        identity = made["data"][0]["_id"]
        await rest.call("PATCH", f"/api/messages/{identity}", {"_id": identity, "content": {"bodyText": "edited"}})
        checks.equal((await bob.next("MESSAGE_SENT"))["content"]["bodyText"], "edited", "an edit is told")
        await rest.call("POST", "/api/messages/deletemessages", [identity])
        checks.equal((await bob.next("MESSAGE_SENT"))["category"], "app.event.message.removed", "and a deletion")


async def failures(checks, facts, rest):
    space = facts["spaces"][0]
    async with Client(facts, facts["accounts"][0]["token"]) as alice:
        await alice.send(space, "unsubscribed", loopbackMetadata="m")
        failed = await alice.next("SEND_MESSAGE_FAILED")
        checks.equal(failed["category"], "app.event.channel.subscription.required", "who is not subscribed is told so")
        await alice.emit("SUBSCRIBE_CHANNEL", {"channel": {"_id": "0" * 24, "type": "topic"}})
        checks.equal((await alice.next("SUBSCRIBE_CHANNEL_FAILED"))["channel"]["_id"], "0" * 24, "a space that is none is told")
        await alice.subscribe(space)
        await alice.send(space, "y" * 17_000, loopbackMetadata="large")
        failed = await alice.next("SEND_MESSAGE_FAILED")
        checks.equal((failed["loopbackMetadata"], "error" in failed), ("large", True), "an event above 16 KB is refused")
        await alice.emit("NO_SUCH_EVENT", {"a": 1})
        await alice.send(space, "after it")
        checks.equal((await alice.next("MESSAGE_SENT"))["content"]["bodyText"], "after it", "and the connection goes on")


async def refusals(checks, facts, rest):
    stranger = Client(facts, "nonsense")
    await stranger.connect()
    reason = await asyncio.wait_for(stranger.refused.get(), LIMIT)
    checks.that(reason and not stranger.entered.is_set(), "a wrong token is refused with a reason", reason)
    await stranger.sio.disconnect()
    token = facts["accounts"][2]["token"]
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(Client(facts, token))
        fourth = Client(facts, token)
        await fourth.connect()
        reason = await asyncio.wait_for(fourth.refused.get(), LIMIT)
        checks.that(reason, "a fourth connection is refused", reason)
        await fourth.sio.disconnect()
    async with Client(facts, token):
        checks.that(True, "when they are gone there is room again")
    for transports in (["polling"], None):
        client = socketio.AsyncClient(reconnection=False)
        try:
            await client.connect(f"{facts['socketURL']}/?token={token}&tokenType=jwt", transports=transports, namespaces=[CHAT])
            checks.that(False, f"polling ({transports}) is refused")
            await client.disconnect()
        except socketio.exceptions.ConnectionError:
            checks.that(True, f"polling ({transports}) is refused")


async def acknowledgements(checks, facts, rest):
    """The default reading: an event that asks for one gets no acknowledgement, and works."""
    space = facts["spaces"][0]
    acknowledged = []
    async with Client(facts, facts["accounts"][0]["token"]) as alice:
        await alice.subscribe(space)
        await alice.emit(
            "SEND_MESSAGE", {"category": "chat", "topicId": space, "content": {"bodyText": "with an id"}},
            callback=lambda *_: acknowledged.append(1))
        checks.equal((await alice.next("MESSAGE_SENT"))["content"]["bodyText"], "with an id", "an event with an ack id is taken")
        await alice.send(space, "next")
        await alice.next("MESSAGE_SENT")
        checks.equal(acknowledged, [], "and not acknowledged")


async def others(checks, facts, rest):
    """A guest, and a user with an OAuth token."""
    space = facts["spaces"][1]
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{facts['url']}/api/anonymous/auth", data={"displayname": "Ann", "username": ""}) as answer:
            guest = (await answer.json())["token"]
        form = {
            "grant_type": "refresh_token", "refresh_token": facts["oauth"]["refreshToken"],
            "client_id": facts["oauth"]["clientID"], "client_secret": facts["oauth"]["clientSecret"]}
        async with session.post(f"{facts['accountsURL']}/oauth2/access_token", data=form) as answer:
            access = (await answer.json())["access_token"]
    async with Client(facts, guest) as ann, Client(facts, access, scheme="oauth") as alice:
        for one in (ann, alice):
            await one.subscribe(space)
        await ann.send(space, "I am new", sender={"_id": "whoever", "type": "user"})
        told = await alice.next("MESSAGE_SENT")
        checks.equal((told["sender"]["displayname"], told["sender"]["type"]), ("Ann", "anonymous"), "a guest is told as one")
        await alice.send(space, "welcome")
        await ann.next("MESSAGE_SENT")
        checks.equal((await ann.next("MESSAGE_SENT"))["sender"]["_id"], facts["accounts"][0]["id"], "OAuth's user is the account")


async def reconnecting(checks, facts, rest):
    """A connection that breaks is opened again; what was said meanwhile is in the listings and is not replayed."""
    space, token = facts["spaces"][0], facts["accounts"][3]["token"]
    client = Client(facts, token, reconnection=True)
    async with client as dave:
        await dave.subscribe(space)
        first = dave.sio.eio.sid
        client.entered.clear()
        await dave.sio.eio.ws.close()
        await asyncio.wait_for(client.entered.wait(), LIMIT)
        checks.that(dave.sio.eio.sid != first and client.entries == 2, "it is back under another session", client.entries)
        await rest.call("POST", f"/api/spaces/{space}/chats", {"content": {"bodyText": "unheard"}})
        await dave.send(space, "too early")
        failed = await dave.next("SEND_MESSAGE_FAILED")
        checks.equal(failed["category"], "app.event.channel.subscription.required", "subscriptions are not kept")
        await dave.subscribe(space)
        await dave.send(space, "back")
        checks.equal((await dave.next("MESSAGE_SENT"))["content"]["bodyText"], "back", "nothing is replayed")
        listed = await rest.call("GET", f"/api/spaces/{space}/messages/query?category=chat&direction=before&size=2")
        checks.equal([one["content"]["bodyText"] for one in listed["data"]], ["back", "unheard"], "the listing has it")


async def main(checks, facts):
    async with aiohttp.ClientSession() as session:
        rest = Rest(facts, session, facts["accounts"][0]["token"])
        for part in (forms, talk, posted, failures, refusals, acknowledgements, others, reconnecting):
            with checks.guarded(f"sockets: {part.__name__}"):
                await asyncio.wait_for(part(checks, facts, rest), 60)


if __name__ == "__main__":
    found = Checks()
    asyncio.run(main(found, json.loads(sys.argv[1])))
    print(json.dumps({"count": found.count, "failed": found.failed}))

"""Python's `requests` against the REST interface of the simulator of Avaya Spaces."""

import base64
import concurrent.futures
import json
import pathlib
import tempfile
import time

import requests

from program import RECORDINGS, simulator


def run(checks):
    with simulator("--seed-data", "conversations=3,messages=230", service="avaya") as service:
        alice, bob = (Person(service.url, f"jwt {one['token']}") for one in service.accounts[:2])
        for part in (signing_in, oauth, spaces, history, feed, messages, comments, files, refusals):
            with checks.guarded(f"avaya: {part.__name__}"):
                part(checks, service, alice, bob)
        checks.equal(service.stop(), 0, "SIGTERM ends the simulator in good order")
    for part in (faults, limits, state):
        with checks.guarded(f"avaya: {part.__name__}"):
            part(checks)


class Person:
    """Calls with one `Authorization`."""

    def __init__(self, url, authorization=None):
        self.url = url
        self.session = requests.Session()
        if authorization:
            self.session.headers["Authorization"] = authorization

    def call(self, method, path, status=200, checks=None, **more):
        answer = self.session.request(method, path if path.startswith("http") else self.url + path, timeout=30, **more)
        if checks:
            checks.equal(answer.status_code, status, f"{method} {path.split('?')[0][-40:]}")
        return answer

    def get(self, path, **parameters):
        return self.call("GET", path, params=parameters).json()

    def post(self, path, body):
        return self.call("POST", path, json=body).json()

    def send(self, space, text, **content):
        return self.post(f"/api/spaces/{space}/chats", {"content": {"bodyText": text, **content}})["data"][0]

    def walk(self, path, **parameters):
        """Follows nextPageUrl to its end; gives the pages."""
        pages = [self.get(path, **parameters)]
        while pages[-1].get("nextPageUrl") not in (None, "", "end") and len(pages) < 100:
            pages.append(self.call("GET", pages[-1]["nextPageUrl"]).json())
        return pages


def items(pages):
    return [item for page in pages for item in page["data"]]


def text(message):
    return message["content"]["bodyText"]


def signing_in(checks, service, alice, bob):
    nobody = Person(service.url)
    guests = [
        nobody.call("POST", "/api/anonymous/auth", data={"displayname": "Änn", "username": "", "picturefile": ""}),
        nobody.call("POST", "/api/anonymous/auth", json={"displayname": "Änn", "username": "aUniqueName"}),
    ]
    tokens = [answer.json()["token"] for answer in guests]
    me = [Person(service.url, f"JWT {token}").get("/api/users/me") for token in tokens]
    checks.that(me[0]["_id"] != me[1]["_id"], "two logins are two guests", me)
    checks.equal([one["displayname"] for one in me], ["Änn", "Änn"], "form and JSON carry a name")
    checks.equal([one["aType"] for one in me], ["anonymous", "anonymous"], "guests are told as such")
    claims = json.loads(base64.urlsafe_b64decode(tokens[0].split(".")[1] + "=="))
    checks.equal(claims["exp"] - claims["iat"], 86_400, "a guest's token lasts a day")
    checks.equal(claims["anonymous_id"], me[0]["_id"], "and names its guest")
    checks.equal(alice.get("/api/users/me")["_id"], service.accounts[0]["id"], "a registered user is itself")
    found = nobody.get("/api/service-configurations")
    checks.equal(found["spaces"]["socketio_server_url"], service.facts["socketURL"], "the sockets' address is told")
    recorded = RECORDINGS / "avaya" / "limit.response.partial.json"
    if recorded.exists():
        documented, told = json.loads(recorded.read_text()), nobody.get("/api/limit")
        for part, members in documented["global"].items():
            checks.that(members.keys() <= told["global"][part].keys(), f"the documented limits of {part} are there", told)


def oauth(checks, service, alice, bob):
    nobody, known = Person(service.url), service.facts["oauth"]
    form = {"client_id": known["clientID"], "client_secret": known["clientSecret"], "grant_type": "refresh_token"}
    path = f"{service.facts['accountsURL']}/oauth2/access_token"
    first = nobody.call("POST", path, checks=checks, data={**form, "refresh_token": known["refreshToken"]}).json()
    user = Person(service.url, f"Bearer {first['access_token']}")
    checks.equal(user.get("/api/users/me")["_id"], service.accounts[0]["id"], "the access token is the account's")
    again = nobody.call("POST", path, 400, checks, data={**form, "refresh_token": known["refreshToken"]}).json()
    checks.equal(again["error"], "invalid_grant", "a refresh token is good once")
    second = nobody.call("POST", path, checks=checks, data={**form, "refresh_token": first["refresh_token"]}).json()
    revoke = f"{service.facts['accountsURL']}/oauth2/revoke_token"
    nobody.call("POST", revoke, checks=checks, data={"refresh_token": second["refresh_token"], "client_id": known["clientID"]})
    user.call("GET", "/api/users/me", 401, checks)


def spaces(checks, service, alice, bob):
    listed = items(alice.walk("/api/users/me/spaces", size=2))
    checks.equal(len({one["_id"] for one in listed}), 3, "the seed's spaces are listed")
    invitee = {"inviteeType": "userId", "invitee": service.accounts[1]["id"], "role": "member"}
    made = alice.post("/api/spaces/invite", {"topic": {"title": "Trip", "type": "group", "id": None}, "invitees": [invitee]})
    space = made["data"][0]["topicId"]
    checks.equal(bob.get(f"/api/spaces/{space}")["title"], "Trip", "an invited user reads its space")
    checks.equal(bob.get(f"/api/spaces/{space}/join")["topic"]["_id"], space, "and joins it")
    roles = {one["member"]: one["role"] for one in items(alice.walk(f"/api/spaces/{space}/members", size=1))}
    checks.equal(sorted(roles.values()), ["admin", "member"], "members have roles")
    alice.call("POST", f"/api/spaces/{space}", json={"title": "Journey"}, checks=checks)
    checks.equal(bob.get(f"/api/spaces/{space}")["title"], "Journey", "a title is changed")
    alice.send(space, "unread")
    mine = next(one for one in items(bob.walk("/api/users/me/spaces")) if one["_id"] == space)
    checks.equal(mine["unreadMessagesCount"], 1, "what is unread is counted")
    bob.call("POST", f"/api/users/me/spaces/{space}/markread", json={}, checks=checks)
    mine = next(one for one in items(bob.walk("/api/users/me/spaces")) if one["_id"] == space)
    checks.equal(mine["unreadMessagesCount"], 0, "until it is read")
    direct = [
        one.get(f"/api/spaces/direct/user/{service.accounts[other]['id']}")["data"][0]["_id"]
        for one, other in ((alice, 1), (bob, 0))]
    checks.equal(direct[0], direct[1], "two people have one direct space")


def history(checks, service, alice, bob):
    space = service.facts["spaces"][0]
    path = f"/api/spaces/{space}/messages/query"
    back = alice.walk(path, category="chat", direction="before", size=20)
    ahead = alice.walk(path, category="chat", direction="after", refTime="1970-01-01T00:00:00.000Z", size=7)
    ids = [one["_id"] for one in items(back)]
    checks.equal(len(ids), 77, "the whole history is walked")
    checks.equal([one["_id"] for one in items(ahead)], ids[::-1], "and the same one in the other direction")
    checks.that(all(page["total"] == len(page["data"]) for page in back), "total counts its page")
    times = [one["created"] for one in items(back)]
    checks.equal(times, sorted(times, reverse=True), "newest first")
    part = items(alice.walk(path, category="chat", direction="before", size=50, refTime=times[40]))
    checks.equal([one["_id"] for one in part], ids[41:], "refTime is a bound")
    checks.that(all(one["_id"][:8] == f"{seconds(one['created']):08x}" for one in items(back)), "an id begins with its second")


def seconds(stamp):
    return int(time.mktime(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone)


def feed(checks, service, alice, bob):
    listed = service.facts["spaces"]
    path = "/api/users/me/messages"
    everything = items(alice.walk(path, spacelist=",".join(listed), size=50, includedeleted="true"))
    stamps = [one["modified"] for one in everything]
    checks.that(len(everything) >= 230 and stamps == sorted(stamps), "the feed is ordered by modified", len(everything))
    one, other = alice.send(listed[0], "one"), alice.send(listed[1], "two")
    after = int(time.time() * 1000) - 1
    alice.call("PATCH", f"/api/messages/{one['_id']}", json={"_id": one["_id"], "content": {"bodyText": "changed"}})
    alice.post("/api/messages/deletemessages", [other["_id"]])
    news = items(alice.walk(path, spacelist=",".join(listed), after=after, includedeleted="true"))
    checks.equal([new["_id"] for new in news], [one["_id"], other["_id"]], "edits and deletions are in it")
    checks.that(text(news[0]) == "changed" and news[1]["status"] != 0, "as what they are", news)
    alice.call("GET", path, 400, checks, params={"spacelist": ",".join(listed[:1] * 16)})


def messages(checks, service, alice, bob):
    space = service.facts["spaces"][0]
    for body in ("Grüße 😀 日本語", "<p>two &amp; three</p>", "x" * 100_000):
        sent = alice.send(space, body)
        checks.that(text(sent) == body and sent["created"] == sent["modified"], "a text comes back as it was sent", text(sent)[:60])
        read = alice.get(f"/api/messages/{sent['_id']}")
        checks.that(text(read) == body, "and is read so")
    script = alice.send(space, "<b>hi</b><script>alert(1)</script>")
    checks.equal(text(script), "<b>hi</b>", "a script is taken out")
    old = dict(read)
    old["content"] = {**old["content"], "bodyText": "second"}
    alice.call("POST", f"/api/messages/{read['_id']}", json=old, checks=checks)
    outdated = alice.call("POST", f"/api/messages/{read['_id']}", 400, checks, json=old).json()
    checks.that(outdated["code"] and outdated["message"], "an outdated edit is refused in words", outdated)
    foreign = bob.send(space, "bob's")
    told = alice.post("/api/messages/deletemessages", [read["_id"], foreign["_id"], "0" * 24])
    checks.equal(
        (told["deletedMessages"], [one["messageId"] for one in told["noPermittedMessages"]], told["notFoundMmessages"]),
        ([read["_id"]], [foreign["_id"]], ["0" * 24]), "a partial deletion is told")
    again = alice.post("/api/messages/deletemessages", [read["_id"]])
    checks.equal(again["notFoundMmessages"], [read["_id"]], "a repeated one finds nothing")


def comments(checks, service, alice, bob):
    space = service.facts["spaces"][0]
    idea = alice.post(f"/api/spaces/{space}/ideas?notify=false", {"content": {"bodyText": "An idea"}})["data"][0]
    comment = bob.post(
        f"/api/spaces/{space}/chats", {"content": {"bodyText": "Yes"}, "parentMsg": {"_id": idea["_id"]}})["data"][0]
    checks.equal(comment["parentMsg"]["_id"], idea["_id"], "a comment names its post")
    found = alice.get(f"/api/ideas/{idea['_id']}/messages")["data"]
    checks.equal([one["_id"] for one in found], [comment["_id"]], "and is listed under it")
    both = alice.get(f"/api/spaces/{space}/messages/byref", size=2)["data"]
    checks.equal([one["category"] for one in both], ["chat", "idea"], "byref has all categories, newest first")


def files(checks, service, alice, bob):
    space, data = service.facts["spaces"][0], bytes(range(256)) * 400
    place = alice.post(
        "/api/files/getuploadurl", {"files": [{"Content-Type": "image/png", "Content-Length": len(data)}]})["data"][0]
    nobody = Person(service.url)
    fields = {"Content-Type": "image/png"}
    nobody.call("PUT", place["url"], 400, checks, data=data[:-1], headers=fields)
    nobody.call("PUT", place["url"] + "0", 403, checks, data=data, headers=fields)
    nobody.call("PUT", place["url"], checks=checks, data=data, headers=fields)
    attachment = {
        "fileId": place["fileKey"], "fileSize": len(data), "fileType": "image", "name": "a.png", "provider": "native",
        "providerFileType": "image/png"}
    sent = alice.send(space, "a picture", data=[attachment])
    stored = sent["content"]["data"][0]
    checks.that(attachment.items() <= stored.items(), "an attachment comes back", stored)
    got = nobody.call("GET", stored["path"], checks=checks)
    checks.that(got.content == data and got.headers["Content-Type"] == "image/png", "and its bytes")
    link = alice.post("/api/files/getdownloadurl", {"fileKeys": [place["fileKey"]]})["data"][0]["url"]
    checks.that(nobody.call("GET", link).content == data, "by a new address too")
    large_files(checks, service, alice, nobody)


def large_files(checks, service, alice, nobody):
    """What the simulator does not hold: streamed to it and back, with a small picture beside it."""
    space, block, count = service.facts["spaces"][0], bytes(range(256)) * 1024, 48
    wanted = [("video/mp4", len(block) * count), ("image/jpeg", 3)]
    places = alice.post(
        "/api/files/getuploadurl",
        {"topicId": space, "files": [{"Content-Type": kind, "Content-Length": size} for kind, size in wanted]})["data"]
    checks.equal(len({one["fileKey"] for one in places}), 2, "one call names a place for each file")

    class Blocks:
        """A body that `requests` streams with its length."""

        def __init__(self):
            self.left = count

        def __len__(self):
            return len(block) * count

        def read(self, size=-1):
            self.left -= 1
            return block if self.left >= 0 else b""

    nobody.call("PUT", places[0]["url"], checks=checks, data=Blocks(), headers={"Content-Type": "video/mp4"})
    nobody.call("PUT", places[1]["url"], checks=checks, data=b"jpg", headers={"Content-Type": "image/jpeg"})
    sent = alice.send(space, "", data=[{
        "fileId": places[0]["fileKey"], "fileSize": wanted[0][1], "fileType": "video", "name": "a.mp4", "provider": "native",
        "providerFileType": "video/mp4", "thumbnailFile": places[1]["fileKey"]}])
    checks.equal(sent["content"]["data"][0]["thumbnailFile"], places[1]["fileKey"], "a thumbnail is told with its file")
    got = nobody.call("GET", sent["content"]["data"][0]["path"], checks=checks, stream=True)
    same, parts = True, 0
    for part in got.iter_content(len(block)):
        same, parts = same and part == block, parts + 1
    checks.that(same and parts == count, "a file of 12 MB comes back as it went", parts)
    checks.that(not any(name.lower().startswith("tidemark-") for name in got.headers), "without a word of how it is kept")


def refusals(checks, service, alice, bob):
    space = service.facts["spaces"][0]
    for authorization in (None, "jwt nonsense", f"bearer {service.accounts[0]['token']}"):
        Person(service.url, authorization).call("GET", "/api/users/me", 401, checks)
    for method, path, status, body in (
            ("GET", "/api/spaces/nonsense", 400, None), ("GET", f"/api/spaces/{'0' * 24}", 404, None),
            ("GET", "/api/nothing", 404, None), ("POST", f"/api/spaces/{space}/chats", 400, {}),
            ("POST", f"/api/spaces/{space}/chats", 400, []), ("POST", "/api/messages/deletemessages", 400, {}),
            ("GET", f"/api/messages/{'0' * 24}", 404, None), ("GET", f"/api/spaces/{space}/messages/query?direction=up", 400, None)):
        answer = alice.call(method, path, status, checks, json=body)
        checks.that({"code", "message"} <= answer.json().keys(), "a refusal has a code and words", answer.text[:200])
    alice.call("POST", f"/api/spaces/{space}/chats", 400, checks, data=b"{", headers={"Content-Type": "application/json"})


def faults(checks):
    """What the network does, a real client sees."""
    with simulator("--faults", "applied-504=1,socket-cut=0.5", service="avaya") as service:
        alice, space = Person(service.url, f"jwt {service.accounts[0]['token']}"), service.facts["spaces"][0]
        alice.call("POST", f"/api/spaces/{space}/chats", 504, checks, json={"content": {"bodyText": "x"}})
    with simulator("--faults", "drop-response=1", service="avaya") as service:
        alice, space = Person(service.url, f"jwt {service.accounts[0]['token']}"), service.facts["spaces"][0]
        try:
            alice.call("POST", f"/api/spaces/{space}/chats", json={"content": {"bodyText": "x"}})
            checks.that(False, "a lost answer is a lost connection")
        except requests.exceptions.ConnectionError:
            checks.that(True, "a lost answer is a lost connection")


def limits(checks):
    with simulator("--rate-limits", service="avaya") as service:
        alice = Person(service.url, f"jwt {service.accounts[0]['token']}")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(lambda _: alice.call("GET", "/api/users/me").status_code, range(70)))
        checks.equal((statuses.count(200), statuses.count(429)), (60, 10), "a call has sixty a minute")
        told = alice.call("GET", "/api/users/me")
        checks.that(int(told.headers["Retry-After"]) > 0, "a refusal says when to come back", dict(told.headers))


def state(checks):
    with tempfile.TemporaryDirectory() as folder:
        path = str(pathlib.Path(folder) / "state.json")
        with simulator("--state", path, service="avaya") as service:
            space = service.facts["spaces"][0]
            Person(service.url, f"jwt {service.accounts[0]['token']}").send(space, "kept")
        with simulator("--state", path, service="avaya") as service:
            alice = Person(service.url, f"jwt {service.accounts[0]['token']}")
            found = alice.get(f"/api/spaces/{space}/messages/query", category="chat", direction="before")["data"]
            checks.equal([text(one) for one in found], ["kept"], "a state goes on where it ended")

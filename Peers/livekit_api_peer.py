"""LiveKit's Python client for servers against the simulator: protobuf bodies, its own tokens, its own nonces."""

import asyncio
import datetime
import sys
import unittest.mock
import uuid

from lines import LineProcess, payload
from livekit import api
from program import ROOT, simulator


def run(checks):
    with simulator(service="livekit") as service:
        for part in (rooms, data, nonces, refusals, tokens):
            with checks.guarded(f"livekit-api: {part.__name__}"):
                asyncio.run(part(checks, service))
        checks.equal(service.stop(), 0, "the simulator ends when told to")
    with simulator("--faults", "applied-503=1", service="livekit") as service:
        with checks.guarded("livekit-api: applied"):
            asyncio.run(applied(checks, service))


def client(service, key=None, secret=None, token=None, url=None):
    if token:
        return api.LiveKitAPI(url or service.url, token=token)
    return api.LiveKitAPI(url or service.url, key or service.facts["apiKey"], secret or service.facts["apiSecret"])


def participant(service, identity, room="lobby"):
    """Somebody in a room, through the bridge to the hub."""
    return LineProcess([
        sys.executable, str(ROOT / "Bridges" / "hub"), "--hub", service.facts["hub"], "--room", room,
        "--identity", identity])


async def failure(call):
    """Code and status of a call that has to fail."""
    try:
        await call
    except api.TwirpError as error:
        return error.code, error.status
    return None


def message(room, data=b"{}", **more):
    return api.SendDataRequest(room=room, data=data, topic="lk-chat-topic", **more)


async def rooms(checks, service):
    async with client(service) as lk:
        listed = (await lk.room.list_rooms(api.ListRoomsRequest())).rooms
        checks.equal([one.name for one in listed], service.facts["rooms"], "the rooms that were told are open")
        checks.that(all(one.sid.startswith("RM_") and one.creation_time > 1_600_000_000 for one in listed), "with id and time")
        made = await lk.room.create_room(
            api.CreateRoomRequest(name="new room ü", empty_timeout=600, departure_timeout=60, metadata="m"))
        checks.equal((made.name, made.empty_timeout, made.departure_timeout, made.metadata), ("new room ü", 600, 60, "m"),
                     "a room is made as asked")
        again = await lk.room.create_room(api.CreateRoomRequest(name="new room ü"))
        checks.equal(again.sid, made.sid, "making it again changes nothing")
        some = (await lk.room.list_rooms(api.ListRoomsRequest(names=["new room ü", "absent"]))).rooms
        checks.equal([one.sid for one in some], [made.sid], "a list can be of some names")
        await lk.room.delete_room(api.DeleteRoomRequest(room="new room ü"))
        checks.equal(
            list((await lk.room.list_rooms(api.ListRoomsRequest(names=["new room ü"]))).rooms), [], "a deleted room is gone")
        checks.equal(
            await failure(lk.room.delete_room(api.DeleteRoomRequest(room="new room ü"))), ("not_found", 404), "and stays so")


async def data(checks, service):
    async with client(service) as lk:
        with participant(service, "alice") as alice, participant(service, "bob") as bob:
            alice.event("connected")
            bob.event("connected")
            people = (await lk.room.list_participants(api.ListParticipantsRequest(room="lobby"))).participants
            checks.equal(sorted(one.identity for one in people), ["alice", "bob"], "who is in a room is listed")
            checks.that(all(one.state == api.ParticipantInfo.ACTIVE for one in people), "as active", people)
            text = '{"id": "x", "message": "päckchen 📦", "timestamp": 1}'.encode()
            await lk.room.send_data(message("lobby", text))
            for one in (alice, bob):
                line = one.next()
                checks.equal((payload(line), line["identity"], line["topic"]), (text, None, "lk-chat-topic"),
                             "what the API sends arrives whole and from nobody")
            await lk.room.send_data(message("lobby", b"\x00\xff", destination_identities=["bob"]))
            await lk.room.send_data(message("lobby", b"lossy", kind=api.DataPacket.LOSSY))
            checks.equal([payload(bob.next()), payload(bob.next())], [b"\x00\xff", b"lossy"], "bob gets what is for him")
            line = alice.next()
            checks.equal((payload(line), line["reliable"]), (b"lossy", False), "and alice only what is for all")
            got = await lk.room.get_participant(api.RoomParticipantIdentity(room="lobby", identity="bob"))
            checks.equal(got.identity, "bob", "one participant can be asked for")
            await lk.room.remove_participant(api.RoomParticipantIdentity(room="lobby", identity="bob"))
            checks.equal(bob.next()["event"], "disconnected", "who is removed is told")
            checks.equal(bob.wait(), 1, "and its bridge ends, to be started again")
        await lk.room.send_data(message("studio", b"nobody hears this"))
        with participant(service, "late", "studio") as late:
            late.event("connected")
            await lk.room.send_data(message("studio", b"this"))
            checks.equal(payload(late.next()), b"this", "who joins late gets nothing older")


async def nonces(checks, service):
    async with client(service) as lk:
        with participant(service, "alice") as alice:
            alice.event("connected")
            fixed = uuid.uuid4()
            with unittest.mock.patch("livekit.api.room_service.uuid4", return_value=fixed):
                for text in (b"once", b"once", b"other text, same nonce"):
                    await lk.room.send_data(message("lobby", text))
            for number in range(99):
                await lk.room.send_data(message("lobby", str(number).encode()))
            with unittest.mock.patch("livekit.api.room_service.uuid4", return_value=fixed):
                await lk.room.send_data(message("lobby", b"still known"))
            await lk.room.send_data(message("lobby", b"one more"))
            with unittest.mock.patch("livekit.api.room_service.uuid4", return_value=fixed):
                await lk.room.send_data(message("lobby", b"forgotten"))
            got = [payload(alice.next()) for _ in range(102)]
            expected = [b"once"] + [str(number).encode() for number in range(99)] + [b"one more", b"forgotten"]
            checks.equal(got, expected, "a repeated nonce is dropped while it is among the last hundred")


async def refusals(checks, service):
    absent = service.facts["absentRoom"]
    async with client(service) as lk:
        checks.equal(await failure(lk.room.send_data(message(absent))), ("unavailable", 503), "a room on no node is 503")
        listed = await lk.room.list_participants(api.ListParticipantsRequest(room=absent))
        checks.equal(list(listed.participants), [], "and has nobody in it")
        short = unittest.mock.Mock(bytes=b"short")
        with unittest.mock.patch("livekit.api.room_service.uuid4", return_value=short):
            checks.equal(
                await failure(lk.room.send_data(message("lobby"))), ("invalid_argument", 400), "a nonce has 16 bytes")
        checks.equal(
            await failure(lk.room.send_data(message("lobby", bytes(11 * 1024 * 1024)))), ("unknown", 413),
            "a body over 10 MiB is refused in plain text")
    async with client(service, url=service.url + "/base") as lk:
        checks.equal(await failure(lk.room.send_data(message("lobby"))), ("bad_route", 404), "a wrong path is no route")


async def tokens(checks, service):
    plain = ("unknown", 401)
    async with client(service, secret="another secret of thirty-two bytes") as lk:
        checks.equal(await failure(lk.room.send_data(message("lobby"))), plain, "a wrong secret is a 401 without JSON")
    async with client(service, key="APIother") as lk:
        checks.equal(await failure(lk.room.send_data(message("lobby"))), plain, "and so is an unknown key")
    grants = api.VideoGrants(room_admin=True, room="lobby")

    def token(video, seconds=600):
        made = api.AccessToken(service.facts["apiKey"], service.facts["apiSecret"]).with_identity("x").with_grants(video)
        return made.with_ttl(datetime.timedelta(seconds=seconds)).to_jwt()

    for name, made, expected in (
            ("a token for the room is taken", token(grants), None),
            ("an expired one is a 401 without JSON", token(grants, -120), plain),
            ("within the leeway it is still taken", token(grants, -30), None),
            ("one for another room is refused by Twirp", token(api.VideoGrants(room_admin=True, room="studio")),
             ("unauthenticated", 401)),
            ("a participant's too", token(api.VideoGrants(room_join=True, room="lobby")), ("unauthenticated", 401)),
            ("an account's is one of those", service.accounts[0]["token"], ("unauthenticated", 401)),
            ("what is no token is a 401 without JSON", "x.y.z", plain)):
        async with client(service, token=made) as lk:
            checks.equal(await failure(lk.room.send_data(message("lobby"))), expected, name)
    verified = api.TokenVerifier(service.facts["apiKey"], service.facts["apiSecret"]).verify(service.accounts[0]["token"])
    checks.equal(
        (verified.identity, verified.video.room_join, verified.video.room), (service.accounts[0]["id"], True, "lobby"),
        "the real verifier takes the accounts' tokens")


async def applied(checks, service):
    async with client(service) as lk:
        with participant(service, "alice") as alice:
            alice.event("connected")
            checks.equal(
                await failure(lk.room.send_data(message("lobby", b"heard all the same"))), ("unavailable", 503),
                "a fault speaks Twirp")
            checks.equal(payload(alice.next()), b"heard all the same", "and the packet was handed on before it")

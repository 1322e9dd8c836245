"""The Python client of Azure Communication Services against `tidemark simulate`."""

import base64
import datetime
import uuid

from azure.communication.chat import ChatMessageType, ChatParticipant, CommunicationUserIdentifier
from azure.communication.identity import CommunicationIdentityClient
from azure.core.exceptions import HttpResponseError

from azure_client import Operations, Person
from program import simulator


def run(checks):
    operations = Operations()
    with simulator() as service:
        alice, bob, carol, dave = (Person(service.url, one["token"], operations) for one in service.accounts[:4])
        ids = [one["id"] for one in service.accounts]
        for name, part in (
            ("threads", lambda: threads(checks, alice, ids)),
            ("partial errors", lambda: partial_errors(checks, alice, ids)),
            ("messages", lambda: messages(checks, alice, bob, ids)),
            ("message paging", lambda: message_paging(checks, alice)),
            ("participants", lambda: participants(checks, alice, ids)),
            ("receipts", lambda: receipts(checks, alice, bob, ids)),
            ("refusals", lambda: refusals(checks, service, alice, dave, ids, operations)),
            ("identity", lambda: identity(checks, service, operations)),
        ):
            with checks.guarded(name):
                part()
        checks.equal(service.stop(), 0, "SIGTERM ends the simulator in good order")
    coverage(checks, operations)


def member(identifier, name=None, **more):
    return ChatParticipant(identifier=CommunicationUserIdentifier(identifier), display_name=name, **more)


def status_of(call):
    """The status that a call is refused with, or None."""
    try:
        result = call()
        if result is not None and hasattr(result, "__next__"):
            next(result, None)
    except HttpResponseError as error:
        return error.status_code
    return None


def threads(checks, alice, ids):
    token = str(uuid.uuid4())
    made = alice.chat.create_chat_thread("A topic", thread_participants=[member(ids[1], "Bob")], idempotency_token=token)
    checks.that(not made.errors, "known participants give no errors", made.errors)
    checks.equal(made.chat_thread.topic, "A topic", "the topic comes back")
    checks.equal(made.chat_thread.created_by.properties["id"], ids[0], "the creator comes back")
    again = alice.chat.create_chat_thread("A topic", thread_participants=[member(ids[1], "Bob")], idempotency_token=token)
    checks.equal(again.chat_thread.id, made.chat_thread.id, "an idempotency token makes one thread")
    checks.equal(again.chat_thread.created_on, made.chat_thread.created_on, "the repeat tells the first creation")
    other = alice.chat.create_chat_thread("Another")
    checks.that(other.chat_thread.id != made.chat_thread.id, "another token makes another thread")

    thread = alice.thread(made.chat_thread.id)
    thread.update_topic("A newer topic")
    checks.equal(thread.get_properties().topic, "A newer topic", "an updated topic is read back")
    for number in range(5):
        alice.chat.create_chat_thread(f"Thread {number}")
    pages = [list(page) for page in alice.chat.list_chat_threads(results_per_page=2).by_page()]
    checks.that(len(pages) > 2 and all(len(page) <= 2 for page in pages), "threads come in pages", [len(p) for p in pages])
    listed = [item.id for page in pages for item in page]
    checks.that(made.chat_thread.id in listed and len(set(listed)) == len(listed), "paging gives each thread once", listed)
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    checks.equal(list(alice.chat.list_chat_threads(start_time=later)), [], "start_time bounds the threads below")

    alice.chat.delete_chat_thread(other.chat_thread.id)
    dead = [item for item in alice.chat.list_chat_threads() if item.id == other.chat_thread.id]
    checks.that(len(dead) == 1 and dead[0].deleted_on is not None, "a deleted thread stays listed with its time", dead)
    checks.equal(status_of(lambda: alice.thread(other.chat_thread.id).get_properties()), 404, "a deleted thread is gone")


def partial_errors(checks, alice, ids):
    unknown = ids[0].rsplit("_", 1)[0] + "_00000000-0000-0000-0000-00000000dead"
    made = alice.chat.create_chat_thread("Partly", thread_participants=[member(ids[1]), member(unknown)])
    failed = [participant.identifier.properties["id"] for participant, _ in made.errors or []]
    checks.equal(failed, [unknown], "create names who did not get in")
    thread = alice.thread(made.chat_thread.id)
    failed = thread.add_participants([member(ids[2], "Carol"), member(unknown)])
    checks.equal([one.identifier.properties["id"] for one, _ in failed], [unknown], "add names who did not get in")
    checks.equal(thread.add_participants([member(ids[3])]), [], "add of known people gives no errors")
    inside = {one.identifier.properties["id"] for one in thread.list_participants()}
    checks.equal(inside, set(ids[:4]), "the others got in")


def messages(checks, alice, bob, ids):
    made = alice.chat.create_chat_thread("Messages", thread_participants=[member(ids[1], "Bob")])
    thread, others = alice.thread(made.chat_thread.id), bob.thread(made.chat_thread.id)
    sent = thread.send_message(
        "Grüße 👋", sender_display_name="Alice", chat_message_type=ChatMessageType.TEXT, metadata={"a": "1", "b": "2"})
    copy = others.get_message(sent.id)
    checks.equal(copy.content.message, "Grüße 👋", "text arrives whole")
    checks.equal(copy.metadata, {"a": "1", "b": "2"}, "metadata arrives whole")
    checks.equal(copy.sender_display_name, "Alice", "the sender's name is kept")
    checks.equal(copy.sender.properties["id"], ids[0], "the sender is told")
    checks.equal(copy.version, sent.id, "an unchanged message has its id as version")
    thread.update_message(sent.id, "Edited", metadata={"a": "", "c": "3"})
    edited = others.get_message(sent.id)
    checks.equal(edited.content.message, "Edited", "an edit is read back")
    checks.equal(edited.metadata, {"b": "2", "c": "3"}, "metadata merges; an empty value removes")
    checks.that(edited.edited_on is not None, "an edit has its time")
    checks.that(int(edited.sequence_id) > int(copy.sequence_id), "an edit has a new sequence id", edited.sequence_id)
    checks.that(edited.created_on == copy.created_on, "an edit leaves the creation")
    html = thread.send_message("<b onclick='x()'>bold</b><script>x()</script>", chat_message_type="html")
    checks.equal(others.get_message(html.id).content.message, "<b>bold</b>", "html is sanitised")
    thread.delete_message(sent.id)
    dead = [one for one in others.list_messages() if one.id == sent.id]
    checks.that(len(dead) == 1 and dead[0].deleted_on is not None, "a deleted message stays as a tombstone", len(dead))
    checks.equal(dead[0].content.message, "", "a tombstone has no text")
    checks.that(dead[0].edited_on is None, "a tombstone is not edited")
    kinds = [str(getattr(one.type, "value", one.type)) for one in others.list_messages()]
    checks.that("participantAdded" in kinds and "topicUpdated" in kinds, "a thread begins with its own messages", kinds)
    checks.equal(status_of(lambda: others.update_message(html.id, "no")), 403, "only a sender edits")
    checks.equal(status_of(lambda: thread.get_message("not-a-number")), 400, "a malformed message id is refused")
    thread.send_typing_notification(sender_display_name="Alice")


def message_paging(checks, alice):
    thread = alice.thread(alice.chat.create_chat_thread("Paging").chat_thread.id)
    sent = [thread.send_message(f"Message {number}").id for number in range(7)]
    pages = [list(page) for page in thread.list_messages(results_per_page=3).by_page()]
    listed = [one.id for page in pages for one in page]
    checks.that(all(len(page) <= 3 for page in pages) and len(pages) >= 3, "messages come in pages", [len(p) for p in pages])
    checks.equal([one for one in listed if one in sent], list(reversed(sent)), "newest first, each once")
    checks.equal(len(listed), 9, "and the thread's own two at the end")
    checks.equal([one.id for one in thread.list_messages()], listed, "the default page size walks the same list")
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    checks.equal(list(thread.list_messages(start_time=later)), [], "start_time bounds the messages below")
    pages = thread.list_messages(results_per_page=3).by_page()
    first = list(next(pages))
    resumed = [one.id for page in thread.list_messages(results_per_page=3).by_page(pages.continuation_token) for one in page]
    checks.equal([one.id for one in first] + resumed, listed, "a walk goes on from its continuation token")


def participants(checks, alice, ids):
    made = alice.chat.create_chat_thread("People", thread_participants=[member(ids[1], "Bob"), member(ids[2], "Carol")])
    thread = alice.thread(made.chat_thread.id)
    since = datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc)
    thread.add_participants([member(ids[3], "Dave", share_history_time=since)])
    pages = [list(page) for page in thread.list_participants(results_per_page=2).by_page()]
    checks.equal([len(page) for page in pages], [2, 2], "participants come in pages")
    people = {one.identifier.properties["id"]: one for page in pages for one in page}
    checks.equal(set(people), set(ids[:4]), "all are listed")
    checks.equal(people[ids[3]].share_history_time, since, "the time from which one may read is kept")
    checks.equal(people[ids[1]].display_name, "Bob", "a display name is kept")
    rest = [one.identifier.properties["id"] for one in thread.list_participants(skip=3)]
    checks.equal(len(rest), 1, "skip leaves out the first ones")
    thread.remove_participant(CommunicationUserIdentifier(ids[3]))
    left = {one.identifier.properties["id"] for one in thread.list_participants()}
    checks.equal(left, set(ids[:3]), "a removed participant is out")


def receipts(checks, alice, bob, ids):
    made = alice.chat.create_chat_thread("Receipts", thread_participants=[member(ids[1])])
    thread = alice.thread(made.chat_thread.id)
    first, second = thread.send_message("One"), thread.send_message("Two")
    reader = bob.thread(made.chat_thread.id)
    reader.send_read_receipt(first.id)
    reader.send_read_receipt(second.id)
    reader.send_read_receipt(first.id)
    thread.send_read_receipt(second.id)
    marks = {one.sender.properties["id"]: one.chat_message_id for one in thread.list_read_receipts()}
    checks.equal(marks, {ids[0]: second.id, ids[1]: second.id}, "one mark for a reader, and it only rises")
    pages = [list(page) for page in thread.list_read_receipts(results_per_page=1).by_page()]
    checks.equal([len(page) for page in pages], [1, 1], "receipts come in pages")
    checks.equal(len(list(thread.list_read_receipts(skip=1))), 1, "skip leaves out the first receipt")


def refusals(checks, service, alice, dave, ids, operations):
    """Each operation without a valid token (401) and, in a thread, by somebody who is not in it (403)."""
    made = alice.chat.create_chat_thread("Closed")
    thread = made.chat_thread.id
    message = alice.thread(thread).send_message("Closed").id
    head, payload, signature = service.accounts[0]["token"].split(".")
    forged = base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")
    nobody = Person(service.url, f"{head}.{payload}.{forged}", operations)
    for person, expected in ((nobody, 401), (dave, 403)):
        client = person.thread(thread)
        calls = {
            "get": client.get_properties,
            "update": lambda: client.update_topic("no"),
            "delete": lambda: person.chat.delete_chat_thread(thread),
            "send": lambda: client.send_message("no"),
            "list messages": lambda: client.list_messages(),
            "get message": lambda: client.get_message(message),
            "edit message": lambda: client.update_message(message, "no"),
            "delete message": lambda: client.delete_message(message),
            "list participants": lambda: client.list_participants(),
            "add": lambda: client.add_participants([member(ids[1])]),
            "remove": lambda: client.remove_participant(CommunicationUserIdentifier(ids[0])),
            "typing": lambda: client.send_typing_notification(),
            "receipt": lambda: client.send_read_receipt(message),
            "list receipts": lambda: client.list_read_receipts(),
        }
        if expected == 401:
            calls["create"] = lambda: person.chat.create_chat_thread("no")
            calls["list threads"] = lambda: person.chat.list_chat_threads()
        for name, call in calls.items():
            checks.equal(status_of(call), expected, f"{name} is refused")
    checks.equal(alice.thread(thread).get_properties().topic, "Closed", "what was refused changed nothing")
    checks.equal(alice.thread(thread).get_message(message).content.message, "Closed", "nor the message")


def identity(checks, service, operations):
    # From a connection string this client would make https of any address.
    checks.equal(
        service.facts["connectionString"], f"endpoint={service.url}/;accesskey={service.facts['accessKey']}",
        "the connection string names address and key")
    client = CommunicationIdentityClient(service.url, service.facts["accessKey"])
    user, token = client.create_user_and_token(scopes=["chat"])
    person = Person(service.url, token.token, operations)
    checks.equal(list(person.chat.list_chat_threads()), [], "a new user's token is good, and it has no threads")
    made = person.chat.create_chat_thread("By a new user").chat_thread
    checks.equal(made.created_by.properties["id"], user.properties["id"], "the token is that user's")
    fresh = client.get_token(user, scopes=["chat"])
    client.revoke_tokens(user)
    checks.equal(status_of(lambda: person.thread(made.id).get_properties()), 401, "a revoked token is refused")
    checks.equal(
        status_of(lambda: Person(service.url, fresh.token, operations).thread(made.id).get_properties()), 401,
        "and so is the other one of that user")
    client.delete_user(user)
    checks.equal(status_of(lambda: client.get_token(user, scopes=["chat"])), 404, "a deleted user gets no token")
    wrong = CommunicationIdentityClient(service.url, base64.b64encode(bytes(32)).decode())
    checks.equal(status_of(wrong.create_user), 401, "a wrong access key is refused")


def coverage(checks, operations):
    for name, documented in sorted(operations.documented.items()):
        seen = operations.seen[name]
        checks.that(any(code < 300 for code in seen & documented), f"{name} succeeded as documented", sorted(seen))
        checks.that(any(code >= 400 for code in seen & documented), f"{name} failed as documented", sorted(seen))

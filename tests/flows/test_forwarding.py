"""A message is sent on to somebody else: a thread of its own, which never mixes with the customer's (security.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.mail import understand
from chalicelib.model.account import Seat
from chalicelib.model.conversation import Direction
from chalicelib.model.inbox import Access, AccessMode, Sender
from tests.api.visitor import Reply, Visitor, admin_of, visitor_for
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.uploading import upload

DEPOT = "depot@carrier.example"
HTML = '<p>Where is <b>it</b>? <img src="cid:logo"> <img src="https://spy.example/x.png"></p>'
ATTACHED = (
    f"--b\r\nContent-Type: text/html\r\n\r\n{HTML}\r\n"
    "--b\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "iVBORw0KGgoAAAA=\r\n"
    '--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename="list.csv"\r\n\r\na;b\r\n--b--\r\n'
)


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True), signature="<p>Acme signature</p>")
    return admin_of(office)


def ask(office: Office, **told: Any) -> None:
    headers = {"Content-Type": 'multipart/mixed; boundary="b"'}
    office.deliver(letter(**{"headers": headers, "text": ATTACHED, "cc": ["boss@customer.example"], **told}))


def forward(visitor: Visitor, office: Office, /, **told: Any) -> Reply:
    message = told.pop("message", None) or office.messages(office.conversations()[-1])[0].id
    headers = {"idempotency_key": told.pop("key")} if "key" in told else {}
    body = {"to": [DEPOT], "text": "Can you find it?", **told}
    return visitor.post(f"/v1/messages/{message}/forward", body, **headers)


def test_a_forward_is_a_thread_of_its_own(office: Office, admin: Visitor) -> None:
    ask(office)
    customers = office.conversation()
    reply = forward(admin, office)
    assert reply.status == 201, reply.text
    (mail,) = outbox.send_all(office)
    assert (mail.rcpt_to, mail.mail["Subject"]) == ((DEPOT,), "Fwd: A question")
    assert (mail.mail["In-Reply-To"], mail.mail["References"], mail.mail["Cc"]) == (None, None, None)
    understood = understand(mail.raw)
    assert understood["forwarded"]["from"] == {"name": "Ada", "address": CONTACT}
    assert understood["forwarded"]["subject"] == "A question"
    assert [each["address"] for each in understood["forwarded"]["cc"]] == ["boss@customer.example"]
    assert mail.text.index("Can you find it?") < mail.text.index("Acme signature") < mail.text.index("Where is it?")
    own = admin.get(f"/v1/conversations/{reply.json['conversation_id']}").json
    assert own["id"] != customers.id
    assert (own["contact"]["email"], own["participants"], own["message_count"]) == (DEPOT, [DEPOT], 2)
    # The carrier answers, by either way: never among the customer's mail.
    for number, (to, reply_to) in enumerate(((mail.reply_to, None), (office.address, mail.public_id)), 1):
        raw = letter(
            sender=DEPOT,
            message_id=f"d{number}@carrier.example",
            subject="Re: Fwd: A question",
            in_reply_to=reply_to,
        )
        office.deliver(raw, [to], received_at=stamp(clock.now() + timedelta(minutes=number)))
    assert admin.get(f"/v1/conversations/{own['id']}").json["message_count"] == 4
    assert DEPOT not in next(each for each in office.conversations() if each.id == customers.id).participants
    # And an answer to the carrier tells nothing more of the customer's.
    admin.post(f"/v1/conversations/{customers.id}/messages", {"type": "reply", "text": "The word is xyzzy."})
    admin.post(f"/v1/conversations/{own['id']}/messages", {"type": "reply", "text": "Thanks."})
    to_customer, to_depot = outbox.send_all(office)
    assert b"xyzzy" in to_customer.raw
    assert b"xyzzy" not in to_depot.raw
    assert to_depot.rcpt_to == (DEPOT,)
    assert to_depot.reply_to != to_customer.reply_to


def test_events_lead_from_each_conversation_to_the_other(office: Office, admin: Visitor) -> None:
    ask(office)
    source = office.conversation()
    message = forward(admin, office, bcc=["boss@acme.example"]).json
    own = message["conversation_id"]
    here = admin.items(f"/v1/conversations/{source.id}/messages")[-1]
    assert (here["direction"], here["marks"], here["related_conversation_id"]) == ("event", ["forwarded"], own)
    assert DEPOT in here["text"]
    there, mail = admin.items(f"/v1/conversations/{own}/messages")
    assert (there["marks"], there["related_conversation_id"]) == (["forwarded_from"], source.id)
    assert mail["forwards_message_id"] == office.messages(source)[0].id
    assert admin.get(f"/v1/conversations/{source.id}").json["message_count"] == 2
    assert office.user(office.admin_id).open_conversations == 1


def test_files_and_images_go_along_as_asked(office: Office, admin: Visitor) -> None:
    ask(office)
    assert forward(admin, office, attachments=[upload(admin, "note.pdf")]).status == 201
    assert forward(admin, office, include_attachments=False).status == 201
    with_files, without = outbox.send_all(office)
    names = {part.get_filename() for part in with_files.mail.walk() if part.get_content_disposition() == "attachment"}
    assert names == {"list.csv", "note.pdf"}
    html = with_files.mail.get_body(("html",))
    assert html is not None
    assert 'src="cid:logo"' in html.get_content()
    assert b"spy.example" not in with_files.raw
    assert [part for part in without.mail.walk() if part.get_content_disposition()] == []


def test_history_beyond_the_message_stays_here(office: Office, admin: Visitor) -> None:
    ask(office)
    path = f"/v1/conversations/{office.conversation().id}/messages"
    admin.post(path, {"type": "reply", "text": "Our private answer.", "bcc": ["hidden@acme.example"]})
    admin.post(path, {"type": "comment", "text": "He is difficult."})
    outbox.send_all(office)
    question, answer, comment = office.messages()
    assert forward(admin, office, message=question.id).status == 201
    assert forward(admin, office, message=answer.id).status == 201
    assert forward(admin, office, message=comment.id).code == "not_a_mail"
    first, second = outbox.send_all(office)
    assert b"private" not in first.raw
    assert b"private" in second.raw
    for mail in (first, second):
        assert b"difficult" not in mail.raw
        assert b"hidden@" not in mail.raw


def test_a_repeated_request_forwards_once(office: Office, admin: Visitor) -> None:
    ask(office)
    first, again = forward(admin, office, key="k"), forward(admin, office, key="k")
    assert (first.status, again.status) == (201, 201)
    assert first.json["id"] == again.json["id"]
    assert len(office.conversations()) == 2


def test_words_may_be_left_out_and_own_addresses_may_not_be_written_to(office: Office, admin: Visitor) -> None:
    ask(office, subject="WG: Frage")
    reply = forward(admin, office, text=None)
    assert (reply.status, reply.json["subject"]) == (201, "WG: Frage")
    assert forward(admin, office, to=[office.address]).code == "own_address"
    office.set_channel(sender=Sender())
    assert forward(admin, office).code == "not_used_for_sending"


# --- Blind copies, and colleagues who are called


def test_a_blind_copy_is_in_the_envelope_and_shown_to_colleagues_alone(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}/messages"
    body = {"type": "reply", "text": "Hi", "cc": ["ben@x.example"], "bcc": [{"address": "Boss@x.example", "name": "B"}]}
    told = admin.post(path, body).json
    assert told["bcc"] == [{"name": "B", "address": "Boss@x.example"}]
    (mail,) = outbox.send_all(office)
    assert mail.rcpt_to == (CONTACT, "ben@x.example", "boss@x.example")
    assert mail.mail["Bcc"] is None
    assert b"boss" not in mail.raw.lower()
    assert admin.post(path, {**body, "bcc": ["x@in.postfach.test"]}).json["pointer"] == "/bcc/0"


def test_S16_a_comment_calls_colleagues_who_may_read_it(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    ann, out = office.add_user("Ann"), office.add_user("Otto", seat=Seat.FREE)
    path = f"/v1/conversations/{office.conversation().id}/messages"
    called = {"type": "comment", "text": "Look, please", "mentions": [ann.id, ann.id]}
    told = admin.post(path, called)
    assert (told.status, told.json["mentions"]) == (201, [ann.id])
    (found,) = visitor_for(ann).items("/v1/me/mentions")
    assert (found["message_id"], found["author_id"]) == (told.json["id"], office.admin_id)
    assert found["preview"] == "Look, please"
    assert admin.items("/v1/me/mentions") == []
    refused = admin.post(path, {**called, "mentions": [ann.id, "usr_nobody"]})
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, "not_mentionable", "/mentions/1")
    access = Access(AccessMode.SELECTED, (office.admin_id, ann.id))
    assert admin.patch(
        f"/v1/inboxes/{office.inbox_id}", {"access": {"mode": "selected", "user_ids": [*access.user_ids]}}
    )
    assert admin.post(path, {**called, "mentions": [out.id]}).code == "not_mentionable"
    assert admin.post(path, called).status == 201
    admin.patch(f"/v1/inboxes/{office.inbox_id}", {"access": {"mode": "selected", "user_ids": [office.admin_id]}})
    assert visitor_for(ann).items("/v1/me/mentions") == []  # who may not read any more is not told


def test_mentions_come_in_pages(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    ann = office.add_user("Ann")
    path = f"/v1/conversations/{office.conversation().id}/messages"
    for number in range(3):
        admin.post(path, {"type": "comment", "text": f"Number {number}", "mentions": [ann.id]})
    visitor = visitor_for(ann)
    first = visitor.get("/v1/me/mentions?limit=2").json
    second = visitor.get(f"/v1/me/mentions?limit=2&cursor={first['next']}").json
    assert [each["preview"] for each in (*first["items"], *second["items"])] == ["Number 2", "Number 1", "Number 0"]
    assert second["next"] is None
    assert [each.direction for each in office.messages()][1:] == [Direction.COMMENT] * 3

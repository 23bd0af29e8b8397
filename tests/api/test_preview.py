"""The preview (S47): exactly what is sent, composed by what composes what is sent."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib.mail import read_mail
from tests.api.visitor import Visitor, visitor_for
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.outbox import send_all

SIGNATURE = '<p><font face="Georgia"><b>{{user.full_name}}</b></font><br>Acme, Bürostraße 1</p>'
HTML = '<p>It left us <i>this</i> morning.</p><ul><li>äöü</li></ul><img src="https://acme.example/map.png">'
# What differs between any two mails of one content: when it was written, and ids made of that and of chance.
VARYING = re.compile(rb"^Date: .*\r\n|ans_[a-z0-9]+|msg_[a-z0-9]+|=_[0-9a-f]{32}", re.MULTILINE)


def path_of(office: Office) -> str:
    return f"/v1/channels/{office.channel_id}/preview"


def begin(office: Office, admin: Visitor, **sender: Any) -> str:
    """A conversation in a channel that sends; its id."""
    told = {"sender": {"use_for_sending": True, **sender}, "signature": SIGNATURE}
    assert admin.patch(f"/v1/channels/{office.channel_id}", told).status == 200
    office.deliver(letter(subject="AW: A question", references=["older@customer.example"]))
    return office.conversation().id


def show(visitor: Visitor, office: Office, **told: Any) -> dict[str, Any]:
    shown = visitor.post(f"{path_of(office)}?raw=true", told)
    assert shown.status == 200, shown.text
    return dict(shown.json)


def test_S47_a_preview_of_nothing_shows_name_address_and_signature(office: Office, admin: Visitor) -> None:
    admin.patch(f"/v1/channels/{office.channel_id}", {"signature": SIGNATURE})
    shown = admin.post(path_of(office)).json
    assert shown["from_name"] == "Grace Hopper (Acme Inc.)"
    assert shown["from_address"] == office.address
    assert "Grace Hopper" in shown["html"]
    assert "Bürostraße" in shown["text"]
    assert shown["raw"] is None
    assert (shown["would_be_sent"], shown["refused_because_code"]) == (False, "not_used_for_sending")


def test_S47_the_parts_shown_are_those_of_the_mail(office: Office, admin: Visitor) -> None:
    conversation_id = begin(office, admin)
    shown = show(admin, office, conversation_id=conversation_id, html=HTML)
    mail = read_mail(shown["raw"].encode())
    assert mail.from_ is not None
    assert (mail.from_.name, mail.from_.address) == (shown["from_name"], shown["from_address"])
    assert [(each.name, each.address) for each in mail.to] == [("Ada", "ada@customer.example")]
    assert shown["to"] == [{"name": "Ada", "address": "ada@customer.example"}]
    assert mail.subject == shown["subject"] == "Re: A question"
    assert mail.in_reply_to == ("first@customer.example",)
    assert mail.references == ("older@customer.example", "first@customer.example")
    assert mail.text.strip() == shown["text"].strip()
    assert '<font face="Georgia"><b>Grace Hopper</b></font>' in shown["html"]
    assert '<img src="https://acme.example/map.png">' in shown["html"]
    assert shown["would_be_sent"] is True
    (reply_to,) = mail.reply_to
    assert reply_to.address.startswith("r1.")


@pytest.mark.parametrize("sender", [{}, {"from_name_mode": "company", "company_name": "Küche & Bad"}])
@pytest.mark.parametrize("words", [{"html": HTML}, {"text": "It left us\n\n  this morning."}])
def test_S47_S71_the_preview_is_byte_for_byte_what_is_sent(
    office: Office, admin: Visitor, words: dict[str, str], sender: dict[str, str]
) -> None:
    conversation_id = begin(office, admin, **sender)
    shown = show(admin, office, conversation_id=conversation_id, **words)["raw"].encode()
    answered = admin.post(f"/v1/conversations/{conversation_id}/messages", {"type": "reply", **words})
    assert answered.status == 201, answered.text
    (sent,) = send_all(office)
    assert sent.raw != shown
    assert VARYING.sub(b"", sent.raw) == VARYING.sub(b"", shown)
    assert b"\r\nReply-To: " in shown


def test_S47_a_preview_sends_and_stores_nothing(office: Office, admin: Visitor) -> None:
    conversation_id = begin(office, admin)
    before = admin.get(f"/v1/conversations/{conversation_id}/messages").json
    show(admin, office, conversation_id=conversation_id, text="Hello")
    assert admin.get(f"/v1/conversations/{conversation_id}/messages").json == before
    assert send_all(office) == []


def test_S44_S47_a_preview_for_another_user(office: Office, admin: Visitor) -> None:
    mia = office.add_user("Mia")
    shown = show(admin, office, user_id=mia.id, text="Hello", subject="News")
    assert (shown["from_name"], shown["subject"], shown["to"]) == ("Mia (Acme Inc.)", "News", [])
    assert show(visitor_for(mia), office, text="Hello")["from_name"] == "Mia (Acme Inc.)"


def test_S86_a_preview_says_that_the_channel_is_off(office: Office, admin: Visitor) -> None:
    admin.patch(f"/v1/channels/{office.channel_id}", {"enabled": False, "sender": {"use_for_sending": True}})
    shown = show(admin, office, text="Hello")
    assert (shown["would_be_sent"], shown["refused_because_code"]) == (False, "channel_off")


def test_what_does_not_fit_is_refused(office: Office, admin: Visitor) -> None:
    conversation_id = begin(office, admin)
    other = office.add_channel("sales")
    wrong = admin.post(f"/v1/channels/{other.id}/preview", {"conversation_id": conversation_id})
    assert (wrong.status, wrong.code, wrong.json["pointer"]) == (422, "of_another_channel", "/conversation_id")
    nobody = admin.post(path_of(office), {"user_id": "usr_nobody"})
    assert (nobody.status, nobody.json["pointer"]) == (422, "/user_id")
    assert admin.post(path_of(office), {"conversation_id": "cnv_nothing"}).status == 404
    assert admin.post("/v1/channels/chn_nothing/preview", {"text": "x"}).status == 404
    assert admin.post(path_of(office), {"subject": "a\r\nBcc: x@y.example"}).status == 400
    assert admin.post(f"{path_of(office)}?raw=perhaps", {"text": "x"}).status == 400


def test_S16_a_conversation_of_a_hidden_inbox_is_not_shown(office: Office, admin: Visitor) -> None:
    conversation_id = begin(office, admin)
    mia = visitor_for(office.add_user("Mia"))
    admin.patch(f"/v1/inboxes/{office.inbox_id}", {"access": {"mode": "selected"}})
    assert mia.post(path_of(office), {"conversation_id": conversation_id, "text": "x"}).status == 404
    assert show(admin, office, conversation_id=conversation_id, text="x")["subject"] == "Re: A question"

"""Public incidents of inboxes like this one, played against ours: an attacker never gets history, CC or a place.

What a mail does to the conversation alone stands in `test_strangers.py`; here an agent answers
afterwards, as one would.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.model.delivery import Verdict
from chalicelib.model.inbox import Acknowledgement, Sender
from tests.api.visitor import Visitor, admin_of
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.ses import FORGED, UNPROVEN
from tests.post.stream import Stream, publish

MALLORY = "mallory@evil.example"
SECRET = "the code of your safe is 4711"


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    return admin_of(office)


def later() -> dict[str, Any]:
    return {"received_at": stamp(clock.now())}


def answer(office: Office, admin: Visitor, conversation_id: str, **told: Any) -> outbox.Sent:
    """The mail with which an agent answers without saying to whom."""
    body = {"type": "reply", "text": SECRET, **told}
    assert admin.post(f"/v1/conversations/{conversation_id}/messages", body).status == 201
    return outbox.send_all(office)[-1]


def everything_seen(mail: outbox.Sent) -> str:
    """All words of a mail, whatever their encoding."""
    words = []
    for part in mail.mail.walk():
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            words.append(content.decode("utf-8", "replace"))
    return " ".join(words)


@pytest.mark.parametrize(
    "found", [{"authentication": FORGED}, {"authentication": UNPROVEN}], ids=["forged", "unproven"]
)
def test_zendesk_2024_a_forged_customer_with_cc_gets_no_history(
    office: Office, admin: Visitor, found: dict[str, Any]
) -> None:
    """The attacker writes in the customer's name, cites the ticket, and copies himself in."""
    office.deliver(letter(), **later())
    conversation = office.conversation()
    sent = answer(office, admin, conversation.id)
    forged = letter(
        message_id="forged@evil.example", in_reply_to=sent.public_id, cc=[MALLORY], text="Add my friend\r\n"
    )
    office.deliver(forged, **later(), **found)
    mail = answer(office, admin, conversation.id, force=True)
    assert mail.rcpt_to == (CONTACT,)
    assert MALLORY not in str(mail.mail["Cc"] or "")
    own = letter(sender=MALLORY, message_id="own@evil.example", in_reply_to="forged@evil.example")
    office.deliver(own, [office.address], **later())
    (mallorys,) = [each for each in office.conversations() if each.contact_email == MALLORY]
    assert mallorys.id != conversation.id
    assert SECRET not in everything_seen(answer(office, admin, mallorys.id, text="Hello"))


def test_freescout_j49f_a_stranger_who_replies_does_not_get_the_answer(office: Office, admin: Visitor) -> None:
    office.deliver(letter(), **later())
    conversation = office.conversation()
    sent = answer(office, admin, conversation.id)
    office.deliver(
        letter(sender=MALLORY, message_id="m@evil.example", in_reply_to=sent.public_id), [sent.reply_to], **later()
    )
    assert office.conversation().contact_email == CONTACT
    mail = answer(office, admin, conversation.id, force=True)
    assert mail.rcpt_to == (CONTACT,)


def test_freescout_47123_what_the_outside_can_write_is_no_credential(office: Office, admin: Visitor) -> None:
    """Ids of conversations, a reply address with any part changed, and headers of ours."""
    office.deliver(letter(), **later())
    conversation = office.conversation()
    sent = answer(office, admin, conversation.id)
    local, _, domain = sent.reply_to.partition("@")
    pieces = re.split(r"([.+-])", local)
    forged = [
        f"{conversation.id}@{domain}",
        f"reply+{conversation.id}@{domain}",
        f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}",
        f"{local[:-4]}@{domain}",
        f"{''.join(pieces[:-1])}@{domain}",
        f"{local.replace(local[0], chr(ord(local[0]) + 1), 1)}@{domain}",
    ]
    for number, address in enumerate(forged):
        raw = letter(
            sender=MALLORY, message_id=f"{number}@evil.example", headers={"X-Conversation-Id": conversation.id}
        )
        raw_id = office.deliver(raw, [address], **later())
        assert office.delivery(raw_id).verdict is Verdict.NO_CHANNEL, address
    assert [each.id for each in office.conversations()] == [conversation.id]
    assert len(office.messages()) == 2


def test_chatwoot_15871_whom_a_message_is_forwarded_to_is_not_the_customer(office: Office, admin: Visitor) -> None:
    """The expert's answer lands in a conversation of its own, and the customer's later mail in the old one."""
    office.deliver(letter(text=f"{SECRET}\r\n"), **later())
    conversation = office.conversation()
    question = answer(office, admin, conversation.id, text="Let me ask.")
    (first, *_) = office.messages()
    told = {"to": ["expert@other.example"], "text": "What do you say?"}
    assert admin.post(f"/v1/messages/{first.id}/forward", told).status == 201
    forward = outbox.send_all(office)[-1]
    assert forward.reply_to != question.reply_to
    for header in ("In-Reply-To", "References"):
        assert forward.mail[header] is None
    office.deliver(
        letter(sender="expert@other.example", message_id="e@other.example", in_reply_to=forward.public_id),
        [forward.reply_to],
        **later(),
    )
    office.deliver(
        letter(message_id="c@customer.example", in_reply_to=question.public_id), [question.reply_to], **later()
    )
    by_contact = {each.contact_email: each for each in office.conversations()}
    assert set(by_contact) == {CONTACT, "expert@other.example"}
    assert "expert@other.example" not in by_contact[CONTACT].participants
    assert answer(office, admin, by_contact[CONTACT].id, force=True).rcpt_to == (CONTACT,)


def test_chatwoot_15365_a_reply_address_in_cc_is_routed_by_the_envelope(office: Office, admin: Visitor) -> None:
    """The mail names a conversation's address in Cc but was delivered to the plain one: it is filed, and not there."""
    office.deliver(letter(), **later())
    sent = answer(office, admin, office.conversation().id)
    raw_id = office.deliver(
        letter(sender=MALLORY, message_id="cc@evil.example", cc=[sent.reply_to]), [office.address], **later()
    )
    assert office.delivery(raw_id).verdict is Verdict.FILED
    assert sorted(each.contact_email for each in office.conversations()) == [CONTACT, MALLORY]


def test_tickettrick_a_verification_mail_is_shown_to_colleagues_alone(office: Office) -> None:
    """Somebody signs up elsewhere with our support address: its code goes back to nobody, by no automatic mail."""
    office.set_channel(sender=Sender(use_for_sending=True), acknowledgement=Acknowledgement(True))
    stream = Stream()
    office.deliver(letter(sender="no-reply@service.example", subject="Your code", text="Code: 815162\r\n"), **later())
    assert publish(office, stream.take()) == []
    mails = outbox.send_all(office)
    assert all("815162" not in everything_seen(mail) for mail in mails)
    assert all(mail.rcpt_to == ("no-reply@service.example",) for mail in mails)
    conversation = office.conversation()
    assert Visitor().get(f"/v1/conversations/{conversation.id}").status == 401
    stranger = admin_of(Office("other"))
    assert stranger.get(f"/v1/conversations/{conversation.id}/messages").status == 404


@pytest.mark.parametrize(
    "found", [{"authentication": FORGED}, {"authentication": UNPROVEN}], ids=["forged", "unproven"]
)
def test_zendesk_2025_nobody_is_flooded_in_whose_name_tickets_are_opened(office: Office, found: dict[str, Any]) -> None:
    office.set_channel(sender=Sender(use_for_sending=True), acknowledgement=Acknowledgement(True))
    stream = Stream()
    for number in range(5):
        office.deliver(letter(message_id=f"{number}@evil.example", subject="Buy pills"), **later(), **found)
    assert publish(office, stream.take()) == []
    assert outbox.send_all(office) == []
    assert len(office.conversations()) == 5


@pytest.mark.parametrize(
    "name",
    ["Ada\r\nBcc: m@evil.example", "Ada\x00", "Ada\u202egnp.exe", '"><img src=x onerror=1>', "=?utf-8?q?=0d=0aBcc?="],
)
def test_mailcow_40873_hostile_names_inject_nothing_into_what_we_send(
    office: Office, admin: Visitor, name: str
) -> None:
    sender = f"=?utf-8?q?{''.join(f'={byte:02X}' for byte in name.encode())}?= <{CONTACT}>"
    office.deliver(
        letter(sender=sender, subject=f"=?utf-8?q?{''.join(f'={b:02X}' for b in name.encode())}?="), **later()
    )
    mail = answer(office, admin, office.conversation().id)
    head = mail.raw.partition(b"\r\n\r\n")[0]
    assert mail.rcpt_to == (CONTACT,)
    assert mail.mail["Bcc"] is None
    assert not re.search(rb"(?im)^bcc:", head)
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", str(mail.mail["Subject"]) + str(mail.mail["To"]))
    html = mail.mail.get_body(("html",))
    assert html is not None
    assert "<img" not in str(html.get_content())

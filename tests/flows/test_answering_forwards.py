"""Whose a forwarded mail is, and what its writer is told of it: forwards as mail programs write them."""

from __future__ import annotations

import pytest

from chalicelib.model.inbox import Sender
from chalicelib.storage import keys
from chalicelib.storage.tables import ChannelRow
from tests.api.visitor import Visitor, admin_of
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office

MUTT = (
    "Can you help Cleo? She is rather cross.\r\n\r\nBo\r\n\r\n"
    "----- Forwarded message from Cleo <cleo@customer.example> -----\r\n\r\n"
    "Date: Mon, 2 Mar 2026 08:00:00 +0100\r\nFrom: Cleo <cleo@customer.example>\r\nTo: Bo <bo@partner.example>\r\n"
    "Subject: Broken\r\nMessage-ID: <c1@customer.example>\r\n\r\n"
    "It broke.\r\n\r\nOn 1 March 2026 Bo <bo@partner.example> wrote:\r\n> Does it work?\r\n\r\n"
    "----- End forwarded message -----\r\n"
)
ATTACHED = (
    "--b\r\nContent-Type: text/plain\r\n\r\nCan you help Cleo? She is rather cross.\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: Cleo <cleo@customer.example>\r\nTo: Bo <bo@partner.example>\r\n"
    "Subject: Broken\r\nMessage-ID: <c1@customer.example>\r\nContent-Type: text/plain\r\n\r\nIt broke.\r\n--b--\r\n"
)
MULTIPART = {"MIME-Version": "1.0", "Content-Type": 'multipart/mixed; boundary="b"'}
BO = "Bo <bo@partner.example>"
SUBJECT = "[cleo@customer.example: Broken]"


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    return admin_of(office)


def answer(admin: Visitor, office: Office) -> outbox.Sent:
    """The mail that leaves when somebody answers the only conversation."""
    reply = admin.post(
        f"/v1/conversations/{office.conversation().id}/messages", {"type": "reply", "text": "A new one is on its way."}
    )
    assert reply.status == 201, reply.text
    (mail,) = outbox.send_all(office)
    return mail


def readable(mail: outbox.Sent) -> str:
    """All that its text and its HTML say, with \\n for every line end."""
    bodies = (mail.mail.get_body((kind,)) for kind in ("plain", "html"))
    return "\n".join(body.get_content() for body in bodies if body is not None).replace("\r\n", "\n")


def test_S48_what_was_written_above_a_forward_is_not_told_to_the_original_sender(
    office: Office, admin: Visitor
) -> None:
    office.deliver(letter(sender=BO, subject=SUBJECT, text=MUTT))
    mail = answer(admin, office)
    assert mail.rcpt_to == ("cleo@customer.example",)
    said = readable(mail)
    assert "rather cross" not in said
    assert "> It broke.\n" in said
    assert "Does it work?" not in said


def test_S48_a_mail_forwarded_as_a_file_belongs_to_its_writer_and_quotes_nothing(
    office: Office, admin: Visitor
) -> None:
    office.deliver(letter(sender=BO, subject=SUBJECT, text=ATTACHED, headers=MULTIPART))
    mail = answer(admin, office)
    assert mail.rcpt_to == ("cleo@customer.example",)
    assert "rather cross" not in readable(mail)
    assert "wrote:" not in readable(mail)


def test_S48_of_a_mail_sent_on_as_it_was_the_writers_words_are_quoted(office: Office, admin: Visitor) -> None:
    resent = {
        "Resent-From": BO,
        "Resent-To": "support@acme.in.postfach.test",
        "Resent-Message-ID": "<r@partner.example>",
    }
    office.deliver(letter(to=["bo@partner.example"], headers=resent))
    (message,) = office.messages()
    assert message.from_ is not None
    assert message.from_.address == CONTACT
    assert message.forwarded_by is not None
    assert (message.forwarded_by.name, message.forwarded_by.address) == ("Bo", "bo@partner.example")
    mail = answer(admin, office)
    assert mail.rcpt_to == (CONTACT,)
    assert "> Where is my parcel?\n" in readable(mail)


@pytest.mark.parametrize("from_address", [None, "hello@acme.example"])
def test_S48_our_own_answer_that_a_customer_forwards_to_us_stays_the_customers(
    office: Office, from_address: str | None
) -> None:
    """Who presses Forward instead of Reply wrote to us, and is answered; our own address is nobody's contact."""
    office.set_channel(sender=Sender(use_for_sending=True, from_address=from_address))
    if from_address:
        row = ChannelRow(*keys.channel(office.account_id, office.channel_id))
        row.update(actions=[ChannelRow.proven_address.set(from_address)])
    ours = from_address or "support@acme.in.postfach.test"
    text = (
        f"Still broken!\r\n\r\n---------- Forwarded message ---------\r\nFrom: Ada Admin (Acme) <{ours}>\r\n"
        f"Date: Mon, 2 Mar 2026 at 08:00\r\nSubject: Re: Broken\r\nTo: <{CONTACT}>\r\n\r\nIs it mended?\r\n"
    )
    office.deliver(letter(subject="Fwd: Re: Broken", text=text))
    conversation = office.conversation()
    assert (conversation.contact_email, conversation.participants) == (CONTACT, (CONTACT,))
    (message,) = office.messages()
    assert (message.marks, message.forwarded_by) == ((), None)
    reply = admin_of(office).post(f"/v1/conversations/{conversation.id}/messages", {"type": "reply", "text": "Sorry!"})
    assert (reply.status, [each["address"] for each in reply.json["to"]]) == (201, [CONTACT])


def test_a_forward_that_is_sent_on_again_names_who_wrote_the_words_above_it(office: Office, admin: Visitor) -> None:
    office.deliver(letter(sender=BO, subject=SUBJECT, text=MUTT))
    (message,) = office.messages()
    sent = admin.post(f"/v1/messages/{message.id}/forward", {"to": ["depot@carrier.example"], "text": "Please look."})
    assert sent.status == 201, sent.text
    (mail,) = outbox.send_all(office)
    head, _, rest = readable(mail).partition("Can you help Cleo?")
    assert "\nFrom: Bo <bo@partner.example>\n" in head
    assert "<cleo@" not in head
    assert "From: Cleo <cleo@customer.example>" in rest

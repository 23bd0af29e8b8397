"""What the outside can write is no credential: strangers, forgers, and whoever learned an id (§7.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.inbound.reply_address import make_reply_address
from chalicelib.model.conversation import Conversation
from chalicelib.model.delivery import Verdict
from chalicelib.model.inbox import Sender
from tests.api.visitor import admin_of
from tests.post import outbox
from tests.post.cloud import SIGNING_KEY
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.ses import FORGED, UNPROVEN

MALLORY = "Mallory <mallory@evil.example>"
SENT = "0100019a-sent-0001@eu-central-1.amazonses.com"
FIRST = "first@customer.example"


@pytest.fixture
def conversation(office: Office) -> Conversation:
    """A running conversation with Ada, from which a mail has left."""
    office.deliver(letter())
    found = office.conversation()
    office.note_sent(found, SENT)
    return found


def test_a_stranger_who_cites_the_customers_mail_starts_a_conversation_of_his_own(
    office: Office, conversation: Conversation
) -> None:
    """FreeScout GHSA-j49f."""
    office.deliver(letter(sender=MALLORY, message_id="m@evil.example", in_reply_to=FIRST))
    new, old = office.conversations()
    assert (old.id, old.message_count, old.participants) == (conversation.id, 1, (CONTACT,))
    assert (new.contact_email, new.started_because.code) == ("mallory@evil.example", "not_a_participant")


def test_a_stranger_who_cites_our_mail_is_a_marked_message(office: Office, conversation: Conversation) -> None:
    """FreeScout GHSA-j49f: he does not become the contact, takes no part and brings nobody in."""
    office.deliver(
        letter(sender=MALLORY, message_id="m@evil.example", in_reply_to=SENT, cc=["friend@evil.example"]),
    )
    joined = office.conversation()
    assert (joined.id, joined.message_count) == (conversation.id, 2)
    assert (joined.contact_id, joined.contact_email) == (conversation.contact_id, CONTACT)
    assert joined.participants == (CONTACT,)
    message = office.messages()[-1]
    assert message.marks == ("sender_takes_no_part",)
    assert message.joined_because.code == "answers_our_message"
    office.deliver(letter(sender=MALLORY, message_id="m2@evil.example", in_reply_to="m@evil.example"))
    office.deliver(letter(sender="friend@evil.example", message_id="m3@evil.example", in_reply_to=FIRST))
    assert [each.message_count for each in office.conversations()] == [1, 1, 2]


def test_the_customer_answers_our_mail(office: Office, conversation: Conversation) -> None:
    office.deliver(letter(message_id="second@customer.example", in_reply_to=SENT))
    assert office.messages()[-1].joined_because.code == "answers_our_message"
    assert office.conversation().message_count == 2


@pytest.mark.parametrize("found", [FORGED, UNPROVEN], ids=["fail", "gray"])
def test_a_forged_sender_cannot_add_cc(office: Office, conversation: Conversation, found: dict[str, str]) -> None:
    """Zendesk 2024; SimpleLogin 2026-07: "none" is not "pass"."""
    office.deliver(
        letter(message_id="forged@customer.example", in_reply_to=FIRST, cc=["mallory@evil.example"]),
        authentication=found,
    )
    joined = office.conversation()
    assert (joined.message_count, joined.participants) == (2, (CONTACT,))
    assert office.messages()[-1].marks == ("sender_not_proven",)
    office.deliver(letter(sender=MALLORY, message_id="m@evil.example", in_reply_to="forged@customer.example"))
    assert office.conversations()[0].started_because.code == "not_a_participant"


def test_a_forged_first_mail_brings_nobody_in(office: Office) -> None:
    office.deliver(letter(cc=["mallory@evil.example"]), authentication=FORGED)
    assert office.conversation().participants == (CONTACT,)


def test_a_proven_participant_adds_cc_who_may_then_answer(office: Office, conversation: Conversation) -> None:
    office.deliver(letter(message_id="two@customer.example", in_reply_to=FIRST, cc=["Bob <bob@customer.example>"]))
    assert set(office.conversation().participants) == {CONTACT, "bob@customer.example"}
    office.deliver(
        letter(sender="bob@customer.example", message_id="b@customer.example", in_reply_to="two@customer.example")
    )
    joined = office.conversation()
    assert (joined.message_count, joined.contact_email) == (3, CONTACT)
    assert office.messages()[-1].marks == ()


def test_our_own_addresses_never_take_part(office: Office) -> None:
    office.deliver(letter(to=[office.address, "sales@acme.in.postfach.test"], cc=["bob@customer.example"]))
    assert set(office.conversation().participants) == {CONTACT, "bob@customer.example"}


def test_who_lies_in_wait_for_a_mail_does_not_catch_it(office: Office) -> None:
    """A stranger learned the id of a mail that is under way and cites it first."""
    office.deliver(letter(sender=MALLORY, message_id="m@evil.example", in_reply_to=FIRST, cc=[CONTACT]))
    office.deliver(letter())
    assert {each.contact_email: each.message_count for each in office.conversations()} == {
        "mallory@evil.example": 1,
        CONTACT: 1,
    }


def test_a_reply_address_leads_to_its_conversation_whoever_writes(office: Office, conversation: Conversation) -> None:
    to = [office.reply_address(conversation)]
    office.deliver(letter(message_id="r@customer.example", to=to), to=to)
    office.deliver(letter(sender=MALLORY, message_id="m@evil.example", to=to), to=[to[0].upper()])
    joined = office.conversation()
    assert (joined.message_count, joined.participants, joined.contact_email) == (3, (CONTACT,), CONTACT)
    assert [each.joined_because.code for each in office.messages()[1:]] == ["signed_reply_address"] * 2
    assert [each.marks for each in office.messages()[1:]] == [(), ("sender_takes_no_part",)]


def test_a_reply_address_beside_the_plain_one_is_one_delivery(office: Office, conversation: Conversation) -> None:
    to = [office.address, office.reply_address(conversation)]
    raw_id = office.deliver(letter(message_id="r@customer.example", to=to), to=to)
    assert office.delivery(raw_id).recipients == tuple(to)
    assert office.conversation().message_count == 2


@pytest.mark.parametrize("how", ["forged", "expired", "other account", "unsigned", "cut", "other version", "altered"])
def test_a_reply_address_that_does_not_hold_is_an_unknown_recipient(
    office: Office, conversation: Conversation, how: str
) -> None:
    """FreeScout CVE-2026-47123, GHSA-8vm3."""
    good = office.reply_address(conversation)
    local, _, domain = good.partition("@")
    version, ids, until, mac = local.split(".")
    other = Office("other") if how == "other account" else office
    elsewhere = other.address.partition("@")[2]
    wrong = {
        "forged": f"{version}.{ids}.{until}.{'a' * 16}@{domain}",
        "expired": office.reply_address(conversation, expires=clock.now() - timedelta(days=2)),
        "other account": f"{local}@{elsewhere}",
        "unsigned": f"{version}.{ids}.{until}.@{domain}",
        "cut": f"{version}.{ids}.{until}.{mac[:-1]}@{domain}",
        "other version": f"r0.{ids}.{until}.{mac}@{domain}",
        "altered": f"{version}.{ids[::-1]}.{until}.{mac}@{domain}",
    }[how]
    raw_id = office.deliver(letter(message_id="r@customer.example"), to=[wrong])
    delivery = office.delivery(raw_id)
    assert (delivery.verdict, delivery.account_id) == (Verdict.NO_CHANNEL, other.account_id)
    assert office.conversation().message_count == 1


def test_a_reply_address_of_a_conversation_that_never_was_opens_one(office: Office) -> None:
    address = make_reply_address(
        SIGNING_KEY.encode(),
        office.address.partition("@")[2],
        office.account_id,
        "cnv_" + "a" * 16,
        office.channel_id,
        expires=clock.now() + timedelta(days=1),
    )
    office.deliver(letter(), to=[address])
    assert office.conversation().started_because.code == "new"


def test_a_reply_address_reopens_and_follows_a_closed_conversation(office: Office, conversation: Conversation) -> None:
    office.close(conversation, conversation.created_at)
    office.deliver(letter(message_id="r@customer.example"), to=[office.reply_address(conversation)])
    reopened = office.conversation()
    assert (reopened.status.value, reopened.message_count) == ("open", 2)


def test_two_reply_addresses_of_two_accounts_keep_to_their_accounts(office: Office) -> None:
    """Keys begin with the account: an equal Message-ID elsewhere means nothing here."""
    other = Office("other")
    office.deliver(letter())
    other.count = 100
    other.deliver(letter(message_id="s@customer.example", in_reply_to=FIRST))
    assert office.conversation().message_count == other.conversation().message_count == 1
    assert other.conversation().started_because.code == "new"
    assert office.conversation().contact_id != other.conversation().contact_id


def test_our_own_headers_on_incoming_mail_mean_nothing(office: Office, conversation: Conversation) -> None:
    """Zammad's X-headers: nothing in a mail sets state, and findings come from SES alone."""
    hostile = {
        "X-Postfach-Conversation": conversation.id,
        "X-Postfach-Status": "closed",
        "X-SES-Spam-Verdict": "FAIL",
        "X-SES-Virus-Verdict": "FAIL",
        "Authentication-Results": "amazonses.com; dmarc=pass; spf=pass; dkim=pass",
        "Delivered-To": office.reply_address(conversation),
        "X-Original-To": office.reply_address(conversation),
    }
    office.deliver(
        letter(sender=MALLORY, message_id="m@evil.example", headers=hostile, to=[office.reply_address(conversation)]),
        authentication=FORGED,
    )
    new, old = office.conversations()
    assert (old.id, old.message_count) == (conversation.id, 1)
    assert office.messages(new)[0].marks == ("sender_not_proven",)


def test_a_forward_of_a_running_conversation_changes_neither_contact_nor_participants(
    office: Office, conversation: Conversation
) -> None:
    """S50, S51: who was added while forwarding never takes part."""
    forward = (
        "See below.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Carla <carla@else.example>\r\n"
        "Date: Mon, 2 Mar 2026 08:00:00 +0100\r\nSubject: Broken\r\nTo: <info@acme.example>\r\n"
        "Cc: <chief@else.example>\r\n\r\nIt broke.\r\n"
    )
    office.deliver(
        letter(
            message_id="fwd@customer.example",
            in_reply_to=FIRST,
            subject="Fwd: Broken",
            text=forward,
            cc=["added@evil.example"],
        )
    )
    joined = office.conversation()
    assert (joined.contact_email, joined.participants) == (CONTACT, (CONTACT,))
    message = office.messages()[-1]
    assert message.marks == ("forwarded",)
    assert message.forwarded_by is not None
    assert message.forwarded_by.address == CONTACT
    assert [each.address for each in message.cc] == ["chief@else.example"]


def test_S50_S51_a_forward_brings_in_only_the_original_mails_people(office: Office) -> None:
    forward = (
        "See below.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Carla <carla@else.example>\r\n"
        "Date: Mon, 2 Mar 2026 08:00:00 +0100\r\nSubject: Broken\r\nTo: <info@acme.example>\r\n"
        "Cc: <chief@else.example>\r\n\r\nIt broke.\r\n"
    )
    office.deliver(letter(sender="info@acme.example", subject="Fwd: Broken", text=forward, cc=["added@acme.example"]))
    conversation = office.conversation()
    assert conversation.contact_email == "carla@else.example"
    assert set(conversation.participants) == {"carla@else.example", "chief@else.example", "info@acme.example"}
    assert set(office.contacts()) == {"carla@else.example"}
    (message,) = office.messages()
    assert [each.address for each in message.cc] == [
        "chief@else.example"
    ]  # who was added while forwarding shows nowhere
    office.set_channel(sender=Sender(use_for_sending=True))
    path = f"/v1/conversations/{conversation.id}/messages"
    assert admin_of(office).post(path, {"type": "reply", "text": "We look."}).status == 201
    (mail,) = outbox.send_all(office)
    assert "carla@else.example" in mail.rcpt_to
    assert b"added@acme.example" not in mail.raw
    assert "added@acme.example" not in mail.rcpt_to


def test_hostile_names_and_subjects_are_kept_as_text(office: Office) -> None:
    """mailcow CVE-2026-40873 and kin: no line breaks or other controls come through."""
    office.deliver(
        letter(
            sender="=?utf-8?q?A=0D=0ABcc=3A_x=40y=00?= <ada@customer.example>",
            subject="=?utf-8?q?Hi=0D=0ABcc=3A_victim=40else.example=00=E2=80=AE?=",
        )
    )
    conversation = office.conversation()
    for text in (conversation.subject, conversation.contact_name or "", office.messages()[0].subject):
        assert not set(text) & set("\r\n\0\u202e")


def test_a_participant_in_a_closed_inbox_of_another_account_is_nobody_here(office: Office) -> None:
    """A signed address works only under the subdomain of its account."""
    office.deliver(letter())
    other = Office("other")
    address = office.reply_address(office.conversation()).replace("@acme.", "@other.")
    raw_id = other.store(letter(message_id="x@customer.example"), "elsewhere")
    assert other.handle(other.announce(raw_id, [address])) == []
    assert other.delivery(raw_id).verdict is Verdict.NO_CHANNEL
    assert office.conversation().message_count == 1


def test_the_signing_key_of_another_deployment_signs_nothing_here(office: Office, conversation: Conversation) -> None:
    address = make_reply_address(
        b"another signing key of more than 32 characters",
        office.address.partition("@")[2],
        office.account_id,
        conversation.id,
        office.channel_id,
        expires=clock.now() + timedelta(days=1),
    )
    raw_id = office.deliver(letter(message_id="x@customer.example"), to=[address])
    assert office.delivery(raw_id).verdict is Verdict.NO_CHANNEL
    assert replace(office.conversation()) == conversation

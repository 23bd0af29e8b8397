"""Every delivery ends as a row with one named verdict, and what is refused leaves no trace elsewhere (§7.1)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from chalicelib.inbound.replay import replay
from chalicelib.model.conversation import Direction
from chalicelib.model.delivery import Delivery, Verdict
from tests.post import cloud
from tests.post.letters import bounce_of, letter
from tests.post.office import Office, moment
from tests.post.ses import at

SENT = "0100019a-sent-0001@eu-central-1.amazonses.com"
AUTOMATIC = {"Auto-Submitted": "auto-replied", "X-Autoreply": "yes"}


def seen_of_nothing(office: Office) -> bool:
    """No contact, conversation, message, ticket or claim exists."""
    kinds = {item["kind"]["S"] for item in cloud.table_content().values()}
    traces = {"contact", "contact_address", "conversation", "message", "message_id", "ticket", "claim"}
    return not kinds & traces and not office.contacts()


def unfiled(office: Office, raw_id: str) -> Delivery:
    """The delivery, which admins see listed by its verdict and among all."""
    delivery = office.delivery(raw_id)
    assert [each.id for each in office.unfiled(delivery.verdict)] == [delivery.id]
    assert delivery.id in [each.id for each in office.unfiled()]
    return delivery


@pytest.mark.parametrize(
    ("raw", "found", "verdict", "code"),
    [
        (letter(), {"spam": "FAIL"}, Verdict.QUARANTINED, "spam"),
        (letter(), {"virus": "FAIL"}, Verdict.QUARANTINED, "virus"),
        (letter(), {"virus": "FAIL", "spam": "FAIL"}, Verdict.QUARANTINED, "virus"),
        (letter(sender="support@acme.in.postfach.test"), {}, Verdict.LOOP, "own_address"),
        (letter(sender="Us <SUPPORT@Acme.in.Postfach.test>"), {}, Verdict.LOOP, "own_address"),
        (b"Received: by mx.example; now\r\n" * 51 + letter(), {}, Verdict.LOOP, "too_many_hops"),
        (bounce_of(SENT, "gone@else.example"), {"mail_from": None}, Verdict.BOUNCE, "delivery_report"),
        (letter(headers=AUTOMATIC), {}, Verdict.AUTO_REPLY, "automatic_reply"),
    ],
    ids=lambda value: str(value) if isinstance(value, Verdict | str) else "",
)
def test_refused_before_anything_exists(
    office: Office, raw: bytes, found: dict[str, str], verdict: Verdict, code: str
) -> None:
    delivery = unfiled(office, office.deliver(raw, **found))
    assert (delivery.verdict, delivery.because.code) == (verdict, code)
    assert (delivery.account_id, delivery.channel_id) == (office.account_id, office.channel_id)
    assert (delivery.conversation_id, delivery.message_id) == (None, None)
    assert seen_of_nothing(office)


@pytest.mark.parametrize("found", ["GRAY", "PROCESSING_FAILED", "DISABLED"])
def test_spam_that_ses_is_not_sure_of_is_filed(office: Office, found: str) -> None:
    assert office.delivery(office.deliver(letter(), spam=found, virus=found)).verdict is Verdict.FILED


def test_fifty_hops_are_no_loop(office: Office) -> None:
    raw_id = office.deliver(b"Received: by mx.example; now\r\n" * 50 + letter())
    assert office.delivery(raw_id).verdict is Verdict.FILED


def test_a_mail_of_ours_that_comes_back_is_a_loop(office: Office) -> None:
    office.deliver(letter())
    office.note_sent(office.conversation(), SENT)
    raw_id = office.deliver(letter(sender="list@lists.example", message_id=SENT))
    assert unfiled(office, raw_id).because.code == "own_message"
    assert office.conversation().message_count == 1


def test_an_automatic_reply_within_a_conversation_is_kept_and_marked(office: Office) -> None:
    office.deliver(letter())
    office.deliver(letter(message_id="auto@x.example", in_reply_to="first@customer.example", headers=AUTOMATIC))
    message = office.messages()[-1]
    assert (message.automatic, message.direction, message.marks) == (
        "auto_replied",
        Direction.INCOMING,
        ("automatic",),
    )


# --- Channel off (S85-S90)


def test_S85_S87_S88_mail_to_a_channel_that_is_off_leaves_a_row_and_no_trace(office: Office) -> None:
    office.set_channel(enabled=False)
    delivery = unfiled(office, office.deliver(letter()))
    assert delivery.verdict is Verdict.CHANNEL_OFF
    assert (delivery.from_address, delivery.subject) == (None, None)
    assert seen_of_nothing(office)


@pytest.mark.parametrize("signed", [False, True], ids=["by address", "by reply address"])
def test_S87_also_in_running_conversations(office: Office, signed: bool) -> None:
    office.deliver(letter())
    before = office.conversation()
    office.set_channel(enabled=False)
    to = [office.reply_address(before)] if signed else [office.address]
    raw_id = office.deliver(letter(message_id="s@customer.example", in_reply_to="first@customer.example"), to=to)
    assert unfiled(office, raw_id).verdict is Verdict.CHANNEL_OFF
    assert office.conversation() == before
    assert len(office.messages()) == 1


def test_S89_S90_released_when_the_channel_is_on_again_as_if_it_came_now(office: Office) -> None:
    settings = office.channel()
    office.set_channel(enabled=False)
    raw_id = office.deliver(letter())
    office.again(office.delivery(raw_id), now=moment(at(60)))
    still = office.delivery(raw_id)
    assert (still.verdict, still.attempts, still.received_at) == (Verdict.CHANNEL_OFF, 2, at(1))
    on = office.set_channel(enabled=True)
    assert replace(on, version=settings.version) == settings
    office.again(office.delivery(raw_id), now=moment(at(120)))
    conversation = office.conversation()
    assert (conversation.message_count, conversation.last_message_at) == (1, at(120))
    filed = office.delivery(raw_id)
    assert (filed.verdict, filed.attempts, filed.received_at) == (Verdict.FILED, 3, at(1))
    assert office.unfiled() == []
    office.deliver(letter(message_id="s@customer.example", in_reply_to="first@customer.example"), received_at=at(130))
    assert office.conversation().message_count == 2


# --- Handled again (§7.2)


def test_quarantined_spam_is_released_by_an_admin(office: Office) -> None:
    raw_id = office.deliver(letter(), spam="FAIL")
    office.again(office.delivery(raw_id))
    assert office.delivery(raw_id).verdict is Verdict.QUARANTINED
    office.again(office.delivery(raw_id), released=True)
    delivery = office.delivery(raw_id)
    assert (delivery.verdict, delivery.attempts, delivery.arrival.spam) == (Verdict.FILED, 3, "fail")
    assert office.conversation().message_count == 1
    assert office.unfiled() == []


def test_a_virus_is_never_released(office: Office) -> None:
    raw_id = office.deliver(letter(), virus="FAIL")
    office.again(office.delivery(raw_id), released=True)
    assert office.delivery(raw_id).because.code == "virus"
    assert seen_of_nothing(office)


def test_what_was_filed_is_understood_again_without_a_duplicate(office: Office) -> None:
    raw_id = office.deliver(letter())
    before, conversation = office.messages(), office.conversation()
    for attempts in (2, 3):
        office.again(office.delivery(raw_id), now=moment(at(60)))
        delivery = office.delivery(raw_id)
        assert (delivery.attempts, delivery.verdict, delivery.because.code) == (
            attempts,
            Verdict.FILED,
            "understood_again",
        )
    assert office.messages() == before
    assert office.conversation() == conversation


def test_a_duplicate_stays_one_when_handled_again(office: Office) -> None:
    office.deliver(letter())
    copy = office.deliver(letter())
    office.again(office.delivery(copy))
    assert office.delivery(copy).verdict is Verdict.DUPLICATE
    assert office.conversation().message_count == 1


def test_an_unknown_recipient_is_filed_when_the_address_exists_later(office: Office) -> None:
    raw_id = office.deliver(letter(), to=["sales@acme.in.postfach.test"])
    assert unfiled(office, raw_id).verdict is Verdict.NO_CHANNEL
    office.add_channel("sales")
    office.again(office.delivery(raw_id))
    delivery = office.delivery(raw_id)
    assert delivery.verdict is Verdict.FILED
    assert office.conversation().channel_id != office.channel_id


@pytest.mark.parametrize("was_filed", [True, False], ids=["filed", "channel off"])
def test_a_replay_that_the_queue_delivers_twice_is_done_once(office: Office, was_filed: bool) -> None:
    office.set_channel(enabled=was_filed)
    raw_id = office.deliver(letter())
    office.set_channel(enabled=True)
    replay(office.delivery(raw_id), moment(at(60)))
    (body,) = office.take_queue()
    assert office.handle(body) == []
    whole = cloud.table_content()
    assert office.handle(body, body) == []
    assert cloud.table_content() == whole


# --- Envelope


def test_an_unknown_recipient_of_an_account_is_its_admins_to_see(office: Office) -> None:
    delivery = unfiled(office, office.deliver(letter(), to=["nobody@acme.in.postfach.test"]))
    assert (delivery.verdict, delivery.account_id, delivery.channel_id) == (Verdict.NO_CHANNEL, office.account_id, None)
    assert seen_of_nothing(office)


@pytest.mark.parametrize(
    "recipient",
    [
        "a@nobody.in.postfach.test",
        "a@in.postfach.test",
        "a@evil-in.postfach.test",
        "a@acme.in.postfach.test.evil.example",
        "a@x.acme.in.postfach.test",
        "support@acme.free.postfach.test",
        "",
        "@",
    ],
)
def test_a_recipient_that_is_nobodys_still_has_its_row(office: Office, recipient: str) -> None:
    """Discourse CVE-2026-33393: domains are compared label by label."""
    raw_id = office.deliver(letter(), to=[recipient])
    delivery = office.delivery(raw_id)
    assert delivery.verdict is Verdict.NO_CHANNEL
    assert delivery.channel_id is None
    assert seen_of_nothing(office)


def test_to_and_cc_route_nothing(office: Office) -> None:
    """Chatwoot 15365: the envelope alone says where a mail arrived."""
    office.deliver(letter(to=["someone@else.example"], cc=["else@where.example"]))
    assert office.conversation().message_count == 1
    raw_id = office.deliver(letter(message_id="x@y.example"), to=["gone@acme.in.postfach.test"])
    assert office.delivery(raw_id).verdict is Verdict.NO_CHANNEL
    assert office.conversation().message_count == 1


def test_two_channels_in_one_mail_are_two_deliveries(office: Office) -> None:
    other = office.add_inbox("Sales")
    sales = office.add_channel("sales", other.id)
    raw_id = office.deliver(letter(), to=[sales.address, office.address, "nobody@acme.in.postfach.test"])
    assert sorted(each.verdict for each in office.deliveries(raw_id)) == ["filed", "filed", "no_channel"]
    (elsewhere,) = office.conversations(other.id)
    assert elsewhere.channel_id == sales.id
    assert office.conversation().channel_id == office.channel_id
    assert len(office.contacts()) == 1


def test_two_recipients_of_one_channel_are_one_delivery(office: Office) -> None:
    raw_id = office.deliver(letter(), to=[office.address, office.address.upper(), f" {office.address}"])
    assert office.delivery(raw_id).recipients == (office.address,)
    assert office.conversation().message_count == 1


def test_a_hundred_recipients(office: Office) -> None:
    to = [f"someone{number}@acme.in.postfach.test" for number in range(99)]
    raw_id = office.deliver(letter(), to=[*to, office.address])
    verdicts = [each.verdict for each in office.deliveries(raw_id)]
    assert (len(verdicts), verdicts.count(Verdict.FILED)) == (100, 1)

"""What an account keeps for so many days goes when it is older, and nothing else: with a clock that is moved."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.model.account import Retention
from chalicelib.model.audit import noticed
from chalicelib.model.conversation import Conversation
from chalicelib.reconcile import retention
from chalicelib.reconcile.run import reconcile
from chalicelib.storage import accounts, aws, conversations, held
from chalicelib.storage.observing import Pace
from tests.post.cloud import BUCKET
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.ses import FIRST_MAIL_AT, at

DAY = 24 * 60  # minutes


def keep(office: Office, **days: int) -> None:
    """The account says for how long it keeps what."""
    before = accounts.read(office.account_id, consistent=True)
    assert before is not None
    after = replace(before, retention=Retention(**days), version=before.version + 1)
    noted = noticed(before.id, "account.changed", before.id, None, None, at(0))
    accounts.change(before, after, noted)


def later(days: float) -> datetime:
    return FIRST_MAIL_AT + timedelta(days=days)


def deadline() -> float:
    return time.monotonic() + 60


def deliver(office: Office, name: str, days: float = 0, **found: str) -> str:
    """A mail of `name` on a day."""
    return office.deliver(
        letter(sender=f"{name} <{name}@customer.example>", message_id=f"{name}-{days}@x.example"),
        received_at=at(days * DAY),
        **found,
    )


def of(office: Office, name: str) -> Conversation:
    (found,) = [each for each in office.conversations() if each.contact_email == f"{name}@customer.example"]
    return found


def names(office: Office) -> set[str]:
    return {each.contact_email.partition("@")[0] for each in office.conversations()}


def raw_mails() -> set[str]:
    found = aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="raw/").get("Contents", ())
    return {each["Key"].removeprefix("raw/") for each in found}


def test_closed_conversations_go_when_they_are_old_enough_and_open_ones_never(office: Office) -> None:
    for name in ("old", "young", "open", "late"):
        deliver(office, name)
    office.close(of(office, "old"), at(1 * DAY))
    office.close(of(office, "young"), at(20 * DAY))  # nothing came since the first day, but it was open till then
    office.close(of(office, "late"), at(1 * DAY))
    deliver(office, "other", 29)
    office.close(of(office, "other"), at(29 * DAY))
    keep(office, closed_days=30)
    assert retention.erase_kept(later(30.9), deadline()).conversations == 0
    report = retention.erase_kept(later(31), deadline())
    assert (report.conversations, report.finished) == (2, True)
    assert names(office) == {"young", "open", "other"}
    assert len(raw_mails()) == 3
    assert retention.erase_kept(later(51), deadline()).conversations == 1
    assert names(office) == {"open", "other"}
    assert retention.erase_kept(later(4000), deadline()).conversations == 1
    assert names(office) == {"open"}
    assert len(office.tickets()) == 1


def test_an_account_that_keeps_everything_loses_nothing(office: Office) -> None:
    deliver(office, "old")
    office.close(of(office, "old"), at(DAY))
    deliver(office, "spam", spam="FAIL")
    for step in (retention.erase_kept, retention.erase_raw_mail):
        step(later(20_000), deadline())
    assert names(office) == {"old"}
    assert len(office.unfiled()) == 1
    assert len(raw_mails()) == 2
    keep(office, closed_days=1)
    keep(office)  # it changed its mind
    assert retention.erase_kept(later(20_000), deadline()).conversations == 0


def test_another_accounts_settings_are_not_this_ones(office: Office) -> None:
    other = Office("other")
    other.count = 100
    deliver(office, "ours")
    deliver(other, "theirs")
    office.close(of(office, "ours"), at(DAY))
    other.close(of(other, "theirs"), at(DAY))
    keep(other, closed_days=1)
    retention.erase_kept(later(10), deadline())
    assert (names(office), names(other)) == ({"ours"}, set())


def test_mail_that_became_no_conversation_goes_and_what_waits_for_its_release_stays(office: Office) -> None:
    deliver(office, "spam", spam="FAIL")
    deliver(office, "young", 10, spam="FAIL")
    office.set_channel(enabled=False)
    deliver(office, "held")
    keep(office, unfiled_days=30)
    assert retention.erase_kept(later(30), deadline()).deliveries == 1
    assert {each.verdict.value for each in office.unfiled()} == {"quarantined", "channel_off"}
    assert len(raw_mails()) == 2
    assert held.how_many(office.account_id, office.channel_id) == 1


def test_raw_mail_goes_and_the_message_stays_and_says_so(office: Office) -> None:
    old, young = deliver(office, "old"), deliver(office, "young", 10)
    keep(office, raw_mail_days=30)
    moved = later(30)
    report = retention.erase_raw_mail(moved, deadline())
    assert (report.raw_mails, report.finished) == (1, True)
    assert raw_mails() == {young}
    (message,) = office.messages(of(office, "old"))
    assert (message.raw_key, bool(message.body)) == (None, True)
    (message,) = office.messages(of(office, "young"))
    assert message.raw_key == f"raw/{young}"
    assert old not in raw_mails()
    assert retention.erase_raw_mail(moved, deadline()).raw_mails == 0


def test_raw_mail_of_two_accounts_goes_when_both_say_so(office: Office) -> None:
    other = Office("other")
    raw_id = office.deliver(letter(), [office.address, other.address])
    keep(office, raw_mail_days=1)
    retention.erase_raw_mail(later(400), deadline())
    assert raw_mails() == {raw_id}
    keep(other, raw_mail_days=365)
    retention.erase_raw_mail(later(400), deadline())
    assert raw_mails() == set()
    assert office.messages()[0].raw_key is None
    assert other.messages()[0].raw_key is None


def test_held_mail_goes_with_its_raw_form_and_is_counted(office: Office) -> None:
    office.set_channel(enabled=False)
    deliver(office, "held")
    keep(office, raw_mail_days=30)
    assert retention.erase_raw_mail(later(31), deadline()).deliveries == 1
    assert held.how_many(office.account_id, office.channel_id) == 0
    assert office.unfiled() == []


def test_a_run_is_bounded_and_the_next_goes_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        deliver(office, f"c{number}")
        office.close(of(office, f"c{number}"), at(DAY))
    keep(office, closed_days=1)
    monkeypatch.setattr(retention, "MOST", 2)
    reports = [retention.erase_kept(later(10), deadline()) for _ in range(3)]
    assert [(each.conversations, each.finished) for each in reports] == [(2, False), (2, False), (1, True)]
    assert names(office) == set()


def test_a_run_out_of_time_erases_nothing_more(office: Office) -> None:
    deliver(office, "old")
    office.close(of(office, "old"), at(DAY))
    keep(office, closed_days=1)
    assert retention.erase_kept(later(10), time.monotonic() - 1).conversations == 0
    assert retention.erase_kept(later(10), deadline()).conversations == 1


def test_the_scheduled_function_carries_it_out(office: Office) -> None:
    deliver(office, "old")
    office.close(of(office, "old"), at(DAY))
    keep(office, closed_days=1, raw_mail_days=1)
    done = reconcile(later(10), pace=Pace(0))["steps"]
    assert done["retention"] == {"conversations": 1, "deliveries": 0, "raw_mails": 0, "finished": True}
    assert done["begun"] == {"erasures": 0, "moves": 0, "transfers": 0}
    assert done["raw_retention"] != "failed"


def test_a_move_of_addresses_that_died_half_way_is_ended(office: Office) -> None:
    before = accounts.read(office.account_id, consistent=True)
    assert before is not None
    after = replace(before, subdomain="initech", version=before.version + 1)
    noted = noticed(before.id, "account.changed", before.id, None, None, at(0))
    accounts.change(before, after, noted, moves=True)  # the function dies here
    assert retention.end_begun(later(1), deadline()).moves == 1
    assert office.channel().address == "support@initech.in.postfach.test"
    assert retention.end_begun(later(1), deadline()).moves == 0


def test_mail_that_comes_while_its_conversation_is_erased_wins(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(office, "ada")
    seen = office.close(of(office, "ada"), at(DAY))
    keep(office, closed_days=1)
    reopened = replace(seen, last_message_at=at(9 * DAY), version=seen.version + 1)
    conversations.change_conversation(seen, reopened, {}, at(9 * DAY))
    assert not retention._Run(later(10), deadline())._erase(seen)
    assert names(office) == {"ada"}

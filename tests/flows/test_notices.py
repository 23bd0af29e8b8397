"""Automatic mail to colleagues leaves once, within limits, marked as automatic, and to nobody who does not want it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from chalicelib import clock
from chalicelib.config import config
from chalicelib.errors import NotANotification
from chalicelib.model import limits
from chalicelib.model.conversation import Reason
from chalicelib.model.suppression import Suppression, suppression_id
from chalicelib.outbound import notify as door
from chalicelib.outbound.notify import notify, notify_address
from chalicelib.outbound.send_mail import read_task
from chalicelib.reconcile.sweep import sweep
from chalicelib.storage import automatic_keys, aws, notices, suppressions, table
from chalicelib.storage.tables import CountRow
from tests.post import outbox
from tests.post.office import Office

GRACE = "grace@acme.example"


def tell(office: Office, about: str = "first", subject: str = "Down", text: str = "It is down.") -> str:
    return notify(office.account_id, office.admin_id, "channel_alert", subject, text, clock.now(), about=about).code


def test_a_notice_reaches_the_user_as_automatic_mail(office: Office) -> None:
    assert tell(office) == "queued"
    (sent,) = outbox.send_all(office)
    assert sent.rcpt_to == (GRACE,)
    mail = sent.mail
    assert (mail["To"], mail["Subject"]) == (GRACE, "Down")
    assert mail["From"] == '"Acme Inc." <no-reply@acme.in.postfach.test>'
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Reply-To"] is None
    assert sent.text.strip() == "It is down."


def test_a_notice_leaves_once_however_often_it_is_asked_for(office: Office) -> None:
    assert [tell(office), tell(office)] == ["queued", "queued"]
    assert len(outbox.send_all(office)) == 1
    assert tell(office) == "told_before"
    assert outbox.send_all(office) == []
    assert tell(office, about="second") == "queued"
    assert len(outbox.send_all(office)) == 1


def test_a_subject_cannot_bring_its_own_headers(office: Office) -> None:
    tell(office, subject="Down\r\nBcc: victim@other.example")
    (sent,) = outbox.send_all(office)
    assert sent.mail["Bcc"] is None
    assert "\n" not in sent.mail["Subject"]


def test_nobody_is_told_who_is_not_there_or_suppressed(office: Office) -> None:
    now = clock.now()
    assert notify(office.account_id, "usr_gone", "alert", "s", "t", now).code == "no_such_user"
    because = Reason("hard_bounce", "It came back.")
    at = clock.stamp(now)
    suppressions.add([Suppression(office.account_id, suppression_id(GRACE), GRACE, because, at)])
    assert tell(office) == "suppressed"
    assert notify_address(office.account_id, GRACE.upper(), "invitation", "s", "t", now).code == "suppressed"
    assert outbox.send_all(office) == []


@pytest.mark.parametrize("spending", limits.notices("acc", GRACE), ids=lambda each: str(each.budget.most))
def test_each_limit_of_notices_holds(office: Office, spending: limits.Spending) -> None:
    account = office.account_id if spending.account_id else None
    key = automatic_keys.limit(spending.budget.name, spending.budget.window_of(clock.now()), account, spending.address)
    writes = table.Transaction()
    writes.put(CountRow(*key, times=spending.budget.most - 1))
    writes.commit("come near a limit")
    assert [tell(office, "one"), tell(office, "two")] == ["queued", "limit_reached"]
    assert len(outbox.send_all(office)) == 1


def test_what_ses_does_not_take_is_tried_again_and_what_it_refuses_is_not(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter(["TooManyRequestsException", "MessageRejected"])
    real = type(aws.client("sesv2"))._make_api_call

    def call(client: object, operation: str, arguments: object) -> object:
        if operation == "SendEmail":
            raise ClientError({"Error": {"Code": next(codes)}, "ResponseMetadata": {"HTTPStatusCode": 400}}, operation)
        return real(client, operation, arguments)

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", call)
    tell(office)
    (first,) = outbox.take(config().outbound_queue_url)
    assert outbox.handle(office, "send_mail", first) == []
    found = notices.find(office.account_id, json.loads(first)["notice_id"])
    assert found is not None
    assert (found.status, found.attempts) == ("queued", 1)
    assert outbox.handle(office, "send_mail", first) == []
    found = notices.find(office.account_id, found.id)
    assert found is not None
    assert found.status == "failed"
    assert found.because is not None
    assert found.because.code == "refused"
    assert outbox.handle(office, "send_mail", first) == []


def test_a_notice_whose_task_was_lost_is_found_by_the_sweep(office: Office) -> None:
    early = clock.now() - timedelta(hours=1)
    assert notify(office.account_id, office.admin_id, "alert", "s", "t", early, about="x").code == "queued"
    assert len(outbox.take(config().outbound_queue_url)) == 1
    assert sweep().answers_requeued == 1
    assert len(outbox.send_all(office)) == 1
    assert sweep().answers_requeued == 0


def test_a_task_that_is_none_goes_to_the_dead_letters() -> None:
    with pytest.raises(NotANotification):
        read_task('{"notice_id": 1}')


def test_texts_are_bounded() -> None:
    assert door.LONGEST_SUBJECT <= 200
    assert door.LONGEST_TEXT <= 20_000

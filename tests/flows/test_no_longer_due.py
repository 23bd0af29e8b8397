"""Mail that waited on the queue does not leave once what it tells of was erased, or is not its reader's any more."""

from __future__ import annotations

import json

import pytest

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.config import config
from chalicelib.model.account import Availability, Role, User
from chalicelib.model.inbox import Acknowledgement, Routing, RoutingMode, Sender
from chalicelib.model.notice import Notice
from chalicelib.outbound.notify import notify
from chalicelib.storage import notices
from tests.api.visitor import Visitor, admin_of, visitor_for
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.stream import Stream, publish


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    return admin_of(office)


def queued_for_owner(office: Office, owner: User) -> str:
    """A message that waits for an owner who is away: the notice of it, on the queue."""
    office.deliver(letter(message_id="before@customer.example"))
    office.own_contact(CONTACT, owner.id)
    office.set_channel(routing=Routing(RoutingMode.CONTACT_OWNER))
    stream = Stream()
    office.deliver(letter(), received_at=stamp(clock.now()))
    assert publish(office, stream.take()) == []
    return queued()


def queued() -> str:
    (body,) = outbox.take(config().outbound_queue_url)
    return body


def notice_of(office: Office, body: str) -> Notice:
    found = notices.find(office.account_id, json.loads(body)["notice_id"])
    assert found is not None
    return found


def told_nothing(office: Office, body: str) -> str:
    """The task ends without a mail and without a failure, and the words are forgotten; why."""
    assert outbox.handle(office, "send_mail", body) == []
    assert outbox.sent() == []
    notice = notice_of(office, body)
    assert (notice.status, notice.subject, notice.text) == ("cancelled", "", "")
    assert notice.because is not None
    return notice.because.code


def test_S60_what_was_erased_meanwhile_is_not_mailed_to_the_owner(office: Office, admin: Visitor) -> None:
    body = queued_for_owner(office, office.add_user("Olga", availability=Availability.AWAY))
    assert admin.delete(f"/v1/contacts/{office.contacts()[CONTACT].id}").status == 202
    assert told_nothing(office, body) == "erased"


def test_S60_an_owner_who_lost_access_or_was_removed_is_mailed_nothing(office: Office, admin: Visitor) -> None:
    owner = office.add_user("Olga", availability=Availability.AWAY)
    body = queued_for_owner(office, owner)
    access = {"mode": "selected", "user_ids": [office.admin_id]}
    assert admin.patch(f"/v1/inboxes/{office.inbox_id}", {"access": access}).status == 200
    assert told_nothing(office, body) == "out_of_reach"
    assert admin.delete(f"/v1/users/{owner.id}").status == 204


@pytest.mark.parametrize(
    ("connected", "because"), [(False, "not_concerned"), (True, None)], ids=["others'", "connected it"]
)
def test_an_alert_leaves_only_while_the_channel_concerns_the_user(
    office: Office, admin: Visitor, connected: bool, because: str | None
) -> None:
    user = office.add_user("Bob", role=Role.ACCOUNT_ACCESS)
    now, about = clock.now(), office.add_channel("two", connected_by=user.id if connected else office.admin_id).id
    assert notify(office.account_id, user.id, "channel_alert", "s", "t", now, channel_id=about).code == "queued"
    body = queued()
    assert admin.patch(f"/v1/users/{user.id}", {"role": "member"}).status == 200
    if because is not None:
        assert told_nothing(office, body) == because
        return
    assert outbox.handle(office, "send_mail", body) == []
    assert [each.rcpt_to for each in outbox.sent()] == [(user.email,)]


def test_an_alert_to_a_user_who_was_removed_does_not_leave(office: Office, admin: Visitor) -> None:
    user = office.add_user("Bob", role=Role.ACCOUNT_ACCESS)
    notify(office.account_id, user.id, "channel_alert", "s", "t", clock.now(), channel_id=office.channel_id)
    body = queued()
    assert admin.delete(f"/v1/users/{user.id}").status == 204
    assert told_nothing(office, body) == "no_such_user"


def test_an_answer_whose_conversation_was_erased_ends_without_a_dead_letter(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert admin.post(path, {"type": "reply", "text": "Hello"}).status == 201
    body = queued()
    assert admin.delete(f"/v1/contacts/{office.contacts()[CONTACT].id}").status == 202
    assert outbox.handle(office, "send_mail", body) == []
    assert outbox.sent() == []


def test_an_acknowledgement_whose_conversation_was_erased_does_not_leave(office: Office, admin: Visitor) -> None:
    office.set_channel(acknowledgement=Acknowledgement(enabled=True))
    stream = Stream()
    office.deliver(letter(), received_at=stamp(clock.now()))
    assert publish(office, stream.take()) == []
    body = queued()
    assert admin.delete(f"/v1/contacts/{office.contacts()[CONTACT].id}").status == 202
    assert outbox.handle(office, "send_mail", body) == []
    assert outbox.sent() == []


def test_an_answer_of_a_user_who_is_removed_while_it_waits_leaves_all_the_same(office: Office, admin: Visitor) -> None:
    """The team said it, and anybody could have taken it back."""
    tim = office.add_user("Tim")
    office.deliver(letter())
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert visitor_for(tim).post(path, {"type": "reply", "text": "Hello"}).status == 201
    assert admin.delete(f"/v1/users/{tim.id}").status == 204
    (sent,) = outbox.send_all(office)
    assert sent.rcpt_to == (CONTACT,)
    assert "Hello" in sent.text


def test_an_invitation_that_was_revoked_meanwhile_is_not_mailed(office: Office, admin: Visitor) -> None:
    made = admin.post("/v1/users", {"email": "new@acme.example", "name": "New", "invite": True})
    assert made.status == 201, made.text
    body = queued()
    assert admin.delete(f"/v1/users/{made.json['id']}").status == 204
    assert outbox.handle(office, "send_mail", body) == []
    assert outbox.sent() == []

"""A conversation that is erased or moved while mail comes into it and people write in it: nothing is left behind.

On the local cloud's table, since moto's transactions do not hold under threads.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import clock
from chalicelib.config import config
from chalicelib.contacts.erasure import go_on
from chalicelib.model.inbox import Sender
from chalicelib.outbound.send_mail import send_mail
from chalicelib.storage import contacts, conversations
from chalicelib.storage.tables import AuditRow, CertificateRow, CertifiedRow, Row
from tests.api.visitor import Reply, Visitor, admin_of
from tests.cloud.test_race_cancel import left
from tests.cloud.test_race_from_names import at_ministack, at_once
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office

__all__ = ["at_ministack", "left"]  # the fixtures
pytestmark = pytest.mark.cloud
ROUNDS = 4
REMEMBERED = (AuditRow, CertificateRow, CertifiedRow)  # what tells that something was erased


@pytest.fixture(params=range(ROUNDS))
def office(at_ministack: None, left: list[str], request: pytest.FixtureRequest) -> Office:
    """An account with one conversation of two mails, in each round another one."""
    office = Office(f"meets-{clock.new_id('x')[2:10]}")
    office.count = 100 * (1 + request.param) + 10_000 * (request.node.name.startswith("test_a_moved"))
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    office.deliver(letter(message_id="second@customer.example", in_reply_to="first@customer.example"))
    return office


def mail(office: Office, *names: str) -> list[Callable[[], Any]]:
    """Mails of the customer that come in, one a job."""
    raws = [letter(message_id=f"{each}@customer.example", in_reply_to="first@customer.example") for each in names]
    bodies = [office.announce(office.store(raw)) for raw in raws]
    return [lambda body=body: office.handle(body) for body in bodies]  # type: ignore[misc]


def writing(admin: Visitor, conversation_id: str, kind: str = "reply") -> Callable[[], Reply]:
    return lambda: admin.post(f"/v1/conversations/{conversation_id}/messages", {"type": kind, "text": "Hello"})


def test_of_an_erased_contact_nothing_is_left_by_what_was_under_way(office: Office) -> None:
    admin, conversation, contact = admin_of(office), office.conversation(), office.contacts()[CONTACT]
    outbox.take(config().outbound_queue_url)
    assert writing(admin, conversation.id)().status == 201
    (task,) = outbox.take(config().outbound_queue_url)
    erased, *filed, _, _, _ = at_once(
        [
            lambda: admin.delete(f"/v1/contacts/{contact.id}"),
            *mail(office, "third", "fourth"),
            writing(admin, conversation.id),
            writing(admin, conversation.id, "comment"),
            lambda: send_mail(task),
        ]
    )
    assert isinstance(erased, Reply)
    assert (erased.status, filed) == (202, [[], []])
    assert [send_mail(each) for each in outbox.take(config().outbound_queue_url)] in ([], [None])
    for minutes in (11, 22, 33):
        found = contacts.get_contact(office.account_id, contact.id)
        if found is not None:
            go_on(found, lambda: False, clock.now() + timedelta(minutes=minutes))
    assert admin.get(f"/v1/erasures/{erased.json['id']}").json["status"] == "erased"
    rows = [row for row in Row.scan() if row.account_id == office.account_id and not isinstance(row, REMEMBERED)]
    assert not [row.key for row in rows if {contact.id, conversation.id} & words_of(row.serialize())]
    there = {each.id for each in office.conversations()}  # mail that came after begins anew
    about = {row.attribute_values.get("conversation_id") for row in rows} - {None}
    assert about <= there


def words_of(value: Any) -> set[str]:
    """Every text in a row, and the parts of its keys."""
    if isinstance(value, dict):
        return set().union(*(words_of(each) for each in value.values())) if value else set()
    if isinstance(value, (list, set, tuple)):
        return set().union(*(words_of(each) for each in value)) if value else set()
    return {value, *value.split("#")} if isinstance(value, str) else set()


def test_a_moved_conversation_takes_along_what_is_written_meanwhile(office: Office) -> None:
    admin, before = admin_of(office), office.conversation()
    target = office.add_inbox("Second")
    office.add_channel("second", target.id, sender=Sender(use_for_sending=True))
    moved, filed, first, second = at_once(
        [
            lambda: admin.post(f"/v1/conversations/{before.id}/transfer", {"inbox_id": target.id}),
            *mail(office, "third"),
            writing(admin, before.id),
            writing(admin, before.id, "comment"),
        ]
    )
    assert [each.status for each in (moved, first, second)] == [200, 201, 201]  # type: ignore[union-attr]
    assert filed == []
    after = conversations.get_conversation(office.account_id, before.id)
    assert after is not None
    messages = office.messages(after)
    assert after.inbox_id == target.id
    assert {each.inbox_id for each in messages} == {target.id}
    assert after.message_count == len(messages)

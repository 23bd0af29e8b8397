"""What cannot be sent, or is not of the form, is refused with its rule, and nothing is written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.model.inbox import Sender
from chalicelib.model.limits import ANSWERS_OF_PAID
from chalicelib.storage import automatic_keys, table
from chalicelib.storage.tables import CountRow
from tests.api.visitor import Visitor, admin_of
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.writing import write


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    return admin_of(office)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"cc": ["x@acme.in.postfach.test"]}, "own_address"),
        ({"to": ["support@acme.in.postfach.test"]}, "own_address"),
        ({"cc": ["x@IN.postfach.test"]}, "own_address"),
        ({"cc": ["x@free.postfach.test"]}, "own_address"),
        ({"cc": ["x@nowhere"]}, "bad_address"),
        ({"cc": ["jürgen@x.example"]}, "bad_address"),
        ({"cc": [{"address": "a..b@x.example"}]}, "bad_address"),
        ({"cc": [f"a{n}@x.example" for n in range(50)]}, "too_many"),
        ({"text": " \n\t"}, "empty_message"),
        ({"text": None, "html": "<script>x</script>"}, "empty_message"),
        ({"last_message_id": "msg_aaaa"}, "no_such_message"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_its_rule(
    office: Office, admin: Visitor, told: dict[str, Any], code: str
) -> None:
    office.deliver(letter())
    refused = write(admin, office, **told)
    assert (refused.status, refused.code) == (422, code)
    assert len(office.messages()) == 1


@pytest.mark.parametrize(
    "told",
    [
        {"type": "event"},
        {"cc": "ben@x.example"},
        {"cc": ["Ben <ben@x.example>"]},
        {"cc": ["a@x.example\r\nBcc: b@x.example"]},
        {"to": ["a\u0000b@x.example"]},
        {"to": ["\u202ea@x.example"]},
        {"to": []},
        {"bcc": "x@y.example"},
        {"mentions": ["usr_x"]},
        {"attachments": [{"index": 0}]},
        {"inline": [{"content_id": "a b", "file": "upl_x"}]},
        {"type": "comment", "bcc": ["x@y.example"]},
        {"text": "x" * 200_001},
    ],
)
def test_what_is_not_of_the_form_is_refused(office: Office, admin: Visitor, told: dict[str, Any]) -> None:
    office.deliver(letter())
    assert write(admin, office, **told).status == 400
    assert len(office.messages()) == 1


def test_an_account_writes_to_so_many_people_an_hour(office: Office, admin: Visitor) -> None:
    """Every way that sends mail has a limit (Discourse CVE-2022-31184); comments are no mail."""
    office.deliver(letter())
    writes = table.Transaction()
    for hours in (0, 1):  # the hour may end meanwhile
        hour = stamp(clock.now() + timedelta(hours=hours))[:13]
        key = automatic_keys.limit("answers", hour, office.account_id, None)
        writes.put(CountRow(*key, times=ANSWERS_OF_PAID.most - 3))
    writes.commit("nearly use up an hour")
    assert write(admin, office, cc=["ben@x.example"]).status == 201
    refused = write(admin, office, cc=["ben@x.example"])
    assert (refused.status, refused.code) == (429, "too_many_recipients")
    assert write(admin, office, type="comment").status == 201
    assert write(admin, office).status == 201
    path = f"/v1/inboxes/{office.inbox_id}/conversations"
    assert admin.post(path, {"to": [CONTACT], "subject": "S", "text": "T"}).status == 429
    assert len(outbox.send_all(office)) == 2

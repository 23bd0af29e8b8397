"""What a team address can and cannot: one at a public mail provider, a forwarding that only a probe has proven, and
the event of a switch that nobody has to read first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from chalicelib.model.conversation import Direction
from chalicelib.model.probe import ProbeFate, ProbeState
from chalicelib.storage import probes, sending_domains
from tests.api.test_team_address import TEAM, connect
from tests.api.visitor import Visitor
from tests.post import outbox
from tests.post.identities import Identities, ses_identities
from tests.post.letters import letter
from tests.post.office import Office


@pytest.fixture
def ses(empty_cloud: None) -> Iterator[Identities]:
    with ses_identities() as identities:
        yield identities


@pytest.mark.parametrize("address", ["acme.shop@gmail.com", "acme@GMX.de", "acme@web.de", "acme@outlook.com"])
def test_an_address_at_a_public_provider_claims_no_domain_and_answers_leave_over_the_fallback(
    office: Office, admin: Visitor, ses: Identities, address: str
) -> None:
    made = connect(admin, office, address)
    domain = address.partition("@")[2].lower()
    sending = made["sending"]
    assert (sending["domain"], sending["state"], sending["records"]) == (domain, "public", [])
    assert "fallback address" in sending["because"]
    assert domain in sending["because"]
    assert ses.calls == {}  # SES is asked for no identity that could never be verified
    assert sending_domains.find(domain) is None
    office.deliver(letter(to=[address]), [made["forwarding_address"]])
    conversation = office.conversation()
    answered = admin.post(f"/v1/conversations/{conversation.id}/messages", {"type": "reply", "text": "On its way."})
    assert answered.status == 201
    (mail,) = outbox.send_all(office)
    assert mail.mail_from == office.address
    (event,) = [each for each in office.messages() if each.direction is Direction.EVENT]
    assert "public mail provider" in event.joined_because.text
    assert admin.delete(f"/v1/channels/{made['id']}").status == 204
    assert ses.calls == {}


def test_a_domain_of_ones_own_says_what_it_waits_for(office: Office, admin: Visitor, ses: Identities) -> None:
    sending = connect(admin, office)["sending"]
    assert sending["state"] == "pending"
    assert sending["because"].startswith("SES has not seen all records of customer.example yet.")


def test_a_probe_that_came_back_proves_the_forwarding(office: Office, admin: Visitor, ses: Identities) -> None:
    made = connect(admin, office)
    path = f"/v1/channels/{made['id']}"
    sent = ProbeState(office.account_id, made["id"], "prb_1", "2026-03-02T08:00:00.000+00:00")
    probes.put_probe(None, sent)
    assert admin.get(path).json["receiving"]["state"] == "pending"
    assert probes.note_fate(office.account_id, made["id"], "prb_1", ProbeFate.RETURNED, "2026-03-02T08:01:00.000+00:00")
    assert admin.get(path).json["receiving"]["state"] == "proven"
    assert admin.get(path).json["receiving"]["last_mail_at"] is None  # no customer's mail has come yet
    (_, listed) = admin.items(f"/v1/inboxes/{office.inbox_id}/channels")
    assert listed["receiving"]["state"] == "proven"
    stored = probes.get_probe(office.account_id, made["id"])
    assert stored is not None
    probes.put_probe(stored, replace(stored, probe_id="prb_2", fates={}, missed=1, version=stored.version + 1))
    assert admin.get(path).json["receiving"]["state"] == "proven"  # once proven; whether it still works: /health


def test_S24_nobody_has_to_read_the_event_of_the_switch_first(office: Office, admin: Visitor, ses: Identities) -> None:
    made = connect(admin, office)
    office.deliver(letter(to=[TEAM]), [made["forwarding_address"]])
    path = f"/v1/conversations/{office.conversation().id}/messages"
    first = admin.post(path, {"type": "reply", "text": "On its way."})
    outbox.send_all(office)  # over the fallback, which the conversation notes
    assert [each.direction for each in office.messages()][-1] is Direction.EVENT
    again = admin.post(path, {"type": "reply", "text": "And there.", "last_message_id": first.json["id"]})
    assert again.status == 201, again.text
    office.deliver(letter(to=[TEAM], message_id="more@x.example", references=["first@customer.example"]), [TEAM])
    refused = admin.post(path, {"type": "comment", "text": "Hm.", "last_message_id": first.json["id"]})
    assert (refused.status, refused.code) == (409, "conversation_moved_on")

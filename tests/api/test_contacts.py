"""Contacts as users keep them, and merging two that are one person (S57, S71)."""

from __future__ import annotations

import pytest

from chalicelib import clock
from chalicelib.contacts import unfinished
from chalicelib.contacts.merging import SETTLED
from chalicelib.model.account import Seat
from chalicelib.model.inbox import Routing, RoutingMode, Sender
from tests.api.visitor import Visitor, visitor_for
from tests.post import outbox
from tests.post.letters import letter
from tests.post.office import Office

ADA, HOME = "ada@customer.example", "ada@home.example"


def contact_id_of(visitor: Visitor, email: str) -> str:
    (found,) = visitor.items(f"/v1/contacts?email={email}")
    return str(found["id"])


def test_a_contact_is_added_before_its_first_mail_which_is_then_its(office: Office, admin: Visitor) -> None:
    told = {"email": "Ada@Customer.example", "name": "Ada", "addresses": ["ADA@home.example", "ada@customer.example"]}
    added = admin.post("/v1/contacts", told, idempotency_key="one")
    assert added.status == 201, added.text
    assert added.headers["Location"] == f"/v1/contacts/{added.json['id']}"
    assert (added.json["email"], added.json["addresses"]) == (ADA, [HOME])
    assert admin.post("/v1/contacts", told, idempotency_key="one").json["id"] == added.json["id"]
    office.deliver(letter(sender=HOME))
    assert office.conversation().contact_id == added.json["id"]
    assert office.conversation().contact_email == HOME  # and there it is answered
    assert office.conversation().contact_name == "Ada"
    assert list(office.contacts()) == [ADA]


def test_no_two_contacts_have_one_address(office: Office, admin: Visitor) -> None:
    office.deliver(letter(sender=ADA))
    other = admin.post("/v1/contacts", {"email": HOME}).json
    for refused in (
        admin.post("/v1/contacts", {"email": ADA}),
        admin.patch(f"/v1/contacts/{other['id']}", {"addresses": [ADA]}),
    ):
        assert (refused.status, refused.code) == (409, "address_taken")
        assert contact_id_of(admin, ADA) in refused.json["detail"]
    assert admin.get(f"/v1/contacts/{other['id']}").json["addresses"] == []


def test_addresses_are_changed_whole_and_lead_nowhere_once_taken_away(office: Office, admin: Visitor) -> None:
    contact = admin.post("/v1/contacts", {"email": ADA, "addresses": [HOME]}).json
    path = f"/v1/contacts/{contact['id']}"
    changed = admin.patch(path, {"email": HOME, "addresses": ["ada@new.example"]})
    assert (changed.json["email"], changed.json["addresses"]) == (HOME, ["ada@new.example"])
    assert admin.items(f"/v1/contacts?email={ADA}") == []
    assert contact_id_of(admin, "ADA@new.example") == contact["id"]
    office.deliver(letter(sender=ADA))
    assert office.conversation().contact_id != contact["id"]


def test_S57_an_owner_who_is_nobody_is_refused(office: Office, admin: Visitor) -> None:
    refused = admin.post("/v1/contacts", {"email": ADA, "owner_id": "usr_nobody"})
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, "no_such_user", "/owner_id")
    assert admin.items(f"/v1/contacts?email={ADA}") == []


def begin(office: Office, visitor: Visitor) -> tuple[str, str]:
    """A conversation with each of two contacts, the second with a ticket and an answer; the ids of both contacts."""
    office.deliver(letter(sender=f"Ada <{ADA}>", message_id="one@x.example"))
    office.deliver(letter(sender=HOME, message_id="two@x.example", subject="From home"))
    return contact_id_of(visitor, ADA), contact_id_of(visitor, HOME)


def test_what_was_written_with_a_merged_contact_follows(office: Office, admin: Visitor) -> None:
    kept, gone = begin(office, admin)
    merged = admin.post(f"/v1/contacts/{kept}/merge", {"contact_id": gone})
    assert merged.status == 200, merged.text
    assert (merged.json["addresses"], merged.json["merged_ids"], merged.json["name"]) == ([HOME], [gone], "Ada")
    assert admin.get(f"/v1/contacts/{gone}").json == admin.get(f"/v1/contacts/{kept}").json
    assert admin.items("/v1/contacts") == [merged.json]
    for contact_id in (kept, gone):
        assert len(admin.items(f"/v1/contacts/{contact_id}/conversations")) == 2
        assert len(admin.items(f"/v1/contacts/{contact_id}/timeline")) == 2
    assert {ticket.contact_id for ticket in office.tickets()} == {kept}
    office.deliver(letter(sender=HOME, message_id="three@x.example", in_reply_to="two@x.example"))
    office.deliver(letter(sender=HOME, message_id="four@x.example"))
    assert {each.contact_id for each in office.conversations()} == {kept}
    assert len(admin.items(f"/v1/contacts/{kept}/timeline")) == 4
    again = admin.post(f"/v1/contacts/{kept}/merge", {"contact_id": gone})
    assert (again.status, again.json["merged_ids"]) == (200, [gone])


def test_what_had_no_time_or_was_being_filed_follows_by_the_sweep(office: Office, admin: Visitor) -> None:
    """A merge that has no time left moves nothing at first, and is at its end only when a late look finds nothing."""
    from chalicelib.contacts import merging
    from chalicelib.settings.tokens import caller_of

    kept, gone = begin(office, admin)
    caller = caller_of(admin.token or "", None, clock.now())
    assert caller is not None
    merging.merge(caller, kept, gone, lambda: True, clock.now())
    assert len(admin.items(f"/v1/contacts/{kept}/conversations")) == 1
    now = clock.now()
    assert unfinished.go_on(lambda: False, now) == 0  # it moves what is there, and looks again
    assert len(admin.items(f"/v1/contacts/{kept}/conversations")) == 2
    assert unfinished.go_on(lambda: False, now) == 0  # too soon to be sure
    assert unfinished.go_on(lambda: False, now + SETTLED) == 1
    assert unfinished.go_on(lambda: False, now + SETTLED) == 0
    assert admin.get(f"/v1/contacts/{gone}").json["id"] == kept


def test_merges_follow_one_another_and_never_in_a_circle(office: Office, admin: Visitor) -> None:
    first, second = begin(office, admin)
    third = admin.post("/v1/contacts", {"email": "third@x.example"}).json["id"]
    assert admin.post(f"/v1/contacts/{second}/merge", {"contact_id": first}).status == 200
    merged = admin.post(f"/v1/contacts/{third}/merge", {"contact_id": second}).json
    assert merged["merged_ids"] == [second, first]
    assert merged["addresses"] == [HOME, ADA]
    assert merged["name"] == "Ada"
    for each in (first, second, third):
        assert admin.get(f"/v1/contacts/{each}").json["id"] == third
    refused = admin.post(f"/v1/contacts/{third}/merge", {"contact_id": third})
    assert (refused.status, refused.code) == (422, "same_contact")
    missing = admin.post(f"/v1/contacts/{third}/merge", {"contact_id": "ctc_nobody"})
    assert (missing.status, missing.code, missing.json["pointer"]) == (422, "no_such_contact", "/contact_id")


def test_S57_S71_the_owner_of_the_kept_contact_gets_the_next_mail_of_the_other(office: Office, admin: Visitor) -> None:
    kept, gone = begin(office, admin)
    grace = office.add_user("Grace")
    admin.patch(f"/v1/contacts/{kept}", {"owner_id": grace.id})
    admin.post(f"/v1/contacts/{kept}/merge", {"contact_id": gone})
    office.set_channel(routing=Routing(RoutingMode.CONTACT_OWNER))
    office.deliver(letter(sender=HOME, message_id="later@x.example"))
    assert office.conversations()[0].assignee_id == grace.id


def test_S16_a_merge_shows_nobody_a_conversation_more(office: Office, admin: Visitor) -> None:
    board = office.add_inbox("Board")
    secret = office.add_channel("board", board.id)
    office.deliver(letter(sender=ADA, message_id="one@x.example"))
    office.deliver(letter(sender=HOME, message_id="two@x.example"), [secret.address])
    admin.patch(f"/v1/inboxes/{board.id}", {"access": {"mode": "selected", "user_ids": [office.admin_id]}})
    member = visitor_for(office.add_user("Mo", seat=Seat.SALES))
    kept, gone = contact_id_of(member, ADA), contact_id_of(member, HOME)
    assert member.post(f"/v1/contacts/{kept}/merge", {"contact_id": gone}).status == 200
    assert {each["inbox_id"] for each in member.items(f"/v1/contacts/{kept}/conversations")} == {office.inbox_id}
    assert {each["inbox_id"] for each in member.items(f"/v1/contacts/{kept}/timeline")} == {office.inbox_id}
    assert len(admin.items(f"/v1/contacts/{kept}/conversations")) == 2
    assert member.get(f"/v1/contacts/{kept}/export").status == 403
    assert member.delete(f"/v1/contacts/{kept}").status == 403


def test_a_domain_in_letters_of_its_language_is_the_same_as_in_mail(office: Office, admin: Visitor) -> None:
    told = {"email": "Eva@Bücher.example.", "addresses": ["eva@xn--bcher-kva.example", "eva@straße.example"]}
    added = admin.post("/v1/contacts", told)
    assert added.status == 201, added.text
    assert added.json["email"] == "eva@xn--bcher-kva.example"
    assert added.json["addresses"] == ["eva@strasse.example"]
    office.deliver(letter(sender="Eva <eva@xn--bcher-kva.example>"))
    assert office.conversation().contact_id == added.json["id"]
    assert contact_id_of(admin, "eva@b%C3%BCcher.example") == added.json["id"]
    assert admin.post("/v1/contacts", {"email": "eva@bücher.example"}).code == "address_taken"


def test_a_conversation_begun_with_such_an_address_has_the_contact_that_answers(office: Office, admin: Visitor) -> None:
    office.set_channel(sender=Sender(use_for_sending=True))
    told = {"to": ["eva@bücher.example"], "subject": "Your order", "text": "It is here."}
    begun = admin.post(f"/v1/inboxes/{office.inbox_id}/conversations", told)
    assert begun.status == 201, begun.text
    (mail,) = outbox.send_all(office)
    office.deliver(letter(sender="Eva <eva@xn--bcher-kva.example>"), to=[mail.reply_to])
    assert office.conversation().message_count == 2
    assert list(office.contacts()) == ["eva@xn--bcher-kva.example"]


@pytest.mark.parametrize(
    "email", ["\u202emoc.knab@x.example", "a\u0000@x.example", "a@x\u2066.example", "a@b@x.example"]
)
def test_an_address_that_shows_as_another_is_refused(admin: Visitor, email: str) -> None:
    for refused in (
        admin.post("/v1/contacts", {"email": email}),
        admin.post("/v1/users", {"email": email, "name": "E"}),
    ):
        assert (refused.status, refused.json["pointer"]) == (400, "/email")

"""Users who leave, teams, and working hours: what an admin sets and what the next mail does (S20, S61, S78)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib import clock
from chalicelib.contacts import erasure
from chalicelib.contacts.merging import SETTLED
from chalicelib.conversations import leave
from chalicelib.conversations.offer_again import offer_by_the_clock
from chalicelib.model.account import Role, Seat
from chalicelib.model.caller import Caller
from chalicelib.model.inbox import Routing, RoutingMode
from chalicelib.settings import users
from chalicelib.settings.tokens import caller_of
from tests.api.visitor import Visitor, visitor_for
from tests.post import cloud
from tests.post.letters import letter
from tests.post.office import Office, moment
from tests.post.ses import at

ANY_DAY = [{"day": day, "start": "00:00", "end": "24:00"} for day in ("monday", "tuesday", "wednesday", "thursday")]


def never() -> bool:
    return False


def caller_for(visitor: Visitor) -> Caller:
    caller = caller_of(visitor.token or "", None, clock.now())
    assert caller is not None
    return caller


def test_what_a_removed_user_had_is_nobodys_and_says_why(office: Office, admin: Visitor) -> None:
    grace = office.add_user("Ann")
    visitor = visitor_for(grace)
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (grace.id,)))
    for number in range(3):
        office.deliver(letter(message_id=f"{number}@x.example"))
    closed = office.conversations()[-1]
    admin.patch(f"/v1/conversations/{closed.id}", {"status": "closed"})
    assert {each.assignee_id for each in office.conversations()} == {grace.id}
    assert admin.delete(f"/v1/users/{grace.id}").status == 204
    assert visitor.get("/v1/me").status == 401
    assert admin.get(f"/v1/users/{grace.id}").status == 404
    assert grace.id not in {each["id"] for each in admin.items("/v1/users")}
    assert {(each.assignee_id, each.assigned_because.code) for each in office.conversations()} == {
        (None, "assignee_removed")
    }
    assert {(each.owner_id, each.owned_because.code) for each in office.tickets()} == {(None, "owner_removed")}
    assert len(admin.items(f"/v1/inboxes/{office.inbox_id}/conversations?assignee=none")) == 2
    office.deliver(letter(message_id="next@x.example"))
    assert office.conversations()[0].assignee_id is None
    office.deliver(letter(message_id="again@x.example", in_reply_to="0@x.example"))  # the closed one opens again
    assert {each.assignee_id for each in office.conversations()} == {None}
    assert admin.delete(f"/v1/users/{grace.id}").status == 404


def test_what_a_request_has_no_time_for_the_sweep_does(office: Office, admin: Visitor) -> None:
    ann = office.add_user("Ann")
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (ann.id,)))
    office.deliver(letter())
    users.remove(caller_for(admin), ann.id, lambda: True, clock.now())
    assert office.conversation().assignee_id == ann.id
    # Closed and opened again meanwhile: what the user's counter says must not stand against it.
    admin.patch(f"/v1/conversations/{office.conversation().id}", {"status": "closed"})
    office.deliver(letter(message_id="again@x.example", in_reply_to="first@customer.example"))
    now = clock.now()
    assert leave.go_on(never, now) == 0
    assert office.conversation().assignee_id is None
    assert leave.go_on(never, now) == 0  # too soon to be sure that nothing comes after
    assert leave.go_on(never, now + leave.SETTLED) == 1
    assert leave.go_on(never, now + leave.SETTLED) == 0
    assert not [key for key in cloud.table_content() if ann.id in "".join(key) and "AUDIT" not in key[0]]


def test_S16_who_is_removed_and_comes_back_is_another_user_without_the_old_access(
    office: Office, admin: Visitor
) -> None:
    told = {"email": "ann@acme.example", "name": "Ann"}
    first = admin.post("/v1/users", told).json["id"]
    board = admin.post("/v1/inboxes", {"name": "Board", "access": {"mode": "selected", "user_ids": [first]}}).json
    admin.delete(f"/v1/users/{first}")
    assert admin.patch(f"/v1/inboxes/{board['id']}", {"name": "Still the board"}).status == 200  # may go on naming
    second = admin.post("/v1/users", told)
    assert second.status == 201, second.text
    assert second.json["id"] != first
    assert admin.post("/v1/users", told).status == 409
    assert visitor_for(office.user(second.json["id"])).get(f"/v1/inboxes/{board['id']}").status == 404


def test_the_last_super_admin_can_be_neither_removed_nor_demoted(office: Office, admin: Visitor) -> None:
    abe = office.add_user("Abe", role=Role.ACCOUNT_ACCESS)
    assert visitor_for(abe).delete(f"/v1/users/{office.admin_id}").status == 403
    for refused in (
        admin.delete(f"/v1/users/{office.admin_id}"),
        admin.patch(f"/v1/users/{office.admin_id}", {"role": "member"}),
    ):
        assert (refused.status, refused.code) == (422, "last_super_admin")
    sue = office.add_user("Sue", role=Role.SUPER_ADMIN)
    assert visitor_for(sue).delete(f"/v1/users/{office.admin_id}").status == 204
    assert visitor_for(sue).delete(f"/v1/users/{sue.id}").code == "last_super_admin"


def test_members_come_and_go_together_or_not_at_all(office: Office, admin: Visitor) -> None:
    ann, bob = office.add_user("Ann"), office.add_user("Bob")
    team = admin.post("/v1/teams", {"name": "T"}).json["id"]
    path = f"/v1/teams/{team}/members"
    assert admin.patch(path, {"add": [ann.id, bob.id]}).status == 204
    assert {each["id"] for each in admin.items(path)} == {ann.id, bob.id}
    refused = admin.patch(path, {"remove": [ann.id], "add": ["usr_nobody"]})
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, "no_such_user", "/add")
    assert len(admin.items(path)) == 2
    assert admin.patch(path, {"remove": [ann.id]}).status == 204
    assert [each["id"] for each in admin.items(path)] == [bob.id]


def test_S17_what_a_removed_team_opened_is_closed_from_the_next_request_on(office: Office, admin: Visitor) -> None:
    ann = office.add_user("Ann")
    team = admin.post("/v1/teams", {"name": "T"}).json["id"]
    admin.patch(f"/v1/teams/{team}/members", {"add": [ann.id]})
    board = admin.post("/v1/inboxes", {"name": "B", "access": {"mode": "selected", "team_ids": [team]}}).json
    member = visitor_for(ann)
    assert member.get(f"/v1/inboxes/{board['id']}").status == 200
    assert admin.delete(f"/v1/teams/{team}").status == 204
    assert member.get(f"/v1/inboxes/{board['id']}").status == 404
    assert admin.get(f"/v1/teams/{team}").status == 404
    assert admin.get(f"/v1/users/{ann.id}").json["team_ids"] == []


@pytest.mark.parametrize(
    ("hours", "pointer", "code"),
    [
        ({"time_zone": "Mars/Olympus"}, "/working_hours/time_zone", "no_such_time_zone"),
        ({"time_zone": "../etc/passwd"}, "/working_hours/time_zone", None),
        (
            {"time_zone": "UTC", "shifts": [{"day": "monday", "start": "17:00", "end": "09:00"}]},
            "/working_hours/shifts/0/end",
            "shift_ends_before_it_starts",
        ),
        (
            {"time_zone": "UTC", "shifts": [{"day": "monday", "start": "9:00", "end": "10:00"}]},
            "/working_hours/shifts/0/start",
            "invalid_input",
        ),
        (
            {"time_zone": "UTC", "holidays": [{"first": "2026-02-30", "last": "2026-03-01"}]},
            "/working_hours/holidays/0/first",
            "no_such_day",
        ),
        (
            {"time_zone": "UTC", "holidays": [{"first": "2026-03-02", "last": "2026-03-01"}]},
            "/working_hours/holidays/0/last",
            "holiday_ends_before_it_starts",
        ),
    ],
)
def test_hours_that_cannot_be_are_refused(
    office: Office, admin: Visitor, hours: object, pointer: str, code: str | None
) -> None:
    path = f"/v1/users/{office.admin_id}"
    refused = admin.patch(path, {"working_hours": hours})
    assert refused.status in (400, 422)
    assert refused.json["pointer"] == pointer
    assert code is None or refused.code == code
    assert admin.get(path).json["working_hours"] is None


def test_S61_mail_outside_of_working_hours_waits_until_they_begin(office: Office, admin: Visitor) -> None:
    ann = office.add_user("Ann")
    mine = visitor_for(ann)
    received = moment(at(1))  # a Monday; hours begin half an hour later
    start = (received + timedelta(minutes=30)).strftime("%H:%M")
    hours = {"time_zone": "UTC", "shifts": [{"day": received.strftime("%A").lower(), "start": start, "end": "24:00"}]}
    assert mine.patch(f"/v1/users/{ann.id}", {"working_hours": hours}).status == 200
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (ann.id,)))
    office.deliver(letter())
    assert office.conversation().assigned_because.code == "nobody_available"
    minute = timedelta(minutes=1)
    assert offer_by_the_clock(received, received + minute, never) == 0
    begin = received + timedelta(minutes=30)
    assert offer_by_the_clock(begin - 5 * minute, begin, never) == 1
    assert office.conversation().assignee_id == ann.id
    assert offer_by_the_clock(begin - 5 * minute, begin, never) == 0
    office.deliver(letter(message_id="later@x.example"), received_at=clock.stamp(begin + minute))
    assert {each.assignee_id for each in office.conversations()} == {ann.id}


def test_S20_S78_only_own_hours_are_ones_own_and_a_lost_seat_is_passed_over(office: Office, admin: Visitor) -> None:
    ann = office.add_user("Ann")
    other = office.add_user("Bob")
    hours = {"working_hours": {"time_zone": "Europe/Berlin", "shifts": ANY_DAY}}
    assert visitor_for(ann).patch(f"/v1/users/{other.id}", hours).status == 403
    answered = visitor_for(ann).patch(f"/v1/users/{ann.id}", hours)
    assert answered.json["working_hours"] == {**hours["working_hours"], "holidays": []}
    assert admin.patch(f"/v1/users/{ann.id}", {"working_hours": None}).json["working_hours"] is None
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (ann.id,)))
    admin.patch(f"/v1/users/{ann.id}", {"seat": Seat.FREE.value})
    office.deliver(letter())
    assert office.conversation().assigned_because.code == "nobody_with_seat"


def test_the_scheduled_sweep_ends_what_requests_began(office: Office, admin: Visitor) -> None:
    ann = office.add_user("Ann")
    office.deliver(letter())
    admin.patch(f"/v1/conversations/{office.conversation().id}", {"assignee_id": ann.id})
    users.remove(caller_for(admin), ann.id, lambda: True, clock.now() - leave.SETTLED)
    contact = admin.items("/v1/contacts")[0]["id"]
    erasure.erase(caller_for(admin), contact, lambda: True, clock.now() - SETTLED)
    for _ in range(2):
        office.client.lambda_.invoke("reconcile", office.client.events.generate_cw_event("aws.events", "", {}, []))
    assert office.conversations() == []
    assert [each["status"] for each in admin.items("/v1/erasures")] == ["erased"]
    assert leave.go_on(never, clock.now()) == 0
    assert admin.get("/v1/tokens").status == 200

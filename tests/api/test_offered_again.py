"""What nobody got because nobody was available is offered again when somebody is (S61), seen over HTTP."""

from __future__ import annotations

from chalicelib.model.account import Availability
from chalicelib.model.inbox import Routing, RoutingMode
from tests.api.visitor import Visitor
from tests.post.letters import letter
from tests.post.office import Office


def unassigned(office: Office, admin: Visitor) -> int:
    return len(admin.items(f"/v1/inboxes/{office.inbox_id}/conversations?assignee=none"))


def test_S61_waiting_conversations_go_to_who_becomes_available(office: Office, admin: Visitor) -> None:
    user = office.add_user("Grace", availability=Availability.AWAY)
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (user.id,)))
    for number in range(3):
        office.deliver(letter(message_id=f"m{number}@customer.example", text=f"Question {number}.\r\n"))
    closed = admin.items(f"/v1/inboxes/{office.inbox_id}/conversations")[0]["id"]
    assert admin.patch(f"/v1/conversations/{closed}", {"status": "closed"}).status == 200
    assert unassigned(office, admin) == 2

    path = f"/v1/users/{user.id}"
    for _ in range(2):  # once offered, nothing waits any more
        assert admin.patch(path, {"availability": "available"}).status == 200
        found = admin.items(f"/v1/inboxes/{office.inbox_id}/conversations?assignee={user.id}")
        assert {each["assigned_because_code"] for each in found} == {"fewest_open_conversations"}
        assert (len(found), unassigned(office, admin)) == (2, 0)
        assert admin.get(path).json["open_conversations"] == 2
        assert admin.patch(path, {"availability": "away"}).status == 200
    assert admin.get(f"/v1/conversations/{closed}").json["assignee_id"] is None

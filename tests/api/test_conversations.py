"""What agents do with conversations: assign, close, reopen; and the lists that follow."""

from __future__ import annotations

import pytest

from chalicelib.model.account import Seat
from tests.api.visitor import Visitor, visitor_for
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.ses import at


def _conversation(office: Office, admin: Visitor) -> str:
    office.deliver(letter())
    (found,) = admin.items(f"/v1/inboxes/{office.inbox_id}/conversations")
    return f"/v1/conversations/{found['id']}"


def _lists(office: Office, admin: Visitor, *assignees: str) -> dict[str, int]:
    """How many conversations each list of the inbox holds."""
    base = f"/v1/inboxes/{office.inbox_id}/conversations"
    queries = [f"status={status}" for status in ("open", "closed")]
    queries += [f"{query}&assignee={each}" for query in list(queries) for each in ("none", *assignees)]
    found = {query: len(admin.items(f"{base}?{query}")) for query in queries}
    return {query: count for query, count in found.items() if count}


def test_a_conversation_moves_through_its_lists_and_the_counters_follow(office: Office, admin: Visitor) -> None:
    path, mia, mo = _conversation(office, admin), office.add_user("Mia"), office.add_user("Mo")

    def counted() -> tuple[int, int]:
        return office.user(mia.id).open_conversations, office.user(mo.id).open_conversations

    assert _lists(office, admin, mia.id, mo.id) == {"status=open": 1, "status=open&assignee=none": 1}
    admin.patch(path, {"assignee_id": mia.id})
    assert _lists(office, admin, mia.id, mo.id) == {"status=open": 1, f"status=open&assignee={mia.id}": 1}
    assert counted() == (1, 0)
    admin.patch(path, {"assignee_id": mo.id})
    assert counted() == (0, 1)
    assert office.user(mo.id).last_assigned_at is not None
    closed = admin.patch(path, {"status": "closed"}).json
    assert closed["closed_at"] is not None
    assert _lists(office, admin, mia.id, mo.id) == {"status=closed": 1, f"status=closed&assignee={mo.id}": 1}
    assert counted() == (0, 0)
    admin.patch(path, {"assignee_id": mia.id})
    assert counted() == (0, 0)
    reopened = admin.patch(path, {"status": "open"}).json
    assert (reopened["closed_at"], reopened["assignee_id"]) == (None, mia.id)
    assert counted() == (1, 0)
    admin.patch(path, {"assignee_id": None})
    assert _lists(office, admin, mia.id, mo.id) == {"status=open": 1, "status=open&assignee=none": 1}
    assert counted() == (0, 0)


def test_the_reason_of_an_assignment_is_kept(office: Office, admin: Visitor) -> None:
    path, mia = _conversation(office, admin), office.add_user("Mia")
    for patch, code, words in (
        ({"assignee_id": mia.id}, "assigned_by_hand", "Grace Hopper assigned it to Mia."),
        ({"assignee_id": office.admin_id}, "assigned_to_oneself", "Grace Hopper took the conversation."),
        ({"status": "closed"}, "assigned_to_oneself", "Grace Hopper took the conversation."),
        ({"assignee_id": None}, "unassigned_by_hand", "Grace Hopper took the assignment away."),
    ):
        answer = admin.patch(path, patch).json
        assert (answer["assigned_because_code"], answer["assigned_because"]) == (code, words)
        assert admin.get(path).json == answer


def test_S21_free_seats_assign_by_hand_and_are_assigned(office: Office, admin: Visitor) -> None:
    path, fay = _conversation(office, admin), office.add_user("Fay", seat=Seat.FREE)
    assert visitor_for(fay).patch(path, {"assignee_id": fay.id}).json["assignee_id"] == fay.id
    mia = office.add_user("Mia")
    assert visitor_for(fay).patch(path, {"assignee_id": mia.id}).json["assignee_id"] == mia.id
    chosen = {"mode": "selected", "user_ids": [mia.id]}
    assert admin.patch(f"/v1/inboxes/{office.inbox_id}", {"access": chosen}).status == 200
    assert visitor_for(fay).patch(path, {"assignee_id": fay.id}).status == 404  # only with access to the inbox
    assert visitor_for(fay).post(f"{path}/messages", {"type": "comment", "text": "Mine."}).status == 404
    assert office.conversation().assignee_id == mia.id


def test_nothing_changes_when_nothing_is_to_change(office: Office, admin: Visitor) -> None:
    path = _conversation(office, admin)
    before = office.conversation()
    for patch in ({}, {"status": "open"}, {"assignee_id": None}):
        assert admin.patch(path, patch).status == 200
    assert office.conversation() == before


@pytest.mark.parametrize(
    ("patch", "status", "pointer"),
    [
        ({"assignee_id": "usr_nobody"}, 422, "/assignee_id"),
        ({"assignee_id": 7}, 400, "/assignee_id"),
        ({"status": "done"}, 400, "/status"),
        ({"status": None}, 400, "/status"),
        ({"subject": "x"}, 400, "/subject"),
        ("closed", 400, None),
    ],
)
def test_a_refused_change_changes_nothing(
    office: Office, admin: Visitor, patch: object, status: int, pointer: str | None
) -> None:
    path = _conversation(office, admin)
    before = admin.get(path).json
    body = {"status": "closed", **patch} if isinstance(patch, dict) else patch
    reply = admin.patch(path, body)
    assert (reply.status, reply.json.get("pointer")) == (status, pointer)
    assert admin.get(path).json == before


def test_S16_nobody_is_assigned_who_has_no_access(office: Office, admin: Visitor) -> None:
    path, mia = _conversation(office, admin), office.add_user("Mia")
    admin.patch(f"/v1/inboxes/{office.inbox_id}", {"access": {"mode": "selected", "user_ids": [office.admin_id]}})
    refused = admin.patch(path, {"assignee_id": mia.id})
    assert (refused.status, refused.code) == (422, "assignee_without_access")


def test_a_mail_after_a_change_finds_the_conversation_where_it_is(office: Office, admin: Visitor) -> None:
    """The lists that a person's change wrote and those that a mail writes are the same."""
    path, mia = _conversation(office, admin), office.add_user("Mia")
    admin.patch(path, {"assignee_id": mia.id, "status": "closed"})
    office.deliver(letter(message_id="second@customer.example", in_reply_to="first@customer.example"))
    assert _lists(office, admin, mia.id) == {"status=open": 1, f"status=open&assignee={mia.id}": 1}
    assert office.user(mia.id).open_conversations == 1
    assert admin.get(path).json["last_message_at"] == at(2)


def test_lists_are_newest_first_and_paged_without_gaps(office: Office, admin: Visitor) -> None:
    for number in range(7):
        office.deliver(letter(message_id=f"m{number}@x.example", subject=f"Number {number}"))
    base = f"/v1/inboxes/{office.inbox_id}/conversations"
    for limit in (1, 2, 3, 7, 100):
        subjects, cursor, pages = [], "", 0
        while True:
            page = admin.get(f"{base}?limit={limit}{cursor}").json
            subjects += [item["subject"] for item in page["items"]]
            pages += 1
            if page["next"] is None:
                break
            assert len(page["items"]) == limit
            cursor = f"&cursor={page['next']}"
        assert subjects == [f"Number {number}" for number in range(6, -1, -1)]
        assert pages == -(-7 // limit)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "cursor=x", "status=all", "assignee=a%20b", "limit=1&limit=2", "stauts=open"],
)
def test_a_query_of_another_form_is_refused(office: Office, admin: Visitor, query: str) -> None:
    reply = admin.get(f"/v1/inboxes/{office.inbox_id}/conversations?{query}")
    assert reply.status == 400
    assert reply.json["pointer"] == "/" + query.partition("=")[0]


def test_a_cursor_of_another_list_is_refused(office: Office, admin: Visitor) -> None:
    for number in range(2):
        office.deliver(letter(message_id=f"m{number}@x.example"))
    base = f"/v1/inboxes/{office.inbox_id}/conversations"
    cursor = admin.get(f"{base}?limit=1").json["next"]
    assert admin.get(f"{base}?limit=1&cursor={cursor}").status == 200
    assert admin.get(f"{base}?limit=1&assignee=none&cursor={cursor}").status == 400
    assert admin.get(f"/v1/tickets?cursor={cursor}").status == 400

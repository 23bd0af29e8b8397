"""What admins set: inboxes and who has access, channels with their rules, users, teams."""

from __future__ import annotations

import pytest

from chalicelib.model.account import Plan, Role, Seat
from chalicelib.storage import keys, table
from chalicelib.storage.tables import AccountRow
from tests.api.visitor import Visitor, visitor_for
from tests.post.letters import letter
from tests.post.office import Office


def test_S12_a_renamed_inbox_keeps_id_channels_and_conversations(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    path = f"/v1/inboxes/{office.inbox_id}"
    before = admin.get(path)
    kept = [admin.items(f"{path}/{what}") for what in ("conversations", "channels")]
    reply = admin.patch(path, {"name": "Post"}, if_match=before.headers["ETag"])
    assert reply.status == 200
    assert reply.json == {**before.json, "name": "Post"}
    assert admin.get(path).json["name"] == "Post"
    assert [admin.items(f"{path}/{what}") for what in ("conversations", "channels")] == kept
    assert [len(each) for each in kept] == [1, 1]


@pytest.mark.parametrize("name", ["", "   ", None, 3, "a\r\nBcc: x@y.z", "exe\u202efdp", "x" * 201])
def test_S12_an_empty_or_hostile_name_is_refused(office: Office, admin: Visitor, name: object) -> None:
    path = f"/v1/inboxes/{office.inbox_id}"
    reply = admin.patch(path, {"name": name})
    assert (reply.status, reply.json["pointer"]) == (400, "/name")
    assert admin.get(path).json["name"] == "Inbox"


def test_S15_S18_a_further_inbox_is_for_everyone_and_receives_mail(office: Office, admin: Visitor) -> None:
    reply = admin.post("/v1/inboxes", {"name": "Büro & Verkauf"})
    assert reply.status == 201
    assert reply.json["access"]["mode"] == "everyone"
    assert reply.headers["Location"] == f"/v1/inboxes/{reply.json['id']}"
    (channel,) = admin.items(f"{reply.headers['Location']}/channels")
    assert channel["address"] == "buro-verkauf@acme.in.postfach.test"
    assert channel["forwarding_address"] == channel["address"]
    assert (channel["enabled"], channel["status"]) == (True, "unknown")
    office.deliver(letter(), [channel["address"]])
    (conversation,) = admin.items(f"{reply.headers['Location']}/conversations")
    assert conversation["ticket_id"] is not None
    assert admin.items(f"/v1/inboxes/{office.inbox_id}/conversations") == []


def test_two_inboxes_of_one_name_get_two_addresses(office: Office, admin: Visitor) -> None:
    addresses = set()
    for name in ("Support", "Support", "support", "postmaster"):
        made = admin.post("/v1/inboxes", {"name": name}).json
        (channel,) = admin.items(f"/v1/inboxes/{made['id']}/channels")
        addresses.add(channel["address"])
    assert len(addresses) == 4
    assert not addresses & {"postmaster@acme.in.postfach.test", office.address}


def test_S80_an_inbox_can_be_made_without_a_channel(admin: Visitor) -> None:
    made = admin.post("/v1/inboxes", {"name": "Later", "connect_channel": False}).json
    assert admin.items(f"/v1/inboxes/{made['id']}/channels") == []


@pytest.mark.parametrize("plan", [Plan.FREE, Plan.STARTER])
def test_S6_further_inboxes_need_a_larger_plan(office: Office, admin: Visitor, plan: Plan) -> None:
    writes = table.Transaction()
    writes.update(AccountRow, keys.account(office.account_id), [AccountRow.plan.set(plan.value)])
    writes.commit("change the plan")
    refused = admin.post("/v1/inboxes", {"name": "More"})
    assert (refused.status, refused.code) == (403, "plan_does_not_allow")
    assert "professional" in refused.json["detail"]
    assert len(admin.items("/v1/inboxes")) == 1


def test_S17_S77_a_change_of_access_holds_from_the_next_request_on(office: Office, admin: Visitor) -> None:
    mia, path = office.add_user("Mia"), f"/v1/inboxes/{office.inbox_id}"
    visitor = visitor_for(mia)
    assert visitor.get(path).status == 200
    assert admin.patch(path, {"access": {"mode": "selected"}}).status == 200
    assert visitor.get(path).status == 404
    assert visitor.items("/v1/inboxes") == []
    assert admin.patch(path, {"access": {"user_ids": [mia.id]}}).json["access"]["mode"] == "selected"
    assert visitor.get(path).status == 200


@pytest.mark.parametrize(
    ("access", "status", "pointer"),
    [
        ({"mode": "selected", "user_ids": ["usr_nobody"]}, 422, "/access/user_ids"),
        ({"mode": "selected", "team_ids": ["tea_nobody"]}, 422, "/access/team_ids"),
        ({"mode": "friends"}, 400, "/access/mode"),
        ({"mode": "selected", "users": []}, 400, "/access/users"),
        ({"user_ids": ["x" * 3000]}, 400, "/access/user_ids/0"),
        ({"user_ids": "usr_a"}, 400, "/access/user_ids"),
    ],
)
def test_S77_a_refused_access_changes_nothing(
    office: Office, admin: Visitor, access: dict[str, object], status: int, pointer: str
) -> None:
    path = f"/v1/inboxes/{office.inbox_id}"
    before = admin.get(path)
    reply = admin.patch(path, {"name": "Half", "access": access})
    assert (reply.status, reply.json["pointer"]) == (status, pointer)
    assert admin.get(path).json == before.json


def test_settings_need_the_version_that_was_read(office: Office, admin: Visitor) -> None:
    for path, patch in (
        (f"/v1/inboxes/{office.inbox_id}", {"name": "A"}),
        (f"/v1/channels/{office.channel_id}", {"enabled": False}),
        (f"/v1/users/{office.admin_id}", {"name": "A"}),
        (admin.post("/v1/teams", {"name": "B"}).headers["Location"], {"name": "A"}),
    ):
        read = admin.get(path).headers["ETag"]
        without = admin.send("PATCH", path, patch)
        assert (without.status, without.code) == (428, "precondition_required")
        first = admin.patch(path, patch, if_match=read)
        assert first.status == 200
        assert first.headers["ETag"] != read
        stale = admin.patch(path, patch, if_match=read)
        assert (stale.status, stale.code) == (412, "precondition_failed")
        for tag in (f"W/{first.headers['ETag']}", "junk", '"x"'):
            assert admin.patch(path, patch, if_match=tag).status == 412
        assert admin.patch(path, patch, if_match=f'"0", {first.headers["ETag"]}').status == 200


def test_S85_S87_a_channel_is_switched_off_and_on(office: Office, admin: Visitor) -> None:
    path = f"/v1/channels/{office.channel_id}"
    assert admin.patch(path, {"enabled": False}).json["status"] == "off"
    office.deliver(letter())
    assert admin.items(f"/v1/inboxes/{office.inbox_id}/conversations") == []
    (delivery,) = admin.items("/v1/deliveries?verdict=channel_off")
    assert (delivery["from_address"], delivery["subject"], delivery["raw_url"]) == (None, None, None)
    refused = admin.get(f"/v1/deliveries/{delivery['id']}/raw")
    assert (refused.status, refused.code) == (403, "channel_off")
    assert admin.patch(path, {"enabled": True}).json["status"] == "unknown"


def test_S53_setting_rules_needs_a_paid_seat_of_ones_own(office: Office) -> None:
    admin = visitor_for(office.add_user("Abe", role=Role.ACCOUNT_ACCESS, seat=Seat.FREE))
    path = f"/v1/channels/{office.channel_id}"
    refused = admin.patch(path, {"routing": {"mode": "contact_owner"}})
    assert (refused.status, refused.code) == (403, "needs_paid_seat")
    assert "seat" in refused.json["detail"]
    assert admin.get(path).json["routing"]["mode"] == "off"
    assert admin.patch(path, {"enabled": True, "ticketing": {"priority": "high"}}).status == 200
    paid = visitor_for(office.add_user("Pia", role=Role.ACCOUNT_ACCESS, seat=Seat.SALES))
    assert paid.patch(path, {"routing": {"mode": "contact_owner"}}).json["routing"]["mode"] == "contact_owner"


def test_S20_S64_S78_a_rule_naming_a_user_without_a_paid_seat_is_refused(office: Office, admin: Visitor) -> None:
    paid, free = office.add_user("Mia"), office.add_user("Fay", seat=Seat.FREE)
    path = f"/v1/channels/{office.channel_id}"
    refused = admin.patch(path, {"routing": {"mode": "specific", "user_ids": [paid.id, free.id]}})
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, "seat_not_paid", "/routing/user_ids/1")
    saved = admin.patch(path, {"routing": {"mode": "specific", "user_ids": [paid.id]}})
    assert saved.json["routing"] == {
        "mode": "specific",
        "user_ids": [paid.id],
        "team_ids": [],
        "only_available": True,
    }


@pytest.mark.parametrize(
    ("patch", "status", "pointer"),
    [
        ({"routing": {"mode": "specific"}}, 422, "/routing/user_ids"),
        ({"routing": {"mode": "specific", "user_ids": ["usr_nobody"]}}, 422, "/routing/user_ids/0"),
        ({"routing": {"mode": "specific", "team_ids": ["tea_nobody"]}}, 422, "/routing/team_ids"),
        ({"routing": {"mode": "random"}}, 400, "/routing/mode"),
        ({"routing": None, "rooting": None}, 400, "/rooting"),
        ({"ticketing": {"pipeline_id": "pip_other"}}, 422, "/ticketing/pipeline_id"),
        ({"ticketing": {"stage_id": "stg_other"}}, 422, "/ticketing/stage_id"),
        ({"ticketing": {"owner": "user"}}, 422, "/ticketing/owner_id"),
        ({"ticketing": {"owner": "user", "owner_id": "usr_nobody"}}, 422, "/ticketing/owner_id"),
        ({"ticketing": {"owner_id": "usr_nobody"}}, 422, "/ticketing/owner_id"),
        ({"enabled": "yes"}, 400, "/enabled"),
        ({"address": "x@y.example"}, 422, "/address"),
        ([], 400, None),
    ],
)
def test_S67_S70_a_refused_channel_setting_changes_nothing(
    office: Office, admin: Visitor, patch: object, status: int, pointer: str | None
) -> None:
    path = f"/v1/channels/{office.channel_id}"
    before = admin.get(path)
    body = {"forwards_to_original_sender": False, **patch} if isinstance(patch, dict) else patch
    reply = admin.patch(path, body)
    assert (reply.status, reply.json.get("pointer")) == (status, pointer), reply.text
    assert admin.get(path).json == before.json


def test_a_merge_patch_leaves_what_is_absent_and_resets_what_is_null(office: Office, admin: Visitor) -> None:
    path = f"/v1/channels/{office.channel_id}"
    first = admin.get(path).json["ticketing"]
    admin.patch(path, {"ticketing": {"priority": "urgent", "enabled": False}})
    assert admin.patch(path, {"ticketing": {"enabled": None}}).json["ticketing"] == {**first, "priority": "urgent"}
    assert admin.patch(path, {"ticketing": None}).json["ticketing"] == first


def test_S66_tickets_get_the_properties_of_the_channel(office: Office, admin: Visitor) -> None:
    (pipeline,) = admin.items("/v1/pipelines")
    stage = pipeline["stages"][1]["id"]
    patch = {"stage_id": stage, "priority": "high", "owner": "user", "owner_id": office.admin_id}
    assert admin.patch(f"/v1/channels/{office.channel_id}", {"ticketing": patch}).status == 200
    office.deliver(letter())
    (ticket,) = admin.items(f"/v1/tickets?pipeline_id={pipeline['id']}&stage_id={stage}")
    assert (ticket["priority"], ticket["owner_id"], ticket["owned_because_code"]) == (
        "high",
        office.admin_id,
        "fixed_owner",
    )
    assert admin.items(f"/v1/tickets?owner_id={office.admin_id}") == [ticket]
    assert admin.items("/v1/tickets?owner_id=none") == []
    assert admin.get(f"/v1/tickets/{ticket['id']}").json == ticket


@pytest.mark.parametrize(
    "query", ["stage_id=a", "pipeline_id=a", "pipeline_id=a&stage_id=b&owner_id=c", "sort=subject"]
)
def test_tickets_are_asked_for_by_known_fields_alone(admin: Visitor, query: str) -> None:
    assert admin.get(f"/v1/tickets?{query}").status == 400


def test_users_are_added_once(admin: Visitor) -> None:
    made = admin.post("/v1/users", {"email": "Ann@acme.example", "name": "Ann", "seat": "sales"})
    assert made.status == 201
    assert admin.get(made.headers["Location"]).json == made.json
    again = admin.post("/v1/users", {"email": "ann@ACME.example", "name": "Ann"})
    assert (again.status, again.code) == (409, "email_taken")


def test_S61_a_member_changes_the_own_availability_and_nothing_else(office: Office) -> None:
    mia, mo = office.add_user("Mia"), office.add_user("Mo")
    visitor = visitor_for(mia)
    assert visitor.patch(f"/v1/users/{mia.id}", {"availability": "away"}).json["availability"] == "away"
    for user, patch in (
        (mo, {"availability": "away"}),
        (mia, {"role": "super_admin"}),
        (mia, {"seat": "sales"}),
        (mia, {"availability": "available", "team_ids": ["tea_a"]}),
    ):
        refused = visitor.patch(f"/v1/users/{user.id}", patch)
        assert (refused.status, refused.code) == (403, "needs_admin")


def test_only_super_admins_make_and_unmake_super_admins_and_one_stays(office: Office, admin: Visitor) -> None:
    abe = office.add_user("Abe", role=Role.ACCOUNT_ACCESS)
    lesser, path = visitor_for(abe), f"/v1/users/{abe.id}"
    assert lesser.patch(path, {"role": "super_admin"}).code == "needs_super_admin"
    assert lesser.patch(f"/v1/users/{office.admin_id}", {"role": "member"}).code == "needs_super_admin"
    assert lesser.post("/v1/users", {"email": "a@b.example", "name": "A", "role": "super_admin"}).status == 403
    last = admin.patch(f"/v1/users/{office.admin_id}", {"role": "member"})
    assert (last.status, last.code) == (422, "last_super_admin")
    assert admin.patch(path, {"role": "super_admin"}).json["role"] == "super_admin"
    assert admin.patch(f"/v1/users/{office.admin_id}", {"role": "member"}).status == 200
    assert admin.patch(path, {"role": "member"}).status == 403


def test_S16_a_member_of_a_chosen_team_has_access_as_soon_as_the_team_is_given(office: Office, admin: Visitor) -> None:
    mia = office.add_user("Mia")
    team = admin.post("/v1/teams", {"name": "Second line"}).json
    path = f"/v1/inboxes/{office.inbox_id}"
    admin.patch(path, {"access": {"mode": "selected", "team_ids": [team["id"]]}})
    visitor = visitor_for(mia)
    assert visitor.get(path).status == 404
    assert admin.patch(f"/v1/users/{mia.id}", {"team_ids": [team["id"]]}).status == 200
    assert visitor.get(path).json["may_act"] is True
    assert admin.patch(f"/v1/users/{mia.id}", {"team_ids": ["tea_nobody"]}).status == 422

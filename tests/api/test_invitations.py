"""Users are invited by mail: a code that works once, for a week, and ends in a token of the user's own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib import clock
from chalicelib.errors import NotFound
from chalicelib.model.account import Role
from chalicelib.model.inbox import Routing, RoutingMode
from chalicelib.model.limits import INVITATIONS_TO_ADDRESS
from chalicelib.settings import invitations
from tests.api.visitor import Visitor, visitor_for
from tests.post import cloud
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.outbox import send_all, token_in

NEW = {"email": "new@acme.example", "name": "New", "seat": "service", "invite": True}


def test_who_accepts_an_invitation_works_here(office: Office, admin: Visitor) -> None:
    user = admin.post("/v1/users", NEW)
    assert (user.status, user.json["status"]) == (201, "invited")
    office.set_channel(routing=Routing(RoutingMode.SPECIFIC, (user.json["id"],)))
    office.deliver(letter())
    assert office.conversation().assignee_id is None  # who has not come gets no work
    (mailed,) = send_all(office)
    assert mailed.rcpt_to == ("new@acme.example",)
    code = token_in(mailed)
    assert code not in repr(cloud.table_content())
    accepted = Visitor().post(f"/v1/invitations/{code}")
    assert accepted.status == 201, accepted.text
    me = Visitor(accepted.json["token"]).get("/v1/me").json
    assert (me["user"]["id"], me["user"]["status"], me["scopes"]) == (user.json["id"], "active", ["read", "write"])
    again = Visitor().post(f"/v1/invitations/{code}")
    assert (again.status, again.code) == (404, "not_found")
    office.deliver(letter(message_id="second@x.example"))
    assert office.conversations()[0].assignee_id == user.json["id"]
    actions = [each["action"] for each in admin.items("/v1/audit")]
    assert actions[:3].count("user.accepted") == 1
    assert {"user.added", "user.invited"} <= set(actions)


def test_only_the_last_invitation_holds_and_a_revoked_one_does_not(office: Office, admin: Visitor) -> None:
    path = f"/v1/users/{admin.post('/v1/users', NEW).json['id']}/invitation"
    (first,) = send_all(office)
    assert admin.post(path).status == 202
    (second,) = send_all(office)
    assert Visitor().post(f"/v1/invitations/{token_in(first)}").status == 404
    assert admin.delete(path).status == 204
    assert Visitor().post(f"/v1/invitations/{token_in(second)}").status == 404
    assert admin.delete(path).status == 404
    assert admin.post(path).status == 202
    (third,) = send_all(office)
    assert Visitor().post(f"/v1/invitations/{token_in(third)}").status == 201
    refused = admin.post(path)
    assert (refused.status, refused.code) == (409, "user_active")


def test_an_invitation_ends_after_a_week_and_with_its_user(office: Office, admin: Visitor) -> None:
    user = admin.post("/v1/users", NEW).json
    (mailed,) = send_all(office)
    with pytest.raises(NotFound):
        invitations.accept(token_in(mailed), clock.now() + invitations.LIFE + timedelta(seconds=1))
    admin.delete(f"/v1/users/{user['id']}")
    assert Visitor().post(f"/v1/invitations/{token_in(mailed)}").status == 404


def test_nobodys_mailbox_is_filled_with_invitations(office: Office, admin: Visitor) -> None:
    path = f"/v1/users/{admin.post('/v1/users', NEW).json['id']}/invitation"
    statuses = [admin.post(path).status for _ in range(INVITATIONS_TO_ADDRESS.most)]
    assert statuses == [202] * (INVITATIONS_TO_ADDRESS.most - 1) + [429]
    assert len(send_all(office)) == 1  # those that were replaced need not leave


def test_the_same_request_again_mails_one_invitation(office: Office, admin: Visitor) -> None:
    first, second = (admin.post("/v1/users", NEW, idempotency_key="one") for _ in range(2))
    assert (first.status, second.status) == (201, 201)
    assert first.json["id"] == second.json["id"]
    mailed = send_all(office)
    assert len({token_in(each) for each in mailed}) == 1


def test_only_super_admins_invite_super_admins_and_an_invited_one_is_not_the_other(
    office: Office, admin: Visitor
) -> None:
    abe = visitor_for(office.add_user("Abe", role=Role.ACCOUNT_ACCESS))
    invited = admin.post("/v1/users", {**NEW, "role": "super_admin"}).json
    assert abe.post(f"/v1/users/{invited['id']}/invitation").status == 403
    assert admin.delete(f"/v1/users/{office.admin_id}").code == "last_super_admin"
    (mailed,) = send_all(office)
    Visitor().post(f"/v1/invitations/{token_in(mailed)}")
    assert admin.delete(f"/v1/users/{office.admin_id}").status == 204

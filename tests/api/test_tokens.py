"""Who is let in: tokens, their scopes, their end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.model.account import Role, Scope
from chalicelib.settings.tokens import new_secret, new_token
from chalicelib.storage import keys, table, tokens
from chalicelib.storage.tables import UserRow
from tests.api.visitor import Visitor, admin_of, visitor_for
from tests.post.cloud import table_content
from tests.post.office import Office


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic Z3JhY2U6aG9wcGVy",
        "Bearer pf_",
        "Bearer pf_6vztrm3ivbtr2tnrzbn2hxlxjwbbjgmcuymozqf7lbl3c5yo3w2a",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfYSJ9.",
        "Bearer pf_a pf_b",
        "Bearer " + "a" * 5000,
        "bearer\tpf_a",
        "Bearer pf_ü",
    ],
)
def test_what_is_no_token_is_401_and_says_how_to_come_in(office: Office, header: str) -> None:
    reply = Visitor().get("/v1/me", authorization=header)
    assert reply.status == 401
    assert reply.code == "unauthenticated"
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_token_ends_at_its_time(office: Office) -> None:
    user, now = office.user(office.admin_id), clock.now()
    for age, status in ((timedelta(seconds=-1), 401), (timedelta(minutes=1), 200)):
        secret = new_secret()
        token = new_token(user, "old", (Scope.READ,), secret=secret, now=now, expires_at=now + age)
        tokens.add_token(token, office.noted("token.made", token.id))
        assert Visitor(secret).get("/v1/me").status == status


def test_a_revoked_token_ends_with_the_next_request(admin: Visitor) -> None:
    made = admin.post("/v1/tokens", {"name": "short", "scopes": ["read"]}).json
    visitor = Visitor(made["token"])
    assert visitor.get("/v1/me").json["token_id"] == made["id"]
    assert admin.delete(f"/v1/tokens/{made['id']}").status == 204
    assert visitor.get("/v1/me").status == 401
    assert admin.delete(f"/v1/tokens/{made['id']}").status == 404


def test_a_removed_user_is_out_with_the_next_request(office: Office) -> None:
    user = office.add_user("Mia")
    visitor = visitor_for(user)
    assert visitor.get("/v1/me").status == 200
    writes = table.Transaction()
    writes.delete(UserRow, keys.user(user.account_id, user.id))
    writes.commit("remove a user")
    assert visitor.get("/v1/me").status == 401


def test_a_token_is_shown_once_and_only_its_hash_is_kept(admin: Visitor) -> None:
    made = admin.post("/v1/tokens", {"name": "export"}).json
    assert made["token"].startswith("pf_")
    assert len(made["token"]) >= 46  # 32 bytes
    assert "token" not in admin.items("/v1/tokens")[0]
    assert made["token"] not in str(table_content())


@pytest.mark.parametrize(
    ("scope", "statuses"),
    [(Scope.READ, (200, 403, 403)), (Scope.WRITE, (200, 200, 403)), (Scope.ADMIN, (200, 200, 200))],
)
def test_each_scope_includes_the_ones_before_it(office: Office, scope: Scope, statuses: tuple[int, ...]) -> None:
    user = office.user(office.admin_id)
    visitor = visitor_for(user, scope)
    found = (
        visitor.get("/v1/users").status,
        visitor.patch(f"/v1/users/{user.id}", {"availability": "away"}).status,
        visitor.patch(f"/v1/inboxes/{office.inbox_id}", {"name": "Inbox"}).status,
    )
    assert found == statuses


def test_only_super_admins_make_tokens_of_super_admins(office: Office, admin: Visitor) -> None:
    lesser = visitor_for(office.add_user("Abe", role=Role.ACCOUNT_ACCESS))
    refused = lesser.post("/v1/tokens", {"name": "up", "user_id": office.admin_id})
    assert (refused.status, refused.code) == (403, "needs_super_admin")
    assert admin.post("/v1/tokens", {"name": "mine", "user_id": office.admin_id}).status == 201


def test_everybody_makes_sees_and_revokes_their_own_tokens_and_no_others(office: Office, admin: Visitor) -> None:
    mia = office.add_user("Mia")
    visitor = visitor_for(mia, Scope.WRITE)
    of_admin = admin.post("/v1/tokens", {"name": "admin's"}).json
    made = visitor.post("/v1/tokens", {"name": "script", "scopes": ["read"]})
    assert (made.status, Visitor(made.json["token"]).get("/v1/me").json["user"]["id"]) == (201, mia.id)
    assert {each["user_id"] for each in visitor.items("/v1/tokens")} == {mia.id}
    assert of_admin["id"] in {each["id"] for each in admin.items("/v1/tokens")}
    assert visitor.get(f"/v1/tokens/{of_admin['id']}").status == 404
    assert visitor.delete(f"/v1/tokens/{of_admin['id']}").status == 404
    refused = visitor.post("/v1/tokens", {"name": "up", "user_id": office.admin_id})
    assert (refused.status, refused.code) == (403, "needs_admin")
    assert visitor.delete(f"/v1/tokens/{made.json['id']}").status == 204
    assert Visitor(made.json["token"]).get("/v1/me").status == 401
    assert Visitor(of_admin["token"]).get("/v1/me").status == 200


def test_no_token_makes_one_that_may_do_more_nor_one_of_others_without_the_scope(office: Office) -> None:
    user, other = office.user(office.admin_id), office.add_user("Mia")
    for scope, wanted, status in ((Scope.READ, "read", 403), (Scope.WRITE, "write", 201), (Scope.WRITE, "admin", 403)):
        made = visitor_for(user, scope).post("/v1/tokens", {"name": "t", "scopes": [wanted]})
        assert made.status == status, made.text
        assert status == 201 or made.code == "needs_scope"
    writer = visitor_for(user, Scope.WRITE)
    assert writer.post("/v1/tokens", {"name": "t", "user_id": other.id}).code == "needs_admin"
    of_other = visitor_for(other, Scope.WRITE).post("/v1/tokens", {"name": "t"}).json
    refused = writer.delete(f"/v1/tokens/{of_other['id']}")
    assert (refused.status, refused.code) == (403, "needs_scope")


@pytest.mark.parametrize("days", [-1, 400])
def test_a_token_ends_within_a_year_and_not_in_the_past(admin: Visitor, days: int) -> None:
    refused = admin.post("/v1/tokens", {"name": "t", "expires_at": stamp(clock.now() + timedelta(days=days))})
    assert (refused.status, refused.json["pointer"]) == (422, "/expires_at")


def test_a_token_of_another_account_cannot_be_revoked(admin: Visitor) -> None:
    other = admin_of(Office("other"))
    made = admin.post("/v1/tokens", {"name": "mine"}).json
    assert other.delete(f"/v1/tokens/{made['id']}").status == 404
    assert Visitor(made["token"]).get("/v1/me").status == 200


def test_only_super_admins_revoke_tokens_of_super_admins(office: Office, admin: Visitor) -> None:
    abe, member = office.add_user("Abe", role=Role.ACCOUNT_ACCESS), office.add_user("Mia")
    made = admin.post("/v1/tokens", {"name": "mine"}).json
    refused = visitor_for(abe).delete(f"/v1/tokens/{made['id']}")
    assert (refused.status, refused.code) == (403, "needs_super_admin")
    assert Visitor(made["token"]).get("/v1/me").status == 200
    of_member = admin.post("/v1/tokens", {"name": "Mia's", "user_id": member.id}).json
    assert visitor_for(abe).delete(f"/v1/tokens/{of_member['id']}").status == 204
    assert admin.delete(f"/v1/tokens/{made['id']}").status == 204

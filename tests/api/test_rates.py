"""Limits of what a user may ask for: counted where a request is costly, never where it reads."""

from __future__ import annotations

import pytest

from chalicelib import clock
from chalicelib.api.routes import ROUTES
from chalicelib.model.limits import COSTLY_REQUESTS_OF_USER, Spending
from chalicelib.storage import limits, table
from tests.api.visitor import Visitor, visitor_for
from tests.post.meter import metered
from tests.post.office import Office


def use_up(office: Office, but: int) -> None:
    most = COSTLY_REQUESTS_OF_USER.most - but
    writes = table.Transaction()
    limits.spend(writes, [Spending(COSTLY_REQUESTS_OF_USER, office.account_id, office.admin_id, most)], clock.now())
    writes.commit("ask often")


def test_who_asks_too_often_for_what_is_costly_is_told_when_to_come_again(office: Office, admin: Visitor) -> None:
    use_up(office, but=1)
    assert admin.post("/v1/teams", {"name": "The last one"}).status == 201
    refused = admin.post("/v1/teams", {"name": "One too many"})
    assert (refused.status, refused.code) == (429, "too_many_requests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert [team["name"] for team in admin.items("/v1/teams")] == ["The last one"]


def test_the_limit_is_one_users_and_reading_goes_on(office: Office, admin: Visitor) -> None:
    other = visitor_for(
        office.user(admin.post("/v1/users", {"email": "s@a.example", "name": "S", "role": "super_admin"}).json["id"])
    )
    use_up(office, but=1)
    assert admin.post("/v1/inboxes", {"name": "A"}).status == 429
    assert admin.get("/v1/inboxes").status == 200
    assert other.post("/v1/teams", {"name": "T"}).status == 201


def test_reading_writes_nothing(office: Office, admin: Visitor) -> None:
    with metered() as meter:
        for path in ("/v1/me", "/v1/inboxes", "/v1/audit", f"/v1/inboxes/{office.inbox_id}/conversations"):
            assert admin.get(path).status == 200
    assert set(meter.calls) <= {"GetItem", "BatchGetItem", "Query"}


@pytest.mark.parametrize("route", [each for each in ROUTES if each.costly], ids=lambda each: each.path)
def test_only_what_writes_or_composes_is_counted(route: object) -> None:
    assert getattr(route, "method", "") == "POST"

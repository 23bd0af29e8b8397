"""A new account: with one inbox and a working fallback address, without anybody doing anything (S7, S8, S22)."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib.errors import Conflict, InvalidInput
from chalicelib.model.account import Availability, Plan, Role, Scope, Seat
from chalicelib.model.inbox import Access, AccessMode, Routing, RoutingMode
from chalicelib.model.ticket import StageKind
from chalicelib.settings.accounts import RESERVED, AccountRequest, create_account, default_pipeline, read_request
from chalicelib.storage import accounts, inboxes, people, pipelines
from chalicelib.storage.tokens import token_id_of
from tests.post import cloud
from tests.post.ses import FIRST_MAIL_AT, at

GOOD: dict[str, Any] = {
    "company_name": "Acme Inc.",
    "subdomain": "acme",
    "email": "Grace@acme.example",
    "name": "Grace Hopper",
}


def test_a_request() -> None:
    assert read_request(GOOD) == AccountRequest("Acme Inc.", "acme", "Grace@acme.example", "Grace Hopper")
    assert read_request({**GOOD, "plan": "free", "locale": "de"}).plan is Plan.FREE


@pytest.mark.parametrize("label", ["a", "a1", "1a", "a-b", "x" * 63, "xn--bcher-kva"])
def test_subdomains_that_are_dns_labels(label: str) -> None:
    assert read_request({**GOOD, "subdomain": label}).subdomain == label


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        *[
            ({"subdomain": label}, "/subdomain")
            for label in ("", "A", "a.b", "-a", "a-", "a_b", "bücher", "x" * 64, "a\n", "a b", *sorted(RESERVED))
        ],
        ({"company_name": " "}, "/company_name"),
        ({"email": "nobody"}, "/email"),
        ({"email": "a b@c.example"}, "/email"),
        ({"email": "a@b@c.example"}, "/email"),
        ({"locale": "fr"}, "/locale"),
        ({"plan": "gold"}, None),
        ({"unknown": 1}, None),
        ({"name": 7}, None),
    ],
)
def test_requests_that_are_refused(changes: dict[str, Any], pointer: str | None) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_request({**GOOD, **changes})
    assert raised.value.pointer == pointer


@pytest.mark.parametrize("event", [None, [], "x", {}, {"subdomain": "acme"}])
def test_events_that_are_no_request(event: object) -> None:
    with pytest.raises(InvalidInput):
        read_request(event)


def create(**changes: Any) -> Any:
    return create_account(
        read_request({**GOOD, **changes}),
        paid_domain="in.postfach.test",
        free_domain="free.postfach.test",
        now=FIRST_MAIL_AT,
    )


@pytest.mark.usefixtures("empty_cloud")
def test_S7_S8_everything_an_account_begins_with() -> None:
    made = create()
    account = accounts.read(made.account_id)
    assert account is not None
    assert (account.default_inbox_id, account.plan, account.created_at) == (made.inbox_id, Plan.PROFESSIONAL, at(0))
    (inbox,) = inboxes.all_inboxes(made.account_id)
    assert (inbox.id, inbox.access) == (made.inbox_id, Access(AccessMode.EVERYONE))
    channel = inboxes.get_channel(made.account_id, made.channel_id)
    assert channel is not None
    assert (channel.address, channel.enabled, channel.inbox_id) == ("support@acme.in.postfach.test", True, inbox.id)
    assert (channel.routing, channel.routing.mode) == (Routing(), RoutingMode.OFF)
    pipeline = pipelines.get_pipeline(made.account_id, account.default_pipeline_id)
    assert pipeline is not None
    assert channel.ticketing.stage_id == pipeline.stages[0].id
    user = people.get_user(made.account_id, made.user_id)
    assert user is not None
    assert (user.role, user.seat, user.availability, user.email) == (
        Role.SUPER_ADMIN,
        Seat.SERVICE,
        Availability.AVAILABLE,
        "grace@acme.example",
    )


@pytest.mark.usefixtures("empty_cloud")
def test_the_token_is_shown_once_and_stored_hashed() -> None:
    """FreeScout CVE-2026-27637, -41902: random, expiring, hashed."""
    made = create()
    stored = str(cloud.table_content())
    assert made.token not in stored
    digest = hashlib.sha256(made.token.encode()).hexdigest()
    assert digest in stored
    assert token_id_of(digest) in stored
    assert len(made.token) > 40
    assert made.token_expires_at > at(0)
    assert str([str(scope) for scope in Scope]).replace("'", '"').replace(" ", "") in stored.replace(" ", "")


@pytest.mark.usefixtures("empty_cloud")
def test_S22_S35_the_free_plan_has_a_domain_of_its_own() -> None:
    assert create(plan="free").fallback_address == "support@acme.free.postfach.test"


@pytest.mark.usefixtures("empty_cloud")
@pytest.mark.parametrize("plan", ["professional", "free"])
def test_a_subdomain_is_given_once_and_then_nothing_is_written(plan: str) -> None:
    create()
    before = cloud.table_content()
    with pytest.raises(Conflict) as raised:
        create(plan=plan)
    assert raised.value.pointer == "/subdomain"
    assert cloud.table_content() == before


@pytest.mark.usefixtures("empty_cloud")
def test_the_function_answers_with_the_account_or_the_reason() -> None:
    client = Client(app)
    made = client.lambda_.invoke("create_account", GOOD).payload
    assert made["fallback_address"] == "support@acme.in.postfach.test"
    refused = client.lambda_.invoke("create_account", GOOD).payload
    assert (refused["error"]["code"], refused["error"]["pointer"]) == ("conflict", "/subdomain")
    assert "token" not in refused


def test_the_first_pipeline() -> None:
    pipeline = default_pipeline("acc_a", "pip_a", at(0))
    assert [stage.kind for stage in pipeline.stages] == [StageKind.OPEN] * 3 + [StageKind.CLOSED]
    assert len({stage.id for stage in pipeline.stages}) == 4
    assert pipeline == default_pipeline("acc_a", "pip_a", at(0))

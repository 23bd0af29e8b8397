"""What is limited, since others pay for it: probes that an owner gets, domains that are claimed, uploads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib import clock
from chalicelib.config import config
from chalicelib.conversations import uploads
from chalicelib.model.limits import (
    COSTLY_REQUESTS_OF_USER,
    DOMAINS_OF_ACCOUNT,
    PROBES_OF_ACCOUNT_TO_ADDRESS,
    PROBES_TO_ADDRESS,
    Spending,
)
from chalicelib.reconcile.observe import observe_channels
from chalicelib.reconcile.probes import MOST_A_DAY
from chalicelib.storage import limits, probes, sending_domains, table
from chalicelib.storage.observing import Pace
from tests.api.visitor import Visitor, admin_of, visitor_for
from tests.post.identities import Identities, ses_identities
from tests.post.office import Office

TEAM = "support@customer.example"


@pytest.fixture(autouse=True)
def ses(empty_cloud: None) -> Iterator[Identities]:
    with ses_identities() as found:
        yield found


def spend(spending: Spending) -> None:
    """Let somebody have done this much today."""
    writes = table.Transaction()
    limits.spend(writes, [spending], clock.now())
    writes.commit("do much")


def connect(admin: Visitor, office: Office, address: str = TEAM) -> str:
    """Connect a team address; the channel's path."""
    made = admin.post(f"/v1/inboxes/{office.inbox_id}/channels", {"type": "team_email", "address": address})
    assert made.status == 201, made.text
    return f"/v1/channels/{made.json['id']}"


def test_connecting_an_address_anew_mails_its_owner_no_more_probes(office: Office, admin: Visitor) -> None:
    spend(Spending(PROBES_OF_ACCOUNT_TO_ADDRESS, office.account_id, TEAM, MOST_A_DAY - 2))
    for _ in range(2):
        path = connect(admin, office)
        assert admin.post(f"{path}/probe").status == 202
        assert admin.delete(path).status == 204
    path = connect(admin, office)
    told = admin.post(f"{path}/probe")
    assert (told.status, int(told.headers["Retry-After"]) > 0) == (429, True)
    observe_channels(clock.now(), time.monotonic() + 60, Pace(0))
    assert probes.get_probe(office.account_id, path.rpartition("/")[2]) is None
    other = connect(admin, office, "sales@customer.example")
    assert admin.post(f"{other}/probe").status == 202


def test_nor_do_many_accounts_together(office: Office, admin: Visitor) -> None:
    channel = connect(admin, office)
    spend(Spending(PROBES_TO_ADDRESS, None, TEAM, PROBES_TO_ADDRESS.most))
    assert admin.post(f"{channel}/probe").status == 429


def test_an_account_claims_only_so_many_domains_a_day(office: Office, admin: Visitor, ses: Identities) -> None:
    spend(Spending(DOMAINS_OF_ACCOUNT, office.account_id, None, DOMAINS_OF_ACCOUNT.most - 1))
    connect(admin, office)
    connect(admin, office, "sales@customer.example")  # the same domain takes nothing more
    path, form = f"/v1/inboxes/{office.inbox_id}/channels", {"type": "team_email", "address": "a@victim.example"}
    told = admin.post(path, form)
    assert (told.status, int(told.headers["Retry-After"]) > 0) == (429, True)
    assert sending_domains.find("victim.example") is None
    assert len(admin.items(path)) == 3


def test_an_account_uploads_only_so_much_a_day_whoever_does(
    office: Office, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPLOAD_MEGABYTES_A_DAY", "30")
    config.cache_clear()
    first = {"filename": "a.bin", "size": 20_000_000}
    made = admin.post("/v1/uploads", first, idempotency_key="one")
    other = visitor_for(office.add_user("Ada"))
    refused = other.post("/v1/uploads", {"filename": "b.bin", "size": 10_000_001})
    assert (refused.status, refused.code, refused.json["pointer"]) == (429, "too_much_uploaded", "/size")
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert admin.post("/v1/uploads", first, idempotency_key="one").json["id"] == made.json["id"]  # counted once
    assert other.post("/v1/uploads", {"filename": "b.bin", "size": 10_000_000}).status == 200
    assert admin.post("/v1/uploads", {"filename": "c.txt", "size": 1}).status == 429
    assert admin_of(Office("other")).post("/v1/uploads", first).status == 200
    day_after = clock.now() + timedelta(days=1)
    caller = office.caller()
    assert uploads.offer(caller, "upl_" + "a" * 16, "c.txt", "text/plain", 1, day_after).upload.size == 1


def test_a_file_larger_than_all_that_may_be_uploaded_is_not_even_the_first(
    office: Office, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPLOAD_MEGABYTES_A_DAY", "1")
    config.cache_clear()
    assert admin.post("/v1/uploads", {"filename": "a.bin", "size": 1_000_001}).code == "too_much_uploaded"
    assert admin.post("/v1/uploads", {"filename": "a.bin", "size": 1_000_000}).status == 200


def test_connecting_and_announcing_files_are_counted(office: Office, admin: Visitor) -> None:
    spend(Spending(COSTLY_REQUESTS_OF_USER, office.account_id, office.admin_id, COSTLY_REQUESTS_OF_USER.most))
    assert admin.post(f"/v1/inboxes/{office.inbox_id}/channels", {"type": "fallback_email"}).status == 429
    assert admin.post("/v1/uploads", {"filename": "a.txt", "size": 3}).status == 429

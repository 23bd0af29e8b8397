"""How many probes a day reach one address, whoever connects it how often: nobody has proven yet whose it is."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from chalicelib import clock
from chalicelib.model.limits import PROBES_TO_ADDRESS, Spending
from chalicelib.reconcile.observe import observe_channels
from chalicelib.reconcile.probes import MOST_A_DAY
from chalicelib.storage import limits, probes, table
from chalicelib.storage.observing import Pace
from tests.api.visitor import Visitor
from tests.post.identities import Identities, ses_identities
from tests.post.office import Office

TEAM = "support@customer.example"


@pytest.fixture(autouse=True)
def ses(empty_cloud: None) -> Iterator[Identities]:
    with ses_identities() as found:
        yield found


def connect(admin: Visitor, office: Office, address: str = TEAM) -> str:
    """Connect a team address; the channel's path."""
    made = admin.post(f"/v1/inboxes/{office.inbox_id}/channels", {"type": "team_email", "address": address})
    assert made.status == 201, made.text
    return f"/v1/channels/{made.json['id']}"


def test_connecting_an_address_anew_mails_its_owner_no_more_probes(office: Office, admin: Visitor) -> None:
    for _ in range(MOST_A_DAY):
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
    writes = table.Transaction()
    limits.spend(writes, (Spending(PROBES_TO_ADDRESS, None, TEAM, PROBES_TO_ADDRESS.most),), clock.now())
    writes.commit("other accounts probed it")
    assert admin.post(f"{channel}/probe").status == 429

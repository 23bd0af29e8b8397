"""The addresses that automatic mail leaves alone, as admins see them, and lift them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from chalicelib.clock import stamp
from chalicelib.errors import LostRace, NotFound
from chalicelib.model.audit import audited
from chalicelib.model.caller import Caller
from chalicelib.model.page import Page
from chalicelib.model.suppression import Suppression
from chalicelib.storage import suppressions


class Lifted(Struct, frozen=True):
    """What the audit log keeps of one."""

    address: str
    reason: str


def page(caller: Caller, *, limit: int, cursor: str | None) -> Page[Suppression]:
    """The suppressed addresses of the account, newest first."""
    return suppressions.page(caller.account_id, limit=limit, cursor=cursor)


def lift(caller: Caller, suppression_id: str, now: datetime) -> None:
    """Let automatic mail go to an address again. `NotFound` when it is not suppressed (any more)."""
    found = suppressions.find(caller.account_id, suppression_id)
    if found is None:
        raise NotFound("There is no such suppressed address.")
    before = Lifted(found.address, found.because.code)
    noted = audited(caller, "suppression.lifted", found.id, before, None, stamp(now))
    try:
        suppressions.lift(found, noted)
    except LostRace as error:
        if suppressions.find(caller.account_id, suppression_id) is None:
            raise NotFound("There is no such suppressed address.") from error
        raise

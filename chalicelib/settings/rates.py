"""How many costly requests a user makes in an hour: a script that has gone wild is stopped before it costs much.

Reading is not counted: a write for each read would cost more than the read. API Gateway limits all requests together.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.errors import LostRace
from chalicelib.model.caller import Caller
from chalicelib.model.limits import costly_request
from chalicelib.storage import limits, table


def count(caller: Caller, now: datetime) -> None:
    """Count one costly request. `TooManyRequests` when the user's hour is used up."""
    spendings = costly_request(caller.account_id, caller.user.id)
    writes = table.Transaction()
    limits.spend(writes, spendings, now)
    try:
        writes.commit("count a request")
    except LostRace:  # or two at one moment: then this one goes uncounted
        detail = "A user may make {most} requests of this kind an hour, and has. Try again in the next hour."
        limits.require_room(spendings, now, detail)

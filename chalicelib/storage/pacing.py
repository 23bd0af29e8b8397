"""The row in which everything that leaves stands, and SES's limits: two kinds of items for the whole installation.

A turn is one conditional update of one counter: the time at which the next mail may leave. Who finds it in the past
begins anew from the present, who finds it ahead moves it on by its own length; the item answers with its new state, so
that each gets a place of its own without a read. Which of the two is tried first follows from the last turn.
"""

from __future__ import annotations

from typing import Any

from pynamodb.expressions.update import Action

from chalicelib.errors import LostRace, TemporaryFault
from chalicelib.model.pacing import SendingLimits, Slot
from chalicelib.storage import automatic_keys, table
from chalicelib.storage.aws import client
from chalicelib.storage.faults import translated
from chalicelib.storage.tables import SendingLimitsRow, SlotRow

TRIES = 6
_last_end: dict[int, int] = {}


def take_slot(row: int, now: int, length: int, latest: int) -> Slot:
    """Take the next `length` of a row: the time at which it begins. Not taken when that would be after `latest`.

    All in microseconds, times since 1970.
    """
    ahead_first = _last_end.get(row, 0) > now
    for attempt in range(TRIES):
        ahead = ahead_first == (attempt % 2 == 0)
        try:
            end = _move_on(row, now, length, latest) if ahead else _begin(row, now, length)
        except LostRace:
            continue
        _last_end[row] = end
        return Slot(end - length)
    found = table.get(SlotRow, automatic_keys.slots(row), consistent=True)
    if found is None or found.next_at <= latest:
        raise TemporaryFault("could not take a turn: others were faster each time")
    _last_end[row] = int(found.next_at)
    return Slot(int(found.next_at), taken=False)


def read_limits() -> SendingLimits | None:
    """SES's limits as somebody noted them."""
    row = table.get(SendingLimitsRow, automatic_keys.sending_limits())
    return table.to_value(SendingLimits, row) if row else None


def claim_look(before: SendingLimits, claimed: SendingLimits) -> bool:
    """Whether it is on us to ask SES for its limits; true for one of all who ask at once.

    An empty `looked_at` before: nobody ever did.
    """
    unchanged = SendingLimitsRow.looked_at == before.looked_at if before.looked_at else table.ABSENT
    try:
        note_limits(claimed, unchanged)
    except LostRace:
        return False
    return True


def ask_limits() -> tuple[float, float, float]:
    """SES's rate a second, its quota of 24 hours and what of it is used (GetAccount, limited to one call a second)."""
    with translated("ask for SES's limits"):
        quota: dict[str, Any] = client("sesv2").get_account().get("SendQuota") or {}
    if "MaxSendRate" not in quota:
        raise TemporaryFault("SES told no rate")
    return (
        float(quota["MaxSendRate"]),
        float(quota.get("Max24HourSend", -1)),
        float(quota.get("SentLast24Hours", 0)),
    )


def note_limits(limits: SendingLimits, condition: Any = None) -> None:
    """Note SES's limits; whether everybody is slowed stays as it is. `LostRace` when the condition does not hold."""
    _update_limits(
        [
            SendingLimitsRow.kind.set(SendingLimitsRow),
            SendingLimitsRow.rate.set(limits.rate),
            SendingLimitsRow.quota.set(limits.quota),
            SendingLimitsRow.sent.set(limits.sent),
            SendingLimitsRow.looked_at.set(limits.looked_at),
        ],
        condition,
    )


def note_slowed(until: str) -> None:
    """Note that everybody is to send less for a while; nothing when no limits are known."""
    try:
        _update_limits([SendingLimitsRow.slowed_until.set(until)], table.PRESENT)
    except LostRace:
        return


def forget() -> None:
    """What a new process does not know yet."""
    _last_end.clear()


def _begin(row: int, now: int, length: int) -> int:
    """Nobody is before us."""
    actions: list[Action] = [SlotRow.kind.set(SlotRow), SlotRow.next_at.set(now + length)]
    return _update_slots(row, actions, table.ABSENT | (SlotRow.next_at <= now))


def _move_on(row: int, now: int, length: int, latest: int) -> int:
    """Behind those who are before us."""
    condition = (SlotRow.next_at > now) & (SlotRow.next_at <= latest)
    return _update_slots(row, [SlotRow.next_at.set(SlotRow.next_at + length)], condition)


def _update_slots(row: int, actions: list[Action], condition: Any) -> int:
    item = SlotRow(*automatic_keys.slots(row))
    with translated("take a turn"):
        item.update(actions=actions, condition=condition)
    return int(item.next_at)


def _update_limits(actions: list[Action], condition: Any = None) -> None:
    with translated("note SES's limits"):
        SendingLimitsRow(*automatic_keys.sending_limits()).update(actions=actions, condition=condition)

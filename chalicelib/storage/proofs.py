"""Proofs of from addresses, found by the SHA-256 of their token, and how many were asked for on a day.

The counters are written with the proof, in one transaction: who asks more often than is allowed gets none (every way
that sends mail has a limit).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.model.inbox import Channel
from chalicelib.model.proof import AddressProof
from chalicelib.storage import keys, table
from chalicelib.storage.tables import ChannelRow, CountRow, ProofRow

COUNTED = timedelta(days=2)  # how long a day's counter is kept


class Limits(msgspec.Struct, frozen=True):
    """How many proofs a day: of one account, and to one address, whoever asks."""

    account: int
    address: int


def begin(proof: AddressProof, before: Channel, after: Channel, limits: Limits, now: datetime) -> None:
    """Store a proof, count it, and write the channel's wish if it changes: all or nothing.

    `LostRace` when a limit is reached, or the channel is not `before` any more.
    """
    writes = table.Transaction()
    row = table.to_row(
        ProofRow,
        keys.proof(proof.digest),
        proof,
        proof_expires_at=proof.expires_at,
        expires_at=datetime.fromisoformat(proof.expires_at),  # type: ignore[arg-type]
    )
    writes.put(row)
    for key, most in _counters(proof, limits, now):
        counted: list[Action] = [
            CountRow.times.add(1),
            CountRow.kind.set(CountRow),  # the first update makes the row
            CountRow.expires_at.set(now + COUNTED),
        ]
        writes.update(CountRow, key, counted, CountRow.times.does_not_exist() | (CountRow.times < most))
    if after != before:
        wish: list[Action] = [
            ChannelRow.sender.set(msgspec.to_builtins(after.sender)),
            ChannelRow.version.set(after.version),
        ]
        key = keys.channel(before.account_id, before.id)
        writes.update(ChannelRow, key, wish, ChannelRow.version == before.version)
    writes.commit("begin a proof")


def is_used_up(proof: AddressProof, limits: Limits, now: datetime) -> bool:
    """Whether one of the day's limits is reached."""
    for key, most in _counters(proof, limits, now):
        row = table.get(CountRow, key, consistent=True)
        if row is not None and row.times >= most:
            return True
    return False


def find(digest: str) -> AddressProof | None:
    """The proof of a token, by the token's digest; None when there is none, or it was given already."""
    row = table.get(ProofRow, keys.proof(digest), consistent=True)
    return table.to_value(AddressProof, row, expires_at=row.proof_expires_at) if row else None


def give(proof: AddressProof, before: Channel) -> None:
    """Use a proof up, and let the channel's mail leave from its address: both or neither.

    `LostRace` when it is used up already, or the channel is not `before` any more.
    """
    writes = table.Transaction()
    writes.delete(ProofRow, keys.proof(proof.digest), table.PRESENT)
    writes.update(
        ChannelRow,
        keys.channel(before.account_id, before.id),
        [ChannelRow.proven_address.set(proof.address), ChannelRow.version.set(before.version + 1)],
        ChannelRow.version == before.version,
    )
    writes.commit("give a proof")


def _counters(proof: AddressProof, limits: Limits, now: datetime) -> list[tuple[keys.Key, int]]:
    day = now.date().isoformat()
    return [
        (keys.proofs_of_account(proof.account_id, day), limits.account),
        (keys.proofs_to_address(proof.address, day), limits.address),
    ]

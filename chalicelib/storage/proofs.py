"""Proofs of from addresses, found by the SHA-256 of their token.

What a proof takes of the limits is written with it, in one transaction: who asks more often than is allowed gets none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.model.audit import AuditEntry
from chalicelib.model.inbox import Channel
from chalicelib.model.limits import Spending
from chalicelib.model.proof import AddressProof
from chalicelib.storage import audit, keys, limits, table
from chalicelib.storage.tables import ChannelRow, ProofRow


def begin(
    proof: AddressProof,
    before: Channel,
    after: Channel,
    spendings: Sequence[Spending],
    noted: AuditEntry,
    now: datetime,
) -> None:
    """Store a proof, count it, note it in the audit log, and write the channel's wish if it changes: all or nothing.

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
    limits.spend(writes, spendings, now)
    if after != before:
        wish: list[Action] = [
            ChannelRow.sender.set(msgspec.to_builtins(after.sender)),
            ChannelRow.version.set(after.version),
        ]
        key = keys.channel(before.account_id, before.id)
        writes.update(ChannelRow, key, wish, ChannelRow.version == before.version)
    audit.note(writes, noted)
    writes.commit("begin a proof")


def find(digest: str) -> AddressProof | None:
    """The proof of a token, by the token's digest; None when there is none, or it was given already."""
    row = table.get(ProofRow, keys.proof(digest), consistent=True)
    return table.to_value(AddressProof, row, expires_at=row.proof_expires_at) if row else None


def give(proof: AddressProof, before: Channel, noted: AuditEntry) -> None:
    """Use a proof up, let the channel's mail leave from its address, and note it: all or nothing.

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
    audit.note(writes, noted)
    writes.commit("give a proof")

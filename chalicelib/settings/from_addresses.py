"""Custom from addresses: asked for, proven by a mailed token, then used (S36, S37).

A token is single-use, expires, and is kept only as a hash. Asking again is limited by account and by address, so that
nobody's mailbox is filled; reading the mail (GET) proves nothing, only handing the token in does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.errors import Conflict, LostRace, NotFound, Refused
from chalicelib.model import limits
from chalicelib.model.audit import AuditEntry, audited, noticed
from chalicelib.model.caller import Caller
from chalicelib.model.credentials import digest_of
from chalicelib.model.inbox import Channel
from chalicelib.model.proof import AddressProof
from chalicelib.model.task import ProofTask
from chalicelib.outbound.choose_sender import domain_of, is_proven
from chalicelib.outbound.proof_mail import token_of
from chalicelib.settings.channels import settings_of
from chalicelib.settings.senders import custom_address
from chalicelib.storage import inboxes, proofs, sending_domains
from chalicelib.storage.limits import require_room
from chalicelib.storage.queues import enqueue_proof
from chalicelib.storage.secrets import signing_key

LIFE = timedelta(days=2)
TRIES = 3


class FromAddress(Struct, frozen=True):
    """What the audit log tells of an address that is asked for, or proven."""

    from_address: str | None


def begin(caller: Caller, proof_id: str, before: Channel, address: str, now: datetime) -> Channel:
    """Set a channel's from address, and mail a token to it unless it is proven; return the channel as it is then.

    `Refused`: it is the channel's own, cannot be sent from, or the channel is off. `TooManyRequests`; `Conflict` when
    somebody changed the channel just now. With the id of a proof that was begun before nothing more is mailed.
    """
    wanted = custom_address(address, before, pointer="/address")
    if wanted is None:
        raise Refused("This is the channel's own address: it needs no proof.", pointer="/address", code="own_address")
    if not before.enabled:
        raise Refused("The channel is switched off, so no mail leaves through it.", code="channel_off")
    after = before
    if before.sender.from_address != wanted:
        after = replace(before, sender=replace(before.sender, from_address=wanted), version=before.version + 1)
    verified = sending_domains.verified(sending_domains.find_many(before.account_id, [domain_of(wanted)]))
    if is_proven(after, verified):
        if after != before:
            noted = audited(caller, "channel.changed", before.id, settings_of(before), settings_of(after), stamp(now))
            _save(before, after, noted)
        return after
    token = token_of(signing_key(), before.account_id, before.id, proof_id, wanted)
    proof = AddressProof(
        before.account_id, before.id, proof_id, wanted, digest_of(token), stamp(now), stamp(now + LIFE)
    )
    noted = audited(caller, "from_address.asked", before.id, None, FromAddress(wanted), proof.created_at)
    spendings = limits.proofs(before.account_id, wanted)
    try:
        proofs.begin(proof, before, after, spendings, noted, now)
    except LostRace as error:
        if proofs.find(proof.digest) is not None:  # a repeat: its mail is on its way
            return inboxes.get_channel(before.account_id, before.id) or before
        require_room(spendings, now, "There were many such mails today already. Try again tomorrow.")
        raise Conflict("Somebody changed the channel just now. Try again.") from error
    enqueue_proof(ProofTask(before.account_id, before.id, proof_id, wanted))
    return after


def give(token: str, now: datetime) -> Channel:
    """Hand a token in: the channel's mail leaves from the proven address from now on. Whoever has the token may.

    `NotFound` for a token that does not hold; `Conflict` when the channel wants another address by now.
    """
    for attempt in range(1, TRIES + 1):
        proof = proofs.find(digest_of(token))
        if proof is None or datetime.fromisoformat(proof.expires_at) <= now:
            raise NotFound("The code does not hold: it is unknown, used or expired. Ask for another one.")
        channel = inboxes.get_channel(proof.account_id, proof.channel_id)
        if channel is None or (channel.sender.from_address or "").lower() != proof.address.lower():
            raise Conflict("The channel is to send from another address by now.", code="address_not_wanted")
        was, told = FromAddress(channel.proven_address), FromAddress(proof.address)
        noted = noticed(channel.account_id, "from_address.proven", channel.id, was, told, stamp(now))
        try:
            proofs.give(proof, channel, noted)
        except LostRace:
            if attempt == TRIES:
                raise
            continue
        return replace(channel, proven_address=proof.address, version=channel.version + 1)
    raise AssertionError("the last attempt returns or raises")


def _save(before: Channel, after: Channel, noted: AuditEntry) -> None:
    try:
        inboxes.change_channel(before, after, noted)
    except LostRace as error:
        raise Conflict("Somebody changed the channel just now. Try again.") from error

"""The story of a mail that proves a from address (S36): read the proof, write the mail, let it leave (`send_code`)."""

from __future__ import annotations

from datetime import datetime

from chalicelib.model.conversation import SendingStatus
from chalicelib.model.task import ProofTask
from chalicelib.outbound.proof_mail import proof_mail, token_of
from chalicelib.outbound.send_code import find_code, send_code
from chalicelib.storage import accounts, inboxes, proofs
from chalicelib.storage.queues import enqueue_proof


def send_proof(task: ProofTask, now: datetime) -> SendingStatus | None:
    """Send the mail of a proof; None when there is nothing to do: it was given, has expired, or the channel is off."""
    told = (task.account_id, task.channel_id, task.proof_id, task.address)
    found = find_code(lambda key: token_of(key, *told), proofs.find)
    if found is None:
        return None
    token, proof = found
    if datetime.fromisoformat(proof.expires_at) <= now:
        return None
    account = accounts.read(task.account_id)
    channel = inboxes.get_channel(task.account_id, task.channel_id)
    if account is None or channel is None or not channel.enabled:
        return None
    draft = proof_mail(proof, token, account, channel, now)
    return send_code(draft, "proof", proof.id, lambda delay: enqueue_proof(task, delay=delay))

"""The story of a mail that proves a from address (S36): read the proof, compose, ask SES.

Sent twice it does no harm, since both carry the same token; so a queue message that comes again is simply done again.
Only what SES clearly did not take is tried again; whoever waits in vain asks for another proof.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib import log
from chalicelib.errors import MailRefused, MailUnconfirmed
from chalicelib.mail.compose import ComposeError, compose
from chalicelib.model.conversation import SendingStatus
from chalicelib.model.credentials import digest_of
from chalicelib.model.task import ProofTask
from chalicelib.outbound.proof_mail import proof_mail, token_of
from chalicelib.outbound.take_turn import ask_ses, take_turn
from chalicelib.storage import accounts, inboxes, proofs
from chalicelib.storage.queues import enqueue_proof
from chalicelib.storage.secrets import signing_keys


def send_proof(task: ProofTask, now: datetime) -> SendingStatus | None:
    """Send the mail of a proof; None when there is nothing to do: it was given, has expired, or the channel is off."""
    proof, token = None, ""
    for key in signing_keys():  # it was asked for with one of them
        token = token_of(key, task.account_id, task.channel_id, task.proof_id, task.address)
        proof = proofs.find(digest_of(token))
        if proof is not None:
            break
    if proof is None or datetime.fromisoformat(proof.expires_at) <= now:
        return None
    account = accounts.read(task.account_id)
    channel = inboxes.get_channel(task.account_id, task.channel_id)
    if account is None or channel is None or not channel.enabled:
        return None
    hold = take_turn(1, proof.id, automatic=True)
    if hold is not None:
        enqueue_proof(task, delay=hold.seconds)
        return SendingStatus.QUEUED
    try:
        raw = compose(proof_mail(proof, token, account, channel, now))
        ask_ses(raw, from_address=channel.address, recipients=[proof.address], tags={})
    except (ComposeError, MailRefused) as error:
        log.error("proof_not_sent", error, proof=proof.id)
        return SendingStatus.FAILED
    except MailUnconfirmed as error:
        log.warning("proof_unconfirmed", because=error.detail, proof=proof.id)
        return SendingStatus.UNCONFIRMED
    return SendingStatus.SENT

"""The story of a mail that invites somebody: read the invitation, compose, ask SES.

Sent twice it does no harm, since both carry the same token; so a queue message that comes again is simply done again.
Only what SES clearly did not take is tried again; who waits in vain is invited again.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib import log
from chalicelib.errors import MailRefused, MailUnconfirmed
from chalicelib.mail.compose import ComposeError, compose
from chalicelib.model.conversation import SendingStatus
from chalicelib.model.credentials import digest_of
from chalicelib.model.task import InvitationTask
from chalicelib.outbound.invitation_mail import invitation_mail, token_of
from chalicelib.outbound.take_turn import ask_ses, take_turn
from chalicelib.outbound.written_mail import account_domain
from chalicelib.storage import accounts, invitations, people
from chalicelib.storage.queues import enqueue_invitation
from chalicelib.storage.secrets import signing_key


def send_invitation(task: InvitationTask, now: datetime) -> SendingStatus | None:
    """Send an invitation; None when there is nothing to do: it was accepted, replaced, revoked, or has expired."""
    account = accounts.read(task.account_id)
    user = people.get_user(task.account_id, task.user_id, consistent=True)
    if account is None or user is None:
        return None
    token = token_of(signing_key(), task.account_id, task.user_id, task.invitation_id, user.email)
    invitation = invitations.find(digest_of(token))
    if invitation is None or datetime.fromisoformat(invitation.expires_at) <= now:
        return None
    hold = take_turn(1, invitation.id, automatic=True)
    if hold is not None:
        enqueue_invitation(task, delay=hold.seconds)
        return SendingStatus.QUEUED
    draft = invitation_mail(invitation, token, user, account, account_domain(account), now)
    try:
        ask_ses(compose(draft), from_address=draft.from_.address, recipients=[user.email], tags={})
    except (ComposeError, MailRefused) as error:
        log.error("invitation_not_sent", error, invitation=invitation.id)
        return SendingStatus.FAILED
    except MailUnconfirmed as error:
        log.warning("invitation_unconfirmed", because=error.detail, invitation=invitation.id)
        return SendingStatus.UNCONFIRMED
    return SendingStatus.SENT

"""The story of a mail that invites somebody: read the invitation, write the mail, let it leave (`send_code`)."""

from __future__ import annotations

from datetime import datetime

from chalicelib.model.conversation import SendingStatus
from chalicelib.model.task import InvitationTask
from chalicelib.outbound.invitation_mail import invitation_mail, token_of
from chalicelib.outbound.send_code import find_code, send_code
from chalicelib.outbound.written_mail import account_domain
from chalicelib.storage import accounts, invitations, people
from chalicelib.storage.queues import enqueue_invitation


def send_invitation(task: InvitationTask, now: datetime) -> SendingStatus | None:
    """Send an invitation; None when there is nothing to do: it was accepted, replaced, revoked, or has expired."""
    account = accounts.read(task.account_id)
    user = people.get_user(task.account_id, task.user_id, consistent=True)
    if account is None or user is None:
        return None
    ids, email = (task.account_id, task.user_id, task.invitation_id), user.email
    found = find_code(lambda key: token_of(key, *ids, email), invitations.find)
    if found is None:
        return None
    token, invitation = found
    if datetime.fromisoformat(invitation.expires_at) <= now:
        return None
    draft = invitation_mail(invitation, token, user, account, account_domain(account), now)
    return send_code(draft, "invitation", invitation.id, lambda delay: enqueue_invitation(task, delay=delay))

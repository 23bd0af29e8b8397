"""Inviting users by mail: a single-use, expiring token ends in an active user with an access token.

Only the last invitation of a user holds. How many leave is limited, by account and by address, so that nobody's mailbox
is filled; reading the mail (GET) accepts nothing, only handing the token in does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.clock import stamp
from chalicelib.errors import Conflict, Forbidden, LostRace, NotFound
from chalicelib.model import limits
from chalicelib.model.account import AccessToken, Role, Scope, User
from chalicelib.model.audit import audited, noticed
from chalicelib.model.caller import Caller
from chalicelib.model.credentials import digest_of
from chalicelib.model.invitation import Invitation
from chalicelib.model.task import InvitationTask
from chalicelib.outbound.invitation_mail import PREFIX, token_of
from chalicelib.settings.tokens import USUAL_LIFE, new_secret, new_token
from chalicelib.storage import invitations, people
from chalicelib.storage.limits import require_room
from chalicelib.storage.queues import enqueue_invitation
from chalicelib.storage.secrets import signing_key

LIFE = timedelta(days=7)
TRIES = 3


class Invited(Struct, frozen=True):
    """What the audit log tells of an invitation."""

    email: str
    expires_at: str


def invite(caller: Caller, user: User, invitation_id: str, now: datetime) -> None:
    """Mail a user who has not come yet an invitation, in the place of an earlier one.

    `Conflict` when the user works here already, `TooManyRequests` beyond the limits, `Forbidden` when somebody else
    than a super admin invites a super admin.
    """
    if user.role is Role.SUPER_ADMIN and caller.user.role is not Role.SUPER_ADMIN:
        raise Forbidden("Only super admins invite super admins.", code="needs_super_admin")
    if user.is_active:
        raise Conflict("The user works here already.", code="user_active")
    token = token_of(signing_key(), user.account_id, user.id, invitation_id, user.email)
    invitation = Invitation(user.account_id, user.id, invitation_id, digest_of(token), stamp(now), stamp(now + LIFE))
    told = Invited(user.email, invitation.expires_at)
    noted = audited(caller, "user.invited", user.id, None, told, invitation.created_at)
    spendings = limits.invitations(user.account_id, user.email)
    try:
        if invitations.find(invitation.digest) is None:  # else a repeat: its mail is on its way, or goes now
            invitations.begin(invitation, spendings, noted, now)
    except LostRace as error:
        require_room(spendings, now, "There were many invitations today already. Try again tomorrow.")
        raise Conflict("Somebody changed the user just now. Try again.") from error
    enqueue_invitation(InvitationTask(user.account_id, user.id, invitation_id))


def accept(token: str, now: datetime) -> tuple[str, AccessToken]:
    """Hand a token in: the user is active, and has an access token (shown this once) that does what the role may.

    `NotFound` for a token that does not hold: unknown, used, replaced, revoked or expired.
    """
    for attempt in range(1, TRIES + 1):
        invitation = invitations.find(digest_of(token)) if token.startswith(PREFIX) else None
        user = None
        if invitation is not None and datetime.fromisoformat(invitation.expires_at) > now:
            user = people.get_user(invitation.account_id, invitation.user_id, consistent=True)
        if invitation is None or user is None:
            raise NotFound("The code does not hold: it is unknown, used, replaced or expired. Ask for another one.")
        scopes = (Scope.READ, Scope.WRITE, Scope.ADMIN) if user.role.is_admin else (Scope.READ, Scope.WRITE)
        secret = new_secret()
        made = new_token(user, "by invitation", scopes, secret=secret, now=now, expires_at=now + USUAL_LIFE)
        told = Invited(user.email, invitation.expires_at)
        noted = noticed(user.account_id, "user.accepted", user.id, told, None, stamp(now))
        try:
            invitations.accept(invitation, user, made, noted)
        except LostRace:
            if attempt == TRIES:
                raise
            continue
        return secret, made
    raise AssertionError("the last attempt returns or raises")


def revoke(caller: Caller, user: User, now: datetime) -> None:
    """Make a user's invitation worthless; the user stays, and may be invited again or removed."""
    try:
        invitations.revoke(user, audited(caller, "user.invitation_revoked", user.id, None, None, stamp(now)))
    except LostRace as error:
        raise NotFound("The user has no invitation that holds.") from error

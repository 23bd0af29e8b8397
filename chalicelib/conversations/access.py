"""The one gate: what a user may do with an inbox and all that is in it (S15-S21, S53, S64, S77-S79). Pure.

| user | inbox `everyone` | `selected`, chosen | `selected`, not chosen |
|---|---|---|---|
| member, any seat (S21) | reads and acts | reads and acts | nothing: for them it does not exist (S16) |
| account access, super admin | reads and acts | reads and acts | reads only (S19) |

To act is to reply, comment, assign, close, move or open a ticket. Settings are the admins' by their role.
"""

from __future__ import annotations

from msgspec import Struct

from chalicelib.errors import Conflict, Forbidden, NotFound, Refused
from chalicelib.model.account import Role, User
from chalicelib.model.conversation import Reason
from chalicelib.model.inbox import Access, AccessMode, Inbox, Routing, RoutingMode


class Grant(Struct, frozen=True):
    """What a user may do in an inbox, and why."""

    may_read: bool
    may_act: bool
    because: Reason


EVERYONE = Grant(True, True, Reason("everyone", "Every user of the account has access to this inbox."))
CHOSEN = Grant(True, True, Reason("chosen", "The user, or a team of the user's, is chosen for this inbox."))
READS_ALL = Grant(
    True,
    False,
    Reason(
        "not_chosen",
        "Super admins and users with account access may read every conversation, but act only in inboxes they are "
        "chosen for. To mend it, add the user or one of the user's teams to the access of this inbox.",
    ),
)
NOTHING = Grant(False, False, Reason("no_access", "The user is not chosen for this inbox."))


def grant(user: User, access: Access) -> Grant:
    """Apply the table above."""
    if access.mode is AccessMode.EVERYONE:
        return EVERYONE
    if access.includes(user.id, user.team_ids):
        return CHOSEN
    if user.role in (Role.ACCOUNT_ACCESS, Role.SUPER_ADMIN):
        return READS_ALL
    return NOTHING


def require_read(user: User, inbox: Inbox | None, what: str) -> Inbox:
    """The inbox, if this user may read it; `NotFound` about `what`, alike for a missing and a hidden one (S16)."""
    if inbox is None:
        raise NotFound(f"There is no such {what}.")
    if inbox.account_id != user.account_id:
        raise NotFound(f"There is no such {what}.")
    if not grant(user, inbox.access).may_read:
        raise NotFound(f"There is no such {what}.")
    return inbox


def require_act(user: User, inbox: Inbox) -> None:
    """Raise `Forbidden`, which says the rule and how to mend it, unless this user may act in the inbox (S19).

    `Conflict` when it is archived: then nobody does.
    """
    allowed = grant(user, inbox.access)
    if not allowed.may_act:
        raise Forbidden(allowed.because.text, code=allowed.because.code)
    if inbox.archived_at is not None:
        raise Conflict("The inbox is archived: it can be read, and no more. Restore it first.", code="inbox_archived")


def require_assignable(user: User, inbox: Inbox) -> None:
    """Raise `Refused` unless conversations of the inbox can be given to this user by hand: who may not act, cannot."""
    if not grant(user, inbox.access).may_act:
        raise Refused(
            f"{user.called} has no access to this inbox. Choose the user for the inbox first.",
            pointer="/assignee_id",
            code="assignee_without_access",
        )


def require_rule(user: User, routing: Routing, named: dict[str, User | None]) -> None:
    """Raise unless this user may save this assignment rule.

    `named` holds the users that the rule names, None for one that does not exist. `Forbidden`: the user has no paid
    seat of one's own (S53). `Refused`: the rule names nobody, or somebody who does not exist or has no paid seat (S20).
    """
    if not user.seat.is_paid:
        raise Forbidden(
            "Setting assignment rules needs a paid seat (sales or service) of your own. To mend it, have an admin give "
            "you one, or have somebody with one set the rule.",
            code="needs_paid_seat",
        )
    if routing.mode is RoutingMode.SPECIFIC and not routing.user_ids and not routing.team_ids:
        raise Refused("The rule names no user and no team.", pointer="/routing/user_ids", code="rule_names_nobody")
    for number, user_id in enumerate(routing.user_ids):
        found = named.get(user_id)
        pointer = f"/routing/user_ids/{number}"
        if found is None:
            raise Refused(f"There is no user {user_id}.", pointer=pointer, code="no_such_user")
        if not found.seat.is_paid:
            raise Refused(
                f"{found.called} has no paid seat, and conversations are assigned automatically only to "
                "users who have one. Give the user a sales or service seat first, or leave the user out.",
                pointer=pointer,
                code="seat_not_paid",
            )

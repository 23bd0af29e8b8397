"""Who gets a new conversation (S52-S64): pure, always with a reason."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from chalicelib.model.account import Availability, User
from chalicelib.model.conversation import Reason
from chalicelib.model.inbox import Access, Routing, RoutingMode

EVERYONE = Access()

WAITS = frozenset({"owner_away", "nobody_available"})  # reasons that end when somebody becomes available


class Assignment(Struct, frozen=True):
    """The assignee (None: nobody) and why."""

    assignee: User | None
    because: Reason

    @property
    def waits(self) -> bool:
        """Whether the conversation is to be offered again when somebody becomes available (S61)."""
        return self.assignee is None and self.because.code in WAITS


def choose_assignee(
    routing: Routing, people: Sequence[User], owner_id: str | None, access: Access = EVERYONE
) -> Assignment:
    """Apply the channel's rule; `owner_id` is the owner in the contact's record (S57), `access` that of the inbox.

    Nobody gets a conversation who could not answer it: with `selected`, only the chosen are assigned to (S16, S19).
    """
    if routing.mode is RoutingMode.OFF:
        return _nobody("assignment_off", "Automatic assignment is off for this channel.")
    if routing.mode is RoutingMode.CONTACT_OWNER:
        return _to_owner(routing, people, owner_id, access)
    return _to_least_busy(routing, people, access)


def _to_owner(routing: Routing, people: Sequence[User], owner_id: str | None, access: Access) -> Assignment:
    owner = next((user for user in people if user.id == owner_id), None)
    if owner_id is None or owner is None:
        return _nobody("no_owner", "The contact has no owner.")
    if not owner.seat.is_paid:
        return _nobody("owner_without_seat", "The contact's owner has no paid seat.")
    if not access.includes(owner.id, owner.team_ids):
        return _nobody("owner_without_access", "The contact's owner is not chosen for this inbox.")
    if routing.only_available and owner.availability is not Availability.AVAILABLE:
        return _nobody("owner_away", "The contact's owner is not available.")
    return Assignment(owner, Reason("contact_owner", f"{owner.name} owns the contact."))


def _to_least_busy(routing: Routing, people: Sequence[User], access: Access) -> Assignment:
    chosen = [user for user in people if user.id in routing.user_ids or set(user.team_ids) & set(routing.team_ids)]
    with_seat = [user for user in chosen if user.seat.is_paid]
    if not with_seat:
        return _nobody("nobody_with_seat", "None of the users named by the rule has a paid seat.")
    allowed = [user for user in with_seat if access.includes(user.id, user.team_ids)]
    if not allowed:
        return _nobody("nobody_with_access", "None of the users named by the rule is chosen for this inbox.")
    free = [user for user in allowed if not routing.only_available or user.availability is Availability.AVAILABLE]
    if not free:
        return _nobody("nobody_available", "None of the users named by the rule is available.")
    # S56: the fewest open conversations, then the longest wait (never assigned waits longest), then the id.
    picked = min(free, key=lambda user: (user.open_conversations, user.last_assigned_at or "", user.id))
    count = picked.open_conversations
    text = f"{picked.name} had the fewest open conversations ({count}) of the {len(free)} users to choose from."
    if len(free) == 1:
        text = f"{picked.name} was the only one of the users named by the rule to choose from."
    return Assignment(picked, Reason("fewest_open_conversations", text))


def _nobody(code: str, text: str) -> Assignment:
    return Assignment(None, Reason(code, text))

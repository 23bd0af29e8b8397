"""Inboxes: added (S72-S76, S80), renamed (S12), opened to everyone or the chosen (S15-S17), archived and restored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib.clock import derived_id, stamp
from chalicelib.errors import Conflict, LostRace, PlanDoesNotAllow, Refused
from chalicelib.model.account import Account
from chalicelib.model.audit import audited
from chalicelib.model.caller import Caller
from chalicelib.model.inbox import Access, Channel, Inbox
from chalicelib.model.texts import Ids, Name
from chalicelib.settings.channel_types import Form
from chalicelib.settings.new_channel import claimed_name, connected, prepare, proposals, require_free
from chalicelib.settings.versions import require_version, saving
from chalicelib.storage import accounts, inboxes, people

TRIES = 5  # of adding an inbox without a channel, while others are added


class AccessSettings(Access, frozen=True, forbid_unknown_fields=True):
    """Who may see an inbox. With `selected`: the users and the members of the teams named (S15, S16)."""

    user_ids: Ids = ()
    team_ids: Ids = ()


class InboxSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of an inbox."""

    name: Name
    access: AccessSettings = AccessSettings()
    archived: Annotated[bool, Meta(description="Out of the lists, and read only, until it is restored.")] = False


def settings_of(inbox: Inbox) -> InboxSettings:
    """The part of an inbox that can be changed."""
    access = msgspec.convert(msgspec.to_builtins(inbox.access), AccessSettings)
    return InboxSettings(inbox.name, access, inbox.archived_at is not None)


def require_plan(account: Account) -> None:
    """Raise `PlanDoesNotAllow` unless the account may have further inboxes (S6)."""
    if not account.plan.has_further_inboxes:
        raise PlanDoesNotAllow(
            f"Further inboxes need the plan professional or enterprise; this account's plan is {account.plan.value}."
        )


def add(caller: Caller, inbox_id: str, settings: InboxSettings, form: Form | None, now: datetime) -> Inbox:
    """Add an inbox with a first channel; without a form one is connected later (S80).

    With an id that is there already it is a repeat, and gives what the first one made. `Conflict` when an address, the
    from name or the domain of the channel is taken.
    """
    require_plan(caller.account)
    _require_chosen(caller.account_id, settings.access, Access())
    made = inboxes.get_inbox(caller.account_id, inbox_id)
    if made is not None:
        return made
    at = stamp(now)
    inbox = Inbox(caller.account_id, inbox_id, settings.name, settings.access, at)
    noted = audited(caller, "inbox.added", inbox.id, None, settings, at)
    first: Sequence[Channel | None] = [None] * TRIES
    if form is not None:
        first = proposals(caller.account, inbox, form, derived_id("chn", inbox.id, "first"), now)
    for channel in first:
        told, name = [noted], None
        if channel is not None:
            require_free(caller, channel)
            prepare(caller, channel, now)
            told, name = [noted, connected(caller, channel)], claimed_name(channel, caller.account)
        with suppress(LostRace):  # the address or the name was taken just now, or another inbox added
            inboxes.add_inbox(inbox, channel, name, noted=told)
            return inbox
        made = inboxes.get_inbox(caller.account_id, inbox_id)
        if made is not None:  # the same request came twice
            return made
        require_plan(accounts.read(caller.account_id, consistent=True) or caller.account)
    raise Conflict("No free address was found for the inbox; try another name.", pointer="/name")


def change(
    caller: Caller, before: Inbox, after: InboxSettings, accepted: Collection[int] | None, now: datetime
) -> Inbox:
    """Save name, access and whether it is archived in one piece; ids, conversations and channels stay (S12).

    `Conflict` for archiving the default inbox, `PlanDoesNotAllow` for restoring one in a plan without (S6).
    """
    require_version(before.version, accepted)
    _require_chosen(caller.account_id, after.access, before.access)
    archived_at = before.archived_at
    if after.archived and archived_at is None:
        require_archivable(caller.account, before)
        archived_at = stamp(now)
    elif not after.archived and archived_at is not None:
        require_plan(caller.account)
        archived_at = None
    changed = replace(before, name=after.name, access=after.access, archived_at=archived_at, version=before.version + 1)
    noted = audited(caller, "inbox.changed", before.id, settings_of(before), after, stamp(now))
    with saving():
        inboxes.change_inbox(before, changed, noted)
    return changed


def require_archivable(account: Account, inbox: Inbox) -> None:
    """Raise `Conflict` for the account's default inbox, which every plan has (S5)."""
    if inbox.id == account.default_inbox_id:
        raise Conflict(
            "This is the account's default inbox, which cannot be archived.", pointer="/archived", code="default_inbox"
        )


def _require_chosen(account_id: str, access: Access, before: Access) -> None:
    """Raise `Refused` when somebody newly chosen does not exist."""
    new_users = [each for each in access.user_ids if each not in before.user_ids]
    for user_id, user in people.get_users(account_id, new_users).items():
        if user is None:
            raise Refused(f"There is no user {user_id}.", pointer="/access/user_ids", code="no_such_user")
    missing = people.missing_teams(account_id, [each for each in access.team_ids if each not in before.team_ids])
    if missing:
        raise Refused(f"There is no team {missing[0]}.", pointer="/access/team_ids", code="no_such_team")

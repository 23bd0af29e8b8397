"""Inboxes: added (S72-S76, S80), renamed (S12), opened to everyone or to the chosen (S15-S17)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.clock import derived_id, stamp
from chalicelib.errors import Conflict, LostRace, PlanDoesNotAllow, Refused
from chalicelib.model.account import Account
from chalicelib.model.audit import AuditEntry, audited
from chalicelib.model.caller import Caller
from chalicelib.model.inbox import Access, Channel, ChannelType, Inbox, Sender, Ticketing
from chalicelib.model.texts import Ids, Name
from chalicelib.model.ticket import Pipeline
from chalicelib.settings.from_names import default_names, folded_name
from chalicelib.settings.versions import require_version, saving
from chalicelib.storage import from_names, inboxes, people, pipelines

LONGEST_LOCAL_PART = 40  # RFC 5321 §4.5.3.1.1 allows 64; some of it is for the suffix
NOT_FOR_PEOPLE = frozenset({"abuse", "bounce", "bounces", "mailer-daemon", "noreply", "no-reply", "postmaster", "root"})


class AccessSettings(Access, frozen=True, forbid_unknown_fields=True):
    """Who may see an inbox. With `selected`: the users and the members of the teams named (S15, S16)."""

    user_ids: Ids = ()
    team_ids: Ids = ()


class InboxSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of an inbox."""

    name: Name
    access: AccessSettings = AccessSettings()


class ConnectedChannel(Struct, frozen=True):
    """What the audit log tells of a channel that was connected."""

    inbox_id: str
    type: ChannelType
    address: str


def settings_of(inbox: Inbox) -> InboxSettings:
    """The part of an inbox that can be changed."""
    return InboxSettings(inbox.name, msgspec.convert(msgspec.to_builtins(inbox.access), AccessSettings))


def require_plan(account: Account) -> None:
    """Raise `PlanDoesNotAllow` unless the account may have further inboxes (S6)."""
    if not account.plan.has_further_inboxes:
        raise PlanDoesNotAllow(
            f"Further inboxes need the plan professional or enterprise; this account's plan is {account.plan.value}."
        )


def add(
    caller: Caller,
    inbox_id: str,
    settings: InboxSettings,
    *,
    connect_channel: bool,
    use_for_sending: bool = False,
    domain: str,
    now: datetime,
) -> Inbox:
    """Add an inbox; unless it is to be connected later (S80), with a fallback channel below `domain` that works.

    With an id that is there already it is a repeat, and gives what the first one made.
    """
    require_plan(caller.account)
    _require_chosen(caller.account_id, settings.access, Access())
    at = stamp(now)
    inbox = Inbox(caller.account_id, inbox_id, settings.name, settings.access, at)
    noted = audited(caller, "inbox.added", inbox.id, None, settings, at)
    if not connect_channel and use_for_sending:
        raise Refused("Without a channel there is nothing to send from.", pointer="/use_for_sending", code="no_channel")
    try:
        if connect_channel:
            _add_with_channel(caller, inbox, noted, domain, use_for_sending=use_for_sending)
        else:
            inboxes.add_inbox(inbox, None, noted=[noted])
    except (Conflict, LostRace):
        made = inboxes.get_inbox(caller.account_id, inbox_id)
        if made is None:
            raise
        return made
    return inbox


def _add_with_channel(caller: Caller, inbox: Inbox, noted: AuditEntry, domain: str, *, use_for_sending: bool) -> None:
    """Store an inbox with a fallback channel. `Conflict` when no address or name is free, or the inbox is there."""
    pipeline = pipelines.get_pipeline(caller.account_id, caller.account.default_pipeline_id)
    for local_part in local_parts_of(inbox.name, inbox.id):
        company_name = _free_from_name(caller.account, inbox.name)
        address = f"{local_part}@{caller.account.subdomain}.{domain}"
        channel = replace(
            fallback_channel(inbox, address, pipeline, derived_id("chn", inbox.id, "first"), inbox.created_at),
            sender=Sender(use_for_sending=use_for_sending, company_name=company_name),
        )
        with suppress(LostRace):  # the address is taken, or just now the name
            told = [noted, connected(caller, channel)]
            inboxes.add_inbox(inbox, channel, folded_name(company_name), noted=told)
            return
    raise Conflict("No free address was found for the inbox; try another name.", pointer="/name")


def connected(caller: Caller, channel: Channel) -> AuditEntry:
    """What the audit log tells of a new channel. Pure."""
    told = ConnectedChannel(channel.inbox_id, channel.type, channel.address)
    return audited(caller, "channel.connected", channel.id, None, told, channel.created_at)


def _free_from_name(account: Account, inbox_name: str) -> str:
    """The first default from name that no channel of the account has (S30)."""
    names = list(default_names(account.company_name, inbox_name))
    taken = from_names.holders(account.id, map(folded_name, names))
    free = [name for name in names if folded_name(name) not in taken]
    if not free:
        raise Conflict("There are many inboxes of this name already; choose another one.", pointer="/name")
    return free[0]


def local_parts_of(name: str, inbox_id: str) -> list[str]:
    """The local parts to try for an inbox's address, the best first and twice: the from name may be lost, too. Pure."""
    plain, letters = local_part_of(name), derived_id("", inbox_id)[1:]
    tried = [plain, plain, f"{plain}-{letters[:6]}", f"{plain}-{letters}", f"{plain}-{letters}"]
    return [each for each in tried if each not in NOT_FOR_PEOPLE]


def local_part_of(name: str) -> str:
    """The first choice for an inbox's address: its name in ASCII letters, digits and hyphens. Pure."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall("[a-z0-9]+", ascii_only)
    return "-".join(words)[:LONGEST_LOCAL_PART].strip("-") or "inbox"


def fallback_channel(inbox: Inbox, address: str, pipeline: Pipeline | None, channel_id: str, at: str) -> Channel:
    """A fallback channel with the settings of a fresh install. Pure."""
    ticketing = Ticketing()
    if pipeline is not None and pipeline.stages:
        ticketing = Ticketing(pipeline_id=pipeline.id, stage_id=pipeline.stages[0].id)
    return Channel(
        account_id=inbox.account_id,
        id=channel_id,
        inbox_id=inbox.id,
        type=ChannelType.FALLBACK_EMAIL,
        address=address,
        created_at=at,
        ticketing=ticketing,
    )


def change(
    caller: Caller, before: Inbox, after: InboxSettings, accepted: Collection[int] | None, now: datetime
) -> Inbox:
    """Save name and access in one piece; ids, conversations and channels stay (S12)."""
    require_version(before.version, accepted)
    _require_chosen(caller.account_id, after.access, before.access)
    changed = replace(before, name=after.name, access=after.access, version=before.version + 1)
    noted = audited(caller, "inbox.changed", before.id, settings_of(before), after, stamp(now))
    with saving():
        inboxes.change_inbox(before, changed, noted)
    return changed


def _require_chosen(account_id: str, access: Access, before: Access) -> None:
    """Raise `Refused` when somebody newly chosen does not exist."""
    new_users = [each for each in access.user_ids if each not in before.user_ids]
    for user_id, user in people.get_users(account_id, new_users).items():
        if user is None:
            raise Refused(f"There is no user {user_id}.", pointer="/access/user_ids", code="no_such_user")
    missing = people.missing_teams(account_id, [each for each in access.team_ids if each not in before.team_ids])
    if missing:
        raise Refused(f"There is no team {missing[0]}.", pointer="/access/team_ids", code="no_such_team")

"""A channel as it begins: with the settings of a fresh install, at an address and under a from name that are free.

Only what is free is proposed; who stores it may still lose it in a race, and takes the next proposal.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.clock import derived_id, new_id, stamp
from chalicelib.config import config
from chalicelib.errors import Conflict, Refused
from chalicelib.mail.compose_fields import ComposeError, ascii_address
from chalicelib.model.account import Account, Plan
from chalicelib.model.audit import AuditEntry, audited
from chalicelib.model.caller import Caller
from chalicelib.model.inbox import Channel, ChannelType, Inbox, Sender, Ticketing
from chalicelib.model.public_domains import is_public
from chalicelib.model.ticket import Pipeline
from chalicelib.settings import domains
from chalicelib.settings.channel_types import Form, TeamEmailForm
from chalicelib.settings.from_names import default_names, folded_name
from chalicelib.settings.senders import name_key
from chalicelib.storage import channels, from_names, pipelines

ADDRESS_TAKEN = "This address is taken. Choose another one."
NAME_TAKEN = "Another address of the account has this from name, and no two may share one. Choose another."
LONGEST_LOCAL_PART = 40  # RFC 5321 §4.5.3.1.1 allows 64; some of it is for the suffix
NOT_FOR_PEOPLE = frozenset({"abuse", "bounce", "bounces", "mailer-daemon", "noreply", "no-reply", "postmaster", "root"})


class ConnectedChannel(Struct, frozen=True):
    """What the audit log tells of a channel that was connected."""

    inbox_id: str
    type: ChannelType
    address: str


def proposals(account: Account, inbox: Inbox, form: Form, channel_id: str, now: datetime) -> list[Channel]:
    """The channels that a form asks for, the best first: only what is free is proposed, and a race may take it."""
    pipeline = pipelines.get_pipeline(account.id, account.default_pipeline_id)
    blank = blank_channel(inbox, channel_id, pipeline, stamp(now))
    if isinstance(form, TeamEmailForm):
        return [_team_channel(account, blank, form)]
    names = [form.company_name] if form.company_name is not None else free_from_names(account, inbox.name)[:1]
    parts = [form.local_part] if form.local_part is not None else local_parts_of(inbox.name, channel_id)
    found = []
    for local_part in parts:
        if local_part in NOT_FOR_PEOPLE:
            raise Refused(f"{local_part} is kept for the mail system.", pointer="/local_part", code="reserved_address")
        address = f"{local_part}@{mail_domain(account)}"
        if form.local_part is None and not channels.address_is_free(account.id, address):
            continue
        sender = Sender(use_for_sending=form.use_for_sending, company_name=names[0])
        found.append(replace(blank, address=address, sender=sender))
    return found


def require_free(caller: Caller, channel: Channel) -> None:
    """Raise `Conflict`, which says what, when something of a channel belongs to another one."""
    if channel.type is ChannelType.TEAM_EMAIL:
        holder = channels.holder_of_team_address(caller.account_id, channel.address)
        if holder not in (None, channel.id):
            raise Conflict(f"{channel.address} is connected already.", pointer="/address", code="address_taken")
    elif not channels.address_is_free(caller.account_id, channel.receives_at):
        raise Conflict(ADDRESS_TAKEN, pointer="/local_part", code="address_taken")
    name = claimed_name(channel, caller.account)
    if name is not None and from_names.holders(caller.account_id, [name]).get(name, channel.id) != channel.id:
        raise Conflict(NAME_TAKEN, pointer="/company_name", code="from_name_taken")


def prepare(caller: Caller, channel: Channel, now: datetime) -> None:
    """What has to be so before a channel is stored: the account has a team address's domain. `Conflict`: it cannot.

    A public mail provider's domain is claimed by nobody: answers of such an address leave over the fallback.
    """
    domain = domains.domain_of(channel.address)
    if channel.type is ChannelType.TEAM_EMAIL and not is_public(domain):
        domains.claim(caller.account_id, domain, now)


def claimed_name(channel: Channel, account: Account) -> str | None:
    """The from name that a channel takes, as it is compared; only fallback addresses take one (S30)."""
    return name_key(channel, account.company_name) if channel.type is ChannelType.FALLBACK_EMAIL else None


def free_from_names(account: Account, inbox_name: str) -> list[str]:
    """The default from names that no channel of the account has (S30), the best first. `Conflict`: none is left."""
    names = list(default_names(account.company_name, inbox_name))
    taken = from_names.holders(account.id, map(folded_name, names))
    free = [name for name in names if folded_name(name) not in taken]
    if not free:
        raise Conflict("There are many inboxes of this name already; choose another one.", pointer="/name")
    return free


def mail_domain(account: Account) -> str:
    """Where the account's mail arrives: below another domain for free accounts (S35)."""
    parent = config().free_inbound_domain if account.plan is Plan.FREE else config().inbound_domain
    return f"{account.subdomain}.{parent}"


def blank_channel(inbox: Inbox, channel_id: str, pipeline: Pipeline | None, at: str) -> Channel:
    """A channel with the settings of a fresh install, without an address. Pure."""
    ticketing = Ticketing()
    if pipeline is not None and pipeline.stages:
        ticketing = Ticketing(pipeline_id=pipeline.id, stage_id=pipeline.stages[0].id)
    return Channel(inbox.account_id, channel_id, inbox.id, ChannelType.FALLBACK_EMAIL, "", at, ticketing=ticketing)


def connected(caller: Caller, channel: Channel) -> AuditEntry:
    """What the audit log tells of a new channel. Pure."""
    told = ConnectedChannel(channel.inbox_id, channel.type, channel.address)
    return audited(caller, "channel.connected", channel.id, None, told, channel.created_at)


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


def _team_channel(account: Account, blank: Channel, form: TeamEmailForm) -> Channel:
    try:
        address = ascii_address("From", form.address).lower()
    except ComposeError as error:
        raise Refused(f"{form.address} is no mail address.", pointer="/address", code="bad_address") from error
    domains.require_foreign(domains.domain_of(address), pointer="/address")
    return replace(
        blank,
        type=ChannelType.TEAM_EMAIL,
        address=address,
        forwarding_address=f"{new_id('fwd').replace('_', '-')}@{mail_domain(account)}",
        sender=Sender(use_for_sending=form.use_for_sending, company_name=form.company_name or ""),
    )

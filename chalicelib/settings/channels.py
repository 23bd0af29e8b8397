"""Channels: switched off and on (S85), whose a forwarded mail is (S49), assignment (S52-S64), tickets (S65-S70), and in
whose name and with what signature mail leaves (S25-S46).

A save is whole or not at all (S70), and each refusal points to its field.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.conversations import access
from chalicelib.errors import Conflict, LostRace, PreconditionFailed, Refused
from chalicelib.model.account import Account, User
from chalicelib.model.audit import AuditEntry, audited
from chalicelib.model.caller import Caller
from chalicelib.model.inbox import Channel, ChannelType, Routing, Ticketing, TicketOwner
from chalicelib.model.texts import Email, Id, Ids
from chalicelib.model.ticket import Pipeline
from chalicelib.model.ticket_property import PropertyValue
from chalicelib.settings import senders, signatures
from chalicelib.settings.acknowledgements import AcknowledgementSettings, checked_acknowledgement
from chalicelib.settings.new_address import require_address, with_address
from chalicelib.settings.senders import SenderSettings
from chalicelib.settings.signatures import SignatureText
from chalicelib.settings.versions import STALE, require_version
from chalicelib.storage import from_names, inboxes, people, pipelines, ticket_properties
from chalicelib.tickets.property_values import merged


class RoutingSettings(Routing, frozen=True, forbid_unknown_fields=True):
    """The assignment rule (S52-S63): `specific` names users and teams, `contact_owner` takes the contact's owner."""

    user_ids: Ids = ()
    team_ids: Ids = ()


class TicketingSettings(Ticketing, frozen=True, forbid_unknown_fields=True):
    """Whether and how new conversations open tickets (S65-S69). Without a stage: the pipeline's first."""

    pipeline_id: Id | None = None
    stage_id: Id | None = None
    owner_id: Id | None = None
    properties: dict[Id, PropertyValue] = msgspec.field(default_factory=dict)


class ChannelSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of a channel. `address`: of a fallback address, what stands before the @ (S9)."""

    enabled: bool = True
    forwards_to_original_sender: bool = True
    routing: RoutingSettings = RoutingSettings()
    ticketing: TicketingSettings = TicketingSettings()
    sender: SenderSettings = SenderSettings()
    signature: SignatureText = ""
    acknowledgement: AcknowledgementSettings = AcknowledgementSettings()
    address: Email | None = None


def settings_of(channel: Channel) -> ChannelSettings:
    """The part of a channel that can be changed."""
    return ChannelSettings(
        channel.enabled,
        channel.forwards_to_original_sender,
        msgspec.convert(msgspec.to_builtins(channel.routing), RoutingSettings),
        msgspec.convert(msgspec.to_builtins(channel.ticketing), TicketingSettings),
        senders.settings_of(channel),
        channel.signature,
        msgspec.convert(msgspec.to_builtins(channel.acknowledgement), AcknowledgementSettings),
        channel.address,
    )


def change(
    caller: Caller, before: Channel, after: ChannelSettings, accepted: Collection[int] | None, now: datetime
) -> Channel:
    """Save a channel's settings. `Forbidden` and `Refused` say which rule stands against them."""
    require_version(before.version, accepted)
    seen = settings_of(before)
    if after.routing != seen.routing:
        _check_routing(caller, after.routing)
    ticketing: Ticketing = after.ticketing
    if ticketing != seen.ticketing:
        ticketing = _checked_ticketing(caller, ticketing, seen.ticketing)
    changed = replace(
        before,
        enabled=after.enabled,
        forwards_to_original_sender=after.forwards_to_original_sender,
        routing=after.routing,
        ticketing=ticketing,
        sender=before.sender if after.sender == seen.sender else senders.checked_sender(after.sender, before),
        signature=(
            before.signature
            if after.signature == seen.signature
            else signatures.checked_signature(after.signature, before.signature_images)
        ),
        acknowledgement=(
            before.acknowledgement
            if after.acknowledgement == seen.acknowledgement
            else checked_acknowledgement(after.acknowledgement)
        ),
        version=before.version + 1,
    )
    if after.address is not None and after.address.lower() != before.address.lower():
        changed = with_address(changed, after.address)
    noted = audited(caller, "channel.changed", before.id, seen, settings_of(changed), stamp(now))
    _save(caller.account, before, changed, noted)
    return changed


def _save(account: Account, before: Channel, after: Channel, noted: AuditEntry) -> None:
    """Write it. Raises `Conflict` when another channel has the from name (S30), `PreconditionFailed` when stale."""
    old, new = senders.name_key(before, account.company_name), senders.name_key(after, account.company_name)
    if old == new or before.type is ChannelType.TEAM_EMAIL:  # only fallback addresses have a from name to themselves
        try:
            inboxes.change_channel(before, after, noted)
        except LostRace as error:
            require_address(before, after)
            raise PreconditionFailed(STALE) from error
        return
    # Asked before, too: where the changes of a document wait to be written together, the failure would not say why.
    holders = from_names.holders(account.id, [old, new])
    _require_name(after, holders.get(new))
    # A row of an older release holds no name, and then another channel may hold it: it is not ours to give back.
    holds_it = holders.get(old) == before.id
    try:
        inboxes.change_channel(
            before,
            after,
            noted,
            release=old if holds_it else None,
            claim=new,
            account_name=None if after.sender.company_name else account.company_name,
        )
    except LostRace as error:
        require_address(before, after)
        _require_name(after, from_names.holders(account.id, [new]).get(new))
        raise PreconditionFailed(STALE) from error


def _require_name(channel: Channel, holder_id: str | None) -> None:
    """Raise `Conflict` when another channel holds the from name (S30)."""
    if holder_id not in (None, channel.id):
        raise Conflict(
            "Another address of the account has this from name, and no two may share one. Choose another.",
            pointer="/sender/company_name",
            code="from_name_taken",
        )


def with_stage(ticketing: Ticketing, pipeline: Pipeline | None) -> Ticketing:
    """The setting with a pipeline and a stage of it: the first one, unless a stage is named. Pure.

    `pipeline` is the one named, or the account's default. `Refused`: there is none, or the stage is another's (S67).
    """
    if pipeline is None or not pipeline.stages:
        raise Refused("There is no such pipeline.", pointer="/ticketing/pipeline_id", code="no_such_pipeline")
    stage_id = ticketing.stage_id or pipeline.stages[0].id
    if stage_id not in {stage.id for stage in pipeline.stages}:
        raise Refused(
            f"The stage {stage_id} is not one of the pipeline {pipeline.name}.",
            pointer="/ticketing/stage_id",
            code="stage_of_another_pipeline",
        )
    return replace(ticketing, pipeline_id=pipeline.id, stage_id=stage_id)


def require_owner(ticketing: Ticketing, owner: User | None) -> None:
    """Raise `Refused` unless a fixed ticket owner is named and exists, and none is named otherwise (S69). Pure."""
    pointer = "/ticketing/owner_id"
    if ticketing.owner is TicketOwner.USER and ticketing.owner_id is None:
        raise Refused("A fixed ticket owner needs a name.", pointer=pointer, code="owner_missing")
    if ticketing.owner is TicketOwner.USER and owner is None:
        raise Refused(f"There is no user {ticketing.owner_id}.", pointer=pointer, code="no_such_user")
    if ticketing.owner is TicketOwner.ASSIGNEE and ticketing.owner_id is not None:
        raise Refused("The owner is the assignee, so no other can be named.", pointer=pointer, code="owner_not_used")


def _check_routing(caller: Caller, routing: Routing) -> None:
    named = people.get_users(caller.account_id, routing.user_ids) if caller.user.seat.is_paid else {}
    access.require_rule(caller.user, routing, named)
    missing = people.missing_teams(caller.account_id, routing.team_ids)
    if missing:
        raise Refused(f"There is no team {missing[0]}.", pointer="/routing/team_ids", code="no_such_team")


def _checked_ticketing(caller: Caller, ticketing: Ticketing, before: Ticketing) -> Ticketing:
    pipeline_id = ticketing.pipeline_id or caller.account.default_pipeline_id
    completed = with_stage(ticketing, pipelines.get_pipeline(caller.account_id, pipeline_id))
    owner = people.get_user(caller.account_id, ticketing.owner_id) if ticketing.owner_id else None
    require_owner(ticketing, owner)
    if ticketing.properties != before.properties:
        known = ticket_properties.all_properties(caller.account_id)
        merged(before.properties, ticketing.properties, known, "/ticketing/properties")
    return completed

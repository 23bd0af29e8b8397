"""Channels: switched off and on (S85), whose a forwarded mail is (S49), assignment (S52-S64) and tickets (S65-S70).

A save is whole or not at all (S70), and each refusal points to its field.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.conversations import access
from chalicelib.errors import Refused
from chalicelib.model.account import User
from chalicelib.model.caller import Caller
from chalicelib.model.inbox import Channel, Routing, Ticketing, TicketOwner
from chalicelib.model.texts import Id, Ids
from chalicelib.model.ticket import Pipeline
from chalicelib.settings.versions import require_version, saving
from chalicelib.storage import inboxes, people, pipelines


class RoutingSettings(Routing, frozen=True, forbid_unknown_fields=True):
    """The assignment rule (S52-S63): `specific` names users and teams, `contact_owner` takes the contact's owner."""

    user_ids: Ids = ()
    team_ids: Ids = ()


class TicketingSettings(Ticketing, frozen=True, forbid_unknown_fields=True):
    """Whether and how new conversations open tickets (S65-S69). Without a stage: the pipeline's first."""

    pipeline_id: Id | None = None
    stage_id: Id | None = None
    owner_id: Id | None = None


class ChannelSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of a channel."""

    enabled: bool = True
    forwards_to_original_sender: bool = True
    routing: RoutingSettings = RoutingSettings()
    ticketing: TicketingSettings = TicketingSettings()


def settings_of(channel: Channel) -> ChannelSettings:
    """The part of a channel that can be changed."""
    return ChannelSettings(
        channel.enabled,
        channel.forwards_to_original_sender,
        msgspec.convert(msgspec.to_builtins(channel.routing), RoutingSettings),
        msgspec.convert(msgspec.to_builtins(channel.ticketing), TicketingSettings),
    )


def change(caller: Caller, before: Channel, after: ChannelSettings, accepted: Collection[int] | None) -> Channel:
    """Save a channel's settings. `Forbidden` and `Refused` say which rule stands against them."""
    require_version(before.version, accepted)
    seen = settings_of(before)
    if after.routing != seen.routing:
        _check_routing(caller, after.routing)
    ticketing: Ticketing = after.ticketing
    if ticketing != seen.ticketing:
        ticketing = _checked_ticketing(caller, ticketing)
    changed = replace(
        before,
        enabled=after.enabled,
        forwards_to_original_sender=after.forwards_to_original_sender,
        routing=after.routing,
        ticketing=ticketing,
        version=before.version + 1,
    )
    with saving():
        inboxes.change_channel(before, changed)
    return changed


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


def _checked_ticketing(caller: Caller, ticketing: Ticketing) -> Ticketing:
    pipeline_id = ticketing.pipeline_id or caller.account.default_pipeline_id
    completed = with_stage(ticketing, pipelines.get_pipeline(caller.account_id, pipeline_id))
    owner = people.get_user(caller.account_id, ticketing.owner_id) if ticketing.owner_id else None
    require_owner(ticketing, owner)
    return completed

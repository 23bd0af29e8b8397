"""`/v1/inboxes`: what there is to read, and who may."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api.answers import Answered
from chalicelib.api.channel_types import ConnectRequest, form_of
from chalicelib.api.requests import Call, Paging, patched
from chalicelib.api.shapes import Listing, listing
from chalicelib.conversations import access, read
from chalicelib.errors import Refused
from chalicelib.model.account import User
from chalicelib.model.inbox import Access, Inbox
from chalicelib.model.texts import Name
from chalicelib.settings import inboxes
from chalicelib.settings.channel_types import FallbackEmailForm, Form
from chalicelib.settings.inboxes import AccessSettings, InboxSettings


class InboxQuery(Paging, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which inboxes."""

    archived: Annotated[bool, Meta(description="The archived ones instead of the others.")] = False


class InboxRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A further inbox. It begins with the `channel` that is given; else with a fallback address that works, or without
    `connect_channel` with none, to connect one later.

    `use_for_sending`: whether answers may leave from that fallback address (S25).
    """

    name: Name
    access: AccessSettings = AccessSettings()
    connect_channel: bool = True
    use_for_sending: bool = False
    channel: ConnectRequest | None = None


class InboxAnswer(Struct, frozen=True, kw_only=True):
    """An inbox that the caller may read. `may_act`: whether the caller may also reply, assign and close in it."""

    id: str
    name: str
    access: Access
    may_act: bool
    may_act_because: str
    created_at: str
    archived_at: Annotated[str, Meta(description="Since when it can be read and no more.")] | None


def shape(inbox: Inbox, user: User) -> InboxAnswer:
    """An inbox as `user` sees it."""
    granted = access.grant(user, inbox.access)
    return InboxAnswer(
        id=inbox.id,
        name=inbox.name,
        access=inbox.access,
        may_act=granted.may_act,
        may_act_because=granted.because.text,
        created_at=inbox.created_at,
        archived_at=inbox.archived_at,
    )


def list_inboxes(call: Call) -> Listing[InboxAnswer]:
    """Only inboxes that the caller may read (S16)."""
    query: InboxQuery = call.query
    page = read.list_inboxes(call.caller, archived=query.archived, limit=query.limit, cursor=query.cursor)
    return listing(page, lambda inbox: shape(inbox, call.caller.user))


def add_inbox(call: Call) -> Answered:
    """A further inbox (S6, S72)."""
    told: InboxRequest = call.body
    inbox = inboxes.add(
        call.caller, call.id_for("inb"), InboxSettings(told.name, told.access), _first_channel(told), call.now
    )
    return Answered(shape(inbox, call.caller.user), inbox.version, f"/v1/inboxes/{inbox.id}")


def _first_channel(told: InboxRequest) -> Form | None:
    if told.channel is not None:
        if told.use_for_sending or not told.connect_channel:
            raise Refused("Say this in `channel`, or leave it out.", pointer="/channel", code="two_channels")
        return form_of(told.channel, below="/channel")
    if told.connect_channel:
        return FallbackEmailForm(use_for_sending=told.use_for_sending)
    if told.use_for_sending:
        raise Refused("Without a channel there is nothing to send from.", pointer="/use_for_sending", code="no_channel")
    return None


def get_inbox(call: Call) -> Answered:
    """One inbox."""
    inbox = read.inbox_for(call.caller, call.path["inbox_id"])
    return Answered(shape(inbox, call.caller.user), inbox.version)


def patch_inbox(call: Call) -> Answered:
    """Name (S12), access (S16, S17), and whether it is archived."""
    before = read.inbox_for(call.caller, call.path["inbox_id"])
    after = patched(inboxes.settings_of(before), call.body)
    inbox = inboxes.change(call.caller, before, after, call.accepted_versions, call.now)
    return Answered(shape(inbox, call.caller.user), inbox.version)

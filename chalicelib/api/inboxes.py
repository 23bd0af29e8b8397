"""`/v1/inboxes`: what there is to read, and who may."""

from __future__ import annotations

from msgspec import Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, Paging, patched
from chalicelib.api.shapes import Listing, listing
from chalicelib.config import config
from chalicelib.conversations import access, read
from chalicelib.model.account import User
from chalicelib.model.inbox import Access, Inbox
from chalicelib.model.texts import Name
from chalicelib.settings import inboxes
from chalicelib.settings.inboxes import AccessSettings, InboxSettings


class InboxRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A further inbox. With `connect_channel` it begins with a fallback address that works; else connect one later.

    `use_for_sending`: whether answers may leave from that address (S25).
    """

    name: Name
    access: AccessSettings = AccessSettings()
    connect_channel: bool = True
    use_for_sending: bool = False


class InboxAnswer(Struct, frozen=True, kw_only=True):
    """An inbox that the caller may read. `may_act`: whether the caller may also reply, assign and close in it."""

    id: str
    name: str
    access: Access
    may_act: bool
    may_act_because: str
    created_at: str


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
    )


def list_inboxes(call: Call) -> Listing[InboxAnswer]:
    """Only inboxes that the caller may read (S16)."""
    query: Paging = call.query
    page = read.list_inboxes(call.caller, limit=query.limit, cursor=query.cursor)
    return listing(page, lambda inbox: shape(inbox, call.caller.user))


def add_inbox(call: Call) -> Answered:
    """A further inbox (S6, S72)."""
    told: InboxRequest = call.body
    inbox = inboxes.add(
        call.caller,
        call.id_for("inb"),
        InboxSettings(told.name, told.access),
        connect_channel=told.connect_channel,
        use_for_sending=told.use_for_sending,
        domain=config().inbound_domain,
        now=call.now,
    )
    return Answered(shape(inbox, call.caller.user), inbox.version, f"/v1/inboxes/{inbox.id}")


def get_inbox(call: Call) -> Answered:
    """One inbox."""
    inbox = read.inbox_for(call.caller, call.path["inbox_id"])
    return Answered(shape(inbox, call.caller.user), inbox.version)


def patch_inbox(call: Call) -> Answered:
    """Name (S12) and access (S16, S17)."""
    before = read.inbox_for(call.caller, call.path["inbox_id"])
    after = patched(inboxes.settings_of(before), call.body)
    inbox = inboxes.change(call.caller, before, after, call.accepted_versions, call.now)
    return Answered(shape(inbox, call.caller.user), inbox.version)

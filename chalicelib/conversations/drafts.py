"""Drafts: what a user has begun to write, in a conversation or for a new one. Each is the writer's alone."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.conversations import access, read
from chalicelib.errors import LostRace, NotFound
from chalicelib.mail.clean import clean_text
from chalicelib.mail.html import clean
from chalicelib.model.caller import Caller
from chalicelib.model.draft import Draft
from chalicelib.model.inbox import Inbox
from chalicelib.storage import drafts


def keep(caller: Caller, draft: Draft, now: datetime, *, of_conversation: bool) -> Draft:
    """Keep a draft over the one before. `NotFound`, `Forbidden` (S19) as for what it is about."""
    access.require_act(caller.user, _inbox(caller, draft.about_id, of_conversation=of_conversation))
    kept = replace(
        draft,
        changed_at=stamp(now),
        text=None if draft.text is None else clean_text(draft.text),
        html=None if draft.html is None else clean(draft.html),
    )
    try:
        drafts.keep_draft(kept, of_conversation=of_conversation)
    except LostRace:  # its conversation went, or another write has it for a moment: the last one wins
        _inbox(caller, draft.about_id, of_conversation=of_conversation)
        drafts.keep_draft(kept, of_conversation=of_conversation)
    return kept


def find(caller: Caller, about_id: str, *, of_conversation: bool) -> Draft:
    """The caller's draft; `NotFound` where there is none."""
    _inbox(caller, about_id, of_conversation=of_conversation)
    draft = drafts.find_draft(caller.account_id, caller.user.id, about_id)
    if draft is None:
        raise NotFound("You have no draft here.")
    return draft


def drop(caller: Caller, about_id: str, *, of_conversation: bool) -> None:
    """Remove the caller's draft, if there is one."""
    _inbox(caller, about_id, of_conversation=of_conversation)
    drafts.drop_draft(caller.account_id, caller.user.id, about_id, of_conversation=of_conversation)


def _inbox(caller: Caller, about_id: str, *, of_conversation: bool) -> Inbox:
    return read.conversation_for(caller, about_id)[1] if of_conversation else read.inbox_for(caller, about_id)

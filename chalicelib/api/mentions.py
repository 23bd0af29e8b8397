"""`GET /v1/me/mentions`: where colleagues called the caller."""

from __future__ import annotations

from msgspec import Struct

from chalicelib.api.requests import Call, Paging
from chalicelib.api.shapes import Listing, listing
from chalicelib.conversations import read
from chalicelib.model.draft import Mention


class MentionAnswer(Struct, frozen=True, kw_only=True):
    """A comment that calls the caller; `preview` is its beginning."""

    message_id: str
    conversation_id: str
    inbox_id: str
    author_id: str
    preview: str
    created_at: str


def list_mentions(call: Call) -> Listing[MentionAnswer]:
    """Comments that call the caller, newest first."""
    query: Paging = call.query
    return listing(read.list_mentions(call.caller, limit=query.limit, cursor=query.cursor, now=call.now), _shape)


def _shape(mention: Mention) -> MentionAnswer:
    return MentionAnswer(
        message_id=mention.message_id,
        conversation_id=mention.conversation_id,
        inbox_id=mention.inbox_id,
        author_id=mention.author_id,
        preview=mention.preview,
        created_at=mention.created_at,
    )

"""Mentions: who is named in a comment finds it in a list of their own, cut by the year."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.model.conversation import Message, MessageBody
from chalicelib.model.draft import Mention
from chalicelib.model.page import Page
from chalicelib.storage import table, writing_keys
from chalicelib.storage.inboxes import Sight, look_at_inboxes
from chalicelib.storage.tables import MentionRow, Row

PREVIEW = 140  # characters


def mention_rows(message: Message) -> list[MentionRow]:
    """The rows of those whom a comment names."""
    words = " ".join((message.body or MessageBody()).text[: 8 * PREVIEW].split())[:PREVIEW]
    return [
        MentionRow(
            *writing_keys.mention(message.account_id, user_id, message.created_at, message.id),
            account_id=message.account_id,
            message_id=message.id,
            conversation_id=message.conversation_id,
            inbox_id=message.inbox_id,
            author_id=message.author_id or "",
            created_at=message.created_at,
            preview=words or None,
        )
        for user_id in message.mentions
    ]


def page_of_mentions(
    account_id: str,
    user_id: str,
    years: Sequence[int],
    sight: Sight,
    *,
    limit: int,
    cursor: str | None,
) -> Page[Mention]:
    """Where a user was named, in the inboxes in sight, newest first."""

    def read(row: Row) -> Mention | None:
        mention = table.to_value(Mention, row, user_id=user_id)
        return mention if mention.inbox_id in sight else None

    partitions = [writing_keys.mentions(account_id, user_id, year) for year in years]
    return table.page(table.TABLE, partitions, limit=limit, cursor=cursor, read=read, look=look_at_inboxes(sight))

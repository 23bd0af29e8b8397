"""Answers on their way: their progress, the ids that replies will cite, and the list of those that have not left."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.clock import stamp
from chalicelib.model.account import Account, User
from chalicelib.model.conversation import Message
from chalicelib.model.entry import Progress
from chalicelib.model.filing import KnownMessageId
from chalicelib.model.inbox import Channel
from chalicelib.model.task import NoticeTask, SendTask
from chalicelib.storage import keys, table
from chalicelib.storage.faults import translated
from chalicelib.storage.messages import envelope_of, unsent_keys
from chalicelib.storage.suppressions import suppress
from chalicelib.storage.tables import MessageIdRow, MessageRow, NoticeRow, Row
from chalicelib.storage.updates import set_or_remove


def advance(progress: Progress, known_ids: tuple[KnownMessageId, ...] = ()) -> None:
    """Write an answer's progress, with the ids by which mail that answers it finds its conversation.

    `LostRace` when it is not what `before` says any more.
    """
    writes = table.Transaction()
    write_progress(writes, progress)
    for known in known_ids:
        # A reply may have come first and left its citation as pending: what we know ourselves is stronger.
        key = keys.message_id_of_inbox(progress.after.account_id, progress.after.inbox_id, known.message_id)
        writes.put(table.to_row(MessageIdRow, key, known, account_id=progress.after.account_id), None)
    token = hashlib.sha256(msgspec.msgpack.encode([progress, known_ids])).hexdigest()[:36]
    writes.commit("note the progress of an answer", token)


def write_progress(writes: table.Transaction, progress: Progress) -> None:
    """The same as part of a transaction."""
    before, after = progress.before, progress.after
    assert before.sending is not None
    assert after.sending is not None
    actions: list[Action] = [
        MessageRow.status.set(after.sending.status.value),
        MessageRow.sending.set(msgspec.to_builtins(after.sending)),
        MessageRow.version.set(after.sending.version),
    ]
    if envelope_of(before) != envelope_of(after):
        actions.append(MessageRow.envelope.set(envelope_of(after)))
    listed = unsent_keys(after)
    for attribute, name in ((MessageRow.list_pk, "list_pk"), (MessageRow.list_sk, "list_sk")):
        actions.append(set_or_remove(attribute, listed.get(name)))
    key = keys.message(after.account_id, after.conversation_id, after.created_at, after.id)
    writes.update(MessageRow, key, actions, MessageRow.version == before.sending.version)
    for each in progress.suppresses:
        suppress(writes, each)


class Writers(msgspec.Struct, frozen=True):
    """Who an answer is from, as they are now (S71); None for what is not there any more."""

    account: Account | None
    channel: Channel | None
    author: User | None


def read_writers(message: Message, channel_id: str) -> Writers:
    """The account, the channel and the author of an answer, in one request."""
    account_key = keys.account(message.account_id)
    channel_key = keys.channel(message.account_id, channel_id)
    author_key = keys.user(message.account_id, message.author_id or "nobody")
    rows = table.get_many([account_key, channel_key, author_key], consistent=True)
    account, channel, author = rows.get(account_key), rows.get(channel_key), rows.get(author_key)
    return Writers(
        account=table.to_value(Account, account) if account else None,
        channel=table.to_value(Channel, channel) if channel else None,
        author=table.to_value(User, author) if author else None,
    )


def list_unsent(due_before: datetime, limit: int) -> list[SendTask | NoticeTask]:
    """Up to about `limit` answers and notices, of all accounts, that were due before a moment and have not left."""
    per_list = -(-limit // keys.UNSENT_LISTS)
    found: list[SendTask | NoticeTask] = []
    for partition in keys.unsent_lists():
        with translated("list unsent answers"):
            rows = Row.by_list.query(partition, range_key_condition=Row.list_sk < stamp(due_before), limit=per_list)
            for row in rows:
                if isinstance(row, NoticeRow):
                    found.append(NoticeTask(row.account_id, row.id))
                elif isinstance(row, MessageRow):
                    found.append(SendTask(row.account_id, row.id))
    return found

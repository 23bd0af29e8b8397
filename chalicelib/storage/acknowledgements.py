"""Writing an acknowledgement: the message, its place in the conversation's count, and what it takes of the limits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec

from chalicelib.model.conversation import Message
from chalicelib.model.limits import Spending
from chalicelib.storage import keys, limits, table
from chalicelib.storage.messages import keep_long_body, message_row
from chalicelib.storage.tables import ConversationRow


def add(message: Message, spendings: Sequence[Spending], now: datetime) -> None:
    """Write all of it, or nothing. Status, assignee and place in the lists stay: nobody has answered yet.

    `LostRace` when the conversation has one already, a limit is reached, or somebody writes in it this very moment.
    """
    writes = table.Transaction()
    writes.put(message_row(message, *keep_long_body(message)))
    conversation = keys.conversation(message.account_id, message.conversation_id)
    writes.update(ConversationRow, conversation, [ConversationRow.message_count.set(ConversationRow.message_count + 1)])
    limits.spend(writes, spendings, now)
    token = hashlib.sha256(msgspec.msgpack.encode([message, spendings])).hexdigest()[:36]
    writes.commit("acknowledge a mail", token)

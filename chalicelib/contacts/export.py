"""Everything that is kept about a contact, as JSON: part by part, each a document of its own.

A part has the contact, some of its messages (the timeline, newest first) with their whole bodies, and the conversations
and tickets they belong to. A part that fits is in the answer, a larger one behind a signed link; `next` asks for the
following. Each link leads to its own part. Only admins (account access, super admin) export: it holds what was written
in every inbox.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from chalicelib.clock import stamp
from chalicelib.conversations import links, read
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Message
from chalicelib.storage import contact_history, raw_mail

LARGEST_PART = 50  # messages: their bodies are all in memory
ANSWERED = 1_000_000  # bytes that stand in the answer


class Part(Struct, frozen=True):
    """One part: the document, or a link to it; `next` is the cursor of the part after it, None at the end."""

    document: dict[str, Any] | None
    link: links.Link | None
    next: str | None


def export(caller: Caller, contact_id: str, *, limit: int, cursor: str | None, now: datetime) -> Part:
    """One part of what is kept about a contact: up to `limit` messages."""
    contact = read.contact_for(caller, contact_id)
    years = range(now.year, int(caller.account.created_at[:4]) - 1, -1)
    page = contact_history.page_of_messages(caller.account_id, contact.all_ids, years, limit=limit, cursor=cursor)
    about = list(dict.fromkeys(each.conversation_id for each in page.items))
    conversations, tickets = contact_history.conversations_and_tickets(caller.account_id, about)
    document: dict[str, Any] = {
        "exported_at": stamp(now),
        "contact": msgspec.to_builtins(contact),
        "conversations": msgspec.to_builtins(conversations),
        "tickets": msgspec.to_builtins(tickets),
        "messages": [told(each) for each in page.items],
    }
    encoded = msgspec.json.encode(document)
    if len(encoded) <= ANSWERED or not page.items:
        return Part(document, None, page.next)
    key = f"attachments/{caller.account_id}/{page.items[0].id}/export.json"  # goes when the message is erased
    raw_mail.keep_attachment(key, encoded, links.NO_TYPE)
    return Part(None, links.sign(key, f"{contact.id}.json", links.NO_TYPE, now), page.next)


def told(message: Message) -> dict[str, Any]:
    """A message as it is exported: all that is kept of it, and where its raw mail and attachments are found. Pure."""
    path = f"/v1/messages/{message.id}"
    fields: dict[str, Any] = msgspec.to_builtins(message)
    fields["from"] = fields.pop("from_")
    fields["raw_url"] = f"{path}/raw" if message.raw_key is not None else None
    fields["attachment_urls"] = [f"{path}/attachments/{each.index}" for each in message.attachments]
    return fields

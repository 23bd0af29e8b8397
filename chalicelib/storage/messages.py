"""Messages and their rows: what is searched or changed stands in attributes, the rest in `envelope`."""

from __future__ import annotations

import msgspec

from chalicelib.model.conversation import Message, MessageBody, SendingStatus
from chalicelib.storage import bodies, keys
from chalicelib.storage.raw_mail import keep_body, read_body
from chalicelib.storage.tables import MessageRow

ENVELOPE = (
    "from_",
    "to",
    "cc",
    "reply_to",
    "subject",
    "authentication",
    "attachments",
    "joined_because",
    "message_id",
    "in_reply_to",
    "references",
    "sent_at",
    "forwarded_by",
    "forwarded_how",
    "automatic",
    "defects",
    "marks",
    "bcc",
    "mentions",
    "file_keys",
    "forwards",
    "related_id",
)
UNSENT = frozenset({SendingStatus.QUEUED, SendingStatus.SENDING})


def keep_long_body(message: Message) -> tuple[bytes | None, str | None]:
    """Pack a body: (bytes to keep with the row, None), or (None, key) after storing it in S3.

    The key is derived from the delivery's id, so that a repeat overwrites its own, even one that chose another
    conversation after a lost race; a message that was not delivered has its own id.
    """
    packed = bodies.pack(message.body or MessageBody())
    if bodies.fits(packed, len(msgspec.json.encode(envelope_of(message)))):
        return packed, None
    key = f"bodies/{message.account_id}/{keys.digest(message.delivery_id or message.id)}"
    keep_body(key, packed)
    return None, key


def envelope_of(message: Message) -> dict[str, object]:
    """The fields of `ENVELOPE` that say something, as builtins."""
    told = msgspec.to_builtins(message)
    return {name: told[name] for name in ENVELOPE if told[name] not in (None, [], (), "")}


def message_row(message: Message, body: bytes | None, body_key: str | None) -> MessageRow:
    """The row of a message, with the answer of `keep_long_body`."""
    key = keys.message(message.account_id, message.conversation_id, message.created_at, message.id)
    listed = unsent_keys(message)
    return MessageRow(
        key.pk,
        key.sk,
        account_id=message.account_id,
        id=message.id,
        conversation_id=message.conversation_id,
        inbox_id=message.inbox_id,
        contact_id=message.contact_id,
        direction=str(message.direction),
        envelope=envelope_of(message),
        status=message.status,
        created_at=message.created_at,
        delivery_id=message.delivery_id,
        raw_key=message.raw_key,
        body=body,
        body_key=body_key,
        former_inbox_ids=set(message.former_inbox_ids) or None,
        author_id=message.author_id,
        sending=msgspec.to_builtins(message.sending),
        version=message.sending.version if message.sending else None,
        list_pk=listed.get("list_pk"),
        list_sk=listed.get("list_sk"),
        contact_pk=keys.timeline(message.account_id, message.contact_id, int(message.created_at[:4])),
        contact_sk=f"{message.created_at}#{message.id}",
    )


def unsent_keys(message: Message) -> dict[str, str]:
    """The index keys by which the sweep finds an answer that waits or is being sent; none for any other message."""
    if message.sending is None or message.sending.status not in UNSENT:
        return {}
    due = message.sending.leased_until or message.sending.due_at
    return {"list_pk": keys.unsent(message.id), "list_sk": keys.list_position(due, message.id)}


def message_of(row: MessageRow, *, with_body: bool = True) -> Message:
    """A message from its row; `with_body` fetches a long body from S3."""
    body = None
    if with_body:
        body = bodies.unpack(row.body) if row.body is not None else read_body(row.body_key) if row.body_key else None
    fields = {
        "from_": None,
        "to": [],
        "cc": [],
        "reply_to": [],
        "subject": "",
        **row.envelope,
        **{
            name: getattr(row, name)
            for name in ("account_id", "conversation_id", "id", "inbox_id", "contact_id", "direction", "status")
        },
        "attachments": row.envelope.get("attachments", []),
        "created_at": row.created_at,
        "delivery_id": row.delivery_id,
        "raw_key": row.raw_key,
        "body_key": row.body_key,
        "former_inbox_ids": sorted(row.former_inbox_ids or ()),
        "author_id": row.author_id,
        "sending": row.sending,
    }
    return msgspec.structs.replace(msgspec.convert(fields, Message), body=body)

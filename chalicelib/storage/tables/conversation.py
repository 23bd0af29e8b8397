"""Rows of contacts, conversations and messages."""

from __future__ import annotations

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)

from chalicelib.storage.tables.row import Json, Row


class ContactRow(Row, discriminator="contact"):
    """`model.Contact`."""

    id = UnicodeAttribute()
    email = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    owner_id = UnicodeAttribute(null=True)
    addresses = Json(null=True)
    state = UnicodeAttribute(null=True)
    state_since = UnicodeAttribute(null=True)
    merged_into = UnicodeAttribute(null=True)
    merged_ids = Json(null=True)


class ContactAddressRow(Row, discriminator="contact_address"):
    """The contact behind an address, as far as filing a mail needs it, so that one read is enough."""

    id = UnicodeAttribute()
    email = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    owner_id = UnicodeAttribute(null=True)


class ConversationRow(Row, discriminator="conversation"):
    """`model.Conversation`; `participants` is a set, so that conditions and additions need no read."""

    id = UnicodeAttribute()
    inbox_id = UnicodeAttribute()
    channel_id = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    contact_email = UnicodeAttribute()
    contact_name = UnicodeAttribute(null=True)
    subject = UnicodeAttribute()
    status = UnicodeAttribute()
    assignee_id = UnicodeAttribute(null=True)
    assigned_because = Json()
    started_because = Json()
    participants = UnicodeSetAttribute(null=True)
    message_count = NumberAttribute()
    last_message_at = UnicodeAttribute()
    preview = UnicodeAttribute(null=True)
    ticket_id = UnicodeAttribute(null=True)
    ticket_pipeline_id = UnicodeAttribute(null=True)
    ticket_stage_id = UnicodeAttribute(null=True)
    closed_at = UnicodeAttribute(null=True)
    answers_over = UnicodeAttribute(null=True)
    drafting = UnicodeSetAttribute(null=True)
    continues_id = UnicodeAttribute(null=True)


class MessageRow(Row, discriminator="message"):
    """`model.Message`; `body` is deflated JSON (`bodies.py`), or absent and at `body_key`."""

    id = UnicodeAttribute()
    conversation_id = UnicodeAttribute()
    inbox_id = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    direction = UnicodeAttribute()
    envelope = Json()  # the fields of the message that nothing is ever searched or changed by
    status = UnicodeAttribute()
    body = BinaryAttribute(null=True, legacy_encoding=False)
    body_key = UnicodeAttribute(null=True)
    raw_key = UnicodeAttribute(null=True)
    delivery_id = UnicodeAttribute(null=True)
    former_inbox_ids = UnicodeSetAttribute(null=True)
    author_id = UnicodeAttribute(null=True)
    sending = Json(null=True)  # `version` is the sending's


class MessageIdRow(Row, discriminator="message_id"):
    """`model.KnownMessageId`: the conversation of a Message-ID; `pending` when only cited so far.

    `claim` is a digest of the channel and content of the mail that arrived with it, `claimed_by` its delivery.
    """

    message_id = UnicodeAttribute()
    conversation_id = UnicodeAttribute()
    direction = UnicodeAttribute()
    pending = BooleanAttribute()
    participants = UnicodeSetAttribute(null=True)
    writer = UnicodeAttribute(null=True)
    answer_id = UnicodeAttribute(null=True)
    claim = UnicodeAttribute(null=True)
    claimed_by = UnicodeAttribute(null=True)


class WaitingRow(Row, discriminator="waiting"):
    """A conversation that nobody got because nobody was available: it is offered again."""

    conversation_id = UnicodeAttribute()


class TransferRow(Row, discriminator="transfer"):
    """That a conversation has moved to another inbox, and its messages may still name the one before.

    `version` is the conversation's by that move: a later one has the note for itself.
    """

    conversation_id = UnicodeAttribute()
    version = NumberAttribute()


class ErasureRow(Row, discriminator="erasure"):
    """That a conversation, a ticket, a raw mail or some objects are being erased: what is left goes, and then this."""

    conversation_id = UnicodeAttribute(null=True)
    ticket_id = UnicodeAttribute(null=True)
    raw_id = UnicodeAttribute(null=True)
    raw_key = UnicodeAttribute(null=True)
    object_keys = Json(null=True)

"""`/v1/inboxes/{id}/conversations` and `/v1/conversations`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.api.requests import Call, Paging, read_body
from chalicelib.api.shapes import Listing, listing
from chalicelib.conversations import change, read, transfer
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Conversation, ConversationStatus
from chalicelib.model.texts import Id


class ConversationQuery(Paging, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which conversations of an inbox."""

    status: ConversationStatus = ConversationStatus.OPEN
    assignee: (
        Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=200, description="A user's id, or `none`.")] | None
    ) = None


class ConversationPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change; what is absent stays. `assignee_id` null takes the assignment away."""

    status: ConversationStatus | UnsetType = UNSET
    assignee_id: Id | UnsetType | None = UNSET


class TransferRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Where to. `channel_id`: the channel of that inbox to answer through; else one like the conversation's own."""

    inbox_id: Id
    channel_id: Id | None = None


class ContactInConversation(Struct, frozen=True):
    """With whom a conversation is held."""

    id: str
    email: str
    name: str | None


class ConversationAnswer(Struct, frozen=True, kw_only=True):
    """One thread of messages with one contact. Each `..._because` is a sentence for people, its `_code` is stable."""

    id: str
    inbox_id: str
    channel_id: str
    contact: ContactInConversation
    subject: str
    status: Literal["open", "closed"]
    assignee_id: str | None
    assigned_because: str
    assigned_because_code: str
    started_because: str
    started_because_code: str
    ticket_id: str | None
    message_count: int
    participants: tuple[str, ...]
    preview: str
    last_message_at: str
    created_at: str
    closed_at: str | None
    continues_conversation_id: (
        Annotated[str, Meta(description="The conversation that it goes on with, which was closed long before.")] | None
    )
    has_draft: Annotated[bool, Meta(description="Whether the caller has begun an answer.")]


def shape(conversation: Conversation, caller: Caller) -> ConversationAnswer:
    """A conversation in the shape of the API, as the caller sees it."""
    return ConversationAnswer(
        id=conversation.id,
        inbox_id=conversation.inbox_id,
        channel_id=conversation.channel_id,
        contact=ContactInConversation(conversation.contact_id, conversation.contact_email, conversation.contact_name),
        subject=conversation.subject,
        status=conversation.status.value,
        assignee_id=conversation.assignee_id,
        assigned_because=conversation.assigned_because.text,
        assigned_because_code=conversation.assigned_because.code,
        started_because=conversation.started_because.text,
        started_because_code=conversation.started_because.code,
        ticket_id=conversation.ticket_id,
        message_count=conversation.message_count,
        participants=conversation.participants,
        preview=conversation.preview,
        last_message_at=conversation.last_message_at,
        created_at=conversation.created_at,
        closed_at=conversation.closed_at,
        continues_conversation_id=conversation.continues_id,
        has_draft=caller.user.id in conversation.drafting,
    )


def list_conversations(call: Call) -> Listing[ConversationAnswer]:
    """The conversations of an inbox (S1), the one with the latest message first."""
    query: ConversationQuery = call.query
    page = read.list_conversations(
        call.caller,
        call.path["inbox_id"],
        query.status,
        query.assignee,
        limit=query.limit,
        cursor=query.cursor,
        now=call.now,
    )
    return listing(page, lambda each: shape(each, call.caller))


def get_conversation(call: Call) -> ConversationAnswer:
    """One conversation."""
    conversation, _ = read.conversation_for(call.caller, call.path["conversation_id"])
    return shape(conversation, call.caller)


def patch_conversation(call: Call) -> ConversationAnswer:
    """Assign it, close it, reopen it."""
    patch = read_body(call.body, ConversationPatch)
    conversation = change.change(
        call.caller,
        call.path["conversation_id"],
        status=None if patch.status is UNSET else patch.status,
        assign=patch.assignee_id is not UNSET,
        assignee_id=None if patch.assignee_id is UNSET else patch.assignee_id,
        now=call.now,
    )
    return shape(conversation, call.caller)


def transfer_conversation(call: Call) -> ConversationAnswer:
    """Move it to another inbox, with its ticket; replies go on joining it. The caller must have access to both."""
    told: TransferRequest = call.body
    path = call.path["conversation_id"]
    moved = transfer.transfer(call.caller, path, told.inbox_id, told.channel_id, call.now)
    return shape(moved, call.caller)

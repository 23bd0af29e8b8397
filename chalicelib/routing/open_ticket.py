"""Which ticket a new conversation opens (S65-S69): pure."""

from __future__ import annotations

from chalicelib.model.conversation import Conversation, Reason
from chalicelib.model.inbox import Ticketing, TicketOwner
from chalicelib.model.ticket import Ticket


def open_ticket(ticketing: Ticketing, ticket_id: str, conversation: Conversation) -> Ticket | None:
    """The ticket of a new conversation with the channel's properties, or None where the channel opens none."""
    if not ticketing.enabled or ticketing.pipeline_id is None or ticketing.stage_id is None:
        return None
    if ticketing.owner is TicketOwner.USER and ticketing.owner_id is not None:
        owner_id: str | None = ticketing.owner_id
        because = Reason("fixed_owner", "The channel names this user as the owner of its tickets.")
    else:
        owner_id = conversation.assignee_id
        because = Reason("assignee", "The owner of a ticket is the assignee of its conversation.")
    return Ticket(
        account_id=conversation.account_id,
        id=ticket_id,
        inbox_id=conversation.inbox_id,
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        subject=conversation.subject,
        pipeline_id=ticketing.pipeline_id,
        stage_id=ticketing.stage_id,
        priority=ticketing.priority,
        owner_id=owner_id,
        owned_because=because,
        created_at=conversation.created_at,
        properties=ticketing.properties,
    )

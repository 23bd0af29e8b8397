"""Which events follow from a change of one row. Pure.

Ids, codes, counts and switches only (`model/event.py`): no words, names or addresses. An event is told at least once,
with the same id each time; events of different rows come in any order, those of one row in that of its changes.
"""

from __future__ import annotations

from typing import Any

from chalicelib.clock import derived_id
from chalicelib.model.audit import AuditEntry
from chalicelib.model.conversation import Conversation, ConversationStatus, Direction, Message, SendingStatus
from chalicelib.model.event import Change, Event
from chalicelib.model.health import HealthChange
from chalicelib.model.ticket import Ticket
from chalicelib.outbound.progress import newly_failed

Found = list[tuple[str, dict[str, Any]]]  # type and data


def events_of(change: Change) -> tuple[Event, ...]:
    """The events of one change; none of a row that is removed."""
    match (change.old, change.new):
        case (Conversation() | None as old, Conversation() as new):
            found = _of_conversation(old, new)
        case (Message() | None as old, Message() as new):
            found = _of_message(old, new)
        case (Ticket() | None as old, Ticket() as new):
            found = _of_ticket(old, new)
        case (None, AuditEntry() as new):
            found = [("setting.changed", _setting(new))]
        case (None, HealthChange() as new):
            found = [("channel.status_changed", _health(new))]
        case _:
            return ()
    return tuple(
        Event(derived_id("evt", change.id, kind), kind, new.account_id, change.at, data) for kind, data in found
    )


def _of_conversation(old: Conversation | None, new: Conversation) -> Found:
    data = {
        "conversation_id": new.id,
        "inbox_id": new.inbox_id,
        "channel_id": new.channel_id,
        "contact_id": new.contact_id,
        "status": new.status,
        "assignee_id": new.assignee_id,
        "ticket_id": new.ticket_id,
        "message_count": new.message_count,
    }
    found: Found = []
    if old is None:
        found.append(("conversation.created", {**data, "because": new.started_because.code}))
    if new.assignee_id != (old.assignee_id if old else None):
        kind = "conversation.assigned" if new.assignee_id else "conversation.unassigned"
        before = old.assignee_id if old else None
        found.append((kind, {**data, "previous_assignee_id": before, "because": new.assigned_because.code}))
    if old is not None and old.status is not new.status:
        closed = new.status is ConversationStatus.CLOSED
        found.append(("conversation.closed" if closed else "conversation.reopened", data))
    if old is not None and old.inbox_id != new.inbox_id:
        found.append(("conversation.moved", {**data, "previous_inbox_id": old.inbox_id}))
    return found


def _of_message(old: Message | None, new: Message) -> Found:
    data: dict[str, Any] = {
        "message_id": new.id,
        "conversation_id": new.conversation_id,
        "inbox_id": new.inbox_id,
        "contact_id": new.contact_id,
        "automatic": new.automatic,
    }
    if old is None and new.direction is Direction.INCOMING:
        because, dmarc = new.joined_because.code, new.authentication.dmarc
        return [("message.received", {**data, "because": because, "dmarc": dmarc, "marks": list(new.marks)})]
    if old is None or old.sending is None or new.sending is None:
        return []
    found: Found = []
    before, after = old.sending, new.sending
    data |= {"author_id": new.author_id, "recipients": len(after.recipients), "status": after.status}
    if before.ses_id is None and after.ses_id is not None:
        found.append(("message.sent", data))
    if after.status is SendingStatus.DELIVERED and before.status is not SendingStatus.DELIVERED:
        found.append(("message.delivered", data))
    failed = newly_failed(before, after)
    if failed:
        codes = sorted({each.because.code if each.because else str(each.status) for each in failed})
        found.append(("message.failed", {**data, "failed_recipients": len(failed), "because": codes}))
    if after.status is SendingStatus.COMPLAINED and before.status is not SendingStatus.COMPLAINED:
        found.append(("message.complained", data))
    return found


def _of_ticket(old: Ticket | None, new: Ticket) -> Found:
    data = {
        "ticket_id": new.id,
        "inbox_id": new.inbox_id,
        "conversation_id": new.conversation_id,
        "contact_id": new.contact_id,
        "pipeline_id": new.pipeline_id,
        "stage_id": new.stage_id,
        "priority": new.priority,
        "owner_id": new.owner_id,
    }
    if old is None:
        return [("ticket.created", data)]
    return [("ticket.changed", {**data, "previous_stage_id": old.stage_id})] if old != new else []


def _setting(entry: AuditEntry) -> dict[str, Any]:
    fields = sorted({*(entry.before or {}), *(entry.after or {})})
    return {"action": entry.action, "subject_id": entry.subject_id, "user_id": entry.user_id, "fields": fields}


def _health(change: HealthChange) -> dict[str, Any]:
    return {
        "channel_id": change.channel_id,
        "direction": change.direction,
        "before": change.before,
        "after": change.after,
        "because": change.because.code,
    }

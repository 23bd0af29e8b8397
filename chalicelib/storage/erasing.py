"""Erasing for good: a conversation with everything that was kept for it, or a delivery that became none.

A conversation goes in two steps. First one transaction takes its row away and leaves a note: from then on it is in no
list, and mail that answers it opens a new one. Then messages, bodies, raw mail, attachments and Message-IDs go, and
the note last. Each part can be done again: the sweep calls `finish_erasures` for whoever died half-way.

A raw mail that reached two channels stays until nothing refers to it any more. The claim of a mail without a Message-ID
stays: a digest that names nobody. Objects are removed before the rows that say where they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from msgspec import Struct, to_builtins
from pynamodb.expressions.update import Action

from chalicelib.model.conversation import Conversation, ConversationStatus, Message
from chalicelib.model.delivery import Delivery
from chalicelib.model.delivery_ids import locate_delivery
from chalicelib.model.ticket import Ticket
from chalicelib.storage import held, keys, ses, signature_images, table, writing_keys
from chalicelib.storage.assignments import count
from chalicelib.storage.faults import translated
from chalicelib.storage.mentions import mention_rows
from chalicelib.storage.messages import message_of
from chalicelib.storage.raw_mail import remove
from chalicelib.storage.tables import (
    ConversationRow,
    DeliveryRow,
    DraftRow,
    ErasureRow,
    MessageIdRow,
    MessageRow,
    RawMailRow,
    Row,
    TicketRow,
    WaitingRow,
)

PAGE = 50  # messages erased between two looks at the table
BATCH = 100  # rows read in one request


class Erased(Struct, frozen=True):
    """What went with a conversation: how many messages, raw mails and further objects (bodies, attachments)."""

    conversation_id: str
    messages: int = 0
    raw_mails: int = 0
    objects: int = 0


def erase_conversation(conversation: Conversation, at: str) -> Erased:
    """Erase a conversation, open or closed, for good: messages of every kind, bodies, attachments, raw mail,
    deliveries, Message-IDs, and its ticket unless others share it. The contact stays, and so does the audit log.

    `conversation` is it as just read, `at` the stamp of now. `LostRace`: it has changed since (a mail came, somebody
    answered), and nothing was erased: read it again and decide anew. Any other fault may leave it half erased, but
    already out of every list; the sweep ends it. How often it is called does not matter: an erased one is a `LostRace`.
    """
    _take_away(conversation, at)
    if conversation.ticket_id is not None:
        _erase_history(conversation.account_id, conversation.ticket_id)
    return erase_rest(conversation.account_id, conversation.id)


def finish_erasures(limit: int) -> int:
    """Go on with up to `limit` erasures that were begun and not ended; return how many were ended."""
    with translated("list erasures"):
        rows = list(ErasureRow.by_list.query(keys.list_of_erasures(), limit=limit))
    for row in rows:
        if row.conversation_id is not None:
            erase_rest(row.account_id, row.conversation_id)
        elif row.ticket_id is not None:
            _erase_history(row.account_id, row.ticket_id)
        elif row.object_keys is not None:
            signature_images.erase(row)
        else:
            _erase_raw(row.raw_id, row.raw_key)
    return len(rows)


def erase_delivery(delivery: Delivery, at: str) -> bool:
    """Erase a delivery that became no conversation; True when its raw mail went too, since nothing else needs it.

    `LostRace`: it was handled again since it was read, and nothing was erased.
    """
    raw_id, door = locate_delivery(delivery.id)
    key, handled = keys.delivery(raw_id, door), RawMailRow(*keys.raw_mail(raw_id))
    unchanged = (DeliveryRow.verdict == delivery.verdict.value) & (DeliveryRow.attempts == delivery.attempts)
    writes = table.Transaction()
    if key == handled.key:
        writes.put(handled, unchanged)  # while the object is there it is handled, or the sweep would take it for lost
    else:
        writes.delete(DeliveryRow, key, unchanged)
    held.recount(writes, delivery, None)
    writes.put(_note(keys.erasure_of_raw(raw_id), at, raw_id=raw_id, raw_key=delivery.arrival.raw_key), None)
    writes.commit("begin to erase a delivery")
    return _erase_raw(raw_id, delivery.arrival.raw_key)


def erase_message(message: Message, addresses: Sequence[str]) -> Erased:
    """Erase one message of a conversation that stays, with all that is kept for it, and let `addresses`, its writer's,
    take part no more. The conversation's preview goes with it when it is the last message.
    """
    raw, objects = _erase_objects([message])
    # What it cites leads others here, too, unless it was the first to name it.
    table.delete_rows(
        [
            row.key
            for row in _id_rows([message], _inboxes_of([message]))
            if row.message_id == message.message_id or row.writer in addresses
        ]
    )
    key = keys.message(message.account_id, message.conversation_id, message.created_at, message.id)
    about = keys.conversation(message.account_id, message.conversation_id)
    conversation = table.get(ConversationRow, about, consistent=True)
    writes = table.Transaction()
    writes.delete(MessageRow, key, table.PRESENT)
    if conversation is not None:
        without: list[Action] = [
            ConversationRow.message_count.set(ConversationRow.message_count - 1),
            ConversationRow.version.set(ConversationRow.version + 1),
            ConversationRow.participants.delete(set(addresses)),
        ]
        if conversation.last_message_at == message.created_at:
            without.append(ConversationRow.preview.remove())
        writes.update(ConversationRow, about, without, ConversationRow.last_message_at == conversation.last_message_at)
    writes.commit("erase a message")
    return Erased(message.conversation_id, 1, raw, objects)


def _take_away(conversation: Conversation, at: str) -> None:
    account_id = conversation.account_id
    writes = table.Transaction()
    writes.delete(
        ConversationRow,
        keys.conversation(account_id, conversation.id),
        (ConversationRow.version == conversation.version)
        & (ConversationRow.status == conversation.status.value)
        & (ConversationRow.last_message_at == conversation.last_message_at)
        & (ConversationRow.message_count == conversation.message_count),
    )
    note = keys.erasure(account_id, conversation.id)
    writes.put(_note(note, at, account_id=account_id, conversation_id=conversation.id))
    if conversation.status is ConversationStatus.OPEN:
        writes.delete(WaitingRow, keys.waiting(account_id, conversation.id))
        if conversation.assignee_id is not None:
            count(writes, account_id, {conversation.assignee_id: -1}, None)
    for user_id in conversation.drafting:
        writes.delete(DraftRow, writing_keys.draft(account_id, user_id, conversation.id))
    _take_ticket(writes, conversation, at)
    writes.commit("begin to erase a conversation")


def _take_ticket(writes: table.Transaction, conversation: Conversation, at: str) -> None:
    """The conversation's ticket goes with it, unless other conversations are linked with it: then it is theirs."""
    if conversation.ticket_id is None:
        return
    key = keys.ticket(conversation.account_id, conversation.ticket_id)
    row = table.get(TicketRow, key, consistent=True)
    if row is None:
        return
    ticket = table.to_value(Ticket, row)
    left = [link for link in ticket.links if link.conversation_id != conversation.id]
    unchanged = TicketRow.version == ticket.version
    if not left:
        writes.delete(TicketRow, key, unchanged)
        history = keys.erasure_of_ticket(conversation.account_id, ticket.id)
        writes.put(_note(history, at, account_id=conversation.account_id, ticket_id=ticket.id))
        return
    others: list[Action] = [
        TicketRow.conversation_id.set(left[0].conversation_id),
        TicketRow.inbox_id.set(left[0].inbox_id),
        TicketRow.further.set(to_builtins(left[1:])),
        TicketRow.version.set(ticket.version + 1),
    ]
    writes.update(TicketRow, key, others, unchanged)


def _note(key: keys.Key, at: str, **what: Any) -> ErasureRow:
    return ErasureRow(*key, list_pk=keys.list_of_erasures(), list_sk=keys.list_position(at, key.pk), **what)


def _erase_history(account_id: str, ticket_id: str) -> None:
    """What is left of a ticket whose row is gone; nothing of one that is there."""
    note = keys.erasure_of_ticket(account_id, ticket_id)
    rows = table.query_all(Row, note.pk, "", consistent=True)
    if note in {row.key for row in rows}:
        table.delete_rows([row.key for row in rows if row.key != note])
        table.delete_rows([note])


def _erase_raw(raw_id: str, raw_key: str) -> bool:
    """A raw mail with the notes on it, unless a delivery still refers to it; whether it went."""
    rows = table.query_all(Row, keys.raw_mail(raw_id).pk, "", consistent=True)
    if any(isinstance(row, DeliveryRow) for row in rows):
        table.delete_rows([keys.erasure_of_raw(raw_id)])
        return False
    remove([raw_key])
    table.delete_rows([row.key for row in rows])
    return True


def erase_rest(account_id: str, conversation_id: str) -> Erased:
    """What is left of a conversation whose row is gone: everything in its partition, and the note of it last."""
    note = keys.erasure(account_id, conversation_id)
    erased = Erased(conversation_id)
    been_in: set[str] = set()
    while True:
        with translated("read what is to be erased"):
            rows = list(Row.query(note.pk, limit=PAGE, page_size=PAGE, consistent_read=True))
        rows = [row for row in rows if row.key != note]
        if not rows:
            break
        messages = [message_of(row, with_body=False) for row in rows if isinstance(row, MessageRow)]
        raw, objects = _erase_objects(messages)
        been_in |= _inboxes_of(messages)
        table.delete_rows([row.key for row in _id_rows(messages, been_in)])
        table.delete_rows([row.key for each in messages for row in mention_rows(each)])
        table.delete_rows([row.key for row in rows])
        erased = Erased(
            conversation_id, erased.messages + len(messages), erased.raw_mails + raw, erased.objects + objects
        )
    table.delete_rows([note])
    return erased


def _erase_objects(messages: Sequence[Message]) -> tuple[int, int]:
    """Objects and deliveries of messages: (raw mails, other objects) that went."""
    objects = [each.body_key for each in messages if each.body_key]
    for each in messages:
        cached = f"attachments/{each.account_id}/{each.id}"
        objects += [f"{cached}/body.json", *(f"{cached}/{attachment.index}" for attachment in each.attachments)]
        objects += each.file_keys
    exports = [f"attachments/{each.account_id}/{each.id}/export.json" for each in messages]  # copies, for a day
    remove([*objects, *exports])
    deliveries = _deliveries(messages)
    gone = _remove_raw(deliveries)
    rows = [keys.delivery(*locate_delivery(each.id)) for each in deliveries]
    mentions = [row.key for each in messages for row in mention_rows(each)]
    table.delete_rows([*rows, *map(keys.raw_mail, gone), *mentions])
    return len(gone), len(objects)


def _deliveries(messages: Iterable[Message]) -> list[Delivery]:
    wanted = [keys.delivery(*locate_delivery(each.delivery_id)) for each in messages if each.delivery_id]
    rows = _read(wanted)
    return [table.to_value(Delivery, row) for row in rows if isinstance(row, DeliveryRow)]


def _remove_raw(deliveries: Sequence[Delivery]) -> list[str]:
    """Remove the raw mails that only these deliveries refer to; their ids."""
    erased = {each.id for each in deliveries}
    alone: dict[str, str] = {}
    for each in deliveries:
        raw_id, _ = locate_delivery(each.id)
        rows = table.query_all(Row, keys.raw_mail(raw_id).pk, "", consistent=True)
        if all(row.id in erased for row in rows if isinstance(row, DeliveryRow)):
            alone[raw_id] = each.arrival.raw_key
    remove(list(alone.values()))
    return list(alone)


def _inboxes_of(messages: Iterable[Message]) -> set[str]:
    """The inboxes that messages are in and have been in: after a move, Message-IDs lead to them from all of these."""
    return {inbox_id for each in messages for inbox_id in (each.inbox_id, *each.former_inbox_ids)}


def _id_rows(messages: Iterable[Message], inbox_ids: Collection[str]) -> list[MessageIdRow]:
    """The rows, in these inboxes, of Message-IDs that lead to the messages' conversation: their own, and those they
    cite.
    """
    wanted: dict[keys.Key, str] = {}
    for each in messages:
        sent_as = (each.sending.ses_id, *each.sending.earlier_ids) if each.sending else ()  # one in each round
        ids = [each.message_id, *(ses.message_id_of(ses_id) for ses_id in sent_as if ses_id)]
        ids += [*each.in_reply_to, *each.references]
        for known in filter(None, ids):
            for inbox_id in inbox_ids:
                wanted[keys.message_id_of_inbox(each.account_id, inbox_id, known)] = each.conversation_id
    rows = _read(list(wanted))
    return [row for row in rows if isinstance(row, MessageIdRow) and row.conversation_id == wanted[row.key]]


def _read(wanted: Sequence[keys.Key]) -> list[Row]:
    found: list[Row] = []
    for start in range(0, len(wanted), BATCH):
        found += table.get_many(wanted[start : start + BATCH], consistent=True).values()
    return found

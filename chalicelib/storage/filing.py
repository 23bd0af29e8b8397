"""Filing one delivery: what is known before (`find_doors`, `gather`), and the one transaction after (`commit`).

Requests for a mail into a running conversation: `find_doors`, `gather`, `commit`; a new conversation may read the
people besides. Every write carries the condition it was decided on; whoever loses a race gets `LostRace`, gathers
again, consistently, and decides anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action

from chalicelib.model.account import Account
from chalicelib.model.conversation import Contact, Conversation, ConversationStatus, Message
from chalicelib.model.delivery import Delivery
from chalicelib.model.delivery_ids import locate_delivery
from chalicelib.model.filing import (
    MAX_PARTICIPANTS,
    Door,
    Evidence,
    Filing,
    Joining,
    KnownMessageId,
    Lookup,
    Recipient,
)
from chalicelib.model.inbox import Channel, ForwardingConfirmation, Inbox
from chalicelib.model.message_ids import locate_message
from chalicelib.storage import assignments, held, keys
from chalicelib.storage.contacts import contact_rows
from chalicelib.storage.conversation_keys import index_keys
from chalicelib.storage.messages import envelope_of, keep_long_body, message_of, message_row
from chalicelib.storage.sender_lists import marks_from
from chalicelib.storage.table import ABSENT, Transaction, get, get_many, to_row, to_value
from chalicelib.storage.tables import (
    AddressRow,
    ChannelRow,
    ClaimRow,
    ConversationRow,
    DeliveryRow,
    MessageIdRow,
    MessageRow,
    RawMailRow,
    Row,
)
from chalicelib.storage.tickets import mirrored, ticket_row, write_change
from chalicelib.storage.waiting import waiting_row

PENDING = MessageIdRow.pending == True  # noqa: E712 an expression of PynamoDB


def find_doors(recipients: Sequence[Recipient]) -> dict[str, Door]:
    """Where recipients lead, by address, in one request.

    A signed reply address is looked up by its subdomain, which tells the account that its signature is made for; the
    caller checks the signature. An address that is no channel's leads to a door without one.
    """
    wanted = {
        each.address: keys.subdomain(each.subdomain)
        if each.looks_signed and each.subdomain
        else keys.address(each.address)
        for each in recipients
    }
    rows = get_many(wanted.values())
    doors = {}
    for address, key in wanted.items():
        row = rows.get(key)
        if isinstance(row, AddressRow):
            doors[address] = Door(address, row.account_id, row.inbox_id, row.channel_id)
        else:
            doors[address] = Door(address, row.account_id if row else None)
    return doors


def account_of_subdomain(subdomain: str) -> str | None:
    """The account that unknown local parts of a subdomain belong to."""
    row = get(Row, keys.subdomain(subdomain))
    return row.account_id if row else None


def gather(lookup: Lookup, *, consistent: bool = False) -> Evidence | None:
    """Everything that one request can tell about a mail at a channel; None when the channel does not exist."""
    account, inbox = lookup.account_id, lookup.inbox_id
    channel_key = keys.channel(account, lookup.channel_id)
    if inbox is None and consistent:
        found = get(ChannelRow, channel_key, consistent=True)
        inbox = found.inbox_id if found else None
    claim_key = keys.claim(account, lookup.channel_id, lookup.message_id, lookup.content_hash)
    contact_keys = {keys.contact_address(account, address): address for address in lookup.addresses}
    own_key = keys.message_id_of_inbox(account, inbox, lookup.message_id) if inbox and lookup.message_id else None
    cited_keys = [keys.message_id_of_inbox(account, inbox, cited) for cited in lookup.cited if inbox]
    inbox_key = keys.inbox(account, inbox) if inbox else None
    account_key = keys.account(account)
    marks_key = keys.sender_marks(account)
    signed_key = keys.conversation(account, lookup.signed) if lookup.signed and not consistent else None
    named = [key for key in (account_key, marks_key, inbox_key, own_key, signed_key) if key is not None]
    rows = get_many([channel_key, claim_key, *contact_keys, *named, *cited_keys], consistent=consistent)
    channel = rows.get(channel_key)
    if not isinstance(channel, ChannelRow):
        return None
    own_row = rows.get(own_key) if own_key else None
    inbox_row = rows.get(inbox_key) if inbox_key else None
    account_row = rows.get(account_key)
    signed_row = rows.get(signed_key) if signed_key else None
    return Evidence(
        channel=to_value(Channel, channel),
        inbox=to_value(Inbox, inbox_row) if inbox_row else None,
        account=to_value(Account, account_row) if account_row else None,
        marks=marks_from(rows.get(marks_key)),
        claimed_by=_claimed_by(lookup, rows.get(claim_key), own_row),
        contacts={
            address: to_value(Contact, row)
            for key, address in contact_keys.items()
            if (row := rows.get(key)) is not None
        },
        own_id=to_value(KnownMessageId, own_row) if own_row else None,
        known_ids=tuple(to_value(KnownMessageId, row) for key in cited_keys if (row := rows.get(key)) is not None),
        glimpse=to_value(Conversation, signed_row) if signed_row else None,
        may_assume=not consistent,
    )


def _claimed_by(lookup: Lookup, claim: Row | None, own_id: Row | None) -> str | None:
    if isinstance(claim, ClaimRow):
        return claim.delivery_id
    if isinstance(own_id, MessageIdRow) and own_id.claim == keys.claim_mark(lookup.channel_id, lookup.content_hash):
        return own_id.claimed_by
    return None


def read_conversation(account_id: str, conversation_id: str) -> Conversation | None:
    """A conversation as it is now."""
    row = get(ConversationRow, keys.conversation(account_id, conversation_id), consistent=True)
    return to_value(Conversation, row) if row else None


def read_delivery(raw_id: str, door: str) -> Delivery | None:
    """A delivery as it is now."""
    row = get(DeliveryRow, keys.delivery(raw_id, door), consistent=True)
    return to_value(Delivery, row) if row else None


def read_message(delivery: Delivery) -> Message | None:
    """The message that a delivery was filed as, without its body."""
    if delivery.message_id is None or delivery.account_id is None:
        return None
    conversation_id, created_at = locate_message(delivery.message_id)
    key = keys.message(delivery.account_id, conversation_id, created_at, delivery.message_id)
    row = get(MessageRow, key, consistent=True)
    return message_of(row, with_body=False) if row else None


def commit(filing: Filing) -> None:
    """Write all of a filing, or nothing. Raises `LostRace` when something decided on has changed."""
    transaction = Transaction()
    _put_delivery(transaction, filing)
    if filing.message is not None and filing.lookup is not None:
        _put_message(transaction, filing.message)
        if not _put_ids(transaction, filing, filing.lookup) or filing.is_elsewhere:
            _put_claim(transaction, filing.lookup, filing.delivery)
        _put_contact(transaction, filing.contact)
        _open(transaction, filing)
        if filing.joining is not None:
            _join(transaction, filing.message.account_id, filing.joining)
    if filing.confirmation is not None:
        _keep_confirmation(transaction, filing.delivery, filing.confirmation)
    if filing.proves_forwarding and filing.message is not None and filing.delivery.channel_id is not None:
        channel = keys.channel(filing.message.account_id, filing.delivery.channel_id)
        transaction.update(ChannelRow, channel, [ChannelRow.last_mail_in_at.set(filing.delivery.received_at)])
    if filing.completes and not _is_only(filing.delivery):
        transaction.put(_completion(filing.delivery.arrival.raw_id), None)
    # The token belongs to this very content: a retry inside botocore is harmless, another decision is another request.
    token = hashlib.sha256(msgspec.msgpack.encode(filing)).hexdigest()[:36]
    transaction.commit("file a delivery", token)


def complete(last: Delivery) -> None:
    """Note that every delivery of a raw mail has its row, `last` being one of them: the sweep passes it by."""
    if _is_only(last):
        return
    transaction = Transaction()
    transaction.put(_completion(last.arrival.raw_id), None)
    transaction.commit("note a raw mail as handled")


def refresh(delivery: Delivery, message: Message, seen: Delivery) -> None:
    """Write a message that was understood anew in the place of the old, with its delivery, and nothing else."""
    body, body_key = keep_long_body(message)
    transaction = Transaction()
    transaction.update(
        MessageRow,
        keys.message(message.account_id, message.conversation_id, message.created_at, message.id),
        [
            MessageRow.envelope.set(envelope_of(message)),
            MessageRow.body.set(body) if body is not None else MessageRow.body.remove(),
            MessageRow.body_key.set(body_key) if body_key else MessageRow.body_key.remove(),
        ],
    )
    _put_delivery(transaction, Filing(delivery, replaces=seen))
    transaction.commit("refresh a message")


def _is_only(delivery: Delivery) -> bool:
    """Whether the delivery's own row says that its mail is handled."""
    raw_id, door = locate_delivery(delivery.id)
    return keys.delivery(raw_id, door) == keys.raw_mail(raw_id)


def _completion(raw_id: str) -> RawMailRow:
    return RawMailRow(*keys.raw_mail(raw_id))


def _put_delivery(transaction: Transaction, filing: Filing) -> None:
    delivery = filing.delivery
    key = keys.delivery(*locate_delivery(delivery.id))
    lists: dict[str, str | None] = {}
    if not delivery.verdict.is_filed and delivery.account_id is not None:
        year, position = int(delivery.received_at[:4]), keys.list_position(delivery.received_at, delivery.id)
        lists = {
            "list_pk": keys.deliveries_of_verdict(delivery.account_id, delivery.verdict, year),
            "list_sk": position,
            "person_pk": keys.deliveries_unfiled(delivery.account_id, year),
            "person_sk": position,
        }
    lists |= held.list_keys(delivery)
    held.recount(transaction, filing.replaces, delivery)
    condition = ABSENT
    if filing.replaces is not None:
        seen = filing.replaces
        condition = (DeliveryRow.verdict == str(seen.verdict)) & (DeliveryRow.attempts == seen.attempts)
    transaction.put(to_row(DeliveryRow, key, delivery, **lists), condition)


def _put_message(transaction: Transaction, message: Message) -> None:
    transaction.put(message_row(message, *keep_long_body(message)))


def _keep_confirmation(transaction: Transaction, delivery: Delivery, asked: ForwardingConfirmation) -> None:
    key = keys.channel(delivery.account_id or "", delivery.channel_id or "")
    transaction.update(ChannelRow, key, [ChannelRow.confirmation.set(msgspec.to_builtins(asked))])


def _put_claim(transaction: Transaction, lookup: Lookup, delivery: Delivery) -> None:
    key = keys.claim(lookup.account_id, lookup.channel_id, lookup.message_id, lookup.content_hash)
    transaction.put(ClaimRow(*key, account_id=lookup.account_id, delivery_id=delivery.id))


def _put_ids(transaction: Transaction, filing: Filing, lookup: Lookup) -> bool:
    """Note ids; True when the mail's own is among them, whose row then holds the claim and saves one of its own."""
    claims = False
    for known in filing.learned_ids:
        is_own = known.message_id == lookup.message_id
        claims |= is_own
        row = _id_row(known, lookup, filing.delivery if is_own else None)
        transaction.put(row, ABSENT | PENDING if is_own and filing.own_id_unseen else ABSENT)
    if filing.arrived_id is not None:
        # It was pending when read; nobody else may have turned it into an arrived one meanwhile.
        transaction.put(_id_row(filing.arrived_id, lookup, filing.delivery), PENDING)
        claims = True
    return claims


def _id_row(known: KnownMessageId, lookup: Lookup, claiming: Delivery | None) -> MessageIdRow:
    return to_row(
        MessageIdRow,
        keys.message_id_of_inbox(lookup.account_id, lookup.inbox_id or "", known.message_id),
        known,
        account_id=lookup.account_id,
        claim=keys.claim_mark(lookup.channel_id, lookup.content_hash) if claiming else None,
        claimed_by=claiming.id if claiming else None,
    )


def _put_contact(transaction: Transaction, contact: Contact | None) -> None:
    for row in contact_rows(contact) if contact else ():
        transaction.put(row)


def _open(transaction: Transaction, filing: Filing) -> None:
    conversation, ticket, assignee = filing.conversation, filing.ticket, filing.assignee
    if conversation is None:
        return
    key = keys.conversation(conversation.account_id, conversation.id)
    transaction.put(to_row(ConversationRow, key, conversation, **index_keys(conversation)))
    if ticket is not None:
        transaction.put(ticket_row(ticket))
    if filing.waits:
        transaction.put(waiting_row(conversation))
    if assignee is not None:
        assignments.count_chosen(transaction, assignee, conversation.created_at)


def _join(transaction: Transaction, account_id: str, joining: Joining) -> None:
    actions: list[Action] = [ConversationRow.message_count.set(ConversationRow.message_count + 1)]
    if joining.new_participants:
        actions.append(ConversationRow.participants.add(set(joining.new_participants)))
    if joining.is_newest:
        actions += [ConversationRow.last_message_at.set(joining.at), ConversationRow.preview.set(joining.preview)]
    if joining.is_newest or joining.reopens:
        actions += _list_actions(joining)
    if joining.moved is not None:
        actions += mirrored(joining.moved.after)
        write_change(transaction, joining.moved, but=joining.conversation_id)
    transaction.update(
        ConversationRow, keys.conversation(account_id, joining.conversation_id), actions, _still_as_decided(joining)
    )
    if joining.reopens and joining.seen is not None and joining.seen.assignee_id is not None:
        assignments.count(transaction, account_id, {joining.seen.assignee_id: 1}, None)


def _list_actions(joining: Joining) -> list[Action]:
    """Move the conversation in its lists; into the open ones, when it is reopened."""
    if joining.seen is None or not (joining.reopens or joining.seen.status is ConversationStatus.CLOSED):
        position = keys.list_position(joining.at, joining.conversation_id)
        return [ConversationRow.list_sk.set(position), ConversationRow.person_sk.set(position)]
    now = replace(joining.seen, last_message_at=max(joining.at, joining.seen.last_message_at))
    actions: list[Action] = []
    if joining.reopens:
        now = replace(now, status=ConversationStatus.OPEN)
        actions = [
            ConversationRow.status.set(str(now.status)),
            ConversationRow.closed_at.remove(),
            ConversationRow.version.set(now.version + 1),
        ]
    moved = index_keys(now)
    return actions + [
        getattr(ConversationRow, name).set(moved[name]) for name in ("list_pk", "list_sk", "person_pk", "person_sk")
    ]


def _still_as_decided(joining: Joining) -> Condition:
    seen = joining.seen
    not_later: Condition = ConversationRow.last_message_at <= joining.at
    if seen is None:
        not_later &= ConversationRow.status == str(ConversationStatus.OPEN)
        not_later &= ConversationRow.inbox_id == joining.inbox_id
        not_later &= ConversationRow.participants.contains(joining.sender)
        if joining.new_participants:
            not_later &= size(ConversationRow.participants) < MAX_PARTICIPANTS  # type: ignore[no-untyped-call]
        return not_later & _no_ticket_to_move(joining.reply_stages) if joining.reply_stages else not_later
    condition: Condition = not_later if joining.is_newest else ConversationRow.last_message_at > joining.at
    condition &= (ConversationRow.status == str(seen.status)) & (ConversationRow.inbox_id == seen.inbox_id)
    if joining.moved is not None:
        condition &= ConversationRow.ticket_id == joining.moved.after.id
    elif joining.reply_stages:
        condition &= _no_ticket_to_move(joining.reply_stages)
    if joining.sender in seen.participants:
        condition &= ConversationRow.participants.contains(joining.sender)
    if joining.reopens or seen.status is ConversationStatus.CLOSED:
        # Its place in the lists is written as it follows from what was seen.
        condition &= ConversationRow.version == seen.version
        condition &= ConversationRow.last_message_at == seen.last_message_at
    return condition


def _no_ticket_to_move(reply_stages: dict[str, str]) -> Condition:
    """The conversation has no ticket, or one that is where it goes, or one of a pipeline whose tickets stay."""
    row = ConversationRow
    there: Condition = row.ticket_id.does_not_exist() | row.ticket_stage_id.is_in(*reply_stages.values())
    stays: Condition = row.ticket_pipeline_id.exists() & ~row.ticket_pipeline_id.is_in(*reply_stages)
    either: Condition = there | stays
    return either

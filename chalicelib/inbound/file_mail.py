"""From decisions to what is written: one `Filing` for one delivery. Pure; every new id is derived from the delivery's,
so that work done twice writes the same.

Who takes part (§7.3): the sender, and those the sender wrote to when DMARC proves the sender. A forward's participants
are those of the original mail, never who was added while forwarding (S50, S51).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.clock import derived_id
from chalicelib.inbound.choose_conversation import Choice, reopens
from chalicelib.mail.addresses import as_kept
from chalicelib.mail.model import Address, ParsedMail
from chalicelib.model.conversation import (
    Contact,
    Conversation,
    ConversationStatus,
    Direction,
    Message,
    MessageBody,
    Reason,
)
from chalicelib.model.delivery import Arrival, Delivery, Verdict
from chalicelib.model.filing import MAX_PARTICIPANTS, Evidence, Filing, Joining, KnownMessageId, Lookup
from chalicelib.model.inbox import Channel
from chalicelib.model.message_ids import message_id_of
from chalicelib.routing.choose_assignee import Assignment
from chalicelib.routing.open_ticket import open_ticket

NOBODY = Address("Unknown sender", "unknown-sender@invalid")  # RFC 2606: never anybody's
MAX_CITED = 10  # ids looked up for one mail: the newest tell most, and the first names the thread
MAX_REMEMBERED = 3  # ids kept as pending for one mail
MAX_LISTED = 500  # addresses, attachments and the like kept with a message; the raw mail has them all
MAX_SUBJECT = 1000  # characters kept with conversation, ticket and delivery
PREVIEW = 140  # characters

Item = TypeVar("Item")


class Own(Struct, frozen=True):
    """Our own addresses, which never take part in a conversation: the channel's, those the mail came to and all else
    of their domains. Colleagues in the domain of a team address are people like others.
    """

    addresses: frozenset[str]
    domains: frozenset[str] = frozenset()

    def holds(self, address: str) -> bool:
        """Whether a lower-case address is ours."""
        return address in self.addresses or address.rpartition("@")[2] in self.domains


def own_of(channel: Channel, recipients: Collection[str]) -> Own:
    """What is ours of a mail that came to a channel by these envelope recipients."""
    arrived_at = {*recipients, channel.receives_at}
    domains = frozenset(each.rpartition("@")[2] for each in arrived_at)
    sends_from = {channel.proven_address.lower()} if channel.proven_address else set()
    return Own(frozenset({*arrived_at, channel.address.lower(), *sends_from, *channel.former_addresses}), domains)


class Read(Struct, frozen=True):
    """A mail that was read, with what its channel's settings make of it.

    `writer` is whose words they are: the original sender of a forward (S48), else the sender. `sender` is who sent it.
    """

    mail: ParsedMail
    arrival: Arrival
    sender: Address | None
    writer: Address
    is_forward: bool

    @property
    def sender_address(self) -> str | None:
        """As participants are kept."""
        return as_kept(self.sender.address) if self.sender else None

    @property
    def writer_address(self) -> str:
        """As contacts are kept and found."""
        return as_kept(self.writer.address)

    @property
    def forwarder(self) -> Address | None:
        """Who sent a forward on: who Resent-From says did, where From is the writer's."""
        told = self.mail.forwarded.by if self.mail.forwarded else None
        return (told or self.sender) if self.is_forward else None

    @property
    def is_from_machine(self) -> bool:
        """Whether nobody wrote it; what came by a list or from a no-reply address may be a person's."""
        return self.mail.automatic is not None and self.mail.automatic.auto_submitted

    def recipients(self, own: Own) -> tuple[str, ...]:
        """To and Cc without our own addresses: of the original mail when it is a forward."""
        source = self.mail.forwarded if self.is_forward and self.mail.forwarded else self.mail
        found = (as_kept(each.address) for each in (*source.to, *source.cc))
        return tuple(each for each in dict.fromkeys(found) if not own.holds(each) and each != self.writer_address)


def read_as(mail: ParsedMail, arrival: Arrival, *, to_original_sender: bool, own: Own | None = None) -> Read:
    """See a mail through a channel's setting S49. Who forwards a mail that `own` wrote is whom we wrote it to."""
    envelope = Address(None, arrival.mail_from) if arrival.mail_from else None
    sender = next(
        (each for each in (mail.from_, mail.sender, envelope) if each is not None and "@" in each.address), None
    )
    original = mail.forwarded.from_ if mail.forwarded else None
    is_own = original is not None and own is not None and own.holds(as_kept(original.address))
    if to_original_sender and original is not None and "@" in original.address and not is_own:
        return Read(mail, arrival, sender, original, True)
    return Read(mail, arrival, sender, sender or NOBODY, False)


def look_up(
    mail: ParsedMail,
    arrival: Arrival,
    account_id: str,
    channel_id: str,
    inbox_id: str | None,
    signed: str | None = None,
) -> Lookup:
    """What to look up: for either reading of a forward, since the channel's setting comes with the same answer.

    `inbox_id` is None behind the reply address of conversation `signed`: the cited ids are not needed then.
    """
    readings = [read_as(mail, arrival, to_original_sender=choice) for choice in (True, False)]
    return Lookup(
        account_id=account_id,
        channel_id=channel_id,
        inbox_id=inbox_id,
        message_id=mail.message_id,
        content_hash=mail.content_hash,
        addresses=tuple(dict.fromkeys(reading.writer_address for reading in readings)),
        cited=cited_ids(mail) if inbox_id is not None else (),
        signed=signed,
    )


def cited_ids(mail: ParsedMail) -> tuple[str, ...]:
    """The ids a mail answers, most telling first: what it reports on, In-Reply-To, newest References, the root."""
    about = (mail.bounce.original_message_id,) if mail.bounce and mail.bounce.original_message_id else ()
    newest = [*about, *mail.in_reply_to, *reversed(mail.references)]
    unique = [each for each in dict.fromkeys(newest) if each != mail.message_id]
    if len(unique) <= MAX_CITED:
        return tuple(unique)
    return (*unique[: MAX_CITED - 1], unique[-1])  # the root names the thread


def unfiled(delivery: Delivery, mail: ParsedMail | None, *, completes: bool, replaces: Delivery | None) -> Filing:
    """Only the delivery: what it was, why it did not become a message."""
    if mail is not None:
        delivery = replace(
            delivery,
            from_address=mail.from_.address if mail.from_ else None,
            subject=mail.subject[:MAX_SUBJECT],
        )
    return Filing(delivery, completes, replaces)


def filed(
    delivery: Delivery,
    reading: Read,
    lookup: Lookup,
    evidence: Evidence,
    choice: Choice,
    assignment: Assignment | None,
    *,
    own: Own,
    completes: bool,
    replaces: Delivery | None,
) -> Filing:
    """A message with all that comes with it; `assignment` is given for a new conversation."""
    contact, is_new = _contact(delivery, reading, evidence)
    conversation_id = choice.conversation_id or derived_id("cnv", delivery.id)
    inbox_id = choice.seen.inbox_id if choice.seen else evidence.channel.inbox_id
    message = _message(delivery, reading, contact.id, conversation_id, inbox_id, choice)
    participants = _participants(reading, own)
    delivery = replace(delivery, inbox_id=inbox_id, conversation_id=conversation_id, message_id=message.id)
    filing = Filing(
        delivery,
        completes,
        replaces,
        lookup=replace(lookup, inbox_id=inbox_id),
        own_id_unseen=lookup.inbox_id is None,
        is_elsewhere=inbox_id != evidence.channel.inbox_id,
        message=message,
        contact=contact if is_new else None,
    )
    if choice.conversation_id is None:
        filing = _open(filing, reading, contact, choice, assignment, participants, evidence)
    else:
        filing = replace(filing, joining=_joining(reading, message, choice, participants))
    noted = tuple(dict.fromkeys((*choice.known_participants, *participants)))[:MAX_PARTICIPANTS]
    return _with_ids(filing, evidence, lookup, noted, reading.writer_address)


def _contact(delivery: Delivery, reading: Read, evidence: Evidence) -> tuple[Contact, bool]:
    found = evidence.contacts.get(reading.writer_address)
    if found is not None:
        return found, False
    assert delivery.account_id is not None
    contact = Contact(
        account_id=delivery.account_id,
        id=derived_id("ctc", delivery.id),
        email=reading.writer_address,
        name=(reading.writer.name or None) and reading.writer.name[:200],
        created_at=reading.arrival.received_at,
    )
    return contact, True


def _participants(reading: Read, own: Own) -> tuple[str, ...]:
    others = reading.recipients(own) if reading.arrival.authentication.is_proven else ()
    return tuple(dict.fromkeys((reading.writer_address, *others)))[:MAX_PARTICIPANTS]


def _message(
    delivery: Delivery, reading: Read, contact_id: str, conversation_id: str, inbox_id: str, choice: Choice
) -> Message:
    mail, arrival = reading.mail, reading.arrival
    shown = mail.forwarded if reading.is_forward and mail.forwarded else mail
    return Message(
        account_id=delivery.account_id or "",
        conversation_id=conversation_id,
        id=message_id_of(conversation_id, arrival.received_at, delivery.id),
        inbox_id=inbox_id,
        contact_id=contact_id,
        direction=Direction.INCOMING,
        from_=reading.writer,
        to=_bounded(shown.to),
        cc=_bounded(shown.cc),
        reply_to=_bounded(mail.reply_to),
        subject=mail.subject[:MAX_SUBJECT],
        authentication=arrival.authentication,
        attachments=_bounded(mail.attachments),
        created_at=arrival.received_at,
        status="received",
        joined_because=choice.because,
        message_id=mail.message_id,
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        sent_at=mail.date,
        forwarded_by=reading.forwarder,
        forwarded_how=mail.forwarded.how if reading.is_forward and mail.forwarded else None,
        automatic=mail.automatic.kind if mail.automatic else None,
        defects=_bounded(mail.defects),
        marks=_marks(delivery, reading, choice),
        delivery_id=delivery.id,
        raw_key=arrival.raw_key,
        body=MessageBody(mail.text, mail.html, mail.reply_text, mail.folds),
    )


def _marks(delivery: Delivery, reading: Read, choice: Choice) -> tuple[str, ...]:
    automatic = reading.mail.automatic
    marks = {
        "unreadable": delivery.verdict is Verdict.UNREADABLE,
        "encrypted": "encrypted" in reading.mail.defects,
        "sender_not_proven": not reading.arrival.authentication.is_proven,
        "sender_takes_no_part": not choice.takes_part,
        "forwarded": reading.is_forward,
        "automatic": reading.is_from_machine,
        "verification_mail": automatic is not None and automatic.verification,
        "wants_no_automatic_answer": reading.mail.wants_no_answer,
        "no_reply_sender": automatic is not None and automatic.no_reply,
    }
    return tuple(mark for mark, holds in marks.items() if holds)


def _open(
    filing: Filing,
    reading: Read,
    contact: Contact,
    choice: Choice,
    assignment: Assignment | None,
    participants: tuple[str, ...],
    evidence: Evidence,
) -> Filing:
    message, channel = filing.message, evidence.channel
    assert message is not None
    assert assignment is not None
    conversation = Conversation(
        account_id=message.account_id,
        id=message.conversation_id,
        inbox_id=message.inbox_id,
        channel_id=channel.id,
        contact_id=contact.id,
        contact_email=contact.email,
        contact_name=contact.name,
        subject=message.subject,
        status=ConversationStatus.OPEN,
        assignee_id=assignment.assignee.id if assignment.assignee else None,
        assigned_because=assignment.because,
        started_because=choice.because,
        continues_id=choice.continues,
        participants=participants,
        message_count=1,
        last_message_at=message.created_at,
        created_at=message.created_at,
        preview=preview(reading.mail),
    )
    ticket = open_ticket(channel.ticketing, derived_id("tck", filing.delivery.id), conversation)
    if ticket is not None:
        conversation = replace(
            conversation,
            ticket_id=ticket.id,
            ticket_pipeline_id=ticket.pipeline_id,
            ticket_stage_id=ticket.stage_id,
        )
    return replace(
        filing, conversation=conversation, ticket=ticket, assignee=assignment.assignee, waits=assignment.waits
    )


def _joining(reading: Read, message: Message, choice: Choice, participants: tuple[str, ...]) -> Joining:
    # CC never means permission (Zendesk 2024): only a proven sender who takes part brings others in.
    proven = reading.arrival.authentication.is_proven and choice.takes_part and not reading.is_forward
    added = tuple(each for each in participants if each not in choice.known_participants) if proven else ()
    added = added[: max(MAX_PARTICIPANTS - len(choice.known_participants), 0)]
    return Joining(
        conversation_id=message.conversation_id,
        inbox_id=message.inbox_id,
        sender=reading.sender_address or "",
        at=message.created_at,
        preview=preview(reading.mail),
        seen=choice.seen,
        reopens=reopens(choice.seen, automatic=reading.is_from_machine),
        new_participants=added,
    )


def _with_ids(filing: Filing, evidence: Evidence, lookup: Lookup, participants: tuple[str, ...], writer: str) -> Filing:
    """Note the mail's own id, and the cited ids that are not known yet: the mail they name may still arrive."""
    conversation_id = filing.delivery.conversation_id or ""
    learned: list[KnownMessageId] = []
    arrived = None
    if lookup.message_id is not None:
        own = KnownMessageId(lookup.message_id, conversation_id, Direction.INCOMING, False, participants, writer)
        if evidence.own_id is None:
            learned.append(own)
        elif evidence.own_id.pending:
            arrived = own
    known = {each.message_id for each in evidence.known_ids}
    telling = dict.fromkeys((*lookup.cited[:1], *lookup.cited[-1:], *lookup.cited[1 : MAX_REMEMBERED - 1]))
    learned += [
        KnownMessageId(each, conversation_id, Direction.INCOMING, True, participants, writer)
        for each in telling
        if each not in known
    ]
    return replace(filing, learned_ids=tuple(learned), arrived_id=arrived)


def refreshed(seen: Delivery, old: Message, reading: Read) -> tuple[Delivery, Message]:
    """A filed delivery and its message after the mail was understood anew: ids, place and decisions stay."""
    mail = reading.mail
    readable = "unreadable" not in mail.defects
    verdict = Verdict.FILED if readable else Verdict.UNREADABLE
    because = Reason("understood_again", "The mail was understood again after it had been filed.")
    delivery = replace(seen, verdict=verdict, because=because, attempts=seen.attempts + 1)
    new = _message(
        delivery,
        reading,
        old.contact_id,
        old.conversation_id,
        old.inbox_id,
        Choice(old.joined_because, takes_part="sender_takes_no_part" not in old.marks),
    )
    return delivery, replace(new, id=old.id, created_at=old.created_at)


def preview(mail: ParsedMail) -> str:
    """The first words, for lists."""
    words = (mail.forwarded.text if mail.forwarded and not mail.reply_text else mail.reply_text) or mail.text
    return " ".join(words[: 8 * PREVIEW].split())[:PREVIEW]


def _bounded(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(items)[:MAX_LISTED]

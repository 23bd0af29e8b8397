"""Deciding about one delivery: the pure decisions in their order, each fed with what has to be read for it.

The reads are the budget: one batch for everything the headers make known, a conversation only where the known ids do
not suffice, the people only where somebody has to be chosen.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.inbound.choose_channel import Visit
from chalicelib.inbound.choose_conversation import Choice, choose_conversation
from chalicelib.inbound.file_mail import Read, filed, look_up, own_of, read_as, unfiled
from chalicelib.inbound.forwarding_confirmation import CONFIRMATION, find_confirmation
from chalicelib.inbound.judge import Judgement, judge_envelope, judge_mail, judge_place, judge_threading
from chalicelib.inbound.listed_senders import listed_as
from chalicelib.inbound.mailed_report import cited_answer, mailed_report
from chalicelib.inbound.proves_forwarding import proves_forwarding
from chalicelib.inbound.recognise_probe import judge_probe, recognise_probe
from chalicelib.mail.addresses import as_kept
from chalicelib.mail.model import ParsedMail
from chalicelib.model.conversation import Reason
from chalicelib.model.delivery import Arrival, Delivery, Verdict
from chalicelib.model.delivery_ids import delivery_id_of
from chalicelib.model.filing import Evidence, Filing, KnownMessageId, Lookup
from chalicelib.model.inbox import Access, RoutingMode
from chalicelib.model.mailed_report import MailedReport
from chalicelib.routing.availability import as_of
from chalicelib.routing.choose_assignee import Assignment, choose_assignee
from chalicelib.routing.move_ticket import Trigger, may_move, moved, targets
from chalicelib.storage import filing as store
from chalicelib.storage.inboxes import get_inbox
from chalicelib.storage.people import candidates
from chalicelib.storage.tickets import get_ticket


class Case(Struct, frozen=True):
    """One delivery to decide about. `replaces` is the row it has already, when it is replayed."""

    arrival: Arrival
    visit: Visit
    completes: bool = False
    replaces: Delivery | None = None

    @property
    def delivery_id(self) -> str:
        """Derived, so that handling the mail again meets the same row; it names no address, since ids are logged.

        Of a mail for one recipient the door is empty: there is no other delivery to tell it from.
        """
        door = self.visit.door
        if self.replaces is None and len(self.arrival.recipients) == 1:
            return delivery_id_of(self.arrival.raw_id, "")
        nowhere = f"nowhere-{hashlib.sha256(door.recipient.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
        return self.replaces.id if self.replaces else delivery_id_of(self.arrival.raw_id, door.channel_id or nowhere)

    @property
    def leads_nowhere(self) -> bool:
        """No channel has the recipient: the mail need not be read."""
        return self.visit.door.channel_id is None


def decide(case: Case, mail: ParsedMail | None, *, afresh: bool) -> Filing:
    """All that becomes of a delivery. `afresh`: after a lost race, with consistent reads and nothing assumed."""
    asked = _ask(case, mail, afresh=afresh)
    if isinstance(asked, Filing):
        return asked
    mail, lookup, evidence = asked
    door, archived = case.visit.door, _archived(evidence)
    probe = recognise_probe(mail, case.arrival, door, evidence)
    if probe is not None and not probe.by_person:
        return _unfiled(case, judge_probe(probe), mail)
    judgement = judge_mail(mail, evidence, case.delivery_id, about_probe=probe is not None)
    if not judgement.verdict.is_filed:
        report = mailed_report(mail, case.arrival, evidence) if judgement.verdict is Verdict.BOUNCE else None
        return _reporting(_unfiled(case, judgement, mail), report, cited_answer(mail, evidence))
    confirmation = find_confirmation(evidence.channel, mail, case.arrival)
    if confirmation is not None:
        return replace(_unfiled(case, CONFIRMATION, mail), confirmation=confirmation)
    own = own_of(evidence.channel, case.arrival.recipients)
    to_original_sender = evidence.channel.forwards_to_original_sender
    reading = read_as(mail, case.arrival, to_original_sender=to_original_sender, own=own)
    choice, evidence = _choose_conversation(evidence, reading, door.conversation_id)
    joins = choice.conversation_id is not None
    inbox_id = choice.seen.inbox_id if choice.seen else evidence.channel.inbox_id
    judgement = judge_place(judgement, evidence.channel, inbox_id, archived, joins=joins)
    judgement = judge_threading(judgement, mail, joins=joins)
    if not judgement.verdict.is_filed:
        return _unfiled(case, judgement, mail)
    assignment = None if choice.conversation_id else _choose_assignee(evidence, reading)
    filing = filed(
        _delivery(case, judgement),
        reading,
        lookup,
        evidence,
        choice,
        assignment,
        own=own,
        completes=case.completes,
        replaces=case.replaces,
    )
    filing = replace(filing, proves_forwarding=proves_forwarding(evidence.channel, mail, case.arrival))
    return _with_ticket(filing, evidence, reading, choice)


def decide_given_up(case: Case, mail: ParsedMail, because: Reason) -> Filing:
    """What becomes of a delivery that could not be handled: what its envelope says of it, or else that it could not.

    `mail` is as much of it as could be read.
    """
    asked = _ask(case, mail, afresh=True)
    return asked if isinstance(asked, Filing) else _unfiled(case, Judgement(Verdict.DEAD_LETTER, because), mail)


def _ask(case: Case, mail: ParsedMail | None, *, afresh: bool) -> Filing | tuple[ParsedMail, Lookup, Evidence]:
    """What storage knows about a delivery; or all that becomes of it, where the envelope says enough."""
    door = case.visit.door
    if mail is None or door.channel_id is None or door.account_id is None:
        judgement = judge_envelope(None, case.arrival)
        assert judgement is not None
        return _unfiled(case, judgement, None)
    lookup = look_up(mail, case.arrival, door.account_id, door.channel_id, door.inbox_id, door.conversation_id)
    evidence = store.gather(lookup, consistent=afresh)
    channel = evidence.channel if evidence else None
    listed = listed_as(mail, case.arrival, evidence.marks) if evidence else None
    signed = door.conversation_id is not None
    judgement = judge_envelope(channel, case.arrival, _archived(evidence), signed=signed, listed=listed)
    if evidence is None or judgement is not None:
        assert judgement is not None
        return _unfiled(case, judgement, None if channel is None or not channel.enabled else mail)
    return mail, lookup, evidence


def _archived(evidence: Evidence | None) -> tuple[str, ...]:
    return evidence.account.archived_inbox_ids if evidence and evidence.account else ()


def _with_ticket(filing: Filing, evidence: Evidence, reading: Read, choice: Choice) -> Filing:
    """What a reply does to the conversation's ticket: a person's who takes part, and only if nothing came after it."""
    joining, moves = filing.joining, evidence.account.stage_moves if evidence.account else {}
    if joining is None or not joining.is_newest or not choice.takes_part or reading.is_from_machine:
        return filing
    seen, stages = joining.seen, targets(moves, Trigger.REPLY)
    if seen is None or seen.ticket_id is None or not may_move(moves, seen, Trigger.REPLY):
        return replace(filing, joining=replace(joining, reply_stages=stages)) if stages else filing
    ticket = get_ticket(seen.account_id, seen.ticket_id)
    if ticket is None:
        return filing
    return replace(filing, joining=replace(joining, moved=moved(ticket, moves, Trigger.REPLY, joining.at)))


def _choose_conversation(evidence: Evidence, reading: Read, signed: str | None) -> tuple[Choice, Evidence]:
    addressed = frozenset(as_kept(each.address) for each in (*reading.mail.to, *reading.mail.cc))
    while True:
        choice = choose_conversation(
            evidence,
            reading.sender_address,
            signed,
            addressed,
            arrived_at=reading.arrival.received_at,
            automatic=reading.is_from_machine,
        )
        if choice.look_at is None:
            return choice, evidence
        found = store.read_conversation(evidence.channel.account_id, choice.look_at)
        evidence = replace(evidence, conversations={**evidence.conversations, choice.look_at: found})


def _choose_assignee(evidence: Evidence, reading: Read) -> Assignment:
    channel = evidence.channel
    if channel.routing.mode is RoutingMode.OFF:
        return choose_assignee(channel.routing, (), None)
    inbox = evidence.inbox or get_inbox(channel.account_id, channel.inbox_id)
    contact = evidence.contacts.get(reading.writer_address)
    owner_id = contact.owner_id if contact else None
    access = inbox.access if inbox else Access()
    named = candidates(channel.account_id, channel.routing, owner_id)
    people = as_of(named, datetime.fromisoformat(reading.arrival.received_at))
    return choose_assignee(channel.routing, people, owner_id, access)


def _unfiled(case: Case, judgement: Judgement, mail: ParsedMail | None) -> Filing:
    return unfiled(_delivery(case, judgement), mail, completes=case.completes, replaces=case.replaces)


def _reporting(filing: Filing, report: MailedReport | None, answer: KnownMessageId | None) -> Filing:
    """The same with what a mail reports of an answer, which its delivery then names."""
    if report is None or answer is None:
        return filing
    told = replace(filing.delivery, conversation_id=report.conversation_id, message_id=answer.answer_id)
    return replace(filing, report=report, delivery=told)


def _delivery(case: Case, judgement: Judgement) -> Delivery:
    door, before = case.visit.door, case.replaces
    return Delivery(
        id=case.delivery_id,
        account_id=before.account_id if before and before.account_id else door.account_id,
        channel_id=door.channel_id,
        inbox_id=door.inbox_id,
        recipients=case.visit.recipients,
        verdict=judgement.verdict,
        because=judgement.because,
        arrival=before.arrival if before else case.arrival,
        received_at=before.received_at if before else case.arrival.received_at,
        of_delivery_id=judgement.of_delivery_id,
        attempts=before.attempts + 1 if before else 1,
    )

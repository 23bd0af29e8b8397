"""Deciding about one delivery: the pure decisions in their order, each fed with what has to be read for it.

The reads are the budget: one batch for everything the headers make known, a conversation only where the known ids do
not suffice, the people only where somebody has to be chosen.
"""

from __future__ import annotations

import hashlib

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.inbound.choose_channel import Visit
from chalicelib.inbound.choose_conversation import Choice, choose_conversation
from chalicelib.inbound.file_mail import Own, Read, filed, look_up, read_as, unfiled
from chalicelib.inbound.judge import Judgement, judge_envelope, judge_mail, judge_threading
from chalicelib.mail.model import ParsedMail
from chalicelib.model.delivery import Arrival, Delivery
from chalicelib.model.delivery_ids import delivery_id_of
from chalicelib.model.filing import Evidence, Filing
from chalicelib.model.inbox import Access, RoutingMode
from chalicelib.routing.choose_assignee import Assignment, choose_assignee
from chalicelib.storage import filing as store
from chalicelib.storage.inboxes import get_inbox
from chalicelib.storage.people import list_users


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
    door = case.visit.door
    if mail is None or door.channel_id is None or door.account_id is None:
        judgement = judge_envelope(None, case.arrival)
        assert judgement is not None
        return _unfiled(case, judgement, None)
    lookup = look_up(mail, case.arrival, door.account_id, door.channel_id, door.inbox_id)
    evidence = store.gather(lookup, consistent=afresh)
    channel = evidence.channel if evidence else None
    judgement = judge_envelope(channel, case.arrival)
    if evidence is None or judgement is not None:
        assert judgement is not None
        return _unfiled(case, judgement, None if channel is None or not channel.enabled else mail)
    judgement = judge_mail(mail, evidence, case.delivery_id)
    if not judgement.verdict.is_filed:
        return _unfiled(case, judgement, mail)
    reading = read_as(mail, case.arrival, to_original_sender=evidence.channel.forwards_to_original_sender)
    choice, evidence = _choose_conversation(evidence, reading, door.conversation_id)
    judgement = judge_threading(judgement, mail, joins=choice.conversation_id is not None)
    if not judgement.verdict.is_filed:
        return _unfiled(case, judgement, mail)
    assignment = None if choice.conversation_id else _choose_assignee(evidence, reading)
    return filed(
        _delivery(case, judgement),
        reading,
        lookup,
        evidence,
        choice,
        assignment,
        own=Own(frozenset((*case.arrival.recipients, evidence.channel.address))),
        completes=case.completes,
        replaces=case.replaces,
    )


def _choose_conversation(evidence: Evidence, reading: Read, signed: str | None) -> tuple[Choice, Evidence]:
    addressed = frozenset(each.address.lower() for each in (*reading.mail.to, *reading.mail.cc))
    while True:
        choice = choose_conversation(evidence, reading.sender_address, signed, addressed)
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
    return choose_assignee(channel.routing, list_users(channel.account_id), owner_id, access)


def _unfiled(case: Case, judgement: Judgement, mail: ParsedMail | None) -> Filing:
    return unfiled(_delivery(case, judgement), mail, completes=case.completes, replaces=case.replaces)


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

"""Erasing a contact for good: with its conversations, messages, raw mail, tickets and deliveries; a certificate stays.

At once the contact is out of every list, its page answers 404, and mail from its addresses begins a new contact. What
was written goes as far as the request has time, the rest by the sweep. It is `erased` once a look some minutes later
finds nothing more: mail that was being filed meanwhile may have come after the first one.

Only admins (account access, super admin) erase: it reaches into every inbox, whoever is chosen for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from chalicelib import log
from chalicelib.clock import derived_id, stamp
from chalicelib.contacts.merging import SETTLED
from chalicelib.conversations import read
from chalicelib.errors import LostRace, NotFound, TemporaryFault
from chalicelib.mail.addresses import as_kept
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Contact, ContactState, Conversation, Message
from chalicelib.model.delivery import Delivery
from chalicelib.model.erasure import Certificate, ErasedCounts, ErasureStatus, certified_digest
from chalicelib.model.page import Page
from chalicelib.storage import (
    accounts,
    certificates,
    contact_history,
    conversations,
    deliveries,
    erasing,
    tickets,
)

TRIES = 4
PAGE = 100  # deliveries looked at between two notes of how far it got


def erase(caller: Caller, contact_id: str, until: Callable[[], bool], now: datetime) -> Certificate:
    """Begin to erase a contact and go on while there is time; asked again, the certificate as it is by then."""
    for attempt in range(1, TRIES + 1):
        try:
            before = read.contact_for(caller, contact_id)
        except NotFound:
            return certificate_for(caller, certificate_id_of(caller.account_id, contact_id))
        certificate = _certificate(caller, before, now)
        after = replace(
            before, state=ContactState.ERASING, state_since=stamp(now), name=None, version=before.version + 1
        )
        try:
            certificates.begin(before, after, certificate)
        except LostRace:
            if attempt == TRIES:
                raise
            continue
        try:
            go_on(after, until, now)
        except TemporaryFault as error:  # it is begun: the sweep goes on
            log.warning("erasure_goes_on_later", certificate=certificate.id, error=type(error).__name__)
        return certificate_for(caller, certificate.id)
    raise AssertionError("the last attempt returns or raises")


def certificate_for(caller: Caller, certificate_id: str) -> Certificate:
    """A certificate of the account, with what has been counted by now."""
    found = certificates.get(caller.account_id, certificate_id)
    if found is None:
        raise NotFound("There is no such contact, and no such erasure.")
    return found if found.status is ErasureStatus.ERASED else replace(found, counts=certificates.total(found))


def page(caller: Caller, *, limit: int, cursor: str | None) -> Page[Certificate]:
    """The certificates of the account, newest first; those of running erasures without their counts."""
    return certificates.page(caller.account_id, limit=limit, cursor=cursor)


def certificate_id_of(account_id: str, contact_id: str) -> str:
    """The id of the one certificate that a contact can have. Pure."""
    return derived_id("ers", account_id, contact_id)


def go_on(contact: Contact, until: Callable[[], bool], now: datetime) -> bool:
    """Erase what is left of a contact, until time is over; whether it is at its end."""
    certificate = certificates.get(contact.account_id, certificate_id_of(contact.account_id, contact.id))
    account = accounts.read(contact.account_id)
    if certificate is None or account is None:
        return False
    years = range(now.year, int(account.created_at[:4]) - 1, -1)
    found = 0
    for conversation in contact_history.conversations_of(contact.account_id, contact.all_ids):
        if until():
            return False
        found += 1
        _erase_conversation(certificate, conversation, stamp(now))
    for message in contact_history.messages_of(contact.account_id, contact.all_ids, years):
        if until():
            return False
        found += 1
        _erase_message(certificate, contact, message)
    if not _look_through_deliveries(contact, certificate, years, until, now):
        return False
    if found or now - datetime.fromisoformat(contact.state_since or contact.created_at) < SETTLED:
        return False
    certificates.end(contact, replace(certificate, counts=certificates.total(certificate)), stamp(now))
    return True


def _certificate(caller: Caller, contact: Contact, now: datetime) -> Certificate:
    certificate_id = certificate_id_of(caller.account_id, contact.id)
    return Certificate(
        account_id=caller.account_id,
        id=certificate_id,
        status=ErasureStatus.ERASING,
        contact_digest=certified_digest(certificate_id, contact.id),
        address_digests=tuple(certified_digest(certificate_id, each) for each in contact.all_addresses),
        asked_by=caller.user.id,
        token_id=caller.token_id,
        created_at=stamp(now),
        contact_id=contact.id,
    )


def _erase_conversation(certificate: Certificate, listed: Conversation, at: str) -> None:
    """Erase one conversation; left for the next look when mail keeps coming into it."""
    for _ in range(TRIES):
        found = conversations.get_conversation(listed.account_id, listed.id)
        if found is None or found.contact_id != listed.contact_id:
            return
        ticket = tickets.get_ticket(found.account_id, found.ticket_id) if found.ticket_id else None
        goes_too = ticket is not None and ticket.conversation_id == found.id
        counts = ErasedCounts(1, found.message_count, int(goes_too))
        certificates.note(certificate, found.id, counts)
        try:
            erased = erasing.erase_conversation(found, at)
        except LostRace:
            continue
        certificates.note(
            certificate,
            found.id,
            replace(counts, messages=erased.messages, raw_mails=erased.raw_mails, objects=erased.objects),
        )
        return


def _erase_message(certificate: Certificate, contact: Contact, message: Message) -> None:
    """Erase what the contact wrote in another contact's conversation, or what is left of its own."""
    if conversations.get_conversation(message.account_id, message.conversation_id) is None:
        # Its erasure died half-way: the messages were counted with it.
        rest = erasing.erase_rest(message.account_id, message.conversation_id)
        if rest.messages:
            left = ErasedCounts(raw_mails=rest.raw_mails, objects=rest.objects)
            certificates.note(certificate, f"rest of {message.conversation_id}", left)
        return
    certificates.note(certificate, message.id, ErasedCounts(messages=1))
    try:
        erased = erasing.erase_message(message, contact.all_addresses)
    except LostRace:  # mail came into the conversation just now: the next look finds the message again
        return
    certificates.note(
        certificate, message.id, ErasedCounts(messages=1, raw_mails=erased.raw_mails, objects=erased.objects)
    )


def _look_through_deliveries(
    contact: Contact, certificate: Certificate, years: range, until: Callable[[], bool], now: datetime
) -> bool:
    """Erase the mail of the contact that is in no conversation; whether all deliveries were looked at."""
    if certificate.looked_through:
        return True
    cursor = certificate.position
    while not until():
        page = deliveries.page_of_unfiled(contact.account_id, None, years, limit=PAGE, cursor=cursor)
        for each in page.items:
            if is_from(each, contact):
                certificates.note(certificate, each.id, ErasedCounts(deliveries=1))
                _erase_delivery(certificate, each, stamp(now))
        cursor = page.next
        certificates.advance(certificate, cursor)
        if cursor is None:
            return True
    return False


def _erase_delivery(certificate: Certificate, delivery: Delivery, at: str) -> None:
    try:
        raw_gone = erasing.erase_delivery(delivery, at)
    except LostRace:  # it was handled again just now, or is gone: what became of it is found among the conversations
        return
    certificates.note(certificate, delivery.id, ErasedCounts(deliveries=1, raw_mails=int(raw_gone)))


def is_from(delivery: Delivery, contact: Contact) -> bool:
    """Whether mail came from a contact, by its header or by its envelope. Pure."""
    senders = {as_kept(each or "") for each in (delivery.from_address, delivery.arrival.mail_from)}
    return not senders.isdisjoint(contact.all_addresses)

"""Erasing a contact, as far as rows of its own go: the certificate, its counts, and the contact's rows themselves.

What was written with the contact is erased by `erasing.py`. Each stroke is noted before it is done, under a digest of
what it is about, so that whoever does it again after a crash counts it once.
"""

from __future__ import annotations

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.model.conversation import Contact
from chalicelib.model.erasure import Certificate, ErasedCounts, ErasureStatus
from chalicelib.model.page import Page
from chalicelib.model.suppression import suppression_id
from chalicelib.storage import automatic_keys, keys, table
from chalicelib.storage.contact_keys import certificate as key_of
from chalicelib.storage.contact_keys import certified, list_of_certificates
from chalicelib.storage.contacts import remove_addresses, write_contact
from chalicelib.storage.faults import translated
from chalicelib.storage.tables import CertificateRow, CertifiedRow, ContactRow, Row, SuppressionRow
from chalicelib.storage.updates import set_or_remove


def certificate_of(row: Row) -> Certificate:
    """A certificate from its row."""
    return table.to_value(Certificate, row)


def get(account_id: str, certificate_id: str) -> Certificate | None:
    """One certificate, or None."""
    row = table.get(CertificateRow, key_of(account_id, certificate_id), consistent=True)
    return certificate_of(row) if row else None


def page(account_id: str, *, limit: int, cursor: str | None) -> Page[Certificate]:
    """The certificates of an account, newest first."""
    partitions = [list_of_certificates(account_id)]
    return table.page(table.BY_LIST, partitions, limit=limit, cursor=cursor, read=certificate_of)


def begin(before: Contact, after: Contact, certificate: Certificate) -> None:
    """Take a contact out of every list, let its addresses lead nowhere, and certify it: all or nothing.

    `LostRace` when the contact is not `before` any more, or its erasure was begun already.
    """
    writes = table.Transaction()
    write_contact(writes, before, after)
    remove_addresses(writes, before, set(before.all_addresses))
    position = keys.list_position(certificate.created_at, certificate.id)
    key = key_of(certificate.account_id, certificate.id)
    listed = list_of_certificates(certificate.account_id)
    writes.put(table.to_row(CertificateRow, key, certificate, list_pk=listed, list_sk=position))
    writes.commit("begin to erase a contact")


def note(certificate: Certificate, what: str, counts: ErasedCounts) -> None:
    """Note what a stroke erases; a repeat says the same or, of what has grown meanwhile, the more."""
    row = CertifiedRow(*certified(certificate.account_id, certificate.id, what), account_id=certificate.account_id)
    row.counts = msgspec.to_builtins(counts)
    with translated("note what is erased"):
        row.save()


def total(certificate: Certificate) -> ErasedCounts:
    """The sum of what was noted."""
    pk = certified(certificate.account_id, certificate.id, "").pk
    found = ErasedCounts()
    with translated("count what was erased"):
        for row in CertifiedRow.query(pk, CertifiedRow.sk.startswith("CERTIFIED#"), consistent_read=True):
            found += msgspec.convert(row.counts, ErasedCounts)
    return found


def advance(certificate: Certificate, position: str | None) -> None:
    """Note how far the deliveries were looked through: where to go on, None at the end."""
    actions: list[Action] = [
        CertificateRow.looked_through.set(position is None),
        set_or_remove(CertificateRow.position, position),
    ]
    writes = table.Transaction()
    writes.update(CertificateRow, key_of(certificate.account_id, certificate.id), actions)
    writes.commit("note how far an erasure has got")


def end(contact: Contact, certificate: Certificate, at: str) -> None:
    """Remove what is left of a contact and of those merged into it, and say in the certificate that it is done."""
    writes = table.Transaction()
    done: list[Action] = [
        CertificateRow.status.set(ErasureStatus.ERASED.value),
        CertificateRow.erased_at.set(at),
        CertificateRow.counts.set(msgspec.to_builtins(certificate.counts)),
        CertificateRow.contact_id.remove(),
    ]
    writes.update(CertificateRow, key_of(certificate.account_id, certificate.id), done)
    for contact_id in contact.all_ids:
        writes.delete(ContactRow, keys.contact(contact.account_id, contact_id))
    for address in contact.all_addresses:
        writes.delete(SuppressionRow, automatic_keys.suppression(contact.account_id, suppression_id(address)))
    writes.commit("end the erasure of a contact")

"""Contacts: each has a row of its own, and one under each of its addresses, which filing a mail reads.

The rows under the addresses repeat what filing needs, and carry the contact's version, so that all of them change
together or not at all.
"""

from __future__ import annotations

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.model.conversation import Contact, ContactState
from chalicelib.model.page import Page
from chalicelib.storage import keys, table
from chalicelib.storage.contact_keys import unfinished_contacts
from chalicelib.storage.faults import translated
from chalicelib.storage.tables import ContactAddressRow, ContactRow, Row
from chalicelib.storage.updates import set_or_remove

UNFINISHED = (ContactState.MERGING, ContactState.ERASING)


def contact_of(row: Row) -> Contact:
    """A contact from either of its rows."""
    return table.to_value(Contact, row)


def contact_rows(contact: Contact) -> tuple[ContactRow | ContactAddressRow, ...]:
    """All rows of a contact."""
    own = table.to_row(ContactRow, keys.contact(contact.account_id, contact.id), contact, **_list_keys(contact))
    return own, *(_address_row(contact, each) for each in contact.all_addresses)


def get_contact(account_id: str, contact_id: str) -> Contact | None:
    """One contact in whatever state, or None."""
    row = table.get(ContactRow, keys.contact(account_id, contact_id), consistent=True)
    return contact_of(row) if row else None


def find_by_email(account_id: str, email: str) -> Contact | None:
    """The contact with this address, in any case, or None."""
    row = table.get(ContactAddressRow, keys.contact_address(account_id, email.strip()))
    found = get_contact(account_id, row.id) if row else None
    return found if found is not None and found.state is ContactState.ACTIVE else None


def page_of_contacts(account_id: str, *, limit: int, cursor: str | None) -> Page[Contact]:
    """The contacts of an account, newest first."""
    return table.page(table.BY_LIST, [keys.list_of_contacts(account_id)], limit=limit, cursor=cursor, read=contact_of)


def list_unfinished(limit: int) -> list[Contact]:
    """Up to `limit` contacts, of all accounts, that are being merged or erased, the longest first."""
    with translated("list unfinished contacts"):
        return [contact_of(row) for row in ContactRow.by_list.query(unfinished_contacts(), limit=limit)]


def add_contact(contact: Contact) -> None:
    """Store a new contact; `LostRace` when its id, or one of its addresses, is taken."""
    writes = table.Transaction()
    for row in contact_rows(contact):
        writes.put(row)
    writes.commit("add a contact")


def change_contact(before: Contact, after: Contact) -> None:
    """Write a contact; `LostRace` when the stored version is not that of `before`, or a new address is taken."""
    writes = table.Transaction()
    write_contact(writes, before, after)
    kept = set(before.all_addresses) & set(after.all_addresses)
    for address in after.all_addresses:
        if address in kept:
            writes.update(*_address_update(before, after, address))
        else:
            writes.put(_address_row(after, address))
    remove_addresses(writes, before, set(before.all_addresses) - kept)
    writes.commit("change a contact")


def begin_merge(kept: tuple[Contact, Contact], gone: tuple[Contact, Contact]) -> None:
    """Let a contact take another one over, each given as (before, after): from now on mail of both is the kept one's.

    `LostRace` when either is not as before.
    """
    (kept_before, kept_after), (gone_before, gone_after) = kept, gone
    writes = table.Transaction()
    write_contact(writes, kept_before, kept_after)
    write_contact(writes, gone_before, gone_after)
    for address in kept_before.all_addresses:
        writes.update(*_address_update(kept_before, kept_after, address))
    for address in gone_before.all_addresses:
        writes.update(*_address_update(gone_before, kept_after, address))
    writes.commit("merge two contacts")


def end_merge(before: Contact, after: Contact) -> None:
    """Note that everything has followed; `LostRace` when the contact is not `before` any more."""
    writes = table.Transaction()
    write_contact(writes, before, after)
    writes.commit("end a merge")


def write_contact(writes: table.Transaction, before: Contact, after: Contact) -> None:
    """A contact's own row as part of a transaction, on the condition that it is `before`."""
    actions: list[Action] = [
        ContactRow.email.set(after.email),
        ContactRow.addresses.set(list(after.addresses)),
        ContactRow.state.set(after.state.value),
        ContactRow.merged_ids.set(list(after.merged_ids)),
        ContactRow.version.set(after.version),
    ]
    listed = _list_keys(after)
    for attribute, value in (
        (ContactRow.name, after.name),
        (ContactRow.owner_id, after.owner_id),
        (ContactRow.state_since, after.state_since),
        (ContactRow.merged_into, after.merged_into),
        (ContactRow.list_pk, listed.get("list_pk")),
        (ContactRow.list_sk, listed.get("list_sk")),
    ):
        actions.append(set_or_remove(attribute, value))
    writes.update(ContactRow, keys.contact(before.account_id, before.id), actions, ContactRow.version == before.version)


def remove_addresses(writes: table.Transaction, contact: Contact, addresses: set[str]) -> None:
    """Let addresses lead to this contact no more, as part of a transaction."""
    for address in sorted(addresses):
        key = keys.contact_address(contact.account_id, address)
        writes.delete(ContactAddressRow, key, ContactAddressRow.id == contact.id)


def _list_keys(contact: Contact) -> dict[str, str]:
    """Active contacts stand in their account's list, unfinished ones in that of the sweep, merged ones in none."""
    if contact.state in UNFINISHED:
        position = keys.list_position(contact.state_since or contact.created_at, contact.id)
        return {"list_pk": unfinished_contacts(), "list_sk": position}
    if contact.state is ContactState.MERGED:
        return {}
    position = keys.list_position(contact.created_at, contact.id)
    return {"list_pk": keys.list_of_contacts(contact.account_id), "list_sk": position}


def _address_row(contact: Contact, address: str) -> ContactAddressRow:
    # `email` is the address of the row: what is written from it is answered to it.
    key = keys.contact_address(contact.account_id, address)
    row = table.to_row(ContactAddressRow, key, contact)
    row.email = address
    return row


def _address_update(
    before: Contact, after: Contact, address: str
) -> tuple[type[ContactAddressRow], keys.Key, list[Action], Condition]:
    actions: list[Action] = [ContactAddressRow.id.set(after.id), ContactAddressRow.version.set(after.version)]
    for attribute, value in ((ContactAddressRow.name, after.name), (ContactAddressRow.owner_id, after.owner_id)):
        actions.append(set_or_remove(attribute, value))
    condition = (ContactAddressRow.version == before.version) & (ContactAddressRow.id == before.id)
    return ContactAddressRow, keys.contact_address(before.account_id, address), actions, condition

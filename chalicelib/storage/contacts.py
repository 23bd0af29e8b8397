"""Contacts: each has a row of its own, and one under its address that filing a mail reads."""

from __future__ import annotations

from pynamodb.expressions.update import Action

from chalicelib.model.conversation import Contact
from chalicelib.model.page import Page
from chalicelib.storage import keys, table
from chalicelib.storage.tables import ContactAddressRow, ContactRow, Row


def contact_of(row: Row) -> Contact:
    """A contact from either of its rows."""
    return table.to_value(Contact, row)


def contact_rows(contact: Contact) -> tuple[ContactRow, ContactAddressRow]:
    """Both rows of a contact."""
    own = table.to_row(
        ContactRow,
        keys.contact(contact.account_id, contact.id),
        contact,
        list_pk=keys.list_of_contacts(contact.account_id),
        list_sk=keys.list_position(contact.created_at, contact.id),
    )
    return own, table.to_row(ContactAddressRow, keys.contact_address(contact.account_id, contact.email), contact)


def get_contact(account_id: str, contact_id: str) -> Contact | None:
    """One contact, or None."""
    row = table.get(ContactRow, keys.contact(account_id, contact_id), consistent=True)
    return contact_of(row) if row else None


def find_by_email(account_id: str, email: str) -> Contact | None:
    """The contact with this address, in any case, or None."""
    row = table.get(ContactAddressRow, keys.contact_address(account_id, email.strip()))
    return get_contact(account_id, row.id) if row else None


def page_of_contacts(account_id: str, *, limit: int, cursor: str | None) -> Page[Contact]:
    """The contacts of an account, newest first."""
    return table.page(table.BY_LIST, [keys.list_of_contacts(account_id)], limit=limit, cursor=cursor, read=contact_of)


def change_contact(before: Contact, after: Contact) -> None:
    """Write name and owner to both rows; `LostRace` when the stored version is not that of `before`."""
    writes = table.Transaction()
    for row_type, key in (
        (ContactRow, keys.contact(before.account_id, before.id)),
        (ContactAddressRow, keys.contact_address(before.account_id, before.email)),
    ):
        actions: list[Action] = [row_type.version.set(after.version)]
        for attribute, value in ((row_type.name, after.name), (row_type.owner_id, after.owner_id)):
            actions.append(attribute.remove() if value is None else attribute.set(value))
        writes.update(row_type, key, actions, row_type.version == before.version)
    writes.commit("change a contact")

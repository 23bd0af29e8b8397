"""Contacts as users keep them: whose they are (S57), what they are called, which addresses are theirs.

Any user keeps them, as they are the whole account's; what was written with them is not, and stays behind the gate of
its inbox (`conversations/access.py`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.conversations import read
from chalicelib.errors import Conflict, LostRace, Refused
from chalicelib.mail.addresses import as_kept
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Contact
from chalicelib.model.page import Page
from chalicelib.model.texts import Email, Id, Name
from chalicelib.storage import contacts, people

TRIES = 4
MOST_ADDRESSES = 20  # of one contact: all their rows change in one transaction

Further = Annotated[
    tuple[Email, ...],
    Meta(max_length=MOST_ADDRESSES - 1, description="Further addresses that mail of the contact comes from."),
]


class NewContact(Struct, frozen=True, forbid_unknown_fields=True):
    """A person outside, before the first mail."""

    email: Email
    name: Name | None = None
    owner_id: Id | None = None
    addresses: Further = ()


class ContactPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change of a contact; `null` takes it away, and what is absent stays. `addresses` is replaced whole."""

    name: Name | UnsetType | None = UNSET
    owner_id: Id | UnsetType | None = UNSET
    email: Email | UnsetType = UNSET
    addresses: Further | UnsetType = UNSET


def page(caller: Caller, email: str | None, *, limit: int, cursor: str | None) -> Page[Contact]:
    """The contacts of the account, newest first; with `email`, the one that has exactly this address, in any case."""
    if email is None:
        return contacts.page_of_contacts(caller.account_id, limit=limit, cursor=cursor)
    found = contacts.find_by_email(caller.account_id, email)
    return Page((found,) if found else ())


def add(caller: Caller, told: NewContact, contact_id: str, now: datetime) -> Contact:
    """Add a contact. The same id again gives what was added; `Conflict` when another contact has an address of it."""
    _require_owner(caller, told.owner_id)
    email = as_kept(told.email)
    contact = Contact(
        account_id=caller.account_id,
        id=contact_id,
        email=email,
        created_at=stamp(now),
        name=told.name,
        owner_id=told.owner_id,
        addresses=further(email, told.addresses),
    )
    try:
        contacts.add_contact(contact)
    except LostRace:
        made = contacts.get_contact(caller.account_id, contact_id)
        if made is not None:
            return made
        _require_free(contact, contact.all_addresses)
        raise
    return contact


def change(caller: Caller, contact_id: str, patch: ContactPatch) -> Contact:
    """Save a patch of a contact as it is now; applied again when somebody else was faster."""
    if isinstance(patch.owner_id, str):
        _require_owner(caller, patch.owner_id)
    for attempt in range(1, TRIES + 1):
        before = read.contact_for(caller, contact_id)
        after = applied(before, patch)
        if after == before:
            return before
        try:
            contacts.change_contact(before, after)
        except LostRace:
            _require_free(after, tuple(set(after.all_addresses) - set(before.all_addresses)))
            if attempt == TRIES:
                raise
            continue
        return after
    raise AssertionError("the last attempt returns or raises")


def applied(before: Contact, patch: ContactPatch) -> Contact:
    """The contact after a patch; itself when nothing changes. Pure."""
    email = before.email if patch.email is UNSET else as_kept(patch.email)
    after = replace(
        before,
        name=before.name if patch.name is UNSET else patch.name,
        owner_id=before.owner_id if patch.owner_id is UNSET else patch.owner_id,
        email=email,
        addresses=further(email, before.addresses if patch.addresses is UNSET else patch.addresses),
    )
    return before if after == before else replace(after, version=before.version + 1)


def further(email: str, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Further addresses as they are kept, each once, and without the main one. Pure."""
    return tuple(each for each in dict.fromkeys(map(as_kept, addresses)) if each != email)


def _require_owner(caller: Caller, owner_id: str | None) -> None:
    if owner_id is not None and people.get_user(caller.account_id, owner_id) is None:
        raise Refused(f"There is no user {owner_id}.", pointer="/owner_id", code="no_such_user")


def _require_free(contact: Contact, addresses: tuple[str, ...]) -> None:
    for address in addresses:
        found = contacts.find_by_email(contact.account_id, address)
        if found is not None and found.id != contact.id:
            raise Conflict(
                f"The contact {found.id} has the address {address}. Merge the two, or leave the address out.",
                pointer="/email" if address == contact.email else "/addresses",
                code="address_taken",
            )

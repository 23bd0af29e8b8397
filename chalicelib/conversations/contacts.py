"""Contacts: whose they are (S57) and what they are called. Any user keeps them, as they are the whole account's."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from chalicelib.conversations import read
from chalicelib.errors import LostRace, Refused
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Contact
from chalicelib.model.page import Page
from chalicelib.model.texts import Id, Name
from chalicelib.storage import contacts, people

TRIES = 4


class ContactPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change of a contact; `null` takes it away, and what is absent stays."""

    name: Name | UnsetType | None = UNSET
    owner_id: Id | UnsetType | None = UNSET


def page(caller: Caller, email: str | None, *, limit: int, cursor: str | None) -> Page[Contact]:
    """The contacts of the account, newest first; with `email`, the one that has exactly this address, in any case."""
    if email is None:
        return contacts.page_of_contacts(caller.account_id, limit=limit, cursor=cursor)
    found = contacts.find_by_email(caller.account_id, email)
    return Page((found,) if found else ())


def change(caller: Caller, contact_id: str, patch: ContactPatch) -> Contact:
    """Save a patch of a contact as it is now; applied again when somebody else was faster."""
    if isinstance(patch.owner_id, str) and people.get_user(caller.account_id, patch.owner_id) is None:
        raise Refused(f"There is no user {patch.owner_id}.", pointer="/owner_id", code="no_such_user")
    for attempt in range(1, TRIES + 1):
        before = read.contact_for(caller, contact_id)
        after = applied(before, patch)
        if after == before:
            return before
        try:
            contacts.change_contact(before, after)
        except LostRace:
            if attempt == TRIES:
                raise
            continue
        return after
    raise AssertionError("the last attempt returns or raises")


def applied(before: Contact, patch: ContactPatch) -> Contact:
    """The contact after a patch; itself when nothing changes. Pure."""
    name = before.name if patch.name is UNSET else patch.name
    owner_id = before.owner_id if patch.owner_id is UNSET else patch.owner_id
    if (name, owner_id) == (before.name, before.owner_id):
        return before
    return replace(before, name=name, owner_id=owner_id, version=before.version + 1)

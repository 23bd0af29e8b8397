"""The lists of senders that an account always takes mail from, or never does. docs/decisions/107."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.errors import Refused
from chalicelib.model.audit import audited
from chalicelib.model.caller import Caller
from chalicelib.model.sender_lists import LONGEST, MOST_CHARACTERS, MOST_ENTRIES, SenderLists, normal_form
from chalicelib.settings.versions import require_version, saving
from chalicelib.storage import sender_lists

Entry = Annotated[str, Meta(min_length=1, max_length=LONGEST, examples=["ann@example.com", "*.example.com"])]
Entries = Annotated[tuple[Entry, ...], Meta(max_length=MOST_ENTRIES)]


class ListSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Entries are an address, a domain (without its subdomains), or `*.` before a domain (its subdomains alone).

    `deny`: such mail is kept and listed, and becomes no conversation. `allow`: it is no spam, if DMARC proves who sent
    it. The most specific entry decides.
    """

    allow: Entries = ()
    deny: Entries = ()


def settings_of(lists: SenderLists) -> ListSettings:
    """The lists as they can be changed."""
    return ListSettings(lists.allow, lists.deny)


def lists_of(caller: Caller) -> SenderLists:
    """The lists of the caller's account."""
    return sender_lists.read(caller.account_id)


def change(
    caller: Caller, before: SenderLists, after: ListSettings, accepted: Collection[int] | None, now: datetime
) -> SenderLists:
    """Save both lists. `Refused`: an entry is none, stands in both, or there are too many."""
    require_version(before.version, accepted)
    changed = checked_lists(before, after)
    noted = audited(
        caller, "sender_lists.changed", caller.account_id, settings_of(before), settings_of(changed), stamp(now)
    )
    with saving():
        sender_lists.change(before, changed, noted)
    return changed


def checked_lists(before: SenderLists, after: ListSettings) -> SenderLists:
    """The lists as they are stored: each entry once, in its normal form, sorted. Pure."""
    allow, deny = (normal_entries(getattr(after, name), name) for name in ("allow", "deny"))
    if len(allow) + len(deny) > MOST_ENTRIES:
        raise Refused(f"Both lists together have {MOST_ENTRIES} entries at most.", pointer="/deny", code="too_many")
    if sum(map(len, (*allow, *deny))) > MOST_CHARACTERS:
        raise Refused(
            f"Both lists together have {MOST_CHARACTERS} characters at most. Name domains instead of addresses.",
            pointer="/deny",
            code="too_many",
        )
    both = sorted(set(allow) & set(deny))
    if both:
        raise Refused(f"{both[0]} cannot be allowed and denied.", pointer="/deny", code="in_both_lists")
    return replace(before, allow=allow, deny=deny, version=before.version + 1)


def normal_entries(entries: Iterable[str], name: str) -> tuple[str, ...]:
    """The entries of the list `name`, each once, in its normal form, sorted. `Refused` for the first that is none."""
    found = set()
    for number, entry in enumerate(entries):
        normal = normal_form(entry)
        if normal is None:
            raise Refused(
                f"{entry!r} is no address, no domain, and not *. before a domain.",
                pointer=f"/{name}/{number}",
                code="bad_entry",
            )
        found.add(normal)
    return tuple(sorted(found))

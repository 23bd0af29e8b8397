"""Settings as code: all settings of an account as one document, and the account brought to what a document says.

The document has names instead of ids (`code_names.py`), a stable order, and no secrets. Each difference goes through
the very function that its own address calls, with its checks and its entry in the audit log; `storage/table.py:
together` makes of all their writes one transaction, so all of it is saved or nothing. docs/decisions/109.

A section is read by `code_state.py` and changed by `code_changes.py`. Users' availability is no setting: they switch
it all day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from chalicelib.errors import LostRace, PreconditionFailed
from chalicelib.model.caller import Caller
from chalicelib.settings.code_changes import Changes, change_account
from chalicelib.settings.code_cleaned import cleaned
from chalicelib.settings.code_defaults import with_defaults
from chalicelib.settings.code_names import Change, differences, require_present
from chalicelib.settings.code_state import State
from chalicelib.settings.versions import STALE, require_version
from chalicelib.storage import accounts
from chalicelib.storage.table import together

Things = dict[str, dict[str, Any]]
Section = Literal["account", "lists", "pipelines", "ticket_properties", "teams", "users", "inboxes", "channels"]


class SettingsDocument(Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of an account. Keys are names, of users and channels addresses, of stages `pipeline/stage`.

    Of what is put, a section that is left out stays as it is.
    """

    account: dict[str, Any] | UnsetType = UNSET
    lists: dict[str, Any] | UnsetType = UNSET
    pipelines: Things | UnsetType = UNSET
    ticket_properties: Things | UnsetType = UNSET
    teams: Things | UnsetType = UNSET
    users: Things | UnsetType = UNSET
    inboxes: Things | UnsetType = UNSET
    channels: Things | UnsetType = UNSET


class Applied(Struct, frozen=True):
    """What a document changes, its sections afterwards, and the version of all of them."""

    changes: tuple[Change, ...]
    document: SettingsDocument
    version: int


def read(caller: Caller, section: Section | None = None) -> tuple[SettingsDocument, int]:
    """The account's settings, or one section of them, and the version of all of them together."""
    document = State(caller).document
    return _told(document, (section,) if section else document), version_of(document)


def _told(document: Mapping[str, Any], sections: Collection[str]) -> SettingsDocument:
    return msgspec.convert({name: each for name, each in document.items() if name in sections}, SettingsDocument)


def version_of(document: Mapping[str, Any]) -> int:
    """A number that is another one when anything in the document is. Pure."""
    told = msgspec.json.encode(document, order="deterministic")
    return int.from_bytes(hashlib.sha256(told).digest()[:6], "big")


def apply(
    caller: Caller,
    wanted: SettingsDocument,
    accepted: Collection[int] | None,
    *,
    paid_domain: str,
    free_domain: str,
    dry_run: bool,
    now: datetime,
) -> Applied:
    """Bring the account to a document, all or nothing; with `dry_run` say what would change, checked the same way.

    Raises what the single changes raise, with the pointer into the document; `Refused` when the document leaves
    something out or names what is not there; `Conflict` when two changes depend on each other; `TooLarge`.
    """
    state = State(caller)
    require_version(version_of(state.document), accepted)
    put = msgspec.to_builtins(wanted)
    after = cleaned(with_defaults(state.document, state.document | put, put), put)
    require_present(state.document, after)
    changes = tuple(differences(state.document, after))
    domains = {"paid_domain": paid_domain, "free_domain": free_domain}
    try:
        with together("bring an account to a settings document", send=not dry_run):
            Changes(state, after, now).apply()
            change_account(state, after["account"], domains, now)
    except LostRace as race:
        raise PreconditionFailed(STALE) from race
    if dry_run or not changes:
        return Applied(changes, _told(state.document, put), version_of(state.document))
    changed = accounts.read(caller.account_id, consistent=True) or caller.account
    document = State(replace(caller, account=changed)).document
    return Applied(changes, _told(document, put), version_of(document))

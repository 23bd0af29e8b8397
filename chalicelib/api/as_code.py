"""`/v1/account/settings`: all settings as one document."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from chalicelib.api.answers import ROOM, Answered
from chalicelib.api.requests import Call
from chalicelib.config import config
from chalicelib.errors import Refused
from chalicelib.settings import as_code
from chalicelib.settings.as_code import Section, SettingsDocument
from chalicelib.settings.code_names import Change


class SettingsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """How much of the document."""

    section: Annotated[Section, Meta(description="This section alone, such as of an account with many.")] | None = None


class ApplyQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """With `dry_run`: what would change, checked in the same way, and nothing is saved."""

    dry_run: bool = False


class AppliedAnswer(Struct, frozen=True):
    """What was changed, or would be, and the sections that were put as they are afterwards (with `dry_run`: now)."""

    changes: Annotated[tuple[Change, ...], Meta(description="By JSON pointer into the document.")]
    document: SettingsDocument


def get_settings(call: Call) -> Answered:
    """The document, in a stable order. Its ETag is another one when anything in it is, also in other sections."""
    query: SettingsQuery = call.query
    document, version = as_code.read(call.caller, query.section)
    if len(msgspec.json.encode(document)) > ROOM:
        raise Refused(
            "The document is larger than one answer. Ask for one section after the other with ?section=, or for a long "
            "section's things at their own addresses.",
            pointer="/section",
            code="document_too_large",
        )
    return Answered(document, version)


def put_settings(call: Call) -> Answered:
    """Bring the account to a document, all or nothing."""
    query: ApplyQuery = call.query
    done = as_code.apply(
        call.caller,
        call.body,
        call.accepted_versions,
        paid_domain=config().inbound_domain,
        free_domain=config().free_inbound_domain,
        dry_run=query.dry_run,
        now=call.now,
    )
    return Answered(AppliedAnswer(done.changes, done.document), done.version)

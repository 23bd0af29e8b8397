"""`POST /v1/channels/{id}/preview`: a mail as its recipient will see it (S47). It changes nothing."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api.requests import Call
from chalicelib.api.shapes import Person
from chalicelib.api.suppressions import WarningAnswer, shape_warning
from chalicelib.conversations.warnings import warnings_about
from chalicelib.mail.model import Address
from chalicelib.model.texts import Id, Line
from chalicelib.settings.preview import Words, preview
from chalicelib.settings.signatures import warning_of

Written = Annotated[str, Meta(max_length=200_000)]


class PreviewQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How much of the mail to show."""

    raw: Annotated[bool, Meta(description="Also the whole mail as it would leave (RFC 5322).")] = False


class PreviewRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What would be written. With `conversation_id` an answer in it, else a first mail with this `subject`.

    `user_id`: who would write it; the caller, unless another user is named.
    """

    text: Written | None = None
    html: Written | None = None
    subject: Line = ""
    user_id: Id | None = None
    conversation_id: Id | None = None


class PreviewAnswer(Struct, frozen=True, kw_only=True):
    """The mail. `html` and `text` are its two parts, with the signature; show the HTML in a sandboxed frame."""

    from_name: str | None
    from_address: str
    from_because: Annotated[str, Meta(description="Why this address.")]
    from_because_code: str
    to: tuple[Person, ...]
    subject: str
    html: str
    text: str
    signature_warning: Annotated[str, Meta(description="For whoever edits the HTML (S45).")] | None
    would_be_sent: Annotated[bool, Meta(description="Whether mail may leave from the channel now.")]
    refused_because: str | None
    refused_because_code: str | None
    warnings: tuple[WarningAnswer, ...]
    raw: Annotated[str, Meta(description="7-bit text, with CRLF; null unless asked for with `raw=true`.")] | None


def add_preview(call: Call) -> PreviewAnswer:
    """What a contact will see: from name, from address, signature, all of it, as it would leave now."""
    told: PreviewRequest = call.body
    query: PreviewQuery = call.query
    words = Words(told.text, told.html, told.subject, told.user_id, told.conversation_id)
    shown = preview(call.caller, call.path["channel_id"], words, call.now)
    draft, refused = shown.draft, shown.refused
    return PreviewAnswer(
        from_name=draft.from_.name,
        from_address=draft.from_.address,
        from_because=shown.because.text,
        from_because_code=shown.because.code,
        to=tuple(map(_person, draft.to)),
        subject=draft.subject,
        html=draft.html or "",
        text=draft.text or "",
        signature_warning=warning_of(shown.signature),
        would_be_sent=refused is None,
        refused_because=refused.text if refused else None,
        refused_because_code=refused.code if refused else None,
        warnings=tuple(map(shape_warning, warnings_about(call.caller.account_id, [a.address for a in draft.to]))),
        raw=shown.raw.decode("ascii") if query.raw else None,
    )


def _person(address: Address) -> Person:
    return Person(address.name, address.address)

"""What comes in over HTTP, as values: path, query, body and `If-Match`, each validated by a type.

The types are also what the OpenAPI document is made of, so that what is documented is what is checked. PATCH is a JSON
Merge Patch (RFC 7396): what is absent stays, `null` goes back to the default, lists are replaced whole.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from chalicelib.clock import derived_id, new_id
from chalicelib.errors import (
    InvalidInput,
    NotFound,
    PreconditionRequired,
    TooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from chalicelib.model.caller import Caller
from chalicelib.model.entry import RequestKey

Value = TypeVar("Value", bound=Struct)

LARGEST_BODY = 256 * 1024  # bytes
ID = re.compile(r"[A-Za-z0-9_-]{1,1600}")  # every id made here, and nothing that a key could be made to mean
MEDIA_TYPES = ("application/json", "application/merge-patch+json")
_FAULT = re.compile(r"(?P<said>.*?)(?: - at `(?P<path>\$[^`]*)`)?", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[\.\.\.\]")
_FIELD = re.compile(r"Object (?:contains unknown|missing required) field `([^`]*)`")
_KEY = re.compile(r"[!-~]{1,200}")
_ENTITY_TAG = re.compile(r'"(\d{1,15})"')

Limit = Annotated[int, Meta(ge=1, le=100, description="How many items a page has at most.")]
Cursor = Annotated[str, Meta(max_length=4000, description="`next` of the page before; opaque.")]


class Paging(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The query of every list."""

    limit: Limit = 25
    cursor: Cursor | None = None


class NoQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of what is no list: there is nothing to say."""


class Call(Struct, frozen=True):
    """One request, read and checked, as the function of its route gets it."""

    path: dict[str, str]
    query: Any
    body: Any
    accepted_versions: frozenset[int] | None  # of `If-Match`; None: any
    now: datetime
    who: Caller | None = None
    request: RequestKey | None = None  # with an `Idempotency-Key`

    @property
    def caller(self) -> Caller:
        """Who asks; a public route has nobody."""
        if self.who is None:
            raise Unauthenticated("This needs a token.")
        return self.who

    def id_for(self, prefix: str) -> str:
        """The id of what the request makes: the same for a repeat with the same `Idempotency-Key`, so that it meets
        what the first one made.
        """
        if self.request is None:
            return new_id(prefix)
        told = self.request
        return derived_id(prefix, self.caller.account_id, told.user_id, told.key, told.fingerprint)


def read_path(params: Mapping[str, str] | None) -> dict[str, str]:
    """The ids in the path. What cannot be an id is `NotFound`, as any id that leads nowhere."""
    ids = dict(params or {})
    if not all(ID.fullmatch(each) for each in ids.values()):
        raise NotFound("There is nothing at this address.")
    return ids


def read_query(told: Mapping[str, list[str]], as_type: type[Value]) -> Value:
    """The query as its type. A parameter that is unknown or given twice is `InvalidInput`, never passed over."""
    for name, values in told.items():
        if len(values) != 1:
            raise InvalidInput(f"The parameter {name} is given {len(values)} times.", pointer=_pointer([name]))
    try:
        return msgspec.convert({name: values[0] for name, values in told.items()}, as_type, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(error) from error


def read_json(raw: bytes, content_type: str | None) -> Any:
    """The body as JSON values (RFC 8259)."""
    media_type = (content_type or "application/json").partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise UnsupportedMediaType(f"Bodies are {' or '.join(MEDIA_TYPES)}, not {media_type[:80]}.")
    if len(raw) > LARGEST_BODY:
        raise TooLarge(f"The body has {len(raw)} bytes; at most {LARGEST_BODY} are read.")
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput("The body is not JSON.") from error


def read_body(values: Any, as_type: type[Value]) -> Value:
    """A body as its type."""
    try:
        return msgspec.convert(values, as_type)
    except msgspec.ValidationError as error:
        raise invalid(error) from error


def patched(current: Value, patch: Any) -> Value:
    """What a merge patch makes of a value, checked by the value's type."""
    if not isinstance(patch, dict):
        raise InvalidInput("A merge patch is a JSON object.")
    return read_body(merge(msgspec.to_builtins(current), patch), type(current))


def merge(target: Any, patch: Any) -> Any:
    """RFC 7396 §2. QUIRK: `null` for a field that is not there stays, so that the type refuses a misspelt name."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None and name in merged:
            del merged[name]
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def read_if_match(header: str | None) -> frozenset[int] | None:
    """The versions that `If-Match` accepts, None for `*`; without the header, `PreconditionRequired` (RFC 6585 §3).

    Weak tags never match (RFC 9110 §13.1.1), and neither do tags that were not made here.
    """
    if header is None:
        raise PreconditionRequired("Send If-Match with the ETag of what you read, so that nobody's change is lost.")
    if header.strip() == "*":
        return None
    tags = [_ENTITY_TAG.fullmatch(each.strip()) for each in header.split(",")]
    return frozenset(int(tag.group(1)) for tag in tags if tag)


def read_idempotency_key(header: str | None) -> str | None:
    """The key by which a repeated request is known."""
    if header is None:
        return None
    if not _KEY.fullmatch(header.strip()):
        raise InvalidInput("An Idempotency-Key has 1 to 200 visible ASCII characters.", code="bad_idempotency_key")
    return header.strip()


def fingerprint(method: str, path: str, call: Call) -> str:
    """What tells a request from another one: route, path, query and body, whatever the order of fields. Pure."""
    told = msgspec.json.encode([method, path, call.path, call.query, call.body], order="deterministic")
    return hashlib.sha256(told).hexdigest()


def invalid(error: msgspec.ValidationError) -> InvalidInput:
    """msgspec's complaint, with the place as a JSON pointer."""
    found = _FAULT.fullmatch(str(error))
    said, path = (found.group("said"), found.group("path") or "") if found else (str(error), "")
    steps = [name or number for name, number in _STEP.findall(path) if name or number]
    field = _FIELD.match(said)
    if field:
        steps.append(field.group(1))
    if "matching regex" in said:
        said = "The text is empty, or has characters that are not taken here"
    return InvalidInput(f"{said}.", pointer=_pointer(steps) or None)


def _pointer(steps: list[str]) -> str:
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)

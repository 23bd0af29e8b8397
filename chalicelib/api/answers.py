"""What goes back over HTTP: JSON, and problem documents (RFC 9457) from the one table of errors and statuses.

Form against rule: a request that is not of the documented form is 400, one that is but that a rule refuses is 422; both
say where (`pointer`, RFC 6901 into the request's body, or into its query) and why (`code`, stable).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from chalice.app import Response
from msgspec import Meta, Struct

from chalicelib import errors
from chalicelib.api import titles
from chalicelib.api.languages import DEFAULT, Language

Headers = dict[str, str | list[str]]

JSON = "application/json"
PROBLEM = "application/problem+json"
# Lambda's answer ends at 6 MiB of JSON around ours, whose escapes make at most three bytes of one of ours.
ROOM = 1_800_000  # bytes of a body

STATUSES: dict[type[errors.PostfachError], HTTPStatus] = {
    errors.PostfachError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidInput: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.ConversationMovedOn: HTTPStatus.CONFLICT,
    errors.PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    errors.PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.PlanDoesNotAllow: HTTPStatus.FORBIDDEN,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.Fault: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.TemporaryFault: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.PermanentFault: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.NotANotification: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.RawMailMissing: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.LostRace: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.MailRefused: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.MailNotTaken: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.MailThrottled: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.MailUnconfirmed: HTTPStatus.INTERNAL_SERVER_ERROR,
}
EVERYWHERE = {
    # Mail is no web page: nothing here may be framed, run, guessed at or kept by a cache.
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
RETRY_AFTER = 2  # seconds, after a temporary fault of ours


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request failed (RFC 9457). `detail` is for people, `code` for programs."""

    type: Annotated[str, Meta(description="Always `about:blank`: `code` says which problem it is.")]
    title: Annotated[str, Meta(description="What the code means, in the language of `Accept-Language` (en, de).")]
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str
    code: Annotated[str, Meta(description="Stable and machine-readable.", examples=["not_found"])]
    request_id: Annotated[str, Meta(description="Finds the request in the log.")]
    pointer: Annotated[str, Meta(description="JSON pointer (RFC 6901) of the field at fault.")] | None = None
    newer_message_ids: Annotated[tuple[str, ...], Meta(description="What the caller has not seen, oldest first.")] = ()


class Answered(Struct, frozen=True):
    """An answer with more to say than its body."""

    body: Any
    version: int | None = None  # told as ETag
    location: str | None = None


class Link(Struct, frozen=True):
    """A link to bytes that are not served from here."""

    url: Annotated[str, Meta(description="Signed; works without a token, until `expires_at`, and forces a download.")]
    expires_at: str


def ok(answered: Answered, status: int) -> Response:
    """A success. Raises `PermanentFault` for a body that does not fit Lambda's answer."""
    body = msgspec.json.encode(answered.body)
    if len(body) > ROOM:
        raise errors.PermanentFault(f"an answer of {len(body)} bytes does not fit")
    headers: Headers = {**EVERYWHERE, "Content-Type": JSON}
    if answered.version is not None:
        headers["ETag"] = f'"{answered.version}"'
    if answered.location is not None:
        headers["Location"] = answered.location
    return Response(body.decode(), headers, status)


def no_content(status: int) -> Response:
    """A success that has nothing to say."""
    headers: Headers = {**EVERYWHERE}
    return Response("", headers, status)


def status_of(error: BaseException) -> HTTPStatus:
    """The status of an error: its own, or that of the nearest class it descends from."""
    for cls in type(error).__mro__:
        if cls in STATUSES:
            return STATUSES[cls]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(error: BaseException, request_id: str, language: Language = DEFAULT) -> Response:
    """A failure. What is not the caller's to mend says nothing of the inside: the log has it under the request's id."""
    status = status_of(error)
    headers: Headers = {
        **EVERYWHERE,
        "Content-Type": PROBLEM,
        "Content-Language": language,
        "Vary": "Accept-Language",
    }
    if isinstance(error, errors.Refused):
        code, detail, pointer = error.code, error.detail, error.pointer
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        code, detail, pointer = "temporarily_unavailable", "Please try again in a moment.", None
        headers["Retry-After"] = str(RETRY_AFTER)
    else:
        code, detail, pointer = "internal_error", "Something failed here, and it has been logged.", None
    if isinstance(error, errors.TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="postfach"'
    body = Problem(
        type="about:blank",
        title=titles.title(code, language, type(error).code if isinstance(error, errors.Refused) else code),
        status=status.value,
        detail=detail,
        code=code,
        request_id=request_id,
        pointer=pointer,
        newer_message_ids=error.newer if isinstance(error, errors.ConversationMovedOn) else (),
    )
    return Response(msgspec.json.encode(body).decode(), headers, status.value)

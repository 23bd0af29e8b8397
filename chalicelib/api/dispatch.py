"""One way through for every request: parse, authenticate, authorise, validate, call, answer, and one line in the log.

Nothing is raised out of here: Chalice's own error envelope is never seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from chalice.app import Request, Response
from msgspec import Struct
from msgspec.structs import replace

from chalicelib import clock, log
from chalicelib.api import answers, auth, languages, requests
from chalicelib.api.answers import Answered
from chalicelib.api.auth import Permission
from chalicelib.api.requests import Call, NoQuery
from chalicelib.config import config
from chalicelib.errors import Refused
from chalicelib.model.caller import Caller
from chalicelib.settings import rates, repeats


class Route(Struct, frozen=True, kw_only=True):
    """One row of the tables in `routes/`: the whole of what the API is and asks, and what documents it.

    `body`: the type of the request's body; with PATCH, the type that the patched thing has. `versioned`: answers carry
    an ETag; PATCH and PUT need `If-Match`. `rules`: a rule beyond the form may refuse it (409 or 422). `repeatable`:
    with an `Idempotency-Key`, the same request again does nothing more. `limited`: it may be asked for too often (429);
    `costly`: so it may, since each user has so many of these an hour.
    """

    method: str
    path: str
    permission: Permission
    function: Callable[[Call], Any]
    summary: str
    answer: Any = None
    status: int = 200
    query: type[Struct] = NoQuery
    body: type[Struct] | None = None
    body_optional: bool = False
    versioned: bool = False
    rules: bool = False
    limited: bool = False
    costly: bool = False
    repeatable: bool = False

    @property
    def names(self) -> list[str]:
        """The ids in the path."""
        return [part.strip("{}") for part in self.path.split("/") if part.startswith("{")]


def route(
    method: str,
    path: str,
    permission: Permission,
    function: Callable[[Call], Any],
    summary: str,
    answer: Any,
    **more: Any,
) -> Route:
    """A row as the tables in `routes/` write it."""
    return Route(
        method=method, path=path, permission=permission, function=function, summary=summary, answer=answer, **more
    )


class _Seen:
    """What the log line of a request tells of the caller, as far as it got."""

    caller: Caller | None = None


def respond(route: Route, request: Request, request_id: str) -> Response:
    """Answer one request to a route, whatever happens."""
    started = time.monotonic()
    log.follow(request_id)
    seen = _Seen()
    failure: BaseException | None = None
    try:
        log.set_level(config().log_level)
        response = _answer(route, request, seen, clock.now())
    except Exception as error:
        failure = error
        locale = seen.caller.account.locale if seen.caller else None
        language = languages.choose(request.headers.get("accept-language"), locale)
        response = answers.problem(error, request_id, language)
    response.headers["X-Request-Id"] = request_id
    fields: dict[str, object] = {
        "method": route.method,
        "route": route.path,
        "status": int(response.status_code),
        "ms": round((time.monotonic() - started) * 1000),
        "token": seen.caller.token_id if seen.caller else "-",
        "account": seen.caller.account_id if seen.caller else "-",
    }
    if failure is None:
        log.info("request", **fields)
    elif isinstance(failure, Refused):
        log.info("request", code=failure.code, **fields)
    else:
        log.error("request", failure, **fields)
    return response


def _answer(route: Route, request: Request, seen: _Seen, now: datetime) -> Response:
    headers: Mapping[str, str] = request.headers
    caller: Caller | None = None
    if route.permission is not Permission.PUBLIC:
        params = request.uri_params or {}
        inbox_id = params.get("inbox_id")
        known = inbox_id if inbox_id and requests.ID.fullmatch(inbox_id) else None
        caller = seen.caller = auth.authenticate(headers.get("authorization"), known, now)
        auth.require(route.permission, caller)
    call = Call(
        path=requests.read_path(request.uri_params),
        query=requests.read_query(_query(request), route.query),
        body=_body(route, request),
        accepted_versions=_accepted(route, headers),
        now=now,
        who=caller,
    )
    if route.costly:
        rates.count(call.caller, now)
    if route.repeatable:
        call = _claimed(route, call, requests.read_idempotency_key(headers.get("idempotency-key")))
    result = route.function(call)
    if result is None:
        return answers.no_content(route.status)
    return answers.ok(result if isinstance(result, Answered) else Answered(result), route.status)


def _claimed(route: Route, call: Call, key: str | None) -> Call:
    """The call with its `Idempotency-Key`; `Conflict` when that came with another request before.

    Without a caller there is nobody whose key it could be: such a route is safe to repeat by itself.
    """
    if key is None or call.who is None:
        return call
    told = requests.fingerprint(route.method, route.path, call)
    return replace(call, request=repeats.claim(call.who, key, told, call.now))


def _query(request: Request) -> dict[str, list[str]]:
    told = request.query_params
    return {name: told.getlist(name) for name in told} if told else {}


def _body(route: Route, request: Request) -> Any:
    if route.body is None:
        return None
    raw = request.raw_body
    if not raw and route.method == "POST" and route.body_optional:
        raw = b"{}"
    values = requests.read_json(raw if isinstance(raw, bytes) else raw.encode(), request.headers.get("content-type"))
    return values if route.method == "PATCH" else requests.read_body(values, route.body)


def _accepted(route: Route, headers: Mapping[str, str]) -> frozenset[int] | None:
    if not (route.versioned and route.method in ("PATCH", "PUT")):
        return None
    return requests.read_if_match(headers.get("if-match"))

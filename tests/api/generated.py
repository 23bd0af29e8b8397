"""schemathesis plays a served description against whoever serves it: in process on moto, or over HTTP, deployed.

No answer is a 5xx, none has a status, type, header or body that is not described. The seed is fixed, and the number of
requests: a find that lasts becomes a test of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from requests.structures import CaseInsensitiveDict
from schemathesis import Case, checks
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as described

from chalicelib.api.routes import ROUTES
from tests.api.visitor import Reply

# What would end the caller, or everybody: their own tests go as far as is safe.
SPARED = {("DELETE", "/v1/users/{user_id}"), ("PATCH", "/v1/users/{user_id}"), ("DELETE", "/v1/tokens/{token_id}")}
HELD_TO = (
    checks.not_a_server_error,
    described.status_code_conformance,
    described.content_type_conformance,
    described.response_headers_conformance,
    described.response_schema_conformance,
)
# What takes things away comes last, and of that first what lies in something else.
OPERATIONS = sorted(
    ((route.method, route.path) for route in ROUTES if (route.method, route.path) not in SPARED),
    key=lambda each: -each[1].count("/") if each[0] == "DELETE" else -100,
)
NAMES = [" ".join(each) for each in OPERATIONS]
ORIGIN = "http://postfach.test"  # requests are made for it; where they go is the door's business


class Door(Protocol):
    """Where requests go in, as an admin's."""

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """One request, and what came back."""


def read(document: dict[str, Any]) -> schemathesis.BaseSchema:
    """The description that requests are generated from and answers are held to."""
    return schemathesis.openapi.from_dict(document)


def play(
    schema: schemathesis.BaseSchema, operation: tuple[str, str], door: Door, ids: Mapping[str, str], times: int
) -> None:
    """Requests of one operation, so many of each kind; raises at an answer that is not as described.

    The kinds: as described and leading somewhere, spoilt and leading somewhere, and either with its own ids.
    """
    method, path = operation
    told = schema[path][method]
    good = told.as_strategy(generation_mode=GenerationMode.POSITIVE)
    # Where nothing can be said, nothing can be spoilt.
    says = [*told.iter_parameters(), *told.body]
    spoilt = told.as_strategy(generation_mode=GenerationMode.NEGATIVE) if says else good
    for cases in (good.map(lambda case: lead(case, ids)), spoilt.map(lambda case: lead(case, ids)), good | spoilt):
        play_some(cases, door, times)


def play_some(cases: SearchStrategy[Case[Any]], door: Door, times: int) -> None:
    """So many requests, the same every time."""

    @seed(20260302)
    @settings(max_examples=times, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def run(case: Case[Any]) -> None:
        case.validate_response(answer(case, door), checks=list(HELD_TO))

    run()


def lead(case: Case[Any], ids: Mapping[str, str]) -> Case[Any]:
    """The request with ids that lead somewhere in path and body, whatever else is wrong with it.

    A key of before, another version and a cursor that nobody gave would lead to 409, 412 and 400 alone.
    """
    case.path_parameters = {name: ids.get(name, told) for name, told in (case.path_parameters or {}).items()}
    headers = {name: told for name, told in (case.headers or {}).items() if name != "Idempotency-Key"}
    case.headers = CaseInsensitiveDict(headers)
    if "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    case.query = {name: told for name, told in (case.query or {}).items() if name != "cursor"}
    case.body = filled(case.body, ids)
    return case


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    """A body in which every `…_id` and every list of `…_ids` that is known names what is there. Pure."""
    if isinstance(value, list):
        return [filled(each, ids) for each in value]
    if not isinstance(value, dict):
        return value
    new = {name: filled(told, ids) for name, told in value.items()}
    one = {name: ids[name] for name, told in value.items() if name in ids and isinstance(told, str)}
    many = {
        name: [ids[name[:-1]]] * bool(told)
        for name, told in value.items()
        if name[:-1] in ids and isinstance(told, list)
    }
    return {**new, **one, **many}


def answer(case: Case[Any], door: Door) -> Response:
    """A generated request, sent as any visitor's is; what came back, as schemathesis reads it."""
    told = case.as_transport_kwargs(base_url=ORIGIN)
    names = ("method", "url", "headers", "params", "data", "json")
    ready = requests.Request(**{name: told.get(name) for name in names}).prepare()
    headers = {name.lower(): str(value) for name, value in ready.headers.items() if name.lower() != "authorization"}
    headers.pop("content-length", None)
    said = ready.body or b""
    assert isinstance(said, (bytes, str))
    body = said if isinstance(said, bytes) else said.encode()
    reply = door.send(str(ready.method), str(ready.url).removeprefix(ORIGIN), body, **headers)
    return Response(
        status_code=reply.status,
        headers={name.lower(): [value] for name, value in reply.headers.items()},
        content=reply.text.encode(),
        request=ready,
        elapsed=0.0,
        verify=False,
    )

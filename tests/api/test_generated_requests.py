"""schemathesis over the served description: generated requests, with ids that lead somewhere as well as any others.

No answer is a 5xx, none has a status, type, header or body that is not described. The seed is fixed, and the number of
requests: a find that lasts becomes a test of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, checks
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as described

from chalicelib.api.openapi import document
from chalicelib.api.routes import ROUTES
from tests.api.test_access_matrix import World
from tests.api.visitor import Reply, Visitor
from tests.conftest import running_cloud
from tests.post.identities import ses_identities

REQUESTS = 8  # of each operation: half of what is documented, half of what is not
# What would end the caller, or everybody: their own tests go as far as is safe.
SPARED = {("DELETE", "/v1/users/{user_id}"), ("PATCH", "/v1/users/{user_id}"), ("DELETE", "/v1/tokens/{token_id}")}
HELD_TO = (
    checks.not_a_server_error,
    described.status_code_conformance,
    described.content_type_conformance,
    described.response_headers_conformance,
    described.response_schema_conformance,
)
SCHEMA = schemathesis.openapi.from_dict(document())
# What takes things away comes last.
OPERATIONS = sorted(
    ((route.method, route.path) for route in ROUTES if (route.method, route.path) not in SPARED),
    key=lambda each: each[0] == "DELETE",
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_cloud(), ses_identities():
        yield World()


def send(case: Case, visitor: Visitor) -> Response:
    """A generated request, sent as any visitor's is; what came back, as schemathesis reads it."""
    told = case.as_transport_kwargs(base_url="http://postfach.test")
    prepared = requests.Request(
        **{key: told.get(key) for key in ("method", "url", "headers", "params", "data", "json")}
    )
    ready = prepared.prepare()
    headers = {name.lower(): str(value) for name, value in ready.headers.items() if name.lower() != "authorization"}
    headers.pop("content-length", None)
    body = ready.body if isinstance(ready.body, bytes) else (ready.body or "").encode()
    path = str(ready.url).removeprefix("http://postfach.test")
    reply: Reply = visitor.send(str(ready.method), path, body, **headers)
    return Response(
        status_code=reply.status,
        headers={name.lower(): [value] for name, value in reply.headers.items()},
        content=reply.text.encode(),
        request=ready,
        elapsed=0.0,
        verify=False,
    )


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[" ".join(each) for each in OPERATIONS])
def test_no_generated_request_is_answered_otherwise_than_described(world: World, method: str, path: str) -> None:
    operation = SCHEMA[path][method]
    visitor = world.visitors["admin_in"]

    @seed(20260302)
    @settings(
        max_examples=REQUESTS,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        leads_somewhere=st.booleans(),
    )
    def run(case: Case, leads_somewhere: bool) -> None:
        if leads_somewhere:
            ids = case.path_parameters or {}
            case.path_parameters = {name: world.ids.get(name, told) for name, told in ids.items()}
            # A key of before, or another version, would lead to 409 and 412 alone.
            case.headers = {name: told for name, told in (case.headers or {}).items() if name != "Idempotency-Key"}
            if "If-Match" in case.headers:
                case.headers["If-Match"] = "*"
        case.validate_response(send(case, visitor), checks=list(HELD_TO))

    run()

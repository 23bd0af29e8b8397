"""The OpenAPI 3.1 document, made of the route table and the types that validate: nothing is described twice.

Schemas are JSON Schema 2020-12 as msgspec makes them. Of the type of a thing that a PATCH changes, the schema of its
merge patch is derived: nothing is required, and `null` goes back to the default (RFC 7396).
"""

from __future__ import annotations

import inspect
import re
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from chalicelib.api.answers import JSON, PROBLEM, Problem
from chalicelib.api.auth import NEEDS, Permission
from chalicelib.api.derived_examples import PREFIX, Schema, derive, id_of
from chalicelib.api.dispatch import Route
from chalicelib.api.examples import EXAMPLES
from chalicelib.api.languages import LANGUAGES
from chalicelib.api.requests import ID, MEDIA_TYPES
from chalicelib.api.routes import ROUTES
from chalicelib.api.titles import title

DESCRIPTION = (
    "Lists are `{items, next}`: send `next` as `cursor` to get the page after, until it is null. Failures are problem "
    "documents (RFC 9457). PATCH takes a JSON Merge Patch (RFC 7396). Settings carry an `ETag`; changing them needs "
    "`If-Match`. Times are ISO 8601, UTC, with milliseconds. What a caller may not see, does not exist (404). Titles "
    "of failures are English or German, by `Accept-Language`, else in the account's language. A POST that comes again "
    "with the same `Idempotency-Key` does nothing more."
)
# What such a failure may look like: status -> code.
CODES = {
    400: "invalid_input",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    412: "precondition_failed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "refused",
    428: "precondition_required",
    429: "too_many_requests",
    500: "internal_error",
    503: "temporarily_unavailable",
}
COMES_AGAIN = (429, 503)  # with Retry-After
_RULES = re.compile(r" ?\((?:(?:S\d+(?:-S\d+)?|§[\d.]+)(?:, )?)+\)")  # numbers of rules, which only we know
PROBLEMS = {
    400: "The request is not of this form; `pointer` says where.",
    401: "There is no token, or it does not hold.",
    403: "The caller may not do this; `detail` says which rule stands against it.",
    404: "There is no such thing, or not for this caller.",
    409: "The request does not fit what is stored.",
    412: "`If-Match` names another version than the stored one.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "A rule refuses the request; `pointer` says which field, `code` which rule.",
    428: "`If-Match` is missing.",
    429: "This was asked for too often; try again later.",
    500: "Something failed here; it has been logged under `request_id`.",
    503: "Something failed for the moment; try again.",
}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole document, as JSON values."""
    schemas = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    for query in {route.query for route in ROUTES}:
        schemas.pop(query.__name__)
    whole = {
        "openapi": "3.1.0",
        "info": {
            "title": "Postfach",
            "version": "1",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "An access token."}},
            "responses": {str(status): _problem(status) for status in PROBLEMS},
        },
    }
    # msgspec calls a page of users Listing_UserAnswer_.
    told = re.sub(r"\bListing_([A-Za-z]+)_\b", r"\1Listing", msgspec.json.encode(whole).decode())
    named: dict[str, Any] = msgspec.json.decode(_RULES.sub("", told))
    return named


def statuses(route: Route) -> list[int]:
    """Every status that a route answers with, the success first."""
    found = {400, 500, 503}
    if route.permission is not Permission.PUBLIC:
        found |= {401, 403}
    if route.names:
        found.add(404)
    if route.body is not None:
        found |= {413, 415}
    if route.rules:
        found |= {404, 409, 422}  # 404: of what the body names
    if route.repeatable and route.permission is not Permission.PUBLIC:
        found |= {409}
    if route.limited or route.costly:
        found |= {429}
    if route.versioned and route.method in ("PATCH", "PUT"):
        found |= {412, 428}
    return [route.status, *sorted(found)]


def _schemas() -> dict[str, Schema]:
    """The named schemas: of bodies, their merge patches, answers, and queries."""
    types = [each for route in ROUTES for each in (route.query, route.body, route.answer) if each is not None]
    _, schemas = msgspec.json.schema_components([*dict.fromkeys(types), Problem], ref_template=PREFIX + "{name}")
    for route in ROUTES:
        if route.method == "PATCH" and route.body is not None and not is_patch(route.body):
            _add_patch(route.body.__name__, schemas)
    return schemas


def is_patch(body: type[Struct]) -> bool:
    """Whether a type already says of each field that it may be absent."""
    return all(field.default is UNSET for field in msgspec.structs.fields(body))


def _add_patch(name: str, schemas: dict[str, Schema]) -> str:
    """Derive the merge patch of a schema, and of the objects in it; return its name."""
    patch = f"{name}Patch"
    if patch in schemas:
        return patch
    whole = schemas[name]
    properties = {}
    for field, schema in whole["properties"].items():
        inner = str(schema.get("$ref", "")).removeprefix(PREFIX)
        if inner and schemas[inner].get("type") == "object":
            schema = {"$ref": PREFIX + _add_patch(inner, schemas)}
        stays = {key: value for key, value in schema.items() if key != "default"}
        is_nullable = {"type": "null"} in schema.get("anyOf", ())
        properties[field] = stays if is_nullable else {"anyOf": [stays, {"type": "null"}]}
    schemas[patch] = {
        "title": patch,
        "description": f"{whole.get('description', '')} What is absent stays; null goes back to the default.".strip(),
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    return patch


def _operation(route: Route, schemas: dict[str, Schema]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.function.__module__.rpartition('.')[2]}_{route.function.__name__}",
        "tags": [route.path.split("/")[2]],
        "summary": route.summary,
        "description": f"{inspect.getdoc(route.function) or ''}\n\n{_asks(route.permission)}",
        "security": [] if route.permission is Permission.PUBLIC else [{"token": []}],
        "parameters": _parameters(route, schemas),
        "responses": {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses(route)[1:]},
    }
    operation["responses"] = {str(route.status): _success(route, schemas), **operation["responses"]}
    if route.body is not None:
        operation["requestBody"] = _request_body(route, route.body, schemas)
    return operation


def _asks(permission: Permission) -> str:
    if permission is Permission.PUBLIC:
        return "Needs no token."
    scope, roles = NEEDS[permission]
    return f"Needs a token with the scope `{scope.value}`, of a user with the role {_any_of(sorted(roles))}."


def _any_of(words: list[Any]) -> str:
    return " or ".join(f"`{word}`" for word in words)


def _parameters(route: Route, schemas: dict[str, Schema]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{ID.pattern}$"},
            "example": id_of(name.removesuffix("_id")),
        }
        for name in route.names
    ]
    for name, schema in schemas[route.query.__name__].get("properties", {}).items():
        required = name in schemas[route.query.__name__].get("required", ())
        shown = derive(schema, schemas, name)
        told = {"name": name, "in": "query", "required": required, "schema": schema}
        found.append({**told, "description": _said(schema), "example": shown} if shown is not None else told)
    if route.versioned and route.method in ("PATCH", "PUT"):
        said = "The ETag of what you read, or `*`."
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "description": said,
                "schema": {"type": "string"},
                "example": '"1"',
            }
        )
    if route.repeatable:
        said = (
            "Your own name for this request, such as a UUID: a repeat with the same key does nothing more, and is told "
            "what the first one made. With another request it is refused (409). Kept for two days."
        )
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": said,
                "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
                "example": "6f1c2a4e-8d0b-4c56-9b1d-3e7f5a2c9d10",
            }
        )
    return found


def _said(schema: Schema) -> str:
    """What a type says of itself, also behind a `| None`."""
    told = [schema, *schema.get("anyOf", ())]
    return next((str(each["description"]) for each in told if "description" in each), "")


def _request_body(route: Route, body: type[Struct], schemas: dict[str, Schema]) -> dict[str, Any]:
    name = body.__name__
    if route.method == "PATCH" and not is_patch(body):
        name += "Patch"
    schema = {"$ref": PREFIX + name}
    example = EXAMPLES[body] if body in EXAMPLES else derive(schema, schemas, whole=False)
    content = {"schema": schema, "examples": {"example": {"value": example}}}
    media_types = MEDIA_TYPES[::-1] if route.method == "PATCH" else MEDIA_TYPES[:1]
    return {"required": not route.body_optional, "content": dict.fromkeys(media_types, content)}


def _success(route: Route, schemas: dict[str, Schema]) -> dict[str, Any]:
    headers = {"X-Request-Id": {"description": "Finds the request in the log.", "schema": {"type": "string"}}}
    if route.versioned:
        headers["ETag"] = {"description": "The version, for `If-Match`.", "schema": {"type": "string"}}
    if route.status == HTTPStatus.CREATED:
        headers["Location"] = {"description": "The path of the thing.", "schema": {"type": "string"}}
    answer: dict[str, Any] = {"description": f"{route.summary}.", "headers": headers}
    if route.answer is not None:
        (schema,), _ = msgspec.json.schema_components([route.answer], ref_template=PREFIX + "{name}")
        example = derive(schema, schemas)
        answer["content"] = {JSON: {"schema": schema, "examples": {"example": {"value": example}}}}
    return answer


def _problem(status: int) -> dict[str, Any]:
    code = CODES[status]
    example = {
        "type": "about:blank",
        "title": title(code, "en"),
        "status": status,
        "detail": PROBLEMS[status],
        "code": code,
        "request_id": "6f1c2a4e-8d0b-4c56-9b1d-3e7f5a2c9d10",
        **({"pointer": "/name"} if status in (400, 422) else {}),
    }
    headers: dict[str, Any] = {
        "X-Request-Id": {"description": "Finds the request in the log.", "schema": {"type": "string"}},
        "Content-Language": {
            "description": "The title's language.",
            "schema": {"type": "string", "enum": [*LANGUAGES]},
        },
    }
    if status in COMES_AGAIN:
        headers["Retry-After"] = {"description": "After how many seconds to try again.", "schema": {"type": "integer"}}
    content = {"schema": {"$ref": PREFIX + "Problem"}, "examples": {"example": {"value": example}}}
    return {"description": PROBLEMS[status], "headers": headers, "content": {PROBLEM: content}}

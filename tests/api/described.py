"""Answers held to the served OpenAPI document: what is described is what comes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import jsonschema

from tests.api.visitor import Reply, Visitor


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The description as it is served."""
    return dict(Visitor().get("/v1/openapi.json").json)


def held_to(document: dict[str, Any], schema: Any, value: Any) -> None:
    """Raise unless the value is what a schema of the document says."""
    whole = {**schema, "components": document["components"]}
    jsonschema.validate(value, whole, jsonschema.Draft202012Validator)


def template_of(document: dict[str, Any], path: str) -> str:
    """The template of a path without its query, the one with the fewest parameters first."""
    for template in sorted(document["paths"], key=lambda each: each.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return str(template)
    raise AssertionError(path)


def hold(document: dict[str, Any], method: str, path: str, reply: Reply) -> None:
    """Raise unless status, body and headers are among what the document says of an operation."""
    template = template_of(document, path.partition("?")[0])
    told = document["paths"][template][method.lower()]["responses"]
    assert str(reply.status) in told, f"{method} {template} answers {reply.status}, which is not documented"
    described = told[str(reply.status)]
    if "$ref" in described:
        described = document["components"]["responses"][described["$ref"].rpartition("/")[2]]
    if reply.text:
        held_to(document, described["content"][reply.headers["Content-Type"]]["schema"], reply.json)
    else:
        assert "content" not in described
    for name in described.get("headers", ()):
        assert name in reply.headers, f"{method} {template} promises {name}"


def follow(document: dict[str, Any], visitor: Visitor, reply: Reply) -> None:
    """Raise unless the `Location` of what was made leads to it."""
    location = reply.headers["Location"]
    assert "get" in document["paths"][template_of(document, location)], f"{location} cannot be read"
    assert visitor.get(location).status == 200, location

"""`/v1/health` and `/v1/openapi.json`: what the service says of itself, to anybody."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from chalicelib.api.requests import Call


class HealthAnswer(Struct, frozen=True):
    """The function runs and reads its environment. Nothing else is asked, so that a probe costs nothing."""

    status: Literal["ok"]


def get_health(call: Call) -> HealthAnswer:
    """Liveness."""
    return HealthAnswer("ok")


def get_openapi(call: Call) -> dict[str, Any]:
    """The API's description, made of the route table and the types that validate."""
    from chalicelib.api.openapi import document  # the table it describes has a row for it

    return document()

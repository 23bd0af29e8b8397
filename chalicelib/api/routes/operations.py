"""What the service says of itself, and what became of every mail. What a row says: `dispatch.Route`."""

from __future__ import annotations

from typing import Any

from chalicelib.api import deliveries, held, service, suppressions
from chalicelib.api.answers import Link
from chalicelib.api.auth import ADMIN, PUBLIC, READ_AS_ADMIN, SUPER_ADMIN
from chalicelib.api.deliveries import (
    DeadLetterAnswer,
    DeadLetterQuery,
    DeliveryAnswer,
    DeliveryQuery,
    ReplayRequest,
    ReturnAnswer,
    ReturnRequest,
)
from chalicelib.api.dispatch import Route, route
from chalicelib.api.held import HeldAnswer, ReleaseAnswer, ReleaseRequest
from chalicelib.api.requests import Paging
from chalicelib.api.service import HealthAnswer
from chalicelib.api.shapes import Listing
from chalicelib.api.suppressions import SuppressionAnswer

# fmt: off
ROUTES: tuple[Route, ...] = (
    route("GET", "/v1/health", PUBLIC, service.get_health, "Whether the service lives", HealthAnswer),
    route("GET", "/v1/openapi.json", PUBLIC, service.get_openapi, "This description", dict[str, Any]),
    route("GET", "/v1/deliveries", READ_AS_ADMIN, deliveries.list_deliveries, "Mail that became no conversation",
          Listing[DeliveryAnswer], query=DeliveryQuery),
    route("GET", "/v1/deliveries/{delivery_id}", READ_AS_ADMIN, deliveries.get_delivery, "What became of a mail",
          DeliveryAnswer),
    route("GET", "/v1/deliveries/{delivery_id}/raw", READ_AS_ADMIN, deliveries.get_raw, "A link to the raw mail", Link),
    route("POST", "/v1/deliveries/{delivery_id}/replay", ADMIN, deliveries.replay, "Handle a mail again",
          DeliveryAnswer, body=ReplayRequest, body_optional=True, status=202, repeatable=True, costly=True),
    route("GET", "/v1/channels/{channel_id}/held", READ_AS_ADMIN, held.list_held,
          "Mail that came while a channel was off", HeldAnswer, query=Paging),
    route("POST", "/v1/channels/{channel_id}/held/release", ADMIN, held.release, "Let held mail come in",
          ReleaseAnswer, body=ReleaseRequest, body_optional=True, status=202, rules=True, repeatable=True),
    route("GET", "/v1/suppressions", READ_AS_ADMIN, suppressions.list_suppressions,
          "Addresses that automatic mail leaves alone", Listing[SuppressionAnswer], query=Paging),
    route("DELETE", "/v1/suppressions/{suppression_id}", ADMIN, suppressions.delete_suppression,
          "Let automatic mail go to an address again", None, status=204),
    route("GET", "/v1/dead-letters", READ_AS_ADMIN, deliveries.list_dead_letters, "What a queue gave up on",
          Listing[DeadLetterAnswer], query=DeadLetterQuery),
    route("POST", "/v1/dead-letters/return", SUPER_ADMIN, deliveries.return_dead_letters,
          "Put dead letters back on the queue", ReturnAnswer, body=ReturnRequest, body_optional=True,
          repeatable=True, costly=True),
)
# fmt: on

"""What is true of channels. What a row says: `dispatch.Route`."""

from __future__ import annotations

from chalicelib.api import channel_health, runs
from chalicelib.api.auth import ADMIN, READ, READ_AS_ADMIN
from chalicelib.api.channel_health import AccountHealthAnswer, ChannelHealthAnswer, HealthChangeAnswer, ProbeAnswer
from chalicelib.api.dispatch import Route, route
from chalicelib.api.requests import Paging
from chalicelib.api.runs import RunAnswer
from chalicelib.api.shapes import Listing

# fmt: off
ROUTES: tuple[Route, ...] = (
    route("GET", "/v1/account/health", READ_AS_ADMIN, channel_health.get_account_health,
          "How the account's channels do", AccountHealthAnswer),
    route("GET", "/v1/channels/{channel_id}/health", READ, channel_health.get_health,
          "What is true of a channel, and why", ChannelHealthAnswer),
    route("GET", "/v1/channels/{channel_id}/health/history", READ, channel_health.list_history,
          "How a channel's status changed", Listing[HealthChangeAnswer], query=Paging),
    route("POST", "/v1/channels/{channel_id}/check", ADMIN, channel_health.check,
          "Look at a channel now", ChannelHealthAnswer, rules=True, limited=True, repeatable=True),
    route("POST", "/v1/channels/{channel_id}/probe", ADMIN, channel_health.probe,
          "Send a mail that must come back through the forwarding", ProbeAnswer, status=202, rules=True, limited=True,
          repeatable=True),
    route("GET", "/v1/reconcile/runs", READ_AS_ADMIN, runs.list_runs, "What the scheduled function did of late",
          Listing[RunAnswer], query=Paging),
)
# fmt: on

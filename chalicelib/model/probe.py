"""A probe: an automatic mail to a team address that must come back through the customer's own forwarding (§7.6)."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

PREFIX = "prb"


class ProbeFate(StrEnum):
    """What became of a probe; more than one can happen to it, and the later in this list tells less."""

    RETURNED = "returned"
    ALTERED = "altered"  # came back, rewritten on its way
    BOUNCED = "bounced"
    ANSWERED = "answered"  # by a person or an automatic reply, to the probe's own address
    REFUSED = "refused"  # SES did not send it


class ProbeState(Struct, frozen=True):
    """The last probe of a channel. `missed`: how many before it, one after the other, never came back.

    `fates` maps a fate to when it happened. `day` and `sent_on_day` count for the limit. `proven_at`: when the
    forwarding was proven first.
    """

    account_id: str
    channel_id: str
    probe_id: str
    asked_at: str
    fates: dict[str, str] = {}
    changed: tuple[str, ...] = ()  # with `altered`: which parts of the mail
    missed: int = 0
    day: str = ""
    sent_on_day: int = 0
    proven_at: str | None = None
    version: int = 1

    @property
    def returned_at(self) -> str | None:
        """When it came back, altered or not."""
        return self.fates.get(ProbeFate.RETURNED) or self.fates.get(ProbeFate.ALTERED)

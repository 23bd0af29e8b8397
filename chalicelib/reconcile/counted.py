"""What CloudWatch counts of channels' status, so that operators are alarmed (`infra/resources.yaml`). Pure.

Admins are told of their own channels; an alarm is for whoever runs the installation. So what became of channels is
counted once, when it does (one customer's broken forwarding must not keep an alarm up), and what is the installation's
own fault as long as it lasts.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from chalicelib.model.health import ChannelHealth, ChannelStatus, HealthChange, HealthDirection
from chalicelib.reconcile.alerts import OF_THE_INSTALLATION

LOST = frozenset({"probe_missing", "probe_bounced", "probe_answered"})


class Counted(Struct, frozen=True):
    """`disconnected`: directions that became so; `probes_lost`: forwardings that became worse by a probe that stayed
    away; `cut_off`: directions that are disconnected by the installation's own fault."""

    disconnected: int = 0
    probes_lost: int = 0
    cut_off: int = 0

    def __add__(self, other: Counted) -> Counted:
        """Both together."""
        return Counted(
            self.disconnected + other.disconnected,
            self.probes_lost + other.probes_lost,
            self.cut_off + other.cut_off,
        )


def count(after: ChannelHealth, changed: Sequence[HealthChange]) -> Counted:
    """What one channel adds: its state now, and what it changed."""
    shown = [getattr(after, direction.value) for direction in HealthDirection]
    return Counted(
        disconnected=sum(each.after is ChannelStatus.DISCONNECTED for each in changed),
        probes_lost=sum(each.because.code in LOST and each.after is not ChannelStatus.OFF for each in changed),
        cut_off=sum(
            each.status is ChannelStatus.DISCONNECTED and each.because.code in OF_THE_INSTALLATION for each in shown
        ),
    )

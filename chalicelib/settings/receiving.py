"""Whether mail for team addresses is known to get here: a mail came through the forwarding, or a probe came back."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.model.inbox import Channel, ChannelType
from chalicelib.storage import probes


def proven(channels: Sequence[Channel]) -> frozenset[str]:
    """The ids of those team addresses, of up to 100 channels, whose forwarding is proven.

    One request for those that no mail has come to yet, none when there are none of these.
    """
    teams = [each for each in channels if each.type is ChannelType.TEAM_EMAIL]
    unseen = [each for each in teams if each.last_mail_in_at is None]
    found = probes.get_many(unseen)
    returned = {key for key, probe in found.items() if (probe.proven_at or probe.returned_at) is not None}
    return frozenset(each.id for each in teams if each.last_mail_in_at is not None or each.id in returned)

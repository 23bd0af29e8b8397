"""Whom to tell of a channel's trouble, once, and once that it is over. Pure.

An alert when a direction is shown as disconnected; the all-clear when it has worked for a while, so that what comes
back meanwhile is the same trouble. What concerns the whole installation is one mail an account, not one a channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.model.account import Account, User
from chalicelib.model.health import ChannelStatus, DirectionHealth, HealthDirection
from chalicelib.model.inbox import Access, Channel
from chalicelib.outbound.automatic_mail import concerned
from chalicelib.reconcile.sentences import sentence

CALM = timedelta(minutes=15)
OF_THE_INSTALLATION = frozenset(
    {"no_active_rule_set", "rule_missing", "rule_changed", "storage_refuses", "sending_paused", "quota_used"}
)


class AlertKind(StrEnum):
    """The trouble, and its end."""

    ALERT = "channel_alert"
    ALL_CLEAR = "channel_all_clear"


class AlertMail(Struct, frozen=True):
    """What an admin is told; `about` names the occasion, of which nobody is told twice."""

    kind: AlertKind
    about: str
    subject: str
    text: str


SUBJECTS = {
    "en": {
        AlertKind.ALERT: "{address} is disconnected ({direction})",
        AlertKind.ALL_CLEAR: "{address} works again ({direction})",
    },
    "de": {
        AlertKind.ALERT: "{address} ist getrennt ({direction})",
        AlertKind.ALL_CLEAR: "{address} funktioniert wieder ({direction})",
    },
}
DIRECTIONS = {
    "en": {HealthDirection.INCOMING: "incoming mail", HealthDirection.OUTGOING: "outgoing mail"},
    "de": {HealthDirection.INCOMING: "eingehende E-Mails", HealthDirection.OUTGOING: "ausgehende E-Mails"},
}
FALLBACK = {
    "en": "Answers leave from the fallback address until this is mended.",
    "de": "Bis das behoben ist, gehen Antworten über die Fallback-Adresse hinaus.",
}
SINCE = {"en": "Since {since} (UTC).", "de": "Seit {since} (UTC)."}


def due(health: DirectionHealth, now: datetime) -> AlertKind | None:
    """What the admins are to be told of a direction now."""
    if health.status is ChannelStatus.DISCONNECTED and health.alerted_at is None:
        return AlertKind.ALERT
    calm = now - datetime.fromisoformat(health.since) >= CALM
    if health.status is ChannelStatus.WORKING and health.alerted_at is not None and calm:
        return AlertKind.ALL_CLEAR
    return None


def told(health: DirectionHealth, kind: AlertKind | None, now: datetime) -> DirectionHealth:
    """The direction once they have been told. Who switches a channel off knows of it, and needs no all-clear."""
    if kind is AlertKind.ALERT:
        return replace(health, alerted_at=stamp(now))
    if kind is AlertKind.ALL_CLEAR or health.status is ChannelStatus.OFF:
        return replace(health, alerted_at=None)
    return health


def recipients(users: Sequence[User], connected_by: str | None, access: Access) -> list[User]:
    """The admins with account access, and who connected the channel, if still among those who see its inbox (S16)."""
    return [user for user in users if concerned(user, connected_by, access)]


def written(
    channel: Channel, account: Account, direction: HealthDirection, health: DirectionHealth, kind: AlertKind
) -> AlertMail:
    """The mail in the account's language."""
    language = account.locale if account.locale in SUBJECTS else "en"
    shared = health.because.code in OF_THE_INSTALLATION
    place = "installation" if shared and kind is AlertKind.ALERT else channel.id
    about = f"{place} {direction} {health.because.code} {health.since[:13] if shared else health.since}"
    lines = [sentence(health.because, language)]
    if kind is AlertKind.ALERT and direction is HealthDirection.OUTGOING:
        lines.append(FALLBACK[language])
    lines.append(SINCE[language].format(since=health.since[:16].replace("T", " ")))
    lines += [each.saw for each in health.evidence if each.in_order is False]
    subject = SUBJECTS[language][kind].format(address=channel.address, direction=DIRECTIONS[language][direction])
    return AlertMail(kind, about, subject, "\n\n".join(lines))

"""The story of a probe that leaves: read its row, compose, ask SES.

Automatic (RFC 3834), from an address that is its token, so that an answer tells of itself. Sent twice it does no harm.
What SES refuses is noted with the probe; what it did not take is tried again by the queue.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib import log
from chalicelib.clock import stamp
from chalicelib.errors import MailRefused, MailUnconfirmed
from chalicelib.inbound.probe_words import make_token, subject_of, text_of
from chalicelib.mail.compose import Draft, compose
from chalicelib.mail.model import Address
from chalicelib.model.account import Account
from chalicelib.model.conversation import SendingStatus
from chalicelib.model.inbox import Channel, ChannelType
from chalicelib.model.probe import ProbeFate
from chalicelib.model.task import ProbeTask
from chalicelib.outbound.feedback_events import ACCOUNT, MESSAGE
from chalicelib.outbound.system_mail import system_mail
from chalicelib.outbound.take_turn import ask_ses, take_turn
from chalicelib.outbound.written_mail import account_domain
from chalicelib.storage import accounts, inboxes, probes
from chalicelib.storage.queues import enqueue_probe
from chalicelib.storage.secrets import signing_key


def send_probe(task: ProbeTask, now: datetime) -> SendingStatus | None:
    """Send a probe; None when there is nothing to do: a newer one is there, it has come back, or the channel is off."""
    probe = probes.get_probe(task.account_id, task.channel_id)
    channel = inboxes.get_channel(task.account_id, task.channel_id)
    account = accounts.read(task.account_id)
    if probe is None or probe.probe_id != task.probe_id or probe.fates or account is None or channel is None:
        return None
    if not channel.enabled or channel.disconnected_at is not None or channel.type is not ChannelType.TEAM_EMAIL:
        return None
    hold = take_turn(1, task.probe_id, automatic=True)
    if hold is not None:
        enqueue_probe(task, delay=hold.seconds)
        return SendingStatus.QUEUED
    token = make_token(signing_key(), task.account_id, task.channel_id, task.probe_id)
    draft = probe_mail(token, channel, account, account_domain(account), now)
    tags = {ACCOUNT: task.account_id, MESSAGE: feedback_name(task)}
    try:
        ask_ses(compose(draft), from_address=draft.from_.address, recipients=[channel.address], tags=tags)
    except MailRefused as error:
        log.warning("probe_refused", because=error.detail, channel=channel.id)
        probes.note_fate(task.account_id, task.channel_id, task.probe_id, ProbeFate.REFUSED, stamp(now))
        return SendingStatus.FAILED
    except MailUnconfirmed as error:
        log.warning("probe_unconfirmed", because=error.detail, channel=channel.id)
        return SendingStatus.UNCONFIRMED
    return SendingStatus.SENT


def probe_mail(token: str, channel: Channel, account: Account, domain: str, now: datetime) -> Draft:
    """The mail, in the account's language. Pure."""
    subject, text = subject_of(token, account.locale), text_of(token, channel.address, account.locale)
    return system_mail(token, Address("Postfach", f"{token}@{domain}"), channel.address, subject, text, now)


def feedback_name(task: ProbeTask) -> str:
    """What SES's events call a probe: no message has such an id."""
    return f"{task.probe_id}.{task.channel_id}"


def note_feedback(account_id: str, name: str, status: SendingStatus, at: str) -> SendingStatus | None:
    """What SES tells of a probe: that it came back as undeliverable is worth noting. The name is `feedback_name`'s."""
    probe_id, _, channel_id = name.partition(".")
    if status not in (SendingStatus.BOUNCED, SendingStatus.FAILED):
        return None
    fate = ProbeFate.BOUNCED if status is SendingStatus.BOUNCED else ProbeFate.REFUSED
    probes.note_fate(account_id, channel_id, probe_id, fate, at)
    return status

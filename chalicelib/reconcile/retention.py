"""Retention, carried out: what an account keeps for so many days goes for good when it is older (`model.Retention`).

Three steps of the scheduled function, each bounded, each going on where it stopped: `erase_kept` visits the accounts
that do not keep everything, one after the other, and erases closed conversations and mail that became none;
`erase_raw_mail` walks over `raw/`, since SES names its objects and no list of an account could; `end_begun` ends what a
run before had no time for. An open conversation never goes, and what waits to be released (S90) goes with the raw mail
alone. Everything is erased through `storage/erasing.py`.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.clock import stamp
from chalicelib.config import config
from chalicelib.errors import LostRace
from chalicelib.model.account import Account, Plan
from chalicelib.model.conversation import Conversation, ConversationStatus
from chalicelib.model.delivery import Delivery, Verdict
from chalicelib.reconcile.lost_mail import raw_id_of
from chalicelib.storage import accounts, erasing, inboxes, moving, raw_mail, retention, sweeps, transfers

ACCOUNTS = 50  # visited by one run
MOST = 500  # things erased by one run
RAW_PAGES = 2  # of a thousand objects, looked at by one run
BEGUN = 100  # erasures and moves ended by one run
WAITS = frozenset({Verdict.CHANNEL_OFF, Verdict.INBOX_ARCHIVED, Verdict.DEAD_LETTER})  # until an admin releases it
STEP, RAW_STEP = "retention", "raw-retention"


class ErasedReport(Struct, frozen=True):
    """What a run erased. `finished`: it came to the end, and the next run begins again."""

    conversations: int = 0
    deliveries: int = 0
    raw_mails: int = 0
    finished: bool = True


class EndedReport(Struct, frozen=True):
    """What a run ended that another had begun."""

    erasures: int
    moves: int
    transfers: int


def is_due(conversation: Conversation, days: int | None, now: datetime) -> bool:
    """Whether a conversation goes: closed, and for so many days neither closed anew nor written in. Pure."""
    if days is None or conversation.status is not ConversationStatus.CLOSED or conversation.closed_at is None:
        return False
    return max(conversation.closed_at, conversation.last_message_at) <= stamp(now - timedelta(days=days))


def is_due_unfiled(delivery: Delivery, days: int | None, now: datetime) -> bool:
    """Whether mail that became no conversation goes, unless it waits to be released. Pure."""
    if days is None or delivery.verdict.is_filed or delivery.verdict in WAITS:
        return False
    return delivery.received_at <= stamp(now - timedelta(days=days))


def is_due_raw(deliveries: Collection[Delivery], owners: Mapping[str, Account], now: datetime) -> bool:
    """Whether a raw mail goes: only when every account that got it says so; nobody's mail stays. Pure."""
    for delivery in deliveries:
        owner = owners.get(delivery.account_id or "")
        days = owner.retention.raw_mail_days if owner else None
        if days is None or delivery.received_at > stamp(now - timedelta(days=days)):
            return False
    return bool(deliveries)


def erase_kept(now: datetime, deadline: float) -> ErasedReport:
    """Erase what accounts keep no longer, from the account on where the run before stopped."""
    run = _Run(now, deadline)
    position = sweeps.read_position_of(STEP)
    batch = accounts.list_retaining(position, ACCOUNTS)
    for account in batch:
        run.visit(account)
        if run.is_over:  # this account is visited again: what is erased is out of the way then
            break
        position = account.id
    finished = not run.is_over and len(batch) < ACCOUNTS
    sweeps.write_position(STEP, None if finished else position)
    return ErasedReport(run.conversations, run.deliveries, 0, finished)


def erase_raw_mail(now: datetime, deadline: float) -> ErasedReport:
    """Erase raw mail that is kept no longer, from the object on where the run before stopped."""
    if not accounts.list_retaining(None, 1):
        return ErasedReport()
    position = sweeps.read_position_of(RAW_STEP)
    raw_mails = deliveries = 0
    for number, stored in enumerate(raw_mail.list_raw(position), 1):
        found = retention.deliveries_of(raw_id_of(each.key) for each in stored)
        owners = retention.accounts(each.account_id for some in found.values() for each in some if each.account_id)
        for each in stored:
            some = found.get(raw_id_of(each.key), [])
            if is_due_raw(some, owners, now):
                deliveries += _erase_raw(each.key, some, now)
                raw_mails += 1
            position = each.key
            if time.monotonic() > deadline or raw_mails >= MOST:
                sweeps.write_position(RAW_STEP, position)
                return ErasedReport(0, deliveries, raw_mails, False)
        position = stored[-1].key if stored else position
        if number >= RAW_PAGES and len(stored) == raw_mail.LISTED_AT_ONCE:
            sweeps.write_position(RAW_STEP, position)
            return ErasedReport(0, deliveries, raw_mails, False)
    sweeps.write_position(RAW_STEP, None)
    return ErasedReport(0, deliveries, raw_mails)


def end_begun(now: datetime, deadline: float) -> EndedReport:
    """End what died half-way: erasures, moves of addresses to another subdomain, of conversations to another inbox."""
    moves = 0
    for account_id in accounts.list_moving(BEGUN):
        account = accounts.read(account_id, consistent=True)
        if account is None or time.monotonic() > deadline:
            break
        free = account.plan is Plan.FREE
        domain = config().free_inbound_domain if free else config().inbound_domain
        moving.move_addresses(account, f"{account.subdomain}.{domain}")
        moves += 1
    return EndedReport(erasing.finish_erasures(BEGUN), moves, transfers.finish(BEGUN))


def _erase_raw(key: str, some: Sequence[Delivery], now: datetime) -> int:
    """A filed message loses its raw form alone; what became no message goes whole: how many of these."""
    unfiled = [each for each in some if not each.verdict.is_filed]
    for each in some:
        if each.verdict.is_filed:
            retention.forget_raw(each)
    gone = sum(_erased(each, now) for each in unfiled)
    raw_mail.remove([key])
    return gone


def _erased(delivery: Delivery, now: datetime) -> bool:
    try:
        erasing.erase_delivery(delivery, stamp(now))
    except LostRace:
        return False  # it was handled again just now
    return True


class _Run:
    """One run's totals and bounds."""

    def __init__(self, now: datetime, deadline: float) -> None:
        self.now, self.deadline = now, deadline
        self.conversations = self.deliveries = 0

    @property
    def is_over(self) -> bool:
        return self.conversations + self.deliveries >= MOST or time.monotonic() > self.deadline

    def visit(self, account: Account) -> None:
        """Erase what is due of an account, as far as the run's bounds allow."""
        closed, unfiled = account.retention.closed_days, account.retention.unfiled_days
        for inbox in inboxes.all_inboxes(account.id) if closed is not None else ():
            for conversation in retention.closed_conversations(account.id, inbox.id, self._years(account, closed)):
                if self.is_over or conversation.last_message_at > self._before(closed):
                    break
                if is_due(conversation, closed, self.now):
                    self.conversations += self._erase(conversation)
        if unfiled is not None:
            for delivery in retention.unfiled_deliveries(account.id, self._years(account, unfiled)):
                if self.is_over or delivery.received_at > self._before(unfiled):
                    break
                if is_due_unfiled(delivery, unfiled, self.now):
                    self.deliveries += _erased(delivery, self.now)

    def _before(self, days: int | None) -> str:
        return stamp(self.now - timedelta(days=days or 0))

    def _years(self, account: Account, days: int | None) -> range:
        return range(int(account.created_at[:4]), int(self._before(days)[:4]) + 1)

    def _erase(self, conversation: Conversation) -> bool:
        try:
            erasing.erase_conversation(conversation, stamp(self.now))
        except LostRace:
            return False  # somebody wrote in it just now
        return True

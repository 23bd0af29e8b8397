"""How much may be sent, and by whom: every path that sends mail spends from the named budgets below.

A budget counts in hours or days of UTC, so that at a change of the hour or day twice as much can come in a short time.
`storage/limits.py` counts, in the transaction that writes what is to be sent.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct


class Window(StrEnum):
    """What a budget is for."""

    HOUR = "hour"
    DAY = "day"


class Budget(Struct, frozen=True):
    """That something may be done `most` times in a window. `name` is part of the counter's key: it stays."""

    name: str
    most: int
    window: Window = Window.DAY

    def window_of(self, now: datetime) -> str:
        """The present window: `2026-03-02`, or `2026-03-02T08`; `now` in UTC."""
        return now.isoformat()[: 10 if self.window is Window.DAY else 13]

    def seconds_left(self, now: datetime) -> int:
        """After how many seconds the window is over, and there is room again; at least one. `now` in UTC."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        end = hour + timedelta(hours=1) if self.window is Window.HOUR else hour.replace(hour=0) + timedelta(days=1)
        return max(1, math.ceil((end - now).total_seconds()))


class Spending(Struct, frozen=True):
    """What is taken from a budget: by an account, towards an address, by an account towards an address.

    Without `account_id` the budget is that of all accounts together.
    """

    budget: Budget
    account_id: str | None = None
    address: str | None = None
    amount: int = 1


# Answers: recipients of one account.
ANSWERS_OF_FREE = Budget("answers", 200, Window.HOUR)
ANSWERS_OF_PAID = Budget("answers", 5000, Window.HOUR)
# Requests that cost much more than reading: what makes things, composes mail, or handles mail again.
COSTLY_REQUESTS_OF_USER = Budget("costly_requests", 1000, Window.HOUR)
# Mail that proves a from address.
PROOFS_OF_ACCOUNT = Budget("proofs", 20)
PROOFS_TO_ADDRESS = Budget("proofs", 5)
# Invitations of users.
INVITATIONS_OF_ACCOUNT = Budget("invitations", 200)
INVITATIONS_TO_ADDRESS = Budget("invitations", 5)
# Acknowledgements: a person is told once a day that the mail arrived, and nobody's mailbox is filled in their name.
ACKNOWLEDGEMENTS_OF_ACCOUNT = Budget("acknowledgements", 2000)
ACKNOWLEDGEMENTS_OF_ACCOUNT_TO_ADDRESS = Budget("acknowledgements", 1)
ACKNOWLEDGEMENTS_TO_ADDRESS = Budget("acknowledgements", 5)
# Probes go to addresses that nobody has proven yet, so that connecting one anew, or in many accounts, mails no more.
PROBES_OF_ACCOUNT = Budget("probes", 5000)
PROBES_OF_ACCOUNT_TO_ADDRESS = Budget("probes", 12)
PROBES_TO_ADDRESS = Budget("probes", 36)
# Domains to send from: SES has room for 10,000 of all accounts, and a claim keeps others out for days.
DOMAINS_OF_ACCOUNT = Budget("domains", 50)
# A subdomain that an account had stays its own, so that no mail goes astray: nobody is to collect them.
SUBDOMAINS_OF_ACCOUNT = Budget("subdomains", 3)
# Looking at a channel's status on demand.
CHECKS_OF_ACCOUNT = Budget("channel_checks", 60, Window.HOUR)
# Notices to colleagues: the mail to an absent owner, alerts, invitations.
NOTICES_OF_ACCOUNT = Budget("notices", 1000)
NOTICES_OF_ACCOUNT_TO_ADDRESS = Budget("notices", 100)
NOTICES_TO_ADDRESS = Budget("notices", 200)


def answers(account_id: str, recipients: int, *, free: bool) -> tuple[Spending, ...]:
    """What an answer to so many recipients takes."""
    return (Spending(ANSWERS_OF_FREE if free else ANSWERS_OF_PAID, account_id, amount=recipients),)


def costly_request(account_id: str, user_id: str) -> tuple[Spending, ...]:
    """What a costly request takes of its user's budget."""
    return (Spending(COSTLY_REQUESTS_OF_USER, account_id, user_id),)


def uploads(account_id: str, size: int, most: int) -> tuple[Spending, ...]:
    """What announcing a file takes of the `most` bytes that an account may upload on a day."""
    return (Spending(Budget("uploaded_bytes", most), account_id, amount=size),)


def proofs(account_id: str, address: str) -> tuple[Spending, ...]:
    """What the mail that proves an address takes."""
    return (Spending(PROOFS_OF_ACCOUNT, account_id), Spending(PROOFS_TO_ADDRESS, None, address))


def invitations(account_id: str, address: str) -> tuple[Spending, ...]:
    """What an invitation takes."""
    return (Spending(INVITATIONS_OF_ACCOUNT, account_id), Spending(INVITATIONS_TO_ADDRESS, None, address))


def acknowledgements(account_id: str, address: str) -> tuple[Spending, ...]:
    """What an acknowledgement takes."""
    return (
        Spending(ACKNOWLEDGEMENTS_OF_ACCOUNT_TO_ADDRESS, account_id, address),
        Spending(ACKNOWLEDGEMENTS_TO_ADDRESS, None, address),
        Spending(ACKNOWLEDGEMENTS_OF_ACCOUNT, account_id),
    )


def probes(account_id: str, address: str) -> tuple[Spending, ...]:
    """What a probe takes."""
    return (
        Spending(PROBES_OF_ACCOUNT_TO_ADDRESS, account_id, address),
        Spending(PROBES_TO_ADDRESS, None, address),
        Spending(PROBES_OF_ACCOUNT, account_id),
    )


def notices(account_id: str, address: str) -> tuple[Spending, ...]:
    """What a notice to a colleague takes."""
    return (
        Spending(NOTICES_OF_ACCOUNT_TO_ADDRESS, account_id, address),
        Spending(NOTICES_TO_ADDRESS, None, address),
        Spending(NOTICES_OF_ACCOUNT, account_id),
    )

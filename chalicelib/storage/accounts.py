"""Accounts: created whole in one transaction, read by id."""

from __future__ import annotations

from msgspec import Struct

from chalicelib.errors import Conflict, LostRace
from chalicelib.model.account import AccessToken, Account, User
from chalicelib.model.inbox import Channel, Inbox
from chalicelib.model.ticket import Pipeline
from chalicelib.storage import from_names, keys
from chalicelib.storage.inboxes import address_row, channel_row, inbox_row
from chalicelib.storage.people import user_row
from chalicelib.storage.pipelines import pipeline_row
from chalicelib.storage.table import Transaction, get, to_row, to_value
from chalicelib.storage.tables import AccountRow, SubdomainRow
from chalicelib.storage.tokens import token_row


class NewAccount(Struct, frozen=True):
    """Everything an account begins with (S7, S8). `folded_name`: the channel's from name, as it is compared (S30)."""

    account: Account
    inbox: Inbox
    channel: Channel
    pipeline: Pipeline
    user: User
    token: AccessToken
    folded_name: str


def create(new: NewAccount) -> None:
    """Write a new account. Raises `Conflict` when its subdomain is taken, and then nothing is written."""
    account = new.account
    transaction = Transaction()
    transaction.put(to_row(AccountRow, keys.account(account.id), account))
    transaction.put(SubdomainRow(*keys.subdomain(account.subdomain), account_id=account.id))
    transaction.put(inbox_row(new.inbox))
    transaction.put(channel_row(new.channel))
    transaction.put(address_row(new.channel))
    from_names.claim(transaction, new.channel, new.folded_name)
    transaction.put(pipeline_row(new.pipeline))
    transaction.put(user_row(new.user))
    transaction.put(token_row(new.token))
    try:
        transaction.commit("create an account")
    except LostRace as race:
        raise Conflict(f"The subdomain {account.subdomain!r} is taken.", pointer="/subdomain") from race


def read(account_id: str) -> Account | None:
    """An account."""
    row = get(AccountRow, keys.account(account_id))
    return to_value(Account, row) if row else None

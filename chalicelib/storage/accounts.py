"""Accounts: created whole in one transaction, read by id, changed in one save, listed where the sweep has work."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, to_builtins
from pynamodb.expressions.update import Action

from chalicelib.errors import Conflict, LostRace
from chalicelib.model.account import AccessToken, Account, User
from chalicelib.model.audit import AuditEntry
from chalicelib.model.inbox import Channel, Inbox
from chalicelib.model.limits import Spending
from chalicelib.model.ticket import Pipeline
from chalicelib.storage import audit, from_names, inbox_room, keys, limits
from chalicelib.storage.faults import translated
from chalicelib.storage.inboxes import address_row, channel_row, inbox_row
from chalicelib.storage.people import user_row
from chalicelib.storage.pipelines import pipeline_row
from chalicelib.storage.table import ABSENT, Transaction, get, to_row, to_value
from chalicelib.storage.tables import AccountRow, ChannelRow, SubdomainRow
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


def read(account_id: str, *, consistent: bool = False) -> Account | None:
    """An account."""
    row = get(AccountRow, keys.account(account_id), consistent=consistent)
    return to_value(Account, row) if row else None


class NameChange(Struct, frozen=True):
    """What an account's new name means for from names (S30): the old and the new one, as they are compared.

    `holder` is the channel that holds the old name, as it was read; it takes the new one when it `follows` the account.
    """

    old: str
    new: str
    holder: Channel | None
    follows: bool


def change(
    before: Account,
    after: Account,
    noted: AuditEntry,
    *,
    name: NameChange | None = None,
    moves: bool = False,
    taken: int = 0,
    spent: tuple[Spending, ...] = (),
) -> None:
    """Write an account's settings in one save, and the audit log; with `moves` its channels get other addresses next.

    A subdomain it ever had stays its own, so that no mail for it goes astray. `taken`: what `inbox_room.seen` said,
    for a plan without further inboxes. `LostRace` when the stored version is not that of `before`, the
    subdomain is another account's, another channel has the new name, an inbox was added meanwhile, or a budget of
    `spent` is used up.
    """
    key = keys.account(before.id)
    actions: list[Action] = [
        AccountRow.company_name.set(after.company_name),
        AccountRow.subdomain.set(after.subdomain),
        AccountRow.plan.set(after.plan.value),
        AccountRow.locale.set(after.locale),
        AccountRow.answering.set(to_builtins(after.answering)),
        AccountRow.retention.set(to_builtins(after.retention)),
        AccountRow.version.set(after.version),
    ]
    if after.retention.keeps_everything:
        actions += [AccountRow.person_pk.remove(), AccountRow.person_sk.remove()]
    else:
        actions += [AccountRow.person_pk.set(keys.retaining_accounts()), AccountRow.person_sk.set(before.id)]
    if moves:
        actions += [AccountRow.list_pk.set(keys.moving_accounts()), AccountRow.list_sk.set(before.id)]
    writes = Transaction()
    writes.update(AccountRow, key, actions, AccountRow.version == before.version)
    if after.subdomain != before.subdomain:
        own = ABSENT | (SubdomainRow.account_id == before.id)
        writes.put(SubdomainRow(*keys.subdomain(after.subdomain), account_id=before.id), own)
    if before.plan.has_further_inboxes and not after.plan.has_further_inboxes:
        inbox_room.close(writes, before.id, taken)
    elif after.plan.has_further_inboxes and not before.plan.has_further_inboxes:
        inbox_room.reopen(writes, before.id)
    if name is not None:
        _rename(writes, before.id, name)
    limits.spend(writes, spent, datetime.fromisoformat(noted.at))
    audit.note(writes, noted)
    writes.commit("change an account")


def _rename(writes: Transaction, account_id: str, name: NameChange) -> None:
    """The channel without a name of its own takes the account's new one; one that was just set so loses the race."""
    if name.holder is None:
        writes.check(keys.from_name(account_id, name.old), ABSENT)
    elif not name.follows:
        unchanged = ChannelRow.version == name.holder.version
        writes.check(keys.channel(account_id, name.holder.id), unchanged)
    else:
        writes.update(
            ChannelRow,
            keys.channel(account_id, name.holder.id),
            [ChannelRow.version.set(name.holder.version + 1)],
            ChannelRow.version == name.holder.version,
        )
        if name.old != name.new:
            from_names.release(writes, name.holder, name.old)
            from_names.claim(writes, name.holder, name.new)


def subdomain_is_free(subdomain: str, account_id: str) -> bool:
    """Whether an account could have a subdomain."""
    row = get(SubdomainRow, keys.subdomain(subdomain), consistent=True)
    return row is None or row.account_id == account_id


def list_moving(limit: int) -> list[str]:
    """Up to `limit` accounts whose channels do not all have their addresses yet."""
    with translated("list moving accounts"):
        rows = list(AccountRow.by_list.query(keys.moving_accounts(), limit=limit))
    return [row.id for row in rows]


def list_retaining(after: str | None, limit: int) -> list[Account]:
    """Up to `limit` accounts that do not keep everything, in the order of their ids, after one of them."""
    with translated("list accounts that do not keep everything"):
        condition = AccountRow.person_sk > after if after else None
        rows = list(AccountRow.by_person.query(keys.retaining_accounts(), condition, limit=limit))
    return [to_value(Account, row) for row in rows]

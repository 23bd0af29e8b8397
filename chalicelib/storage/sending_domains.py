"""Which account sends from which domain: one row a domain, so that no two accounts have one.

A claim that SES has verified holds until it is given back; another one ends by itself (`claimed_until`), so that nobody
keeps a domain from its owner by naming it first. Domains are listed by state and by when SES was last asked for them
(`channel_keys.domains_looked_at`), so that the scheduled look finds those that are due without reading the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.clock import stamp
from chalicelib.model.limits import Spending
from chalicelib.model.sending_domain import DomainState, SendingDomain
from chalicelib.storage import channel_keys, keys, limits, table
from chalicelib.storage.faults import translated
from chalicelib.storage.tables import Row, SendingDomainRow


def sending_domain_of(row: Row) -> SendingDomain:
    """A domain from its row."""
    return table.to_value(SendingDomain, row)


def find(domain: str) -> SendingDomain | None:
    """A domain, whichever account has claimed it, or None; consistent."""
    row = table.get(SendingDomainRow, keys.sending_domain(domain), consistent=True)
    return sending_domain_of(row) if row else None


def find_many(account_id: str, domains: Iterable[str]) -> dict[str, SendingDomain]:
    """Those of these domains that the account has claimed, in one request, none for no domains."""
    wanted = {keys.sending_domain(domain): domain for domain in domains}
    rows = table.get_many(wanted)
    found = {wanted[key]: sending_domain_of(row) for key, row in rows.items()}
    return {name: each for name, each in found.items() if each.account_id == account_id}


def find_of_accounts(owned: Mapping[str, Collection[str]]) -> dict[str, SendingDomain]:
    """Of the domains of several accounts (at most 100), those that the account has claimed; one request."""
    wanted = {keys.sending_domain(domain): domain for domains in owned.values() for domain in domains}
    found = {wanted[key]: sending_domain_of(row) for key, row in table.get_many(wanted).items()}
    return {name: each for name, each in found.items() if name in owned.get(each.account_id, ())}


def claim(claimed: SendingDomain, before: SendingDomain | None, spendings: Sequence[Spending], now: datetime) -> None:
    """Write a claim in the place of `before`, with what it takes of the limits.

    `LostRace` when the row is not `before` any more, or a limit is reached.
    """
    writes = table.Transaction()
    writes.put(_row(claimed), table.ABSENT if before is None else _unchanged(before))
    limits.spend(writes, spendings, now)
    writes.commit("claim a domain")


def change(before: SendingDomain, after: SendingDomain) -> None:
    """Write what SES says now. `LostRace` when the row is not `before` any more."""
    writes = table.Transaction()
    actions: list[Action] = [
        SendingDomainRow.records.set(msgspec.to_builtins(after.records)),
        SendingDomainRow.state.set(after.state.value),
        SendingDomainRow.version.set(after.version),
        SendingDomainRow.person_pk.set(channel_keys.domains_looked_at(after.state)),
        SendingDomainRow.person_sk.set(after.checked_at or after.created_at),
    ]
    for attribute, value in (
        (SendingDomainRow.checked_at, after.checked_at),
        (SendingDomainRow.verified_at, after.verified_at),
    ):
        if value is not None:
            actions.append(attribute.set(value))
    writes.update(SendingDomainRow, keys.sending_domain(after.domain), actions, _unchanged(before))
    writes.commit("note the state of a domain")


def looked_at_before(state: DomainState, moment: datetime, limit: int) -> list[SendingDomain]:
    """Domains of that state, of all accounts, that SES was last asked for before a moment, the oldest first."""
    partition = channel_keys.domains_looked_at(state)
    with translated("list domains to look at"):
        rows = Row.by_person.query(partition, range_key_condition=Row.person_sk < stamp(moment), limit=limit)
        return [sending_domain_of(row) for row in rows]


def put_off(domain: SendingDomain, now: datetime) -> None:
    """Let a domain that SES could not be asked for wait for its next turn, so that it holds no other up.

    `LostRace` when the row is not `domain` any more.
    """
    writes = table.Transaction()
    moved: list[Action] = [SendingDomainRow.person_sk.set(stamp(now))]
    writes.update(SendingDomainRow, keys.sending_domain(domain.domain), moved, _unchanged(domain))
    writes.commit("put a domain off")


def release(before: SendingDomain) -> None:
    """Give a domain back. `LostRace` when the row is not `before` any more."""
    writes = table.Transaction()
    writes.delete(SendingDomainRow, keys.sending_domain(before.domain), _unchanged(before))
    writes.commit("give a domain back")


def verified(domains: Mapping[str, SendingDomain]) -> frozenset[str]:
    """The names of those that mail may leave from. Pure."""
    return frozenset(name for name, each in domains.items() if each.state is DomainState.VERIFIED)


def _unchanged(before: SendingDomain) -> Condition:
    condition: Condition = SendingDomainRow.version == before.version
    condition &= SendingDomainRow.account_id == before.account_id
    return condition


def _row(domain: SendingDomain) -> SendingDomainRow:
    return table.to_row(
        SendingDomainRow,
        keys.sending_domain(domain.domain),
        domain,
        list_pk=keys.list_of_sending_domains(domain.account_id),
        list_sk=keys.list_position(domain.created_at, domain.domain),
        person_pk=channel_keys.domains_looked_at(domain.state),
        person_sk=domain.checked_at or domain.created_at,
    )

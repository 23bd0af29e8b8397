"""The account's own settings: its name (S29, S30), language, plan (S5, S6), subdomain (S22), how it answers, and for
how long it keeps what. One save, whole or not at all.

Plan and subdomain are a super admin's: the one says what the account may have, the other where all its mail comes to.
docs/decisions/105, 106.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.errors import (
    Conflict,
    Forbidden,
    LostRace,
    PlanDoesNotAllow,
    PreconditionFailed,
    Refused,
)
from chalicelib.model.account import Account, Answering, Plan, Retention, Role
from chalicelib.model.audit import audited
from chalicelib.model.caller import Caller
from chalicelib.model.inbox import Inbox
from chalicelib.model.limits import SUBDOMAINS_OF_ACCOUNT, Spending
from chalicelib.model.texts import Name
from chalicelib.settings.accounts import address_domain, require_subdomain
from chalicelib.settings.from_names import folded_name
from chalicelib.settings.versions import STALE, require_version
from chalicelib.storage import accounts, from_names, inbox_room, inboxes, limits, moving

Days = Annotated[int, Meta(ge=1, le=36500)]


class AnsweringSettings(Answering, frozen=True, forbid_unknown_fields=True):
    """How the account answers. `undo_seconds`: how long an answer waits, and can be taken back (0: not at all).

    `new_conversation_after_days`: mail that answers what was closed longer ago opens a new conversation (null: never).
    """

    undo_seconds: Annotated[int, Meta(ge=0, le=60)] = 10
    new_conversation_after_days: Days | None = None


class RetentionSettings(Retention, frozen=True, forbid_unknown_fields=True):
    """After how many days what is kept goes for good; null: never. With the raw mail go its attachments."""

    raw_mail_days: Days | None = None
    unfiled_days: Days | None = None
    closed_days: Days | None = None


class AccountSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of an account."""

    company_name: Name
    subdomain: Annotated[str, Meta(max_length=63, examples=["acme"])]
    plan: Plan
    locale: Literal["de", "en"] = "en"
    answering: AnsweringSettings = AnsweringSettings()
    retention: RetentionSettings = RetentionSettings()


def settings_of(account: Account) -> AccountSettings:
    """The part of an account that can be changed."""
    told = msgspec.to_builtins(account)
    return msgspec.convert({name: told[name] for name in AccountSettings.__struct_fields__}, AccountSettings)


def change(
    caller: Caller,
    after: AccountSettings,
    accepted: Collection[int] | None,
    *,
    paid_domain: str,
    free_domain: str,
    now: datetime,
) -> Account:
    """Save the account's settings. With another subdomain or domain, its channels get other addresses, and keep theirs.

    `Forbidden`, `PlanDoesNotAllow`, `Conflict`, `Refused` say which rule stands against it; `PreconditionFailed` that
    it was changed meanwhile.
    """
    before = caller.account
    require_version(before.version, accepted)
    seen = settings_of(before)
    require_role(caller, seen, after)
    if after.company_name != seen.company_name and not folded_name(after.company_name):
        raise Refused("Nothing of this name shows.", pointer="/company_name", code="invisible_name")
    if after.subdomain != seen.subdomain:
        require_subdomain(after.subdomain)
    taken = inbox_room.seen(before.id) if after.plan is not seen.plan else 0  # before looking: what comes later loses
    if after.plan is not seen.plan:
        require_room(after.plan, inboxes.all_inboxes(before.id), before.default_inbox_id)
    changed = replace(
        before,
        **{name: getattr(after, name) for name in AccountSettings.__struct_fields__},
        version=before.version + 1,
    )
    noted = audited(caller, "account.changed", before.id, seen, after, stamp(now))
    domains = [domain_of(each, paid_domain=paid_domain, free_domain=free_domain) for each in (seen, after)]
    name = _name_change(before, changed)
    spent = (Spending(SUBDOMAINS_OF_ACCOUNT, before.id),) if after.subdomain != seen.subdomain else ()
    moves = domains[0] != domains[1]
    try:
        accounts.change(before, changed, noted, name=name, moves=moves, taken=taken, spent=spent)
    except LostRace as race:
        _require_budget(spent, now)
        require_room(after.plan, inboxes.all_inboxes(before.id), before.default_inbox_id)
        raise _why(changed, name) from race
    if moves:
        moving.move_addresses(changed, domains[1])
    return changed


def domain_of(settings: AccountSettings, *, paid_domain: str, free_domain: str) -> str:
    """The domain of the addresses that the channels of such an account have (S22). Pure."""
    return address_domain(settings.subdomain, settings.plan, paid_domain=paid_domain, free_domain=free_domain)


def require_role(caller: Caller, before: AccountSettings, after: AccountSettings) -> None:
    """Raise `Forbidden` when somebody other than a super admin changes plan or subdomain. Pure."""
    for field in ("plan", "subdomain"):
        if getattr(before, field) != getattr(after, field) and caller.user.role is not Role.SUPER_ADMIN:
            raise Forbidden(f"Only a super admin changes the {field}.", pointer=f"/{field}", code="needs_role")


def require_room(plan: Plan, present: Sequence[Inbox], default_inbox_id: str) -> None:
    """Raise `PlanDoesNotAllow` when the account has inboxes that a plan does not include (S6). Pure."""
    further = [each for each in present if each.id != default_inbox_id and each.archived_at is None]
    if further and not plan.has_further_inboxes:
        named = ", ".join(each.name for each in further[:3])
        raise PlanDoesNotAllow(
            f"The plan {plan.value} has one inbox, and there are {len(further)} further ones ({named}). "
            "Archive them first: they can be read then, and restored with another plan.",
            pointer="/plan",
        )


def _require_budget(spent: tuple[Spending, ...], now: datetime) -> None:
    detail = "An account changes its subdomain {most} times a day. Try again tomorrow."
    limits.require_room(spent, now, detail, code="too_many_subdomains")


def _name_change(before: Account, after: Account) -> accounts.NameChange | None:
    """What another company name means for the channel that has none of its own (S30); None: nothing."""
    if before.company_name == after.company_name:
        return None
    old, new = folded_name(before.company_name), folded_name(after.company_name)
    channel_id = from_names.holders(before.id, [old]).get(old)
    holder = inboxes.get_channel(before.id, channel_id) if channel_id else None
    return accounts.NameChange(old, new, holder, follows=holder is not None and not holder.sender.company_name)


def _why(account: Account, name: accounts.NameChange | None) -> Refused:
    """What stood against a save that lost its race."""
    if not accounts.subdomain_is_free(account.subdomain, account.id):
        return Conflict(f"The subdomain {account.subdomain} is taken.", pointer="/subdomain", code="subdomain_taken")
    if name is not None and name.follows and name.holder is not None:
        held = from_names.holders(account.id, [name.new]).get(name.new, name.holder.id)
        if held != name.holder.id:
            return Conflict(
                "A channel has this from name, and one that has none of its own would take it. Choose another name.",
                pointer="/company_name",
                code="from_name_taken",
            )
    return PreconditionFailed(STALE)

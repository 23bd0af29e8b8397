"""`/v1/account`: the customer organisation and its settings."""

from __future__ import annotations

from msgspec import Struct

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, patched
from chalicelib.config import config
from chalicelib.model.account import Account, Answering, Plan, Retention
from chalicelib.settings import account as settings


class AccountAnswer(Struct, frozen=True, kw_only=True):
    """The customer organisation."""

    id: str
    company_name: str
    subdomain: str
    plan: Plan
    locale: str
    default_inbox_id: str
    default_pipeline_id: str
    answering: Answering
    retention: Retention
    created_at: str


def shape(account: Account) -> AccountAnswer:
    """An account in the shape of the API."""
    return AccountAnswer(
        id=account.id,
        company_name=account.company_name,
        subdomain=account.subdomain,
        plan=account.plan,
        locale=account.locale,
        default_inbox_id=account.default_inbox_id,
        default_pipeline_id=account.default_pipeline_id,
        answering=account.answering,
        retention=account.retention,
        created_at=account.created_at,
    )


def get_account(call: Call) -> Answered:
    """The caller's account."""
    return Answered(shape(call.caller.account), call.caller.account.version)


def patch_account(call: Call) -> Answered:
    """Its settings, whole or not at all (S70)."""
    after = patched(settings.settings_of(call.caller.account), call.body)
    account = settings.change(
        call.caller,
        after,
        call.accepted_versions,
        paid_domain=config().inbound_domain,
        free_domain=config().free_inbound_domain,
        now=call.now,
    )
    return Answered(shape(account), account.version)

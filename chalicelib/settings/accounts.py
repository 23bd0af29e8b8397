"""Creating an account: with its default inbox and a working fallback address, without anybody doing anything
(S7, S8, S22). For operators only: nothing leads to the Lambda function `create_account` but `lambda:InvokeFunction`.
"""

from __future__ import annotations

import re
from datetime import datetime

import msgspec
from msgspec import Struct

from chalicelib.clock import derived_id, new_id, stamp
from chalicelib.errors import InvalidInput
from chalicelib.mail.clean import clean_line
from chalicelib.model.account import Account, Availability, Plan, Role, Scope, Seat, User
from chalicelib.model.inbox import Access, Channel, ChannelType, Inbox, Ticketing
from chalicelib.model.ticket import Pipeline, Stage, StageKind
from chalicelib.settings.from_names import LONGEST, folded_name
from chalicelib.settings.tokens import USUAL_LIFE, new_secret, new_token
from chalicelib.storage import accounts as store

FALLBACK_LOCAL_PART = "support"
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1035 §2.3.1, lower-case; digits first by RFC 1123
RESERVED = frozenset({"www", "mail", "smtp", "imap", "mx", "ns", "bounce", "bounces", "postmaster", "abuse"})


class AccountRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What an operator says about a new account; `email` and `name` are the first super admin's."""

    company_name: str
    subdomain: str
    email: str
    name: str
    plan: Plan = Plan.PROFESSIONAL
    locale: str = "en"


class AccountCreated(Struct, frozen=True):
    """The new account. `token` is shown this once; only its hash is kept."""

    account_id: str
    inbox_id: str
    channel_id: str
    fallback_address: str
    user_id: str
    token: str
    token_expires_at: str


def read_request(event: object) -> AccountRequest:
    """The event of the function as a request. Raises `InvalidInput`."""
    try:
        request = msgspec.convert(event, AccountRequest)
    except msgspec.ValidationError as error:
        raise InvalidInput(str(error)) from error
    if not folded_name(request.company_name) or len(request.company_name) > LONGEST:
        raise InvalidInput(f"The company needs a name of at most {LONGEST} characters.", pointer="/company_name")
    require_subdomain(request.subdomain)
    if re.fullmatch(r"[^@\s]+@[^@\s]+", request.email) is None:
        raise InvalidInput("The e-mail address is none.", pointer="/email")
    if request.locale not in ("de", "en"):
        raise InvalidInput("The locale must be de or en.", pointer="/locale")
    return request


def require_subdomain(name: str) -> None:
    """Raise `InvalidInput` unless a name can be an account's subdomain. Pure."""
    if LABEL.fullmatch(name) is None or name in RESERVED:
        raise InvalidInput("The subdomain must be a free lower-case DNS label.", pointer="/subdomain")


def address_domain(subdomain: str, plan: Plan, *, paid_domain: str, free_domain: str) -> str:
    """The domain of the addresses that an account's channels have (S22). Pure."""
    return f"{subdomain}.{free_domain if plan is Plan.FREE else paid_domain}"


def create_account(request: AccountRequest, *, paid_domain: str, free_domain: str, now: datetime) -> AccountCreated:
    """Create it whole, or not at all. Raises `Conflict` when the subdomain is taken."""
    at = stamp(now)
    account_id = new_id("acc")
    inbox_id, channel_id, user_id, pipeline_id = (new_id(kind) for kind in ("inb", "chn", "usr", "pip"))
    pipeline = default_pipeline(account_id, pipeline_id, at)
    domain = address_domain(request.subdomain, request.plan, paid_domain=paid_domain, free_domain=free_domain)
    channel = Channel(
        account_id=account_id,
        id=channel_id,
        inbox_id=inbox_id,
        type=ChannelType.FALLBACK_EMAIL,
        address=f"{FALLBACK_LOCAL_PART}@{domain}",
        created_at=at,
        ticketing=Ticketing(pipeline_id=pipeline.id, stage_id=pipeline.stages[0].id),
    )
    account = Account(
        id=account_id,
        company_name=clean_line(request.company_name),
        subdomain=request.subdomain,
        plan=request.plan,
        locale=request.locale,
        default_inbox_id=inbox_id,
        default_pipeline_id=pipeline_id,
        created_at=at,
    )
    user = User(
        account_id=account_id,
        id=user_id,
        email=request.email.lower(),
        name=request.name.strip() or request.email,
        role=Role.SUPER_ADMIN,
        seat=Seat.SERVICE,
        availability=Availability.AVAILABLE,
        created_at=at,
    )
    secret = new_secret()
    scopes = (Scope.READ, Scope.WRITE, Scope.ADMIN)
    token = new_token(user, "first token", scopes, secret=secret, now=now, expires_at=now + USUAL_LIFE)
    store.create(
        store.NewAccount(
            account=account,
            inbox=Inbox(account_id, inbox_id, "Inbox", Access(), at),
            channel=channel,
            pipeline=pipeline,
            user=user,
            token=token,
            folded_name=folded_name(request.company_name),
        )
    )
    return AccountCreated(account_id, inbox_id, channel_id, channel.address, user_id, secret, token.expires_at)


def default_pipeline(account_id: str, pipeline_id: str, at: str) -> Pipeline:
    """The pipeline that every account begins with."""
    names = ("New", "Waiting on contact", "Waiting on us", "Closed")
    stages = tuple(
        Stage(derived_id("stg", pipeline_id, name), name, StageKind.CLOSED if name == "Closed" else StageKind.OPEN)
        for name in names
    )
    return Pipeline(account_id, pipeline_id, "Support", stages, at)

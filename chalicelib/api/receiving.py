"""What a team address still needs, both ways: forwarding to us, and DNS records that let mail leave from it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from chalicelib.model.inbox import Channel, ChannelType, ForwardingConfirmation
from chalicelib.model.public_domains import is_public
from chalicelib.model.sending_domain import DomainState, RecordPurpose
from chalicelib.outbound.choose_sender import domain_of
from chalicelib.outbound.sending_way import Way
from chalicelib.settings.forwarding_steps import ProviderSteps, instructions

State = Literal["pending", "verified", "failed", "public"]


class ReceivingAnswer(Struct, frozen=True, kw_only=True):
    """How mail for the team address gets here. `proven`: a mail came through the forwarding, or a probe came back."""

    forwarding_address: Annotated[str, Meta(description="Forward to this address, exactly as it stands (S38, S39).")]
    state: Literal["pending", "proven"]
    last_mail_at: str | None
    confirmation: (
        Annotated[
            ForwardingConfirmation,
            Meta(description="What the provider asked before it forwards; for admins alone."),
        ]
        | None
    )
    instructions: Annotated[
        tuple[ProviderSteps, ...], Meta(description="Step by step, by provider and language; empty in lists.")
    ]


class DnsRecordAnswer(Struct, frozen=True, kw_only=True):
    """One record to publish. `state` is null for what SES does not look at."""

    type: Literal["CNAME", "MX", "TXT"]
    name: str
    value: str
    purpose: RecordPurpose
    required: bool
    state: DomainState | None


class SendingAnswer(Struct, frozen=True, kw_only=True):
    """Whether mail may leave from the address's domain, as SES last said, and the records that it takes.

    `public`: the domain is a public mail provider's (gmail.com), so that it never may.
    """

    domain: str
    state: State
    because: Annotated[str, Meta(description="Why mail leaves over the fallback address instead.")] | None
    records: tuple[DnsRecordAnswer, ...]
    checked_at: str | None


def shape_receiving(channel: Channel, *, is_proven: bool, whole: bool, for_admin: bool) -> ReceivingAnswer | None:
    """Of a team address, else None. What Gmail asks is for those who set up the forwarding (`for_admin`)."""
    if channel.type is not ChannelType.TEAM_EMAIL:
        return None
    return ReceivingAnswer(
        forwarding_address=channel.receives_at,
        state="proven" if is_proven else "pending",
        last_mail_at=channel.last_mail_in_at,
        confirmation=channel.confirmation if for_admin else None,
        instructions=instructions(channel.address, channel.receives_at) if whole else (),
    )


def shape_sending(channel: Channel, way: Way) -> SendingAnswer | None:
    """Of a team address, else None; a domain that the account does not have any more cannot be sent from."""
    if channel.type is not ChannelType.TEAM_EMAIL:
        return None
    name = domain_of(channel.address)
    found = way.domains.get(name)
    if found is None:
        state: State = "public" if is_public(name) else "failed"
        return SendingAnswer(domain=name, state=state, because=_because(name, state), records=(), checked_at=None)
    records = tuple(
        DnsRecordAnswer(
            type=each.type,  # type: ignore[arg-type]
            name=each.name,
            value=each.value,
            purpose=each.purpose,
            required=each.required,
            state=each.state,
        )
        for each in found.records
    )
    state = found.state.value
    return SendingAnswer(
        domain=name, state=state, because=_because(name, state), records=records, checked_at=found.checked_at
    )


def _because(domain: str, state: str) -> str | None:
    told = {
        "pending": f"SES has not seen all records of {domain} yet. Publish them.",
        "failed": f"SES does not find the records of {domain}, or the claim of the domain has ended. Publish the "
        "records; without any, connect the address again.",
        "public": f"{domain} is a public mail provider's domain: it publishes no records for others, so that mail from "
        "its addresses can never be verified here. Connect an address of a domain of your own to send from it.",
    }
    return f"{told[state]} Answers leave over the inbox's fallback address." if state in told else None

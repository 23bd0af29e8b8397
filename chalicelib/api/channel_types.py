"""`/v1/channel-types` and what connects a channel: which types there are, what each can do, and its form."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.api.requests import Call, read_body
from chalicelib.api.shapes import Listing
from chalicelib.errors import InvalidInput
from chalicelib.model.inbox import ChannelType
from chalicelib.model.texts import Email
from chalicelib.settings.channel_types import (
    CATALOGUE,
    FORMS,
    Abilities,
    ChannelLimits,
    CompanyName,
    Form,
    LocalPart,
    UseForSending,
)


class ConnectRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A channel to connect: its type, and what the form of that type asks for (`GET /v1/channel-types`)."""

    type: ChannelType
    local_part: LocalPart | UnsetType | None = UNSET
    address: Email | UnsetType = UNSET
    use_for_sending: UseForSending | UnsetType = UNSET
    company_name: CompanyName | UnsetType | None = UNSET


class ChannelTypeAnswer(Struct, frozen=True, kw_only=True):
    """A type of channel that works. Titles and descriptions are by language, `en` and `de`."""

    type: ChannelType
    title: dict[str, str]
    description: dict[str, str]
    can: Abilities
    limits: ChannelLimits
    form: Annotated[dict[str, Any], Meta(description="JSON Schema 2020-12 of what connecting takes.")]


def list_channel_types(call: Call) -> Listing[ChannelTypeAnswer]:
    """Every type that can be connected (S13)."""
    items = tuple(
        ChannelTypeAnswer(
            type=each.kind,
            title=each.title,
            description=each.description,
            can=each.can,
            limits=each.limits,
            form=each.form_schema(),
        )
        for each in CATALOGUE
    )
    return Listing(items, None)


def form_of(told: ConnectRequest, *, below: str = "") -> Form:
    """The request as the form of its type; what that form does not know is refused. `below`: where it stands."""
    try:
        form: Form = read_body(msgspec.to_builtins(told), FORMS[told.type])
    except InvalidInput as error:
        raise InvalidInput(error.detail, pointer=f"{below}{error.pointer or ''}") from error
    return form

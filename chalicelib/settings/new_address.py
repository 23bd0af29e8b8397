"""Another local part for a fallback address (S9). The old address still leads to the channel: no mail is lost."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from chalicelib.errors import Conflict, Refused
from chalicelib.model.inbox import Channel, ChannelType
from chalicelib.settings.channel_types import LocalPart
from chalicelib.settings.new_channel import ADDRESS_TAKEN, NOT_FOR_PEOPLE
from chalicelib.storage import channels

MOST_FORMER = 20


def with_address(channel: Channel, address: str) -> Channel:
    """The channel at another address, its own as a former one. `Refused`: it cannot be at this address. Pure."""
    local_part, _, domain = address.lower().rpartition("@")
    own = channel.address.rpartition("@")[2]
    if channel.type is not ChannelType.FALLBACK_EMAIL:
        raise Refused(
            "Only fallback addresses can be changed. Connect the other address, and disconnect this one.",
            pointer="/address",
            code="address_fixed",
        )
    if domain != own:
        raise Refused(f"Only what stands before @{own} can be changed.", pointer="/address", code="other_domain")
    try:
        msgspec.convert(local_part, LocalPart)
    except msgspec.ValidationError as error:
        raise Refused(f"{local_part} cannot stand before the @: {error}", pointer="/address", code="bad_address") from (
            error
        )
    if local_part in NOT_FOR_PEOPLE:
        raise Refused(f"{local_part} is kept for the mail system.", pointer="/address", code="reserved_address")
    new = f"{local_part}@{domain}"
    former = tuple(each for each in dict.fromkeys((*channel.former_addresses, channel.address)) if each != new)
    if len(former) > MOST_FORMER:
        raise Refused(
            f"The channel has had {MOST_FORMER} addresses, and mail for each still arrives: no more are kept.",
            pointer="/address",
            code="too_many_addresses",
        )
    return replace(channel, address=new, former_addresses=former)


def require_address(before: Channel, after: Channel) -> None:
    """Raise `Conflict` if the new address is another channel's."""
    if after.address == before.address or after.address in before.former_addresses:
        return
    if not channels.address_is_free(after.account_id, after.address):
        raise Conflict(ADDRESS_TAKEN, pointer="/address", code="address_taken")

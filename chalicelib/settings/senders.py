"""In whose name a channel's mail leaves, as admins set it (S25-S37). Pure."""

from __future__ import annotations

from msgspec import Struct

from chalicelib.errors import Refused
from chalicelib.mail.compose_fields import ComposeError, ascii_address
from chalicelib.model.inbox import Channel, FromNameMode, Sender
from chalicelib.model.public_domains import is_public
from chalicelib.model.texts import Email, Name
from chalicelib.outbound.choose_sender import domain_of
from chalicelib.settings.from_names import folded_name


class SenderSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """In whose name mail leaves. Without `company_name` the account's; without `from_address` the channel's own.

    Another `from_address` is used once it is proven (`POST /v1/channels/{id}/from-address`); until then mail leaves
    from the channel's own.
    """

    use_for_sending: bool = False
    from_name_mode: FromNameMode = FromNameMode.USER_AND_COMPANY
    company_name: Name | None = None
    from_address: Email | None = None


def settings_of(channel: Channel) -> SenderSettings:
    """The part of a channel's sender that can be changed."""
    sender = channel.sender
    return SenderSettings(
        sender.use_for_sending, sender.from_name_mode, sender.company_name or None, sender.from_address
    )


def checked_sender(settings: SenderSettings, channel: Channel) -> Sender:
    """The settings as they are stored. `Refused`: the company name shows nothing, the address cannot be sent from."""
    if settings.company_name is not None and not folded_name(settings.company_name):
        raise Refused("Nothing of this name shows.", pointer="/sender/company_name", code="invisible_name")
    return Sender(
        use_for_sending=settings.use_for_sending,
        from_name_mode=settings.from_name_mode,
        company_name=settings.company_name or "",
        from_address=custom_address(settings.from_address, channel, pointer="/sender/from_address"),
    )


def custom_address(address: str | None, channel: Channel, *, pointer: str) -> str | None:
    """A custom from address in the form that is sent; None for the channel's own.

    `Refused` when no mail can leave from it, or none from a public provider's domain would arrive (decision 152).
    """
    if address is None or address.lower() == channel.address.lower():
        return None
    try:
        wanted = ascii_address("From", address)
    except ComposeError as error:
        raise Refused(f"{address} is no address that mail can leave from.", pointer=pointer, code="bad_address") from (
            error
        )
    domain = domain_of(wanted)
    if is_public(domain) and wanted != channel.sender.from_address:
        raise Refused(
            f"{domain} belongs to a public mail provider, and receivers reject or hide mail from its addresses that "
            "leaves from elsewhere (DMARC). Use an address of a domain of your own, and have it verified; or leave it "
            f"out, and mail leaves from {channel.receives_at}.",
            pointer=pointer,
            code="public_domain",
        )
    return wanted


def name_key(channel: Channel, account_name: str) -> str:
    """What the channel's from name is compared by (S30)."""
    return folded_name(channel.sender.company_name or account_name)

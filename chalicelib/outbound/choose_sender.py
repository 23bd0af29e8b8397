"""In whose name a mail leaves: from name, from address and signature, and why (S24-S37). Pure.

The from name is `Ann Archer (Acme)`, or with `company` the company name alone: then no user's name may stand anywhere
in the mail (S29), which `user_name` None tells whoever renders the rest. A custom from address is used once it is
proven (S37); until then mail leaves from the channel's own. What is read here holds from the next mail on (S71).
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from chalicelib.mail.clean import clean_line
from chalicelib.mail.model import Address
from chalicelib.model.account import User
from chalicelib.model.conversation import Reason
from chalicelib.model.health import ChannelStatus, overall
from chalicelib.model.inbox import Channel, ChannelType, FromNameMode, SignatureImage
from chalicelib.model.public_domains import is_public


class SenderIdentity(Struct, frozen=True):
    """Whom a mail is from. `signature` is the acting channel's HTML, its tokens not yet filled; `images` it may show.

    `user_name` None: no user's name may stand in the mail. `channel_id` names the channel whose settings these are.
    """

    from_: Address
    because: Reason
    channel_id: str
    company_name: str
    user_name: str | None = None
    signature: str = ""
    images: tuple[SignatureImage, ...] = ()


def choose_sender(
    channel: Channel,
    user: User | None,
    company_name: str,
    fallback: Channel | None = None,
    *,
    verified: Collection[str] = (),
    stands_in_because: Reason | None = None,
) -> SenderIdentity:
    """The sender of a mail that `user` writes in `channel`; without a user (automatic mail) the company's.

    `company_name` is the account's, for channels without one of their own. `fallback`: the channel that takes over
    because `channel` is disconnected; from name, from address and signature are then all the fallback's (S24).
    `verified`: domains that the account may send from.
    """
    acting = fallback or channel
    company = one_line(acting.sender.company_name) or one_line(company_name)
    user_name = None
    if user is not None and acting.sender.from_name_mode is FromNameMode.USER_AND_COMPANY:
        user_name = one_line(user.name) or None
    address, because = _address(acting, verified)
    if fallback is not None:
        why = stands_in_because.text if stands_in_because else f"{channel.address} is disconnected."
        because = Reason("fallback_took_over", f"{why} So {address} stands in for it.")
    return SenderIdentity(
        from_=Address(from_name(user_name, company), address),
        because=because,
        channel_id=acting.id,
        company_name=company,
        user_name=user_name,
        signature=acting.signature,
        images=acting.signature_images,
    )


def refused_because(channel: Channel, *, takes_over: bool = False) -> Reason | None:
    """Why nothing may be sent through a channel, or None (S25, S28, S86).

    `takes_over`: it stands in for a disconnected channel, which S28 does not forbid (S24).
    """
    if not channel.enabled:
        return Reason("channel_off", f"The channel {channel.address} is switched off. Switch it on to send through it.")
    if not channel.sender.use_for_sending and not takes_over:
        return Reason(
            "not_used_for_sending",
            f"{channel.address} is not used for sending. An admin can turn on `use_for_sending` in the channel's "
            "`sender` settings.",
        )
    return None


def stand_in_because(channel: Channel, verified: Collection[str] = ()) -> Reason | None:
    """Why a channel cannot be sent through itself, whatever its admins want; None when it can."""
    address = channel.address
    if channel.disconnected_at is not None:
        return Reason("channel_disconnected", f"{address} was removed from the inbox.")
    if channel.type is not ChannelType.TEAM_EMAIL:
        return None
    if overall(channel.observed, enabled=True, sends=True) is ChannelStatus.DISCONNECTED:
        return Reason("team_address_disconnected", f"{address} is disconnected.")
    if domain_of(address) not in verified and not is_proven(channel, verified):
        if is_public(domain_of(address)):
            text = f"{domain_of(address)} is a public mail provider's domain, from which no mail can leave here."
            return Reason("public_domain", text)
        return Reason("domain_not_verified", f"The domain of {address} does not let mail leave from here yet.")
    return None


def domain_of(address: str) -> str:
    """The domain of an address, lower-case: compared whole (Discourse CVE-2026-33393)."""
    return address.rpartition("@")[2].lower().rstrip(".")


def is_proven(channel: Channel, verified: Collection[str] = ()) -> bool:
    """Whether somebody has shown to control the channel's custom from address, or its domain (S37)."""
    wanted, proven = channel.sender.from_address, channel.proven_address
    if wanted is None:
        return False
    return domain_of(wanted) in verified or (proven is not None and wanted.lower() == proven.lower())


def from_name(user_name: str | None, company_name: str) -> str | None:
    """What stands in front of the address: free of control characters and bidirectional overrides as its parts are."""
    if not user_name or user_name == company_name:
        return company_name or user_name or None
    return f"{user_name} ({company_name})" if company_name else user_name


def one_line(text: str) -> str:
    """Free text as it may stand in a header: one line, single blanks, no control characters."""
    return " ".join(clean_line(text).split())


def _address(channel: Channel, verified: Collection[str]) -> tuple[str, Reason]:
    wanted = channel.sender.from_address
    if wanted is None:
        return channel.address, Reason("own_address", "The channel's own address is used.")
    if is_proven(channel, verified):
        return wanted, Reason("custom_address", f"{wanted} is set for the channel, and proven.")
    return channel.address, Reason(
        "custom_address_not_proven", f"Nobody has shown yet to control {wanted}, so the channel's own address is used."
    )

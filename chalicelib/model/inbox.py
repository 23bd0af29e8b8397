"""Inboxes and the channels by which messages reach them."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from .health import ObservedStatus
from .ticket_property import PropertyValue


class AccessMode(StrEnum):
    """Who may see an inbox (S15, S16)."""

    EVERYONE = "everyone"
    SELECTED = "selected"


class Access(Struct, frozen=True):
    """With `selected`: the chosen users and the members of the chosen teams (S16)."""

    mode: AccessMode = AccessMode.EVERYONE
    user_ids: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()

    def includes(self, user_id: str, team_ids: tuple[str, ...]) -> bool:
        """Whether a user, by id and teams, is one of those who act in the inbox."""
        if self.mode is AccessMode.EVERYONE:
            return True
        return user_id in self.user_ids or not set(team_ids).isdisjoint(self.team_ids)


class Inbox(Struct, frozen=True):
    """A list of conversations with channels and access of its own (S1, S72). Archived, it can be read and no more."""

    account_id: str
    id: str
    name: str
    access: Access
    created_at: str
    archived_at: str | None = None
    version: int = 1


class ChannelType(StrEnum):
    """The kinds of channel that work: an address of ours, or the team's own, whose mail is forwarded to us."""

    FALLBACK_EMAIL = "fallback_email"
    TEAM_EMAIL = "team_email"


class RoutingMode(StrEnum):
    """Whom new conversations are assigned to (S54-S57)."""

    OFF = "off"
    SPECIFIC = "specific"
    CONTACT_OWNER = "contact_owner"


class Routing(Struct, frozen=True):
    """The assignment rule of a channel (S52-S63)."""

    mode: RoutingMode = RoutingMode.OFF
    user_ids: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()
    only_available: bool = True


class TicketOwner(StrEnum):
    """Who owns a new ticket (S68, S69)."""

    ASSIGNEE = "assignee"
    USER = "user"


class Priority(StrEnum):
    """How urgent a ticket is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class Ticketing(Struct, frozen=True):
    """Whether and how new conversations open tickets (S65-S69). Without a stage: the pipeline's first.

    `properties`: values by the id of the property (S66).
    """

    enabled: bool = True
    pipeline_id: str | None = None
    stage_id: str | None = None
    priority: Priority | None = None
    owner: TicketOwner = TicketOwner.ASSIGNEE
    owner_id: str | None = None
    properties: dict[str, PropertyValue] = {}


class FromNameMode(StrEnum):
    """Whose name stands in front of the address: the sending user's and the company's, or the company's (S29)."""

    USER_AND_COMPANY = "user_and_company"
    COMPANY = "company"


class Sender(Struct, frozen=True):
    """In whose name mail leaves (S25-S37).

    `company_name` empty: the account's. `from_address` None: the channel's own (S33); another one is used once it is
    the channel's `proven_address` (S37).
    """

    use_for_sending: bool = False
    from_name_mode: FromNameMode = FromNameMode.USER_AND_COMPANY
    company_name: str = ""
    from_address: str | None = None


class Acknowledgement(Struct, frozen=True):
    """The automatic answer to a first mail. `subject` and `html` (cleaned) empty: the words that everybody gets."""

    enabled: bool = False
    subject: str = ""
    html: str = ""


class SignatureImage(Struct, frozen=True):
    """An image that a channel's signature may show; `size` in bytes."""

    id: str
    filename: str
    content_type: str
    size: int
    created_at: str

    @property
    def content_id(self) -> str:
        """By which the signature's HTML shows it (`cid:`), and the mail names it (RFC 2392)."""
        return f"{self.id}@signature"


class ForwardingConfirmation(Struct, frozen=True):
    """What a mail provider asks before it forwards: a code to type in, or a page to confirm on.

    `mailbox`: whose mail it would forward, as far as the provider says.
    """

    code: str | None
    url: str | None
    mailbox: str | None
    at: str


class Channel(Struct, frozen=True):
    """One way into an inbox. `enabled` is what the admin wants (S85).

    Mail arrives at `forwarding_address`; None: at `address` itself. `former_addresses` still lead here, so that no mail
    is lost. A disconnected channel is kept for what was written through it, and is in no list.

    `signature` is cleaned HTML, empty without one (S40); `signature_images` are those that it may show, and
    `images_version` counts their changes. `proven_address`: somebody has shown to read its mail (S36).

    `observed` and `last_mail_in_at` are observations, not settings: they change without the version. The latter is as
    old as it may be (`inbound/file_mail.py`), and tells only mail that came the way that the channel is meant for.
    """

    account_id: str
    id: str
    inbox_id: str
    type: ChannelType
    address: str
    created_at: str
    enabled: bool = True
    forwards_to_original_sender: bool = True  # S49
    routing: Routing = Routing()
    ticketing: Ticketing = Ticketing()
    sender: Sender = Sender()
    signature: str = ""
    proven_address: str | None = None
    acknowledgement: Acknowledgement = Acknowledgement()
    observed: ObservedStatus = ObservedStatus()
    last_mail_in_at: str | None = None
    forwarding_address: str | None = None
    former_addresses: tuple[str, ...] = ()
    confirmation: ForwardingConfirmation | None = None
    disconnected_at: str | None = None
    connected_by: str | None = None  # the user who is told of trouble, besides the admins
    signature_images: tuple[SignatureImage, ...] = ()
    images_version: int = 0
    version: int = 1

    @property
    def receives_at(self) -> str:
        """The address of ours that mail for the channel comes to, as it is to be copied (S39)."""
        return self.forwarding_address or self.address

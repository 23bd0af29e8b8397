"""Who works here: account, user, team, access token."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from .ticket import StageMoves


class Plan(StrEnum):
    """What an account pays for (S5, S6)."""

    FREE = "free"
    STARTER = "starter"
    PROFESSIONAL = "professional"
    ENTERPRISE = "enterprise"

    @property
    def has_further_inboxes(self) -> bool:
        """Further inboxes need `professional` or `enterprise` (S6)."""
        return self in (Plan.PROFESSIONAL, Plan.ENTERPRISE)


class Role(StrEnum):
    """What a user may do in the account."""

    MEMBER = "member"
    ACCOUNT_ACCESS = "account_access"
    SUPER_ADMIN = "super_admin"

    @property
    def is_admin(self) -> bool:
        """Sets things up, and reads every conversation (S19)."""
        return self is not Role.MEMBER


class Seat(StrEnum):
    """What is paid for a user (S20)."""

    FREE = "free"
    SALES = "sales"
    SERVICE = "service"

    @property
    def is_paid(self) -> bool:
        """Only paid seats are assigned to automatically (S20) and set assignment rules (S53)."""
        return self is not Seat.FREE


class Availability(StrEnum):
    """Whether a user takes new conversations now (S61)."""

    AVAILABLE = "available"
    AWAY = "away"


class Scope(StrEnum):
    """What a token may be used for: each includes the ones before it."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class Answering(Struct, frozen=True):
    """How an account answers. `undo_seconds`: how long an answer waits and can be taken back (0: not at all).

    `new_conversation_after_days`: a customer's reply to what was closed longer ago opens a new conversation, linked to
    the old (None: reopens it). `quotes_original`: whether an answer ends with the mail it answers.
    """

    undo_seconds: int = 10
    new_conversation_after_days: int | None = None
    quotes_original: bool = True


class Retention(Struct, frozen=True):
    """After how many days what is kept goes for good; None: never.

    `raw_mail_days`: the raw mail, and with it the attachments, which are taken out of it. `unfiled_days`: mail that
    became no conversation, but for what a channel holds. `closed_days`: conversations after they were closed and
    nothing more came, with all that belongs to them.
    """

    raw_mail_days: int | None = None
    unfiled_days: int | None = None
    closed_days: int | None = None

    @property
    def keeps_everything(self) -> bool:
        """Whether nothing ever goes."""
        return self == Retention()


class Account(Struct, frozen=True):
    """One customer organisation. `created_at` and all times: ISO 8601, UTC, milliseconds.

    `stage_moves`: by pipeline, where its tickets go by themselves, of those pipelines that move any. A copy of what the
    pipelines say, since the account is read with every mail and every answer.
    """

    id: str
    company_name: str
    subdomain: str
    plan: Plan
    locale: str
    default_inbox_id: str
    default_pipeline_id: str
    created_at: str
    answering: Answering = Answering()
    retention: Retention = Retention()
    stage_moves: dict[str, StageMoves] = {}
    archived_inbox_ids: tuple[str, ...] = ()
    version: int = 1


class UserStatus(StrEnum):
    """Invited: the mailed code was not handed in yet, so the user has no token and takes no conversations."""

    INVITED = "invited"
    ACTIVE = "active"


class Weekday(StrEnum):
    """Days as ISO 8601 orders them."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Shift(Struct, frozen=True):
    """Hours of a day of the week, from `start` until before `end`: wall clock, `09:00`; `24:00` ends a day."""

    day: Weekday
    start: str
    end: str


class Holiday(Struct, frozen=True):
    """Days off, the first and the last: dates as `2026-12-24`."""

    first: str
    last: str


class WorkingHours(Struct, frozen=True):
    """When somebody works: on the clock and the calendar of `time_zone` (IANA, such as `Europe/Berlin`)."""

    time_zone: str
    shifts: tuple[Shift, ...] = ()
    holidays: tuple[Holiday, ...] = ()


class User(Struct, frozen=True):
    """A person of an account. `open_conversations` and `last_assigned_at` are kept by assignment (S56).

    `availability` is the user's own switch; with `working_hours`, only within them does it count
    (`routing/availability.py`).
    """

    account_id: str
    id: str
    email: str
    name: str
    role: Role
    seat: Seat
    availability: Availability
    created_at: str
    team_ids: tuple[str, ...] = ()
    open_conversations: int = 0
    last_assigned_at: str | None = None
    status: UserStatus = UserStatus.ACTIVE
    working_hours: WorkingHours | None = None
    version: int = 1

    @property
    def called(self) -> str:
        """What colleagues call the user: by name, else by address; nobody knows anybody by an id."""
        return self.name or self.email or self.id

    @property
    def takes_conversations(self) -> bool:
        """Whether new conversations may be assigned to the user (S20, S61), by seat, status and switch."""
        return self.seat.is_paid and self.is_active and self.availability is Availability.AVAILABLE

    @property
    def is_active(self) -> bool:
        """Whether the user came, by an invitation or because an admin made a token."""
        return self.status is UserStatus.ACTIVE


class Team(Struct, frozen=True):
    """A named group of users; who belongs to it stands on the users (`team_ids`)."""

    account_id: str
    id: str
    name: str
    created_at: str
    version: int = 1


class AccessToken(Struct, frozen=True):
    """A bearer token as stored: only its SHA-256 is kept, so the token itself can be shown once."""

    account_id: str
    id: str
    user_id: str
    name: str
    scopes: tuple[Scope, ...]
    digest: str
    created_at: str
    expires_at: str

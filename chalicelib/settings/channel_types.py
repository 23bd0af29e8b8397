"""The catalogue of channel types that work (S13): what each can do, and its form, which is also what connecting checks.

A form is a JSON Schema made of the type that validates, so that whoever shows it needs to know no type beforehand.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from chalicelib.model.inbox import ChannelType
from chalicelib.model.texts import END, Email, Name

LocalPart = Annotated[
    str,
    Meta(
        pattern=r"^(?!r\d+\.)[a-z0-9](?:[a-z0-9_+-]|\.(?!\.)){0,38}[a-z0-9]" + END + r"|^[a-z0-9]" + END,
        min_length=1,
        max_length=40,
        examples=["sales"],
        description="What stands before the @: lower-case letters, digits, and . _ + - between them.",
    ),
]
UseForSending = Annotated[bool, Meta(description="Whether answers may leave through the channel (S25).")]
CompanyName = Annotated[Name, Meta(description="What the from name shows; no two fallback addresses share one (S30).")]


class FallbackEmailForm(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="fallback_email"):
    """An address of ours that works at once. Without a local part, one is made of the inbox's name."""

    local_part: LocalPart | None = None
    use_for_sending: UseForSending = False
    company_name: CompanyName | None = None


class TeamEmailForm(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="team_email"):
    """The team's own address, whose mail server forwards to us, and whose domain lets us send."""

    address: Annotated[Email, Meta(description="The team's address.", examples=["support@customer.example"])]
    use_for_sending: UseForSending = True
    company_name: CompanyName | None = None


Form = FallbackEmailForm | TeamEmailForm


class Abilities(Struct, frozen=True):
    """What can be done through a channel. `start`: begin a conversation; `attach`: send and receive files."""

    receive: bool
    send: bool
    start: bool
    attach: bool


class ChannelLimits(Struct, frozen=True):
    """How much fits: bytes of a whole mail in each direction, recipients of one mail."""

    received_bytes: int
    sent_bytes: int
    recipients: int


class ChannelTypeEntry(Struct, frozen=True):
    """One type of channel. `title` and `description` are in English and German, by language."""

    kind: ChannelType
    title: dict[str, str]
    description: dict[str, str]
    can: Abilities
    limits: ChannelLimits
    form: type[Any]

    def form_schema(self) -> dict[str, Any]:
        """The form as JSON Schema 2020-12, with everything it refers to in it."""
        schema = msgspec.json.schema(self.form)
        named = schema.pop("$defs")
        whole: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", **named[self.form.__name__]}
        return whole


# SES takes mail up to 40 MB in both directions ("Service quotas in Amazon SES").
MAIL = ChannelLimits(received_bytes=40 * 1024 * 1024, sent_bytes=40 * 1024 * 1024, recipients=50)
EVERYTHING = Abilities(receive=True, send=True, start=True, attach=True)

CATALOGUE = (
    ChannelTypeEntry(
        ChannelType.FALLBACK_EMAIL,
        {"en": "Fallback address", "de": "Ersatzadresse"},
        {
            "en": "A ready-made e-mail address. It needs no mailbox and no DNS.",
            "de": "Eine fertige E-Mail-Adresse. Sie braucht kein Postfach und kein DNS.",
        },
        EVERYTHING,
        MAIL,
        FallbackEmailForm,
    ),
    ChannelTypeEntry(
        ChannelType.TEAM_EMAIL,
        {"en": "Team address", "de": "Teamadresse"},
        {
            "en": "Your team's own address, such as support@your-company.com. Your mail server forwards its mail to "
            "us, and answers leave from it once your domain's DNS allows it.",
            "de": "Die eigene Adresse des Teams, etwa support@ihre-firma.de. Ihr Mailserver leitet ihre Mail an uns "
            "weiter, und Antworten gehen von ihr aus, sobald das DNS Ihrer Domain es erlaubt.",
        },
        EVERYTHING,
        MAIL,
        TeamEmailForm,
    ),
)
FORMS: dict[ChannelType, type[Any]] = {each.kind: each.form for each in CATALOGUE}

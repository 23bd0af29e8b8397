"""The rows of the one table, as PynamoDB models: what `model/` calls things, plus keys.

A row has one attribute for each field of its value in `model/`, so that updates touch single attributes and code of an
older release leaves attributes it does not know alone. Nested values are JSON texts (`Json`), which a settings change
replaces whole. Rows never leave `storage/`: `table.py` turns them into values and back.
"""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
from pynamodb.attributes import (
    Attribute,
    BinaryAttribute,
    BooleanAttribute,
    DiscriminatorAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from chalicelib.config import config
from chalicelib.storage.keys import Key


class Json(Attribute[Any]):
    """A nested value of builtins, stored as JSON text: smaller than a map, and read whole."""

    attr_type = "S"

    def serialize(self, value: Any) -> str:
        """Builtins to text."""
        return msgspec.json.encode(value).decode()

    def deserialize(self, value: str) -> Any:
        """Text to builtins."""
        return msgspec.json.decode(value)


class Deflated(Attribute[str]):
    """A long text, stored as deflated UTF-8 (RFC 1950): what is read with a row costs by its size."""

    attr_type = "B"

    def serialize(self, value: str) -> bytes:
        """Text to bytes."""
        return zlib.compress(value.encode("utf-8", "replace"), 6)

    def deserialize(self, value: bytes) -> str:
        """Bytes to text."""
        return zlib.decompress(value).decode()


class _Deployed(type):
    @property
    def table_name(cls) -> str:
        return config().table_name


class ByList(GlobalSecondaryIndex[Any]):
    """Lists: conversations of an inbox, channels of an inbox, deliveries of a verdict, tickets of a stage."""

    class Meta:
        """Name and projection."""

        index_name = "by_list"
        projection = AllProjection()

    list_pk = UnicodeAttribute(hash_key=True)
    list_sk = UnicodeAttribute(range_key=True)


class ByPerson(GlobalSecondaryIndex[Any]):
    """Lists of one colleague: conversations of an assignee, tickets of an owner."""

    class Meta:
        """Name and projection."""

        index_name = "by_person"
        projection = AllProjection()

    person_pk = UnicodeAttribute(hash_key=True)
    person_sk = UnicodeAttribute(range_key=True)


class ByContact(GlobalSecondaryIndex[Any]):
    """Lists of one contact: conversations and timeline."""

    class Meta:
        """Name and projection."""

        index_name = "by_contact"
        projection = AllProjection()

    contact_pk = UnicodeAttribute(hash_key=True)
    contact_sk = UnicodeAttribute(range_key=True)


class Row(Model):
    """What every item has. `kind` says which class reads it."""

    class Meta(metaclass=_Deployed):
        """Where the table is: endpoint, region and credentials come from the environment as botocore reads it."""

        connect_timeout_seconds = 2
        read_timeout_seconds = 10
        retry_configuration = {"total_max_attempts": 4, "mode": "standard"}  # noqa: RUF012

    by_list = ByList()
    by_person = ByPerson()
    by_contact = ByContact()

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = DiscriminatorAttribute()
    list_pk = UnicodeAttribute(null=True)
    list_sk = UnicodeAttribute(null=True)
    person_pk = UnicodeAttribute(null=True)
    person_sk = UnicodeAttribute(null=True)
    contact_pk = UnicodeAttribute(null=True)
    contact_sk = UnicodeAttribute(null=True)
    expires_at = TTLAttribute(null=True)

    account_id = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)

    @property
    def key(self) -> Key:
        """Where it is."""
        return Key(self.pk, self.sk)


class AccountRow(Row, discriminator="account"):
    """`model.Account`."""

    id = UnicodeAttribute()
    company_name = UnicodeAttribute()
    subdomain = UnicodeAttribute()
    plan = UnicodeAttribute()
    locale = UnicodeAttribute()
    default_inbox_id = UnicodeAttribute()
    default_pipeline_id = UnicodeAttribute()


class SubdomainRow(Row, discriminator="subdomain"):
    """Which account a subdomain belongs to: no two accounts share one."""


class UserRow(Row, discriminator="user"):
    """`model.User`."""

    id = UnicodeAttribute()
    email = UnicodeAttribute()
    name = UnicodeAttribute()
    role = UnicodeAttribute()
    seat = UnicodeAttribute()
    availability = UnicodeAttribute()
    team_ids = Json()
    open_conversations = NumberAttribute()
    last_assigned_at = UnicodeAttribute(null=True)


class TeamRow(Row, discriminator="team"):
    """`model.Team`."""

    id = UnicodeAttribute()
    name = UnicodeAttribute()


class TokenRow(Row, discriminator="token"):
    """`model.AccessToken`; `token_expires_at` is the exact time, `expires_at` lets DynamoDB forget the row later."""

    id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    name = UnicodeAttribute()
    scopes = Json()
    digest = UnicodeAttribute()
    token_expires_at = UnicodeAttribute()


class InboxRow(Row, discriminator="inbox"):
    """`model.Inbox`."""

    id = UnicodeAttribute()
    name = UnicodeAttribute()
    access = Json()


class ChannelRow(Row, discriminator="channel"):
    """`model.Channel`."""

    id = UnicodeAttribute()
    inbox_id = UnicodeAttribute()
    type = UnicodeAttribute()
    address = UnicodeAttribute()
    enabled = BooleanAttribute()
    forwards_to_original_sender = BooleanAttribute()
    routing = Json()
    ticketing = Json()
    sender = Json(null=True)
    signature = Deflated(null=True)
    proven_address = UnicodeAttribute(null=True)


class AddressRow(Row, discriminator="address"):
    """Which channel takes mail for an address: no two channels share one."""

    address = UnicodeAttribute()
    channel_id = UnicodeAttribute()
    inbox_id = UnicodeAttribute()


class FromNameRow(Row, discriminator="from_name"):
    """Which channel has a from name: no two channels of an account share one (S30)."""

    channel_id = UnicodeAttribute()


class ProofRow(Row, discriminator="proof"):
    """`model.AddressProof`; `proof_expires_at` is the exact time, at `expires_at` DynamoDB may forget the row."""

    id = UnicodeAttribute()
    channel_id = UnicodeAttribute()
    address = UnicodeAttribute()
    digest = UnicodeAttribute()
    proof_expires_at = UnicodeAttribute()


class CountRow(Row, discriminator="count"):
    """How often something limited was done."""

    times = NumberAttribute()


class PipelineRow(Row, discriminator="pipeline"):
    """`model.Pipeline`."""

    id = UnicodeAttribute()
    name = UnicodeAttribute()
    stages = Json()


class ContactRow(Row, discriminator="contact"):
    """`model.Contact`."""

    id = UnicodeAttribute()
    email = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    owner_id = UnicodeAttribute(null=True)


class ContactAddressRow(Row, discriminator="contact_address"):
    """The contact behind an address, as far as filing a mail needs it, so that one read is enough."""

    id = UnicodeAttribute()
    email = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    owner_id = UnicodeAttribute(null=True)


class ConversationRow(Row, discriminator="conversation"):
    """`model.Conversation`; `participants` is a set, so that conditions and additions need no read."""

    id = UnicodeAttribute()
    inbox_id = UnicodeAttribute()
    channel_id = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    contact_email = UnicodeAttribute()
    contact_name = UnicodeAttribute(null=True)
    subject = UnicodeAttribute()
    status = UnicodeAttribute()
    assignee_id = UnicodeAttribute(null=True)
    assigned_because = Json()
    started_because = Json()
    participants = UnicodeSetAttribute(null=True)
    message_count = NumberAttribute()
    last_message_at = UnicodeAttribute()
    preview = UnicodeAttribute(null=True)
    ticket_id = UnicodeAttribute(null=True)
    closed_at = UnicodeAttribute(null=True)


class MessageRow(Row, discriminator="message"):
    """`model.Message`; `body` is deflated JSON (`bodies.py`), or absent and at `body_key`."""

    id = UnicodeAttribute()
    conversation_id = UnicodeAttribute()
    inbox_id = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    direction = UnicodeAttribute()
    envelope = Json()  # the fields of the message that nothing is ever searched or changed by
    status = UnicodeAttribute()
    body = BinaryAttribute(null=True, legacy_encoding=False)
    body_key = UnicodeAttribute(null=True)
    raw_key = UnicodeAttribute(null=True)
    delivery_id = UnicodeAttribute(null=True)
    author_id = UnicodeAttribute(null=True)
    sending = Json(null=True)  # `version` is the sending's


class IdempotencyRow(Row, discriminator="idempotency"):
    """What a request with an idempotency key made, so that its repeat makes nothing more."""

    fingerprint = UnicodeAttribute()  # of the request
    made = UnicodeAttribute()  # the id of what it made


class MessageIdRow(Row, discriminator="message_id"):
    """`model.KnownMessageId`: the conversation of a Message-ID; `pending` when only cited so far.

    `claim` is a digest of the channel and content of the mail that arrived with it, `claimed_by` its delivery.
    """

    message_id = UnicodeAttribute()
    conversation_id = UnicodeAttribute()
    direction = UnicodeAttribute()
    pending = BooleanAttribute()
    participants = UnicodeSetAttribute(null=True)
    writer = UnicodeAttribute(null=True)
    claim = UnicodeAttribute(null=True)
    claimed_by = UnicodeAttribute(null=True)


class ClaimRow(Row, discriminator="claim"):
    """Which delivery filed this content for a channel, where the row of the mail's own Message-ID does not say it."""

    delivery_id = UnicodeAttribute()


class DeliveryRow(Row, discriminator="delivery"):
    """`model.Delivery`."""

    id = UnicodeAttribute()
    channel_id = UnicodeAttribute(null=True)
    inbox_id = UnicodeAttribute(null=True)
    recipients = Json()
    verdict = UnicodeAttribute()
    because = Json()
    arrival = Json()
    received_at = UnicodeAttribute()
    conversation_id = UnicodeAttribute(null=True)
    message_id = UnicodeAttribute(null=True)
    from_address = UnicodeAttribute(null=True)
    subject = UnicodeAttribute(null=True)
    of_delivery_id = UnicodeAttribute(null=True)
    attempts = NumberAttribute()


class RawMailRow(Row, discriminator="raw_mail"):
    """That every delivery of a raw mail has its row."""


class WaitingRow(Row, discriminator="waiting"):
    """A conversation that nobody got because nobody was available: it is offered again."""

    conversation_id = UnicodeAttribute()


class RequeueRow(Row, discriminator="requeue"):
    """How often the sweep put a raw mail on the queue again."""

    times = NumberAttribute()


class SweepRow(Row, discriminator="sweep"):
    """The one lease on sweeping, and the key of the object after which the next run goes on."""

    leased_until = UnicodeAttribute(null=True)
    owner = UnicodeAttribute(null=True)
    position = UnicodeAttribute(null=True)


class TicketRow(Row, discriminator="ticket"):
    """`model.Ticket`."""

    id = UnicodeAttribute()
    inbox_id = UnicodeAttribute()
    conversation_id = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    subject = UnicodeAttribute()
    pipeline_id = UnicodeAttribute()
    stage_id = UnicodeAttribute()
    priority = UnicodeAttribute(null=True)
    owner_id = UnicodeAttribute(null=True)
    owned_because = Json()

"""What every item of the one table has: its keys, the indexes, and the kinds of attribute that are our own."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
from pynamodb.attributes import (
    Attribute,
    DiscriminatorAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
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

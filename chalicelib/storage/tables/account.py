"""Rows of an account, of who works there, and of what proves who somebody is."""

from __future__ import annotations

from pynamodb.attributes import (
    BinaryAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)

from chalicelib.storage.tables.row import Json, Row


class AccountRow(Row, discriminator="account"):
    """`model.Account`."""

    id = UnicodeAttribute()
    company_name = UnicodeAttribute()
    subdomain = UnicodeAttribute()
    plan = UnicodeAttribute()
    locale = UnicodeAttribute()
    default_inbox_id = UnicodeAttribute()
    default_pipeline_id = UnicodeAttribute()
    answering = Json(null=True)
    retention = Json(null=True)
    stage_moves = Json(null=True)
    archived_inbox_ids = UnicodeSetAttribute(null=True)


class SenderListsRow(Row, discriminator="sender_lists"):
    """`model.SenderLists`."""

    allow = Json()
    deny = Json()


class SenderMarksRow(Row, discriminator="sender_marks"):
    """`model.SenderMarks`, the digests one after the other."""

    allow = BinaryAttribute(null=True, legacy_encoding=False)
    deny = BinaryAttribute(null=True, legacy_encoding=False)


class SubdomainRow(Row, discriminator="subdomain"):
    """Which account a subdomain belongs to: no two accounts share one."""


class UserRow(Row, discriminator="user"):
    """`model.User`. With `removed_at` it is none any more: the row goes once nothing is assigned to it."""

    id = UnicodeAttribute()
    email = UnicodeAttribute()
    name = UnicodeAttribute()
    role = UnicodeAttribute()
    seat = UnicodeAttribute()
    availability = UnicodeAttribute()
    team_ids = Json()
    open_conversations = NumberAttribute()
    last_assigned_at = UnicodeAttribute(null=True)
    status = UnicodeAttribute(null=True)
    working_hours = Json(null=True)
    removed_at = UnicodeAttribute(null=True)
    invitation = UnicodeAttribute(null=True)


class InvitationRow(Row, discriminator="invitation"):
    """`model.Invitation`; `invitation_expires_at` is the exact time, at `expires_at` DynamoDB may forget the row."""

    id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    digest = UnicodeAttribute()
    invitation_expires_at = UnicodeAttribute()


class FormerUserRow(Row, discriminator="former_user"):
    """How often a user with some address was removed: who comes back is another user, with another id."""

    times = NumberAttribute()


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


class ProofRow(Row, discriminator="proof"):
    """`model.AddressProof`; `proof_expires_at` is the exact time, at `expires_at` DynamoDB may forget the row."""

    id = UnicodeAttribute()
    channel_id = UnicodeAttribute()
    address = UnicodeAttribute()
    digest = UnicodeAttribute()
    proof_expires_at = UnicodeAttribute()

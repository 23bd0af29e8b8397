"""An example of each request body, shown in the OpenAPI document and held to the schemas by a test."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from chalicelib.api.answering import ConversationRequest, MessageRequest
from chalicelib.api.channel_types import ConnectRequest
from chalicelib.api.contacts import MergeRequest
from chalicelib.api.conversations import ConversationPatch
from chalicelib.api.deliveries import ReplayRequest, ReturnRequest
from chalicelib.api.from_addresses import FromAddressRequest
from chalicelib.api.held import ReleaseRequest
from chalicelib.api.inboxes import InboxRequest
from chalicelib.api.previews import PreviewRequest
from chalicelib.api.tokens import TokenRequest
from chalicelib.api.users import UserRequest
from chalicelib.contacts.records import ContactPatch, NewContact
from chalicelib.settings.account import AccountSettings
from chalicelib.settings.channels import ChannelSettings
from chalicelib.settings.inboxes import InboxSettings
from chalicelib.settings.teams import TeamSettings
from chalicelib.settings.users import UserSettings

EXAMPLES: dict[type[Struct], dict[str, Any]] = {
    AccountSettings: {"locale": "de", "answering": {"undo_seconds": 20}, "retention": {"unfiled_days": 90}},
    UserRequest: {"email": "ann@example.com", "name": "Ann Archer", "role": "member", "seat": "service"},
    UserSettings: {"availability": "away"},
    TeamSettings: {"name": "Second line"},
    TokenRequest: {"name": "export", "scopes": ["read"], "expires_at": "2030-01-01T00:00:00Z"},
    InboxRequest: {"name": "Sales", "access": {"mode": "selected", "user_ids": ["usr_mzxw6ytboi4dcmjs"]}},
    ConnectRequest: {"type": "team_email", "address": "support@example.com"},
    InboxSettings: {"access": {"mode": "everyone"}},
    ChannelSettings: {
        "routing": {"mode": "contact_owner"},
        "ticketing": {"priority": "high"},
        "sender": {"use_for_sending": True, "from_name_mode": "company", "company_name": "Acme Support"},
        "signature": "<p><b>{{user.full_name}}</b><br>Acme Inc.</p>",
    },
    FromAddressRequest: {"address": "help@example.com"},
    PreviewRequest: {"text": "Good morning!"},
    ConversationPatch: {"status": "closed"},
    ConversationRequest: {"to": ["ada@example.com"], "subject": "Your parcel", "text": "It left us this morning."},
    MessageRequest: {"type": "reply", "text": "It left us this morning.", "cc": ["ben@example.com"], "close": True},
    NewContact: {"email": "grace@example.com", "name": "Grace Hopper", "addresses": ["grace@home.example"]},
    MergeRequest: {"contact_id": "ctc_mzxw6ytboi4dcmjs"},
    ContactPatch: {"name": "Grace Hopper", "owner_id": None},
    ReplayRequest: {"release": True},
    ReturnRequest: {"limit": 10},
    ReleaseRequest: {"limit": 50},
}

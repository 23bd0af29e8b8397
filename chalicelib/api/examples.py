"""An example of each request body, shown in the OpenAPI document and held to the schemas by a test."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from chalicelib.api.answering import ConversationRequest, MessageRequest
from chalicelib.api.channel_types import ConnectRequest
from chalicelib.api.contacts import MergeRequest
from chalicelib.api.conversations import ConversationPatch, TransferRequest
from chalicelib.api.deliveries import ReplayRequest, ReturnRequest
from chalicelib.api.drafts import DraftRequest
from chalicelib.api.from_addresses import FromAddressRequest
from chalicelib.api.held import ReleaseRequest
from chalicelib.api.inboxes import InboxRequest
from chalicelib.api.leaving import ForwardRequest, ResendRequest
from chalicelib.api.previews import PreviewRequest
from chalicelib.api.tickets import CommentRequest, LinkRequest, TicketRequest
from chalicelib.api.tokens import TokenRequest
from chalicelib.api.uploads import UploadRequest
from chalicelib.api.users import UserRequest
from chalicelib.contacts.records import ContactPatch, NewContact
from chalicelib.settings.account import AccountSettings
from chalicelib.settings.as_code import SettingsDocument
from chalicelib.settings.channels import ChannelSettings
from chalicelib.settings.inboxes import InboxSettings
from chalicelib.settings.lists import ListSettings
from chalicelib.settings.pipelines import PipelineSettings
from chalicelib.settings.teams import MembersPatch, TeamSettings
from chalicelib.settings.ticket_properties import NewProperty, PropertySettings
from chalicelib.settings.users import UserSettings
from chalicelib.tickets.open_by_hand import TicketWish
from chalicelib.tickets.wishes import TicketPatch

EXAMPLES: dict[type[Struct], dict[str, Any]] = {
    AccountSettings: {"locale": "de", "answering": {"undo_seconds": 20}, "retention": {"unfiled_days": 90}},
    ListSettings: {"allow": ["ann@example.com"], "deny": ["*.spam.example"]},
    SettingsDocument: {"teams": {"First line": {}, "Second line": {}}},
    UserRequest: {"email": "ann@example.com", "name": "Ann Archer", "role": "member", "seat": "service"},
    UserSettings: {"availability": "away"},
    TeamSettings: {"name": "Second line"},
    MembersPatch: {"add": ["usr_mzxw6ytboi4dcmjs"]},
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
    TransferRequest: {"inbox_id": "inb_mzxw6ytboi4dcmjs"},
    ConversationRequest: {"to": ["ada@example.com"], "subject": "Your parcel", "text": "It left us this morning."},
    MessageRequest: {"type": "reply", "text": "It left us this morning.", "cc": ["ben@example.com"], "close": True},
    NewContact: {"email": "grace@example.com", "name": "Grace Hopper", "addresses": ["grace@home.example"]},
    MergeRequest: {"contact_id": "ctc_mzxw6ytboi4dcmjs"},
    DraftRequest: {"text": "Dear Ada,", "cc": ["ben@example.com"]},
    UploadRequest: {"filename": "offer.pdf", "content_type": "application/pdf", "size": 48213},
    ForwardRequest: {"to": ["depot@example.com"], "text": "Can you find it?"},
    ResendRequest: {"force": True},
    ContactPatch: {"name": "Grace Hopper", "owner_id": None},
    TicketRequest: {
        "conversation_ids": ["cnv_mzxw6ytboi4dcmjs"],
        "subject": "Two parcels are lost",
        "priority": "high",
    },
    TicketWish: {"priority": "urgent", "properties": {"tpr_mzxw6ytboi4dcmjs": ["billing", "shipping"]}},
    TicketPatch: {"stage_id": "stg_mzxw6ytboi4dcmjs", "owner_id": None, "properties": {"tpr_mzxw6ytboi4dcmjs": 3}},
    LinkRequest: {"conversation_id": "cnv_mzxw6ytboi4dcmjs"},
    CommentRequest: {"text": "The carrier searches for it until Friday."},
    PipelineSettings: {
        "name": "Returns",
        "stages": [{"name": "Asked for"}, {"name": "Paid back", "kind": "closed"}],
    },
    NewProperty: {"name": "Topic", "type": "several_of", "choices": ["billing", "shipping"]},
    PropertySettings: {"choices": ["billing", "shipping", "returns"]},
    ReplayRequest: {"release": True},
    ReturnRequest: {"limit": 10},
    ReleaseRequest: {"limit": 50},
}

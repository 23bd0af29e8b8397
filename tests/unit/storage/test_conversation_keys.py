"""Where a conversation stands in the lists: the partitions stay bounded."""

from __future__ import annotations

from msgspec.structs import replace

from chalicelib.model.conversation import Conversation, ConversationStatus, Reason
from chalicelib.storage.conversation_keys import index_keys

OPEN = Conversation(
    account_id="acc_a",
    id="cnv_v",
    inbox_id="inb_i",
    channel_id="chn_c",
    contact_id="ctc_k",
    contact_email="kim@customer.example",
    contact_name=None,
    subject="Help",
    status=ConversationStatus.OPEN,
    assignee_id="usr_mia",
    assigned_because=Reason("by_hand", "Somebody did."),
    started_because=Reason("new", "New."),
    participants=("kim@customer.example",),
    message_count=1,
    last_message_at="2026-11-22T10:00:00.000Z",
    created_at="2025-01-01T00:00:00.000Z",
)


def test_open_conversations_share_one_list_of_the_inbox_and_one_of_the_assignee() -> None:
    before, after = index_keys(OPEN), index_keys(replace(OPEN, last_message_at="2027-01-01T00:00:00.000Z"))
    assert before["list_pk"] == after["list_pk"]
    assert before["person_pk"] == after["person_pk"]
    assert before["list_sk"] < after["list_sk"]


def test_lists_of_closed_conversations_are_cut_by_the_year_for_the_inbox_and_for_the_assignee() -> None:
    closed = replace(OPEN, status=ConversationStatus.CLOSED)
    this_year, next_year = index_keys(closed), index_keys(replace(closed, last_message_at="2027-01-01T00:00:00.000Z"))
    assert this_year["list_pk"] != next_year["list_pk"]
    assert this_year["person_pk"] != next_year["person_pk"]


def test_nobody_has_a_list_too() -> None:
    assert index_keys(replace(OPEN, assignee_id=None))["person_pk"] not in {index_keys(OPEN)["person_pk"], ""}

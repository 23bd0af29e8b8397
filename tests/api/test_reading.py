"""What agents read: inboxes, conversations, messages, the raw mail, attachments, contacts and their histories."""

from __future__ import annotations

from tests.api.visitor import Visitor
from tests.post.letters import CONTACT, letter
from tests.post.office import Office


def test_S1_S2_a_mail_is_read_through_inbox_conversation_and_message(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    (inbox,) = admin.items("/v1/inboxes")
    (conversation,) = admin.items(f"/v1/inboxes/{inbox['id']}/conversations")
    assert conversation["contact"]["email"] == CONTACT
    assert conversation["status"] == "open"
    assert conversation["assigned_because_code"] == "assignment_off"
    (message,) = admin.items(f"/v1/conversations/{conversation['id']}/messages")
    assert message["from"]["address"] == CONTACT
    assert message["direction"] == "incoming"
    assert message["text"].strip() == "Where is my parcel?"
    assert message["authentication"] == {"spf": "pass", "dkim": "pass", "dmarc": "pass"}
    alone = admin.get(f"/v1/messages/{message['id']}")
    assert alone.json == message

"""Conversations and their messages. What a row says: `dispatch.Route`."""

from __future__ import annotations

from chalicelib.api import answering, conversations, messages
from chalicelib.api.answering import ConversationRequest, MessageRequest
from chalicelib.api.answers import Link
from chalicelib.api.auth import READ, WRITE
from chalicelib.api.conversations import ConversationAnswer, ConversationPatch, ConversationQuery
from chalicelib.api.dispatch import Route, route
from chalicelib.api.messages import MessageAnswer, MessageQuery
from chalicelib.api.shapes import Listing

# fmt: off
ROUTES: tuple[Route, ...] = (
    route("GET", "/v1/inboxes/{inbox_id}/conversations", READ, conversations.list_conversations,
          "Conversations of an inbox", Listing[ConversationAnswer], query=ConversationQuery),
    route("POST", "/v1/inboxes/{inbox_id}/conversations", WRITE, answering.add_conversation, "Begin a conversation",
          ConversationAnswer, body=ConversationRequest, status=201, rules=True, limited=True,
          repeatable=True),
    route("GET", "/v1/conversations/{conversation_id}", READ, conversations.get_conversation, "A conversation",
          ConversationAnswer),
    route("PATCH", "/v1/conversations/{conversation_id}", WRITE, conversations.patch_conversation,
          "Assign, close or reopen a conversation", ConversationAnswer, body=ConversationPatch, rules=True),
    route("GET", "/v1/conversations/{conversation_id}/messages", READ, messages.list_messages,
          "Messages of a conversation", Listing[MessageAnswer], query=MessageQuery),
    route("POST", "/v1/conversations/{conversation_id}/messages", WRITE, answering.add_message, "Answer, or comment",
          MessageAnswer, body=MessageRequest, status=201, rules=True, limited=True, repeatable=True),
    route("GET", "/v1/messages/{message_id}", READ, messages.get_message, "A message", MessageAnswer),
    route("GET", "/v1/messages/{message_id}/raw", READ, messages.get_raw, "A link to the raw mail", Link),
    route("GET", "/v1/messages/{message_id}/body", READ, messages.get_body, "A link to the whole body as JSON", Link),
    route("GET", "/v1/messages/{message_id}/attachments/{index}", READ, messages.get_attachment,
          "A link to an attachment", Link),
)
# fmt: on

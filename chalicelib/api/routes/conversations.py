"""Conversations and their messages. What a row says: `dispatch.Route`."""

from __future__ import annotations

from chalicelib.api import answering, conversations, drafts, leaving, mentions, messages, uploads
from chalicelib.api.answering import ConversationRequest, MessageRequest
from chalicelib.api.answers import Link
from chalicelib.api.auth import READ, WRITE
from chalicelib.api.conversations import ConversationAnswer, ConversationPatch, ConversationQuery, TransferRequest
from chalicelib.api.dispatch import Route, route
from chalicelib.api.drafts import DraftAnswer, DraftRequest
from chalicelib.api.leaving import ForwardRequest, ResendRequest
from chalicelib.api.mentions import MentionAnswer
from chalicelib.api.messages import MessageAnswer, MessageQuery
from chalicelib.api.requests import Paging
from chalicelib.api.shapes import Listing
from chalicelib.api.uploads import UploadAnswer, UploadRequest

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
    route("POST", "/v1/conversations/{conversation_id}/transfer", WRITE, conversations.transfer_conversation,
          "Move a conversation to another inbox", ConversationAnswer, body=TransferRequest, rules=True,
          repeatable=True),
    route("GET", "/v1/conversations/{conversation_id}/messages", READ, messages.list_messages,
          "Messages of a conversation", Listing[MessageAnswer], query=MessageQuery),
    route("POST", "/v1/conversations/{conversation_id}/messages", WRITE, answering.add_message, "Answer, or comment",
          MessageAnswer, body=MessageRequest, status=201, rules=True, limited=True, repeatable=True),
    route("GET", "/v1/conversations/{conversation_id}/draft", READ, drafts.get_draft, "The caller's draft",
          DraftAnswer),
    route("PUT", "/v1/conversations/{conversation_id}/draft", WRITE, drafts.put_draft, "Keep a draft", DraftAnswer,
          body=DraftRequest, rules=True),
    route("DELETE", "/v1/conversations/{conversation_id}/draft", WRITE, drafts.delete_draft, "Drop a draft", None,
          status=204),
    route("GET", "/v1/inboxes/{inbox_id}/draft", READ, drafts.get_first_mail, "The caller's draft of a first mail",
          DraftAnswer),
    route("PUT", "/v1/inboxes/{inbox_id}/draft", WRITE, drafts.put_first_mail, "Keep a draft of a first mail",
          DraftAnswer, body=DraftRequest, rules=True),
    route("DELETE", "/v1/inboxes/{inbox_id}/draft", WRITE, drafts.delete_first_mail, "Drop a draft of a first mail",
          None, status=204),
    route("POST", "/v1/uploads", WRITE, uploads.add_upload, "Announce a file to send", UploadAnswer, body=UploadRequest,
          rules=True, repeatable=True, costly=True),
    route("GET", "/v1/me/mentions", READ, mentions.list_mentions, "Comments that call the caller",
          Listing[MentionAnswer], query=Paging),
    route("POST", "/v1/messages/{message_id}/forward", WRITE, leaving.forward_message, "Send a message on",
          MessageAnswer, body=ForwardRequest, status=201, rules=True, limited=True, repeatable=True),
    route("POST", "/v1/messages/{message_id}/cancel", WRITE, leaving.cancel_message,
          "Take an answer back before it leaves", MessageAnswer, rules=True, repeatable=True),
    route("POST", "/v1/messages/{message_id}/resend", WRITE, leaving.resend_message,
          "Send an answer again to those whom it did not reach", MessageAnswer, body=ResendRequest, body_optional=True,
          rules=True, limited=True, repeatable=True),
    route("GET", "/v1/messages/{message_id}", READ, messages.get_message, "A message", MessageAnswer),
    route("GET", "/v1/messages/{message_id}/raw", READ, messages.get_raw, "A link to the raw mail", Link),
    route("GET", "/v1/messages/{message_id}/body", READ, messages.get_body, "A link to the whole body as JSON", Link),
    route("GET", "/v1/messages/{message_id}/attachments/{index}", READ, messages.get_attachment,
          "A link to an attachment", Link),
)
# fmt: on

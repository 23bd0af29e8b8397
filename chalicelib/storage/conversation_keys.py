"""Where a conversation stands in the lists: the index keys that follow from its status, assignee and last message."""

from __future__ import annotations

from pynamodb.expressions.update import Action

from chalicelib.model.conversation import Conversation, ConversationStatus
from chalicelib.storage import keys
from chalicelib.storage.tables import ConversationRow

TRANSFERS = "TRANSFERRING"  # `by_list`: moves to another inbox, of all accounts, whose messages may still follow


def transfer_note(account_id: str, conversation_id: str) -> keys.Key:
    """That a conversation has moved, and its messages may still name another inbox."""
    return keys.Key(keys.conversation(account_id, conversation_id).pk, "TRANSFER")


def index_keys(conversation: Conversation) -> dict[str, str]:
    """The index attributes of a conversation's row, by name.

    Closed conversations leave the list of open ones for one that is cut by the year of their last message.
    """
    account, inbox = conversation.account_id, conversation.inbox_id
    if conversation.status is ConversationStatus.OPEN:
        status_list = keys.open_conversations(account, inbox)
    else:
        status_list = keys.closed_conversations(account, inbox, int(conversation.last_message_at[:4]))
    position = keys.list_position(conversation.last_message_at, conversation.id)
    return {
        "list_pk": status_list,
        "list_sk": position,
        "person_pk": keys.conversations_of_assignee(status_list, conversation.assignee_id),
        "person_sk": position,
        "contact_pk": keys.conversations_of_contact(account, conversation.contact_id),
        "contact_sk": keys.list_position(conversation.created_at, conversation.id),
    }


def list_actions(after: Conversation) -> list[Action]:
    """What puts a conversation's row into the lists where it belongs by now."""
    return [getattr(ConversationRow, name).set(value) for name, value in index_keys(after).items()]

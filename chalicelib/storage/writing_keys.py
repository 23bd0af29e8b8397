"""Keys of what users write before it is sent, and of whom they name: see `keys.py`.

| item | pk | sk |
|---|---|---|
| draft of an answer, or of an inbox's next mail | `A#USER#u#DRAFT#v or i` | `DRAFT` |
| mention of a user, by the year | `A#USER#u#MENTIONS#year` | `time#message` |
| file that is uploaded for a mail | `A#UPLOAD#id` | `UPLOAD` |
"""

from __future__ import annotations

from chalicelib.storage.keys import Key


def draft(account_id: str, user_id: str, about_id: str) -> Key:
    """What a user has begun to write in a conversation, or for a new one of an inbox."""
    return Key(f"{account_id}#USER#{user_id}#DRAFT#{about_id}", "DRAFT")


def mentions(account_id: str, user_id: str, year: int) -> str:
    """The partition of a year's mentions of a user."""
    return f"{account_id}#USER#{user_id}#MENTIONS#{year}"


def mention(account_id: str, user_id: str, at: str, message_id: str) -> Key:
    """That a message mentions a user."""
    return Key(mentions(account_id, user_id, int(at[:4])), f"{at}#{message_id}")


def upload(account_id: str, upload_id: str) -> Key:
    """One file that waits to be sent."""
    return Key(f"{account_id}#UPLOAD#{upload_id}", "UPLOAD")

"""Whether a notice that has waited still concerns who it goes to: asked when it leaves, since it may have waited a day.

Meanwhile the user may have been removed or lost access, the message may have been erased, and the channel gone.
"""

from __future__ import annotations

from chalicelib.model.account import User
from chalicelib.model.conversation import Reason
from chalicelib.model.notice import Notice
from chalicelib.outbound.automatic_mail import concerned
from chalicelib.storage import conversations, inboxes, people

NO_SUCH_USER = Reason("no_such_user", "There is no such user any more.")
ERASED = Reason("erased", "What it tells of was erased meanwhile.")
OUT_OF_REACH = Reason("out_of_reach", "The user may not act there any more.")
NOT_CONCERNED = Reason("not_concerned", "The user is no admin any more, nor sees the channel that they connected.")


def not_due_because(notice: Notice) -> Reason | None:
    """Why a notice is not to leave any more; None: it is. What goes to no user is always due."""
    if notice.user_id is None:
        return None
    user = people.get_user(notice.account_id, notice.user_id, consistent=True)
    if user is None or user.email.lower() != notice.address:
        return NO_SUCH_USER
    if notice.message_id is not None:
        return _of_message(notice, notice.message_id, user)
    return _of_channel(notice, notice.channel_id, user) if notice.channel_id is not None else None


def _of_message(notice: Notice, message_id: str, user: User) -> Reason | None:
    found = conversations.get_message(notice.account_id, message_id, with_body=False)
    if found is None:
        return ERASED
    inbox = inboxes.get_inbox(notice.account_id, found[1].inbox_id)
    return None if inbox is not None and inbox.access.includes(user.id, user.team_ids) else OUT_OF_REACH


def _of_channel(notice: Notice, channel_id: str, user: User) -> Reason | None:
    channel = inboxes.get_channel(notice.account_id, channel_id)
    inbox = inboxes.get_inbox(notice.account_id, channel.inbox_id) if channel is not None else None
    is_told = (
        user.role.is_admin if channel is None or inbox is None else concerned(user, channel.connected_by, inbox.access)
    )
    return None if is_told else NOT_CONCERNED

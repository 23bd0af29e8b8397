"""Who a token stands for, in one request beside the token's own."""

from __future__ import annotations

from chalicelib.model.account import AccessToken, Account, User
from chalicelib.model.caller import Caller
from chalicelib.model.inbox import Inbox
from chalicelib.storage import keys, table
from chalicelib.storage.tables import AccountRow, InboxRow, UserRow


def read_caller(token: AccessToken, inbox_id: str | None) -> Caller | None:
    """The caller behind a token, None when the user or the account is gone; with the inbox that the path names, if any.

    Consistent: a removed user or a changed access holds from the next request on (S17).
    """
    account_key = keys.account(token.account_id)
    user_key = keys.user(token.account_id, token.user_id)
    inbox_key = keys.inbox(token.account_id, inbox_id) if inbox_id else None
    rows = table.get_many([account_key, user_key, *([inbox_key] if inbox_key else [])], consistent=True)
    account, user = rows.get(account_key), rows.get(user_key)
    inbox = rows.get(inbox_key) if inbox_key else None
    if not isinstance(account, AccountRow) or not isinstance(user, UserRow) or user.removed_at is not None:
        return None
    return Caller(
        account=table.to_value(Account, account),
        user=table.to_value(User, user),
        scopes=token.scopes,
        token_id=token.id,
        inbox=table.to_value(Inbox, inbox) if isinstance(inbox, InboxRow) else None,
    )

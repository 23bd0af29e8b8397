"""A mail with a code, whoever hands it in: found by what is kept of the code, sent in its turn.

The code is made again when the mail leaves, with the key that it was made with, which may not be the one that signs by
now. Sent twice the mail does no harm, since both carry the same code; so a queue message that comes again is simply
done again. Only what SES clearly did not take is tried again; who waits in vain asks for another one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from chalicelib import log
from chalicelib.errors import MailRefused, MailUnconfirmed
from chalicelib.mail.compose import ComposeError, Draft, compose
from chalicelib.model.conversation import SendingStatus
from chalicelib.model.credentials import digest_of
from chalicelib.outbound.take_turn import ask_ses, take_turn
from chalicelib.storage.secrets import signing_keys

Kept = TypeVar("Kept")


def find_code(code_of: Callable[[bytes], str], find: Callable[[str], Kept | None]) -> tuple[str, Kept] | None:
    """The code, and what is kept of it by its digest; None: it was used, replaced or revoked. `code_of`: by a key."""
    for key in signing_keys():
        code = code_of(key)
        kept = find(digest_of(code))
        if kept is not None:
            return code, kept
    return None


def send_code(draft: Draft, kind: str, about_id: str, again: Callable[[int], None]) -> SendingStatus:
    """Send it, or let `again` queue it for so many seconds later when it is not its turn yet.

    `kind` and `about_id` name in the log what the code is for.
    """
    hold = take_turn(1, about_id, automatic=True)
    if hold is not None:
        again(hold.seconds)
        return SendingStatus.QUEUED
    recipients = [each.address for each in draft.to]
    try:
        ask_ses(compose(draft), from_address=draft.from_.address, recipients=recipients, tags={})
    except (ComposeError, MailRefused) as error:
        log.error(f"{kind}_not_sent", error, **{kind: about_id})
        return SendingStatus.FAILED
    except MailUnconfirmed as error:
        log.warning(f"{kind}_unconfirmed", because=error.detail, **{kind: about_id})
        return SendingStatus.UNCONFIRMED
    return SendingStatus.SENT

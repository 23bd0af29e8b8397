"""What became of mail that is in no conversation, for admins: seen, and handled again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.conversations import links
from chalicelib.errors import Conflict, Forbidden, NotFound
from chalicelib.inbound import replay as inbound_replay
from chalicelib.model.caller import Caller
from chalicelib.model.dead_letter import QueueName
from chalicelib.model.delivery import Delivery, Verdict
from chalicelib.model.page import Page
from chalicelib.storage import deliveries, queues, raw_mail


def page(caller: Caller, verdict: Verdict | None, *, limit: int, cursor: str | None, now: datetime) -> Page[Delivery]:
    """Deliveries that did not become a conversation, newest first."""
    years = range(now.year, int(caller.account.created_at[:4]) - 1, -1)
    found = deliveries.page_of_unfiled(caller.account_id, verdict, years, limit=limit, cursor=cursor)
    return Page(tuple(map(shown, found.items)), found.next)


def delivery_for(caller: Caller, delivery_id: str) -> Delivery:
    """A delivery of the account, whatever became of it."""
    return shown(_delivery(caller, delivery_id))


def raw_link(caller: Caller, delivery_id: str, now: datetime) -> links.Link:
    """A link to the raw mail. `Forbidden` for mail that came in while the channel was off (S87)."""
    delivery = _delivery(caller, delivery_id)
    if delivery.verdict is Verdict.CHANNEL_OFF:
        raise Forbidden(
            "What comes in while a channel is off stays invisible. Switch the channel on and replay the delivery.",
            code="channel_off",
        )
    return links.sign(delivery.arrival.raw_key, f"{delivery.arrival.raw_id}.eml", links.NO_TYPE, now)


def replay(caller: Caller, delivery_id: str, *, released: bool, now: datetime) -> Delivery:
    """Put the mail on the inbound queue again; `released`: an admin says that it is no spam.

    `Conflict` when its raw form is not kept any more: there is nothing left to understand.
    """
    delivery = _delivery(caller, delivery_id)
    if not raw_mail.which_are_kept([delivery.arrival.raw_key]):
        raise raw_mail_gone("The raw form of this mail is not kept any more, so that it cannot be handled again.")
    inbound_replay.replay(delivery, now, released=released)
    return shown(delivery)


def return_dead_letters(limit: int, queue: QueueName) -> int:
    """Put what a queue gave up on back on it, up to `limit`; return how many were put back."""
    return queues.return_dead_letters(limit, queue)


class GivenUp(Struct, frozen=True):
    """What a queue gave up on. `about`: the message, other mail or (inbound) delivery, where it is known."""

    queue: QueueName
    about: str | None
    since: str


def dead_letters(caller: Caller, queue: QueueName, limit: int, now: datetime) -> list[GivenUp]:
    """What a queue gave up on of the caller's account.

    Of the inbound queue these are deliveries: its dead letters themselves are nobody's, since they only name addresses.
    """
    if queue is QueueName.INBOUND:
        mails = page(caller, Verdict.DEAD_LETTER, limit=limit, cursor=None, now=now)
        return [GivenUp(queue, each.id, each.received_at) for each in mails.items]
    found = [(each, *named_in(each.body)) for each in queues.list_dead_letters(queue, limit)]
    return [GivenUp(queue, about, each.since) for each, account_id, about in found if account_id == caller.account_id]


def named_in(body: str) -> tuple[str | None, str | None]:
    """The account and what of it (a message, notice, probe, ...) a queue message is about, where it says so. Pure."""
    try:
        told = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        return None, None
    tags = told.get("mail", {}).get("tags", {}) if isinstance(told.get("mail"), dict) else {}
    account = told.get("account_id") or next(iter(tags.get("account", ())), None)
    ids = [told.get(name) for name in ("message_id", "notice_id", "probe_id", "proof_id", "invitation_id")]
    about = next((each for each in ids if each), None) or next(iter(tags.get("message", ())), None)
    return account, about


def shown(delivery: Delivery) -> Delivery:
    """What admins see of a delivery: of mail to a channel that is off, only that it came (S87, S88). Pure."""
    if delivery.verdict is not Verdict.CHANNEL_OFF:
        return delivery
    return replace(delivery, from_address=None, subject=None)


def raw_mail_gone(what: str) -> Conflict:
    """The refusal to handle again what was erased, or is older than raw mail is kept; `what` is its first sentence."""
    return Conflict(f"{what} Ask the sender to send it again, or keep raw mail for longer.", code="raw_mail_gone")


def _delivery(caller: Caller, delivery_id: str) -> Delivery:
    delivery = deliveries.get_delivery(caller.account_id, delivery_id)
    if delivery is None:
        raise NotFound("There is no such delivery.")
    return delivery

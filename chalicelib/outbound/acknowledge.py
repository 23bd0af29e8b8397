"""The story of an acknowledgement: decide, write it into the conversation, and let it leave as an answer does.

Done twice it writes nothing more: the message's id and place follow from the mail that it acknowledges.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib import log
from chalicelib.config import config
from chalicelib.errors import Fault, LostRace
from chalicelib.mail.addresses import as_kept
from chalicelib.model import limits
from chalicelib.model.account import Account
from chalicelib.model.conversation import Conversation, Message, Reason, SendingStatus
from chalicelib.model.inbox import Channel
from chalicelib.model.task import SendTask
from chalicelib.outbound.acknowledgement import acknowledgement_of
from chalicelib.outbound.automatic_mail import ACKNOWLEDGED, not_acknowledged_because
from chalicelib.storage import acknowledgements, conversations, suppressions
from chalicelib.storage.limits import used_up
from chalicelib.storage.queues import enqueue_answer


def acknowledge(
    first: Message, conversation: Conversation, account: Account, channel: Channel, now: datetime
) -> Reason:
    """Acknowledge a mail if the rules let it; say with a code whether, or why not."""
    own_domains = (config().inbound_domain, config().free_inbound_domain)
    refused = not_acknowledged_because(first, conversation, channel, own_domains, now)
    if refused is not None:
        return refused
    address = as_kept(conversation.contact_email)
    if suppressions.among(account.id, [address]):
        return Reason("suppressed", "Mail to this address came back, or was complained about.")
    message = acknowledgement_of(first, conversation, account, channel, now)
    spendings = limits.acknowledgements(account.id, address)
    try:
        acknowledgements.add(message, spendings, now)
    except LostRace:
        found = conversations.get_message(account.id, message.id, with_body=False)
        if found is None:
            if used_up(spendings, now) is None:
                raise
            return Reason("limit_reached", "There were as many acknowledgements as there may be today.")
        if found[0].sending is None or found[0].sending.status is not SendingStatus.QUEUED:
            return Reason("acknowledged_before", "The mail was acknowledged before.")
    try:
        enqueue_answer(SendTask(account.id, message.id))
    except Fault as error:
        log.warning("left_to_the_sweep", message=message.id, because=error.detail)
    return ACKNOWLEDGED

"""The words of an acknowledgement, and the message that carries them. Pure.

Nothing of the mail that is acknowledged is in it, not its subject either: else whoever forges a sender has us deliver
their words. Tokens are of the account and the channel alone, never of the sender.
"""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from chalicelib.clock import stamp
from chalicelib.mail.addresses import as_kept
from chalicelib.mail.model import Address
from chalicelib.mail.text import from_html
from chalicelib.model.account import Account
from chalicelib.model.conversation import Conversation, Direction, Message, MessageBody
from chalicelib.model.inbox import Channel
from chalicelib.outbound.automatic_mail import ACKNOWLEDGED
from chalicelib.outbound.choose_sender import choose_sender, one_line
from chalicelib.outbound.new_message import new_message, queued
from chalicelib.outbound.sent_html import sendable

KIND: Final = "auto_replied"  # as `mail/automatic.py` would call it at the other side
MARK: Final = "acknowledgement"
TOKENS: Final = ("company.name", "channel.address")
SUBJECTS: Final = {"de": "Ihre Nachricht ist angekommen", "en": "Your message has arrived"}
TEXTS: Final = {
    "de": "Guten Tag,<br><br>vielen Dank für Ihre Nachricht an {{company.name}}. Sie ist angekommen, und wir melden "
    "uns bei Ihnen.<br><br>Diese E-Mail wurde automatisch erstellt. Wenn Sie etwas ergänzen möchten, antworten Sie "
    "einfach darauf.",
    "en": "Hello,<br><br>thank you for your message to {{company.name}}. It has arrived, and we will get back to you."
    "<br><br>This mail was written automatically. If you want to add something, simply answer it.",
}
_TOKEN = re.compile(r"\{\{([^{}<>]{0,80})\}\}")


def acknowledgement_of(
    first: Message, conversation: Conversation, account: Account, channel: Channel, now: datetime
) -> Message:
    """The message, queued to the contact. The same each time it is made for a conversation: its place is right after
    the mail that it acknowledges, whatever was written since."""
    place = replace(conversation, last_message_at=first.created_at)
    locale = account.locale if account.locale in TEXTS else "en"
    told = channel.acknowledgement
    name = choose_sender(channel, None, account.company_name).company_name
    values = {"company.name": name, "channel.address": channel.address}
    filled = sendable(
        _TOKEN.sub(lambda token: html.escape(values.get(" ".join(token[1].split()), "")), told.html or TEXTS[locale])
    )
    text = from_html(filled).text
    return new_message(
        place,
        MARK,
        Direction.OUTGOING,
        ACKNOWLEDGED,
        datetime.fromisoformat(first.created_at),
        from_=choose_sender(channel, None, account.company_name).from_,
        to=(Address(None, conversation.contact_email),),
        subject=one_line(told.subject) or SUBJECTS[locale],
        status="queued",
        automatic=KIND,
        marks=("automatic", MARK),
        body=MessageBody(text=text, html=filled, reply_text=text),
        sending=replace(queued([as_kept(conversation.contact_email)], stamp(now)), queued_at=stamp(now)),
    )

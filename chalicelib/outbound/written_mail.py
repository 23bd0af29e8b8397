"""What somebody wrote in a conversation, as the mail that leaves now: with today's names, address and signature (S71).

It answers the newest mail that had come by then, and quotes it when its writer is among the recipients; what others
wrote is never sent on by itself. Replies come back to a signed address, and cite ids that are known here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.config import config
from chalicelib.inbound.reply_address import make_reply_address
from chalicelib.mail.compose import Draft
from chalicelib.mail.model import Address
from chalicelib.model.account import Account, Plan, User
from chalicelib.model.conversation import Conversation, Direction, Message, MessageBody
from chalicelib.model.inbox import Channel
from chalicelib.outbound.choose_sender import choose_sender
from chalicelib.outbound.compose_answer import Answered, AnswerParts, answer_draft
from chalicelib.storage import conversations, ses
from chalicelib.storage.secrets import signing_key

REPLIES_FOR = timedelta(days=400)
LOOKED_BACK = 30  # messages, for the one that is answered
MAILS = (Direction.INCOMING, Direction.OUTGOING)


def written_mail(
    message: Message, conversation: Conversation, account: Account, channel: Channel, author: User | None, now: datetime
) -> Draft:
    """The mail of an answer. Raises `ComposeError` for what cannot be sent safely."""
    newest = conversations.newest_messages(message.account_id, conversation.id, LOOKED_BACK)
    before = [each for each in newest if each.created_at < message.created_at]
    domain = account_domain(account)
    reply_address = make_reply_address(
        signing_key(), domain, account.id, conversation.id, channel.id, expires=now + REPLIES_FOR
    )
    identity = choose_sender(channel, author, account.company_name)
    body = message.body or MessageBody()
    return answer_draft(
        AnswerParts(
            identity=identity,
            to=message.to,
            cc=message.cc,
            reply_to=(Address(identity.from_.name, reply_address),),
            subject=conversation.subject,
            is_reply=any(each.direction in MAILS for each in before),
            message_id=f"{message.id}@{domain}",
            date=now,
            text=body.text,
            html=body.html,
            answers=answered(before),
            locale=account.locale,
        )
    )


def account_domain(account: Account) -> str:
    """Where the account's mail arrives."""
    parent = config().free_inbound_domain if account.plan is Plan.FREE else config().inbound_domain
    return f"{account.subdomain}.{parent}"


def answered(earlier: list[Message]) -> Answered | None:
    """The mail that an answer answers: the newest that came in, else the newest that left. Pure.

    `earlier`: the messages before the answer, newest first.
    """
    for direction in MAILS:
        for message in earlier:
            message_id = known_as(message)
            if message.direction is direction and message_id is not None:
                return Answered(message_id, message.in_reply_to, message.references)
    return None


def known_as(message: Message) -> str | None:
    """The Message-ID under which others know a message: of ours, the one that SES wrote over it."""
    if message.sending is None:
        return message.message_id
    return ses.message_id_of(message.sending.ses_id) if message.sending.ses_id else None

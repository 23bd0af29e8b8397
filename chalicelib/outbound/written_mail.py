"""What somebody wrote in a conversation, as the mail that leaves now: with today's names, address and signature (S71).

It answers the newest mail that had come by then, and quotes what was newly written there if each recipient has that
mail already: what somebody wrote is never sent on by itself. Replies come back to a signed address, and cite ids that
are known here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib.config import config
from chalicelib.inbound.reply_address import make_reply_address
from chalicelib.mail.addresses import as_kept
from chalicelib.mail.compose import ComposeError, Draft, OutgoingFile
from chalicelib.mail.model import Address
from chalicelib.model.account import Account, Plan, User
from chalicelib.model.conversation import Conversation, Direction, Message, MessageBody, SendingStatus
from chalicelib.outbound.compose_answer import Answered, AnswerParts, answer_draft
from chalicelib.outbound.quote_forwarded import Forwarded
from chalicelib.outbound.quote_original import Original, holds_writers_words_alone, words_of_writer
from chalicelib.outbound.sending_way import Way
from chalicelib.outbound.signature_files import signature_files
from chalicelib.storage import conversations, raw_mail, ses
from chalicelib.storage.secrets import signing_key

REPLIES_FOR = timedelta(days=400)
LOOKED_BACK = 30  # messages, for the one that is answered
MAILS = (Direction.INCOMING, Direction.OUTGOING)


def written_mail(
    message: Message, conversation: Conversation, account: Account, way: Way, author: User | None, now: datetime
) -> Draft:
    """The mail of an answer. Raises `ComposeError` for what cannot be sent safely."""
    newest = conversations.newest_messages(message.account_id, conversation.id, LOOKED_BACK)
    before = [each for each in newest if each.created_at < message.created_at]
    original = answered(before)
    domain = account_domain(account)
    reply_address = make_reply_address(
        signing_key(), domain, account.id, conversation.id, way.acting.id, expires=now + REPLIES_FOR
    )
    identity = way.sender(author, account.company_name)
    body = message.body or MessageBody()
    return answer_draft(
        AnswerParts(
            identity=identity,
            to=message.to,
            cc=message.cc,
            reply_to=(Address(identity.from_.name, reply_address),),
            subject=conversation.subject if message.automatic is None else message.subject,
            is_reply=message.automatic is None
            and any(each.direction in MAILS and not was_taken_back(each) for each in before),
            message_id=f"{message.id}@{domain}",
            date=now,
            text=body.text,
            html=body.html,
            answers=None
            if original is None
            else Answered(known_as(original), original.in_reply_to, original.references),
            quoted=_quoted(message, original, account),
            locale=account.locale,
            inline=files_of(message, inline=True),
            signature_files=() if message.automatic is not None else signature_files(account.id, identity),
            attachments=files_of(message, inline=False),
            auto_submitted="auto-replied" if message.automatic is not None else None,
            headers=() if message.automatic is None else (("X-Auto-Response-Suppress", "All"),),
        )
    )


def account_domain(account: Account) -> str:
    """Where the account's mail arrives."""
    parent = config().free_inbound_domain if account.plan is Plan.FREE else config().inbound_domain
    return f"{account.subdomain}.{parent}"


def answered(before: list[Message]) -> Message | None:
    """The mail that an answer answers: the newest that came in, else the newest that left. Pure.

    `before`: the messages before the answer, newest first.
    """
    for direction in MAILS:
        for message in before:
            if message.direction is direction and known_as(message) is not None:
                return message
    return None


def was_taken_back(message: Message) -> bool:
    """Whether it is an answer that never left, by the will of whoever took it back. Pure."""
    return message.sending is not None and message.sending.status is SendingStatus.CANCELLED


def files_of(message: Message, *, inline: bool) -> tuple[OutgoingFile, ...]:
    """The files of an outgoing message with their bytes, those that its HTML shows or the others."""
    return tuple(
        OutgoingFile(
            filename=each.filename,
            content_type=each.content_type,
            content=raw_mail.fetch(key),
            content_id=each.content_id,
        )
        for each, key in zip(message.attachments, message.file_keys, strict=True)
        if each.inline == inline
    )


def known_as(message: Message) -> str | None:
    """The Message-ID under which others know a message: of ours, the one that SES wrote over it."""
    if message.sending is None:
        return message.message_id
    return ses.message_id_of(message.sending.ses_id) if message.sending.ses_id else None


def may_quote(answer: Message, original: Message) -> bool:
    """Whether every recipient of the answer wrote the original, or got it from its writer. Pure."""
    if answer.sending is None or original.direction is not Direction.INCOMING or original.from_ is None:
        return False
    have = {as_kept(each.address) for each in (original.from_, *original.to, *original.cc)}
    return all(each.address in have for each in answer.sending.recipients)


def _quoted(answer: Message, original: Message | None, account: Account) -> Original | Forwarded | None:
    if answer.forwards is not None:
        return _forwarded(answer, answer.forwards)
    if answer.automatic is not None:
        return None  # it carries no words of whoever may have forged the sender
    if not account.answering.quotes_original or original is None or original.from_ is None:
        return None
    if not may_quote(answer, original):
        return None
    found = conversations.get_message(original.account_id, original.id)
    words = words_of_writer(found[0]) if found else ""
    if not words.strip():
        return None
    return Original(original.from_, datetime.fromisoformat(original.created_at), words)


def _forwarded(answer: Message, message_id: str) -> Forwarded:
    found = conversations.get_message(answer.account_id, message_id)
    if found is None:
        raise ComposeError("original_gone", "the forwarded message", message_id)
    original, body = found[0], found[0].body or MessageBody()
    if not holds_writers_words_alone(original):
        original = replace(original, from_=original.forwarded_by, to=(), cc=())  # the people of the mail inside it
    return Forwarded(
        author=original.from_,
        written_at=datetime.fromisoformat(original.created_at),
        subject=original.subject,
        to=original.to,
        cc=original.cc,
        text=body.text,
        html=body.html,
    )

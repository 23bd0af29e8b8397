"""The mail to an owner who is away (S60): who wrote, and what, with the conversation's id.

It goes to a colleague and so may say what was written; it leaves from an address that nobody reads, so that an answer
to it reaches no customer by mistake: the owner answers in Postfach.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.mail.clean import clean_line
from chalicelib.mail.model import Address
from chalicelib.model.account import Account
from chalicelib.model.conversation import Contact, Conversation, Message, MessageBody, Reason
from chalicelib.outbound.automatic_mail import OWNER_AWAY
from chalicelib.outbound.notify import notify
from chalicelib.storage import contacts, conversations, inboxes, people

LONGEST = 5000  # characters of what was written
SUBJECTS = {"de": "Neue Nachricht von {who}", "en": "New message from {who}"}
TEXTS = {
    "de": """\
{who} hat an {company} geschrieben. Sie betreuen diesen Kontakt und sind
abwesend; die Unterhaltung ist deshalb niemandem zugewiesen.

Von: {sender}
Betreff: {subject}
Unterhaltung: {conversation}

Bitte antworten Sie in Postfach: Antworten auf diese E-Mail liest niemand.

----

{words}
""",
    "en": """\
{who} wrote to {company}. You look after this contact and are away, so the
conversation is assigned to nobody.

From: {sender}
Subject: {subject}
Conversation: {conversation}

Please answer in Postfach: nobody reads answers to this mail.

----

{words}
""",
}


def tell_owner(message: Message, conversation: Conversation, account: Account, now: datetime) -> Reason:
    """Mail the owner of the conversation's contact, once for each message; say what became of it.

    Asked of who owns it now, and who may act in the inbox now: both may be others than when the conversation began, and
    any user may make anybody the owner (S16).
    """
    contact = contacts.get_contact(account.id, conversation.contact_id)
    if contact is None or contact.owner_id is None:
        return Reason("no_owner", "The contact has no owner any more.")
    inbox = inboxes.get_inbox(account.id, conversation.inbox_id)
    owner = people.get_user(account.id, contact.owner_id, consistent=True)
    if inbox is None or owner is None or not inbox.access.includes(owner.id, owner.team_ids):
        return Reason("owner_without_access", "The contact's owner is not chosen for this inbox.")
    found = conversations.get_message(account.id, message.id)
    body = (found[0].body if found else None) or MessageBody()
    subject, text = owner_mail(message, body, conversation, contact, account)
    return notify(account.id, contact.owner_id, OWNER_AWAY, subject, text, now, about=message.id, message_id=message.id)


def owner_mail(
    message: Message, body: MessageBody, conversation: Conversation, contact: Contact, account: Account
) -> tuple[str, str]:
    """Subject and text. Pure."""
    locale = account.locale if account.locale in TEXTS else "en"
    sender = message.from_ or Address(contact.name, contact.email)
    who = clean_line(sender.name or sender.address)[:100]
    words = body.reply_text or body.text
    told = words[:LONGEST] + (" […]" if len(words) > LONGEST else "")
    text = TEXTS[locale].format(
        who=who,
        company=account.company_name,
        sender=sender.address,
        subject=clean_line(message.subject)[:200],
        conversation=conversation.id,
        words=told,
    )
    return SUBJECTS[locale].format(who=who), text

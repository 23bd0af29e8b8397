"""Whether a mail that came in is answered automatically, whether its owner is told of it, and
who is told of a channel's trouble. Pure: the one place.

Sources: RFC 3834 (automatic responses), security.md's incident of acknowledgements that flooded a victim in whose name
tickets were opened. An acknowledgement goes to a person who is proven to have written (DMARC), once for a conversation,
never to a machine, a list or a bounce, and never to ourselves. How many: `model/limits.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from chalicelib.clock import stamp
from chalicelib.mail.addresses import as_kept
from chalicelib.model.account import User
from chalicelib.model.conversation import Conversation, Direction, Message, Reason
from chalicelib.model.inbox import Access, Channel
from chalicelib.outbound.choose_sender import refused_because

LATEST = timedelta(days=1)  # after which an acknowledgement only confuses: mail that is handled again, or was held
OWNER_AWAY = "owner_away"  # as `routing/choose_assignee.py` says it
ACKNOWLEDGED = Reason("acknowledgement", "The channel acknowledges first mails automatically.")
# RFC 3834 §2, RFC 5321 §4.5.1, RFC 2142: nobody reads what is sent there, or a program does.
MACHINES = frozenset({"mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply", "bounce"})
MACHINE_PREFIXES = ("owner-", "bounce-", "bounces-", "bounce+", "bounces+", "prvs=", "msprvs1=")
MACHINE_SUFFIXES = ("-request", "-relay", "-owner", "-bounces")
WANTS_NONE = "wants_no_automatic_answer"  # MS-OXCMAIL §2.1.3.2.20; a mark that keeps nothing else from the mail
# What the filing of a mail marks it with, and after which it is no proven person's own words to us.
UNFIT = frozenset(
    {
        "automatic",
        "forwarded",
        "no_reply_sender",
        "sender_not_proven",
        "sender_takes_no_part",
        "unreadable",
        "verification_mail",
    }
)


def not_acknowledged_because(
    message: Message, conversation: Conversation, channel: Channel, own_domains: Collection[str], now: datetime
) -> Reason | None:
    """Why a mail gets no acknowledgement; None: it does, as far as the mail and the settings are asked.

    `own_domains`: mail for these, and for their subdomains, comes to us.
    """
    if not channel.acknowledgement.enabled:
        return Reason("acknowledgement_off", "The channel acknowledges nothing.")
    refused = refused_because(channel)
    if refused is not None:
        return refused
    if message.direction is not Direction.INCOMING or message.created_at != conversation.created_at:
        return Reason("not_the_first_mail", "Only the mail that opens a conversation is acknowledged.")
    if not message.authentication.is_proven:
        return Reason("sender_not_proven", "Nobody has proven to have written this mail (DMARC).")
    if message.automatic is not None or not UNFIT.isdisjoint(message.marks):
        return Reason("automatic", "A machine, a list or somebody unproven sent it.")
    if WANTS_NONE in message.marks:
        return Reason(WANTS_NONE, "The mail asks for no automatic answers (X-Auto-Response-Suppress).")
    sender = as_kept(message.from_.address) if message.from_ else ""
    if sender != as_kept(conversation.contact_email) or is_machine(sender):
        return Reason("no_person", "The sender is not the contact, or nobody's mailbox.")
    if is_own(sender, own_domains):
        return Reason("own_address", "It came from an address of this installation.")
    if stamp(now - LATEST) >= message.created_at:
        return Reason("too_late", "The mail is more than a day old.")
    return None


def is_for_absent_owner(message: Message, conversation: Conversation) -> bool:
    """Whether a mail waits for an owner who is away (S60): whatever a person writes before somebody takes it."""
    waits = conversation.assignee_id is None and conversation.assigned_because.code == OWNER_AWAY
    return waits and message.direction is Direction.INCOMING and message.automatic is None


def concerned(user: User, connected_by: str | None, access: Access) -> bool:
    """Whether somebody is told of a channel's trouble: an admin with account access, and who connected it as long as
    they see its inbox (S16). Pure.
    """
    return user.role.is_admin or (user.id == connected_by and access.includes(user.id, user.team_ids))


def is_machine(address: str) -> bool:
    """Whether a lower-case address is one that programs use."""
    local = address.rpartition("@")[0]
    return not local or local in MACHINES or local.startswith(MACHINE_PREFIXES) or local.endswith(MACHINE_SUFFIXES)


def is_own(address: str, own_domains: Collection[str]) -> bool:
    """Whether mail for a lower-case address comes to us: domains compared label by label."""
    labels = address.rpartition("@")[2].split(".")
    return not {".".join(labels[start:]) for start in range(len(labels))}.isdisjoint(own_domains)

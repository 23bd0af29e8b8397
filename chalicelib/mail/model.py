"""What a mail is, once understood: plain values without behaviour.

`read_mail(raw) -> ParsedMail` is what code uses; `understand(raw) -> dict` is the same as the JSON contract that
`python -m chalicelib.mail` prints. Ids stand without angle brackets; dates are ISO 8601 with offset; texts use `\n`.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Address(Struct, frozen=True):
    """One mailbox (RFC 5322 §3.4): `name` decoded and cleaned, `address` as written with its domain lower-cased."""

    name: str | None
    address: str


class Attachment(Struct, frozen=True):
    """One part that is not shown as body. `index` is what `attachment_content(raw, index)` takes."""

    index: int
    filename: str | None
    content_type: str
    size: int  # bytes after decoding
    inline: bool
    content_id: str | None = None


class Fold(Struct, frozen=True):
    """A stretch of `ParsedMail.text` that a reader folds away: `text[start:end]`."""

    start: int
    end: int
    kind: Literal["quote", "signature", "forward"]


class Forwarded(Struct, frozen=True):
    """The original mail inside a forward, as the forward tells it (S48-S51)."""

    from_: Address | None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str | None = None
    date: str | None = None  # ISO 8601 where it can be read, else as written
    text: str = ""
    html: str | None = None
    how: str = "inline"  # inline, attached, redirected, mailing_list
    nested: Forwarded | None = None  # the forward inside this one
    by: Address | None = None  # of a redirected mail: who sent it on (Resent-From), since From is the writer


class FailedRecipient(Struct, frozen=True):
    """One recipient of a delivery report (RFC 3464)."""

    address: str
    status: str | None = None  # RFC 3463, such as 5.1.1
    diagnostic: str | None = None
    kind: Literal["hard", "soft", "mailbox_full", "blocked", "undetermined"] = "undetermined"


class Bounce(Struct, frozen=True):
    """A mail that reports what became of another one."""

    recipients: tuple[FailedRecipient, ...]
    kind: Literal["hard", "soft", "mailbox_full", "blocked", "delayed", "undetermined"]
    original_message_id: str | None = None
    original_subject: str | None = None


class Complaint(Struct, frozen=True):
    """An abuse feedback report (RFC 5965)."""

    recipients: tuple[str, ...]
    feedback_type: str
    original_message_id: str | None = None


class Automatic(Struct, frozen=True):
    """Why a mail counts as sent by a machine (RFC 3834 and what is used instead)."""

    kind: Literal["auto_replied", "auto_generated", "list", "bulk", "bounce", "receipt", "calendar"]
    evidence: tuple[str, ...]  # such as "Auto-Submitted: auto-replied"
    verification: bool = False  # a sign-up or verification mail (TicketTrick)
    no_reply: bool = False  # sent from an address that says it does not read answers
    auto_submitted: bool = True  # False: a list, a newsletter or a no-reply sender; a person may have written it


class ParsedMail(Struct, frozen=True):
    """One mail, understood."""

    subject: str = ""
    from_: Address | None = None
    from_all: tuple[Address, ...] = ()
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    thread_index: str | None = None
    thread_topic: str | None = None
    date: str | None = None
    text: str = ""
    html: str | None = None  # cleaned, ready to show
    reply_text: str = ""
    folds: tuple[Fold, ...] = ()
    forwarded: Forwarded | None = None
    bounce: Bounce | None = None
    complaint: Complaint | None = None
    automatic: Automatic | None = None
    wants_no_answer: bool = False  # no automatic one (X-Auto-Response-Suppress); a person may have written it
    attachments: tuple[Attachment, ...] = ()
    list_id: str | None = None
    received_count: int = 0  # Received headers: the hops (RFC 5321 §6.3)
    content_hash: str = ""  # the same for the same mail, however often and by whatever way it is delivered
    defects: tuple[str, ...] = ()  # stable codes, such as "missing_message_id"

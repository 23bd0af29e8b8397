"""A mail forwarded as an attachment: message/rfc822 (RFC 2046 §5.2.1) that a person attached; no report, no
digest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import addresses, content_types, dates
from .forward_rules import Context
from .model import Address, Forwarded

if TYPE_CHECKING:
    from .parse import Part

_MACHINES: Final = frozenset(["mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon"])
_FILE_LABELS: Final = content_types.GENERIC | {"application/eml", "application/x-eml", "text/plain"}
_CONTAINERS: Final = frozenset(["multipart/report", "multipart/digest", "message/feedback-report"])


def find_attached(root: Part, text: str, context: Context) -> Forwarded | None:
    """The attached mail that this one forwards.

    Without a subject that says forward, a mail may be attached for any reason: then it counts only if it is
    the sole one and the mail around it answers nothing and has no subject or no text of its own.
    """
    if not root.content_type.startswith("multipart/") and not root.is_message:
        return None
    if any(part.content_type in _CONTAINERS for part in root.walk()):
        return None
    says_forward = (bool(context.prefix.forward) and not context.prefix.reply) or _is_certified_envelope(root)
    messages = [part for part in root.walk() if part.is_message]
    if not messages:
        return _in_file(root) if says_forward else None
    stands_alone = len(messages) == 1 and not (context.is_reply or context.prefix.reply)
    if not says_forward and not (stands_alone and not (context.subject.strip() and text.strip())):
        return None
    inside = messages[0].children
    return read_message(inside[0]) if inside and "from" in inside[0].headers else None


def _is_certified_envelope(root: Part) -> bool:
    """Whether an operator of Italian certified mail (PEC) sends it on: the writer's own mail is attached to it."""
    return (root.headers.get("x-trasporto") or "").strip().lower() == "posta-certificata"


def _in_file(root: Part) -> Forwarded | None:
    """The first file named .eml whose label does not say that it is a mail, as webmail attaches saved mails."""
    for part in root.walk():
        if part.content_type in _FILE_LABELS and (part.filename or "").lower().endswith(".eml"):
            message = part.open(part.body())
            return read_message(message) if message is not None and "from" in message.headers else None
    return None


def is_from_machine(root: Part) -> bool:
    """Whether a mail system sent it: the null reverse path, a report, or the names that mail systems use."""
    if root.content_type == "multipart/report" or (root.headers.get("return-path") or "").strip() == "<>":
        return True
    senders = people(root, "from")
    return bool(senders) and senders[0].address.partition("@")[0].lower() in _MACHINES


def read_message(message: Part) -> Forwarded:
    """A mail's own fields and text, as a forwarded mail."""
    headers = message.headers
    senders = people(message, "from")
    date = headers.get("date")
    text, html = _body(message)
    return Forwarded(
        from_=senders[0] if senders else None,
        to=people(message, "to"),
        cc=people(message, "cc"),
        subject=headers.get("subject"),
        date=(dates.read_date(date) or date) if date else None,
        text=text,
        html=html,
        how="attached",
    )


def people(part: Part, field: str) -> tuple[Address, ...]:
    """Everybody in an address field of the part's own headers."""
    return tuple(box for value in part.headers.unfolded_all(field) for box in addresses.read(value)[0])


def _body(message: Part) -> tuple[str, str | None]:
    """The readable text and the HTML: the first body part of each kind that is no attachment."""
    text = html = None
    for part in message.walk():
        if part.content_type not in ("text/plain", "text/html") or part.filename:
            continue
        if part.content_type == "text/plain" and text is None:
            text = part.text()
        elif part.content_type == "text/html" and html is None:
            html = part.text()
    if text is None and html is not None:
        from .text import from_html

        text = from_html(html).text
    return (text or "").strip(), html

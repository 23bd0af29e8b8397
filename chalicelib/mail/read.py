"""The assembly: from the bytes of a mail to a `ParsedMail`, and to the JSON contract.

`read_mail` never raises. Each step takes what the others found and adds values; what is wrong with the mail is a list
of stable codes in `defects`. A fault of our own becomes the defect `unreadable`: the mail is then filed with its raw
bytes.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from . import attachments, automatic, bounces, forwarded, html, quotes, threading_ids
from .content import Content, put_together
from .fields import Heads
from .model import ParsedMail
from .parse import Part, parse

_IDENTITY_FIELDS: Final = ("from", "to", "cc", "subject", "date", "message-id")


def read_mail(raw: bytes) -> ParsedMail:
    """The mail `raw`, understood. Never raises."""
    try:
        return _read(raw)
    except Exception:
        return ParsedMail(content_hash=hashlib.sha256(raw).hexdigest(), defects=("unreadable",))


def _read(raw: bytes) -> ParsedMail:
    root = parse(raw)
    body = attachments.read_body(root)
    content = put_together(body.slots)
    heads = Heads(root.headers)
    subject = heads.subject()
    in_reply_to, references = heads.ids("in-reply-to"), heads.ids("references")
    reply = _reply(content, subject, bool(in_reply_to or references))
    may_be_forward = any(fold.kind == "forward" for fold in reply.folds)
    senders = heads.boxes("from")
    mail = ParsedMail(
        subject=subject,
        from_=next((box for box in senders if "@" in box.address), next(iter(senders), None)),
        from_all=senders,
        sender=next(iter(heads.boxes("sender")), None),
        reply_to=heads.addressed("reply-to"),
        to=heads.addressed("to"),
        cc=heads.addressed("cc"),
        message_id=threading_ids.read_id(root.headers.unfolded("message-id") or ""),
        in_reply_to=in_reply_to,
        references=references,
        thread_index=root.headers.get("thread-index"),
        thread_topic=root.headers.get("thread-topic"),
        date=heads.date(),
        text=content.text,
        html=html.clean(content.html) if content.html is not None else None,
        reply_text=reply.text,
        folds=reply.folds,
        forwarded=forwarded.find_forwarded(root, content.readable, content.html, subject, may_be_inline=may_be_forward),
        bounce=bounces.find_bounce(root, content.readable),
        complaint=bounces.find_complaint(root),
        automatic=automatic.find_automatic(root, subject),
        wants_no_answer=automatic.wants_no_answer(root),
        attachments=attachments.describe(body.items),
        list_id=root.headers.get("list-id"),
        received_count=len(root.headers.raw_all("received")),
        content_hash=content_hash(root),
    )
    too_long = ["too_many_lines"] if content.is_too_long else []
    defects = [*root.all_defects(), *heads.missing(), *heads.defects, *body.defects, *too_long]
    return msgspec.structs.replace(mail, defects=tuple(dict.fromkeys(defects)))


def _reply(content: Content, subject: str, is_reply: bool) -> quotes.Reply:
    """What is newly written; in a text of too many lines all of it."""
    if content.is_too_long:
        return quotes.Reply(content.text)
    return quotes.split_reply(content.text, content.spans, subject=subject, is_reply=is_reply)


def content_hash(root: Part) -> str:
    """SHA-256 of what a mail says, whatever way it came: identity fields and body, no trace fields, line ends alike."""
    digest = hashlib.sha256()
    for name in _IDENTITY_FIELDS:
        for value in root.headers.raw_all(name):
            digest.update(name.encode() + b":" + b" ".join(value.split()) + b"\n")
    digest.update(b"\n")
    data = root.raw_body()
    size = 1 << 20
    held, line_ends = b"", 0  # a CR whose LF is in the next chunk; LFs that may be the last
    for start in range(0, len(data), size):
        chunk = held + bytes(data[start : start + size])
        held = b"\r" if chunk.endswith(b"\r") else b""
        chunk = chunk[: len(chunk) - len(held)].replace(b"\r\n", b"\n")
        said = chunk.rstrip(b"\n")
        if said:
            digest.update(b"\n" * line_ends + said)
            line_ends = 0
        line_ends += len(chunk) - len(said)
    return digest.hexdigest()


def understand(raw: bytes) -> dict[str, Any]:
    """The mail `raw` as the JSON contract: plain dicts, lists, strings, numbers."""
    mail = read_mail(raw)
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(mail))
    plain["from"] = plain.pop("from_")
    plain["in_reply_to"] = mail.in_reply_to[0] if mail.in_reply_to else None
    plain["auto_submitted"] = mail.automatic is not None and mail.automatic.auto_submitted
    if mail.bounce is not None:
        plain["bounce"]["details"] = plain["bounce"]["recipients"]
        plain["bounce"]["recipients"] = [failed.address for failed in mail.bounce.recipients]
    fwd = plain["forwarded"]
    while fwd is not None:
        fwd["from"] = fwd.pop("from_")
        fwd = fwd["nested"]
    return plain


def attachment_content(raw: bytes, index: int) -> bytes:
    """The bytes of the attachment with that index in `read_mail(raw).attachments`; IndexError if there is none."""
    items = attachments.read_body(parse(raw)).items
    if not 0 <= index < len(items):
        raise IndexError(f"no attachment {index}, the mail has {len(items)}")
    return items[index].content()

"""The assembly: from the bytes of a mail to a `ParsedMail`, and to the JSON contract.

`read_mail` never raises. Each step takes what the others found and adds values; what is wrong with the mail is a list of
stable codes in `defects`. A fault of our own becomes the defect `unreadable`: the mail is then filed with its raw bytes.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from . import addresses, attachments, automatic, bounces, dates, forwarded, html, quotes, text, threading_ids
from .attachments import Body
from .bounds import MAX_SUBJECT_CHARS
from .headers import Headers
from .model import Address, ParsedMail
from .parse import Part, parse

_IDENTITY_FIELDS: Final = ("from", "to", "cc", "subject", "date", "message-id")
_ONCE: Final = ("from", "sender", "reply-to", "to", "cc", "message-id", "in-reply-to", "references", "subject", "date")


def read_mail(raw: bytes) -> ParsedMail:
    """The mail `raw`, understood. Never raises."""
    try:
        return _read(raw)
    except Exception:
        return ParsedMail(content_hash=hashlib.sha256(raw).hexdigest(), defects=("unreadable",))


def _read(raw: bytes) -> ParsedMail:
    root = parse(raw)
    defects: list[str] = []
    heads = _Heads(root.headers, defects)
    body = attachments.read_body(root)
    content = _Content(body)
    subject = (root.headers.get("subject") or "")[:MAX_SUBJECT_CHARS]
    in_reply_to, references = heads.ids("in-reply-to"), heads.ids("references")
    reply = quotes.split_reply(content.text, content.spans, subject=subject, is_reply=bool(in_reply_to or references))
    senders = heads.boxes("from")
    return ParsedMail(
        subject=subject,
        from_=next((box for box in senders if "@" in box.address), next(iter(senders), None)),
        from_all=senders,
        sender=next(iter(heads.boxes("sender")), None),
        reply_to=_addressed(heads.boxes("reply-to")),
        to=_addressed(heads.boxes("to")),
        cc=_addressed(heads.boxes("cc")),
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
        forwarded=forwarded.find_forwarded(root, content.text, content.html, subject),
        bounce=bounces.find_bounce(root, content.text),
        complaint=bounces.find_complaint(root),
        automatic=automatic.find_automatic(root, subject),
        attachments=attachments.describe(body.items),
        list_id=root.headers.get("list-id"),
        received_count=len(root.headers.raw_all("received")),
        content_hash=content_hash(root),
        defects=tuple(dict.fromkeys([*root.all_defects(), *heads.missing(), *defects, *body.defects])),
    )


class _Heads:
    """Structured fields of a header block, their defects gathered."""

    def __init__(self, headers: Headers, defects: list[str]) -> None:
        self.headers, self.defects = headers, defects

    def boxes(self, name: str) -> tuple[Address, ...]:
        found: list[Address] = []
        for value in self.headers.unfolded_all(name):
            boxes, defects = addresses.read(value)
            found += boxes
            self.defects += defects
        return tuple(found)

    def ids(self, name: str) -> tuple[str, ...]:
        ids, defects = threading_ids.read_ids(" ".join(self.headers.unfolded_all(name)))
        self.defects += defects
        return ids

    def date(self) -> str | None:
        written = self.headers.get("date")
        date = dates.read_date(written) if written else None
        if written and date is None:
            self.defects.append("broken_date")
        return date

    def missing(self) -> list[str]:
        found = [
            f"missing_{name.replace('-', '_')}" for name in ("from", "date", "message-id") if not self.headers.get(name)
        ]
        found += [f"doubled_{name.replace('-', '_')}" for name in _ONCE if len(self.headers.raw_all(name)) > 1]
        return found


def _addressed(boxes: tuple[Address, ...]) -> tuple[Address, ...]:
    return tuple(box for box in boxes if box.address)


class _Content:
    """The body put together: `text` to read, `html` as sent (None without), `spans` of the client's quotes in `text`."""

    def __init__(self, body: Body) -> None:
        texts: list[str] = []
        self.spans: list[text.QuoteSpan] = []
        has_plain = False
        for slot in body.slots:
            if slot.text is not None and slot.text.strip():
                has_plain = True
                texts.append(slot.text)
            elif slot.html is not None and not has_plain:
                made = text.from_html(slot.html)
                start = sum(len(t.rstrip()) + 1 for t in texts)
                self.spans += [text.QuoteSpan(s.start + start, s.end + start, s.kind) for s in made.quotes]
                texts.append(made.text)
        self.text = "\n".join(t.rstrip() for t in texts)
        htmls = [slot.html for slot in body.slots if slot.html is not None]
        self.html = "\n".join(htmls) if htmls else None


def content_hash(root: Part) -> str:
    """SHA-256 of what a mail says, whatever way it came: identity fields and body, without trace fields, line ends alike."""
    digest = hashlib.sha256()
    for name in _IDENTITY_FIELDS:
        for value in root.headers.raw_all(name):
            digest.update(name.encode() + b":" + b" ".join(value.split()) + b"\n")
    digest.update(b"\n")
    data = root.raw_body()
    size = 1 << 20
    pending = b""
    for start in range(0, len(data), size):
        chunk = pending + bytes(data[start : start + size])
        pending = chunk[len(chunk.rstrip(b"\r\n")) :]  # line ends at the edge wait for the next chunk
        digest.update(chunk[: len(chunk) - len(pending)].replace(b"\r\n", b"\n"))
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
    """The bytes of the attachment with that index in `read_mail(raw).attachments`. Raises IndexError if there is none."""
    items = attachments.read_body(parse(raw)).items
    if not 0 <= index < len(items):
        raise IndexError(f"no attachment {index}, the mail has {len(items)}")
    return items[index].content()

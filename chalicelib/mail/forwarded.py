"""The original mail inside a forward (S48-S51): who wrote it, to whom, when, and what.

Told apart, in this order:
- `mailing_list`: a group rewrote From ("Kim via Support"); the original sender is in X-Original-From, or in
  Reply-To;
- `inline`: the text holds another mail, announced as a forward (see `markers`, `forward_rules`);
- `attached`: the mail carries another as message/rfc822 and answers nothing;
- `redirected`: a person sent it on as it was (Resent-From, RFC 5322 §3.6.6).
What a machine sends back (a bounce holds the mail that failed) is no forward. A quoted reply is no forward, nor
is a forward inside a quoted reply: the first mail that the text announces decides. Automatic forwarding
(X-Forwarded-To and the like) keeps From and needs nothing. Limits: `nested` up to 8 deep.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from . import dates
from .attached_forward import find_attached, is_from_machine
from .attribution_people import read_attribution
from .forward_rules import Context
from .header_block import HeaderBlock, label_of
from .header_people import read_people
from .languages import folded, vocabulary
from .lines import Line, next_written, read_lines
from .markers import Marker
from .model import Forwarded
from .rewritten_from import find_rewritten
from .stretches import stretches_of

if TYPE_CHECKING:
    from .parse import Part

MAX_NESTED: Final = 8
_RULE: Final = "-‐‑–—_=*~ \t"
_RULES: Final = ("--", "‐‐", "––", "——", "__", "==", "**", "~~")
_QUOTE: Final = re.compile(r"^[ \t\xa0\ufeff]{0,8}(?:>|&gt;) ?")
_DRAWN: Final = 20  # dashes that a client draws below a forward
_END_WORD: Final = re.compile(
    r"(?:end|ende|fin|fine|fim|einde|eind|slut|slutt|konec|koniec|koniec|кінець|конец|завершение|край|kraj|конец)\b"
)


def find_forwarded(
    root: Part, text: str, html: str | None, subject: str, *, may_be_inline: bool = True
) -> Forwarded | None:
    """The mail that this one forwards, or None.

    `text` is the whole readable text, `html` the HTML body if there is one: it is read when the text tells nothing.
    `may_be_inline` False spares the reading of the text, for a caller who has had `split_reply` find no forward in it.
    """
    if is_from_machine(root):
        return None
    is_reply = "in-reply-to" in root.headers or "references" in root.headers
    context = Context.of(subject, is_reply)
    return (
        (find_inline(text, context) if may_be_inline else None)
        or _in_html(text, html, context)
        or find_attached(root, text, context)
        or find_rewritten(root, text)
    )


def _in_html(text: str, html: str | None, context: Context) -> Forwarded | None:
    """The forward in the HTML of a mail whose text part is only a stand-in ("This mail needs an HTML viewer")."""
    if html is None or len(text) > 200 or len(html) < 10 * len(text):
        return None
    from .text import from_html

    return find_inline(from_html(html).text, context)


def find_inline(text: str, context: Context, level: int = 0) -> Forwarded | None:
    """The forward in a text; `level` counts the forwards around it."""
    if level > MAX_NESTED or (":" not in text and "：" not in text):
        return None
    lines = read_lines(text)
    marker = _first_marker(text, lines, context)
    if marker is None:
        return None
    body = body_of(text, lines, marker)
    subject = marker.block.fields.get("subject", "") if marker.block else ""
    nested = find_inline(body, Context.of(subject, True), level + 1)
    if marker.block is not None:
        return _of_block(marker.block, body, nested)
    if marker.attribution is None:
        return None
    sender, date = read_attribution(marker.attribution.text)
    return Forwarded(from_=sender, subject=context.bare_subject(), date=_date(date), text=body, nested=nested)


def _first_marker(text: str, lines: Sequence[Line], context: Context) -> Marker | None:
    """The marker of a forward, if no quoted mail comes before it; with a subject that says forward, wherever it is."""
    insists = bool(context.prefix.forward) and not context.prefix.reply
    for stretch in stretches_of(text, lines, context):
        if stretch.nature == "forward":
            return stretch.marker
        if stretch.nature in ("marked", "header") and not insists:
            return None
    return None


def _of_block(block: HeaderBlock, text: str, nested: Forwarded | None) -> Forwarded:
    fields = block.fields
    senders = read_people(fields.get("from", ""))
    return Forwarded(
        from_=senders[0] if senders else None,
        to=read_people(fields.get("to", "")),
        cc=read_people(fields.get("cc", "")),
        subject=fields.get("subject"),
        date=_date(fields.get("date")),
        text=text,
        nested=nested,
    )


def _date(written: str | None) -> str | None:
    return (dates.read_date(written) or written) if written else None


def body_of(text: str, lines: Sequence[Line], marker: Marker) -> str:
    """The forwarded mail's own text: without the forward's `>` and indentation, up to the client's end mark."""
    kept, depth = list(lines[marker.end :]), marker.depth
    if depth:
        kept = list(itertools.takewhile(lambda line: line.depth >= depth or not line.body, kept))
    kept = list(itertools.takewhile(lambda line: not _is_end_mark(line), kept))
    written = [line for line in kept if line.body]
    if not depth and written and all(line.depth for line in written):
        depth = 1
    kept = _without_frame(kept, lines[marker.start].body)
    content = [_without_quoting(text[line.start : line.end], depth) for line in kept]
    if marker.attribution is not None:
        content = _dedented(content)
    return "\n".join(content).strip("\n \r")


def _without_frame(kept: list[Line], announcement: str) -> list[Line]:
    """Without the announcement repeated below the headers (Zoho), and without the line drawn at the end (KMail)."""
    first = next((i for i, line in enumerate(kept) if line.body), 0)
    if kept and kept[first].body == announcement:
        below = next_written(kept, first + 1)
        if below >= len(kept) or label_of(kept[below].body, vocabulary()) is None:  # else a forward inside this one
            kept = kept[first + 1 :]
    last = next((i for i in range(len(kept) - 1, -1, -1) if kept[i].body), 0)
    is_line = bool(kept) and len(kept[last].body) >= _DRAWN and not kept[last].body.strip("-")
    return kept[:last] if is_line else kept


def _is_end_mark(line: Line) -> bool:
    """ "----- End forwarded message -----" (mutt), "------- End of Forwarded Message" (nmh) and the like."""
    body = line.body
    if body[:2] not in _RULES or len(body) > 120:
        return False
    low = folded(body.strip(_RULE))
    return vocabulary().says_forwarded(low) and _END_WORD.match(low) is not None


def _without_quoting(raw: str, depth: int) -> str:
    for _ in range(depth):
        raw = _QUOTE.sub("", raw, count=1)
    return raw.rstrip()


def _dedented(lines: list[str]) -> list[str]:
    """Without the blanks that all written lines begin with."""
    margin = min((len(line) - len(line.lstrip()) for line in lines if line), default=0)
    return [line[margin:] for line in lines]

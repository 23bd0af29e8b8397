"""A header block that lost its line ends, as Yahoo writes it: "----- Forwarded Message ----- From: Kim <…>To: …".

The first label tells the language; each other field is the first of that language's labels after it that does
not stand inside a word. QUIRK: Yahoo's Portuguese subject has no colon.
"""

from __future__ import annotations

from .header_block import HeaderBlock
from .languages import Language, vocabulary

MAX_CHARS = 4_000
_FIELDS = ("from", "to", "cc", "date", "subject")


def one_line_block(body: str, index: int) -> HeaderBlock | None:
    """The block in the rest of a line that begins with a rule; `index` is the line's number."""
    rule = body.find("--", len(body) - len(body.lstrip("- \t")))
    if rule < 0 or len(body) > MAX_CHARS:
        return None
    rest = body[rule:].lstrip("- \t")
    if not rest:
        return None
    best: dict[str, str] = {}
    code = ""
    for name, language in vocabulary().languages.items():
        if any(_begins(rest, label) for label in language.labels.from_):
            fields = _fields(rest, language)
            if len(fields) > len(best):
                best, code = fields, name
    if len(best) < 3:
        return None
    return HeaderBlock(index, index + 1, best, frozenset([code]))


def _begins(rest: str, label: str) -> bool:
    return rest.startswith(label) and rest[len(label) :].lstrip()[:1] in (":", "：")


def _fields(rest: str, language: Language) -> dict[str, str]:
    found: list[tuple[int, int, str]] = []
    for name in _FIELDS:
        labels = getattr(language.labels, "from_" if name == "from" else name)
        if name == "cc":
            labels = (*labels, "CC")
        hits = [hit for label in labels if (hit := _find(rest, label, name)) is not None]
        if hits:
            found.append((*min(hits, key=lambda hit: (hit[0], -hit[1])), name))
    found.sort()
    fields = {}
    for number, (_, end, name) in enumerate(found):
        stop = found[number + 1][0] if number + 1 < len(found) else len(rest)
        fields[name] = rest[end:stop].strip()
    return fields


def _find(rest: str, label: str, name: str) -> tuple[int, int] | None:
    """Where a label stands, up to the end of its colon."""
    at = rest.find(label)
    while at >= 0:
        end = at + len(label)
        glued = at > 0 and rest[at - 1].islower()
        colon = next((i for i in range(end, min(end + 3, len(rest))) if rest[i] in ":：" or not rest[i].isspace()), end)
        if not glued and rest[colon : colon + 1] in (":", "："):
            return at, colon + 1
        if name == "subject" and not glued and at > 20 and rest[end : end + 1] == " ":
            return at, end
        at = rest.find(label, at + 1)
    return None

"""Whether a marker announces a forwarded mail or the mail that is answered: the same rules for folding and for
reading.

A client's own words ("Forwarded message") decide. Header blocks without them look alike in replies and
forwards: there the subject's prefix decides, and without a prefix the mail counts as a forward only if it
answers nothing and the block is complete. An attribution ("On … wrote:") is a reply unless the subject says
forward (Outlook for Mac forwards like that).
"""

from __future__ import annotations

from msgspec import Struct

from .markers import Marker
from .subject_prefixes import Prefix, prefix_of


class Context(Struct, frozen=True):
    """What the mail around the text says about itself."""

    prefix: Prefix
    subject: str
    is_reply: bool  # In-Reply-To or References; forwards can have them too

    @classmethod
    def of(cls, subject: str, is_reply: bool) -> Context:
        """The context of a mail with this subject."""
        return cls(prefix_of(subject), subject, is_reply)

    def bare_subject(self) -> str | None:
        """The subject without the prefix that says forward; None without a subject."""
        return self.subject[self.prefix.end :].strip() or None


def is_forward(marker: Marker, context: Context) -> bool:
    """Whether the mail that the marker announces is forwarded by this one."""
    if marker.kind == "forward":
        return True
    says_forward, says_reply = _says(marker, context.prefix)
    if marker.kind == "attribution":
        return says_forward and not says_reply and "@" in (marker.attribution.text if marker.attribution else "")
    if marker.block is None:
        return False
    if says_forward != says_reply:
        return says_forward
    if says_reply or context.is_reply or marker.block.is_raw:
        return False
    needed = ("from", "to", "subject") if marker.kind == "original" else ("from", "date", "to", "subject")
    return all(name in marker.block.fields for name in needed)


def _says(marker: Marker, prefix: Prefix) -> tuple[bool, bool]:
    """Whether the subject says forward, and reply; the block's language settles a prefix that is both."""
    if prefix.forward and prefix.reply and marker.block:
        forward = bool(prefix.forward & marker.block.languages)
        reply = bool(prefix.reply & marker.block.languages)
        if forward != reply:
            return forward, reply
    return bool(prefix.forward), bool(prefix.reply)

"""Judge from outside whether a mail may be a bounce, and whether its first words confirm it.

What: type, sender, return path and subject make a mail suspicious; ordinary mail leaves here. Some signs are certain (a
status part, X-Failed-Recipients); the others must be confirmed by the text, the more so the likelier it is that a
person sits behind the sender, or that somebody writes about a bounce.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from chalicelib.mail import automatic
from chalicelib.mail.bounce_dialects import (
    DAEMON_ADDRESS,
    DAEMON_NAME,
    OPENING,
    REPLY_OR_FORWARD,
    STRONG_OPENING,
    SUBJECT,
    TECHNICAL_OPENING,
)

if TYPE_CHECKING:
    from chalicelib.mail.parse import Part

STATUS_TYPES = frozenset(("message/delivery-status", "message/global-delivery-status"))
# Receipts of Italian certified mail (PEC) that say a mail was not delivered.
_CERTIFIED_FAILURES = frozenset(("non-accettazione", "errore-consegna", "preavviso-errore-consegna"))
_OTHER_REPORTS = frozenset(("message/disposition-notification", "message/feedback-report"))
_OPENING_WITHIN = 4_000  # characters of text, in which a daemon's words must stand
_OPENING_AT_TOP = 800  # the same where nothing but subject or no-reply address speaks for a daemon
_QUOTED_LINE = re.compile(r"^>[^\n]*", re.MULTILINE)

Evidence = Literal["none", "weak", "strong"]


class Suspicion:
    """What of a mail's outside looks like a bounce."""

    def __init__(self, root: Part, parts: list[Part]) -> None:
        headers = root.headers
        sender, self._subject = headers.get("from") or "", headers.get("subject") or ""
        types = {part.content_type for part in parts}
        report_type = root.parameters.get("report-type", "delivery-status").strip().lower()
        self._report = root.content_type == "multipart/report" and report_type == "delivery-status"
        certified = (headers.get("x-ricevuta") or "").strip().lower()
        self.certain = (
            bool(types & STATUS_TYPES) or "x-failed-recipients" in headers or certified in _CERTIFIED_FAILURES
        )
        other_report = root.content_type == "multipart/report" and not self._report and not self.certain
        self._foreign = other_report or bool(types & _OTHER_REPORTS)
        self.by_sns = "sns.amazonaws.com" in sender.lower()
        self._daemon = bool(DAEMON_ADDRESS.search(sender) or DAEMON_NAME.search(sender) or "<>" in sender)
        self._program = self._daemon and ("daemon" in sender.lower() or "<>" in sender)
        path = (headers.unfolded("return-path") or "").replace(" ", "").lower()
        self._null_path = path == "<>" or path.startswith("<mailer-daemon") or not sender
        self._titled = SUBJECT.match(self._subject) is not None
        self._machine = "x-mlserver" in headers or "reply@" in sender.lower() or "auto-submitted" in headers

    def __bool__(self) -> bool:
        outside = self._report or self._daemon or self._null_path or self._titled or self._machine
        return not self._foreign and (outside or self.certain or self.by_sns)

    def confirmed_by(self, text: str) -> Evidence:
        """How far the text begins as those of mail servers do. A person's answer may quote one."""
        if self.certain:
            return "strong"
        if automatic.begins_as_vacation(self._subject):
            return "none"
        text = text[:_OPENING_WITHIN]
        if REPLY_OR_FORWARD.match(self._subject):
            text = _QUOTED_LINE.sub("", text)
        folded = " ".join(text.split())
        if self._report:
            return "strong"
        sender_speaks = self._daemon or self._null_path
        if STRONG_OPENING.search(folded, 0, _OPENING_WITHIN if sender_speaks else _OPENING_AT_TOP):
            return "strong"
        if self._program or (self._daemon + self._null_path + self._titled) >= 2:
            return "weak" if OPENING.search(folded) else "none"
        if self._daemon or (self._machine and self._titled):
            return "weak" if TECHNICAL_OPENING.search(folded) else "none"
        return "none"

"""The lines after which a bounce holds the returned mail, and with it addresses that did not fail.

Format: one line each, matched case-insensitively from the start of a line.
"""

from __future__ import annotations

import re

_LINES = (
    # A rule with words in it: Exim, sendmail, qmail, Notes, m-FILTER and the like.
    r"-{2,}[ \t]*(?:below this line|this is a copy|the (?:message|header|body|original)|original|unsent"
    r"|returned|message|mensaje"
    r"|copy|undelivered|enclosed|your|forwarded|rejected|failed message|header|begin|included|start|nachricht"
    r"|ursprüng"
    r"|original-?nachricht|mensagem|messaggio)[^\n]{0,120}",
    r"-{5,}[ \t]*\d{5,}[/.\w]*",
    # The same without a rule.
    r"original (?:message|mail)(?: as)? (?:follows|headers?|text|body)[^\n]{0,80}",
    r"the (?:original )?(?:message|header|mail)s? (?:text |header )?(?:follows|is attached|was:|are attached"
    r"|headers)[^\n]{0,60}",
    r"(?:your )?(?:original|returned|unsent|undelivered|rejected) (?:message|mail|e-?mail)(?: (?:follows"
    r"|headers?|text|body))?"
    r"[^\n]{0,20}:?[ \t]*$",
    r"(?:message|mail) (?:header|text|headers|body)s?(?: follows?)?[ \t]*:?[ \t]*$",
    r"copy of (?:the )?(?:original )?message[^\n]{0,40}",
    r"\*{3,} ?(?:original|message|header)[^\n]{0,60}",
    # The returned header itself.
    r"received:[ ]?(?:from|by|\()|return-path:|x-originating-ip:|dkim-signature:|arc-seal:|message-id:[ ]?<"
    r"|mime-version: ?1"
    r"|content-type:[ ]?(?:text|multipart)/",
)
ORIGINAL = re.compile(rf"^[ \t>]{{0,8}}(?:{'|'.join(_LINES)})", re.MULTILINE | re.IGNORECASE)

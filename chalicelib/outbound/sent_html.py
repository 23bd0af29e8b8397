"""HTML that leaves: cleaned by the one sanitiser, with the images that a recipient may be shown.

`mail.html.clean` takes remote images their `src`, since a stranger's image tells that the mail is read. What the team
itself writes is no stranger's: images by `https:` get their `src` back. Images of the mail itself (`cid:`) stay, all
others (`http:`, `data:`, none) are left out. `sendable(sendable(x)) == sendable(x)`.
"""

from __future__ import annotations

import re

from chalicelib.mail.html import clean

# The sanitiser escapes `"`, `<` and `>` inside attribute values, so that these match tags and attributes only.
_IMAGE = re.compile(r"<img(?: [^>]*)?>")
_REMOTE = re.compile(r' data-remote-src="([^"]*)"')
_OF_THE_MAIL = ' src="cid:'
_SAFE = "https:"


def sendable(html: str) -> str:
    """Any HTML as what may be sent of it. Nothing is raised."""
    return _IMAGE.sub(_shown, clean(html))


def _shown(image: re.Match[str]) -> str:
    tag = image.group(0)
    remote = _REMOTE.search(tag)
    if _OF_THE_MAIL in tag:
        return _REMOTE.sub("", tag)
    if remote is None or not remote.group(1).startswith(_SAFE):
        return ""
    return tag.replace(" data-remote-src=", " src=", 1)

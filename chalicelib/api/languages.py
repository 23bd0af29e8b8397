"""Which language a caller reads: `Accept-Language` (RFC 9110 §12.5.4), looked up as RFC 4647 §3.4 says. Pure.

`de-AT` finds `de`; `*` stands for whatever is not named; what has quality 0 is not wanted. A header that names nothing
we speak, or that is malformed, is as good as none: a title in another language is better than a refused request.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

Language = Literal["en", "de"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT: Language = "en"
MOST_RANGES = 20  # of a header that are looked at
_RANGE = re.compile(
    r"\s*(?P<range>\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*[Qq]=(?P<quality>0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?"
)


def choose(header: str | None, locale: str | None) -> Language:
    """The language to answer in: the best the header names, else the account's locale, else English."""
    default: Language = next((each for each in LANGUAGES if each == locale), DEFAULT)
    if header is None:
        return default
    qualities: dict[str, float] = {}
    for told in header.split(",")[:MOST_RANGES]:
        found = _RANGE.fullmatch(told)
        if found is not None:
            name = found["range"].lower()
            qualities.setdefault(name if name == "*" else name.partition("-")[0], float(found["quality"] or 1))
    preferred = (default, *(each for each in LANGUAGES if each != default))
    best = max(preferred, key=lambda each: qualities.get(each, qualities.get("*", 0.0)))
    return best if qualities.get(best, qualities.get("*", 0.0)) > 0 else default

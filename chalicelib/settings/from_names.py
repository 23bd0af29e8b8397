"""From names: no two fallback addresses of an account share one (S30). Pure.

What tells two addresses apart is the company name in the from name, whatever the mode: with `user_and_company` the
user's name before it changes with whoever writes. Two names are the same when they look the same to a reader: after
Unicode's identifier folding (NFKC, full case folding; UAX #44 NFKC_Casefold), without invisible format characters, with
each run of blanks as one. Docs: docs/decisions/050.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

LONGEST = 200  # characters of a company name, as `model.texts.Name`
LONGEST_PART = 90  # characters of company and of inbox in a default name
DEFAULTS = 20


def folded_name(name: str) -> str:
    """What two from names are compared by; empty when nothing of the name shows."""
    folded = unicodedata.normalize("NFD", name)
    for _ in range(2):
        folded = unicodedata.normalize("NFKC", folded.casefold())
    visible = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", " ".join(visible.split()))


def default_names(company_name: str, inbox_name: str) -> Iterator[str]:
    """From names for a further inbox, the best first: "Acme Sales", "Acme Sales 2", and so on."""
    plain = " ".join(f"{company_name[:LONGEST_PART]} {inbox_name[:LONGEST_PART]}".split())
    yield plain
    yield from (f"{plain} {number}" for number in range(2, DEFAULTS + 1))

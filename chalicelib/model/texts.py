"""Texts that callers choose, as types that bound them: what is longer or of another form never reaches a story.

The patterns mean the same to Python and to ECMA-262, as OpenAPI wants; `END` stands for `$`, which in Python would let
a final line break through.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

END = r"(?![\s\S])"
# No control characters and no bidirectional overrides: names end up in mail headers and in front of people.
_UNSEEN = r"\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_ONE_LINE = f"[^{_UNSEEN}]*{END}"

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]+" + END, min_length=1, max_length=200)]
Ids = Annotated[tuple[Id, ...], Meta(max_length=500)]
Name = Annotated[str, Meta(pattern=r"^(?=.*\S)" + _ONE_LINE, min_length=1, max_length=200, examples=["Support"])]
Line = Annotated[str, Meta(pattern=f"^{_ONE_LINE}", max_length=900)]
Email = Annotated[
    str,
    Meta(pattern=rf'^[^@\s<>,;"{_UNSEEN}]+@[^@\s<>,;"{_UNSEEN}]+{END}', max_length=254, examples=["ann@example.com"]),
]

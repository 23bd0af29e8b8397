"""Understanding and composing mail: bytes in, values out. No AWS, no environment, never raises on any input.

`read_mail(raw)` is what code uses, `understand(raw)` the same as plain JSON values, `attachment_content(raw, index)`
the bytes of one attachment. The order of the work stands in `read.py`.

The three load the whole of it when they are first asked for (PEP 562): who only needs the words of `model.py`, as the
API does, does not pay for reading mail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .model import ParsedMail

if TYPE_CHECKING:
    from .read import attachment_content, read_mail, understand

__all__ = ["ParsedMail", "attachment_content", "read_mail", "understand"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import read

    return getattr(read, name)

"""Settings carry a version: whoever changes them says which version was read, and loses when it is not the stored one.

HTTP tells the version as `ETag` and takes it as `If-Match` (RFC 9110 §8.8.3, §13.1.1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from chalicelib.errors import LostRace, PreconditionFailed

STALE = "This was changed since you read it. Read it again and repeat what you want to change."


def require_version(stored: int, accepted: Collection[int] | None) -> None:
    """Raise `PreconditionFailed` unless the stored version is an accepted one; None accepts any (`If-Match: *`)."""
    if accepted is not None and stored not in accepted:
        raise PreconditionFailed(STALE)


@contextmanager
def saving() -> Iterator[None]:
    """A conditional write that loses its race was decided on a version that is gone."""
    try:
        yield
    except LostRace as error:
        raise PreconditionFailed(STALE) from error

"""What AWS raises, as our own family: the original is always chained.

Throttling, conflicts, time-outs and whatever is unknown are temporary, so that a queue tries again; only what a retry
cannot mend (a denied or malformed request) is permanent.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from chalicelib.errors import LostRace, PermanentFault, TemporaryFault

CONDITION_FAILED = "ConditionalCheckFailed"
RACES = frozenset(
    {CONDITION_FAILED, "ConditionalCheckFailedException", "TransactionConflict", "TransactionInProgressException"}
)
PERMANENT = frozenset(
    {
        "ValidationException",
        "AccessDeniedException",
        "AccessDenied",
        "ResourceNotFoundException",
        "InvalidParameterValue",
    }
)

_calls = [0]  # of this process, which does one thing at a time


def calls_made() -> int:
    """How often AWS was called by this process: each a request, or the pages of one list."""
    return _calls[0]


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Run storage calls; raise `LostRace`, `PermanentFault` or `TemporaryFault` for what they raise.

    `what` names the work for the log, such as "file a message".
    """
    _calls[0] += 1
    try:
        yield
    except (PynamoDBException, ClientError, BotoCoreError) as error:
        codes = fault_codes(error)
        said = f"could not {what}: {', '.join(sorted(codes)) or type(error).__name__}"
        if codes & PERMANENT:
            raise PermanentFault(said) from error
        if codes & RACES:
            raise LostRace(said) from error
        raise TemporaryFault(said) from error


def fault_codes(error: BaseException) -> frozenset[str]:
    """AWS's codes for what went wrong: of the call, and of each cancelled part of a transaction."""
    codes: set[str] = set()
    if isinstance(error, ClientError):
        codes.add(str(error.response.get("Error", {}).get("Code", "")))
    if isinstance(error, PynamoDBException):
        codes.add(str(error.cause_response_code or ""))
        for reason in getattr(error, "cancellation_reasons", None) or ():
            if reason is not None:
                codes.add(str(reason.code))
    return frozenset(codes - {"", "None", "TransactionCanceledException"})

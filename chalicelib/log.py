"""JSON lines on standard output, one id (`trace`) following a mail or a request through every function.

No bodies, no whole addresses, no tokens: `mask` keeps the domain of an address and a hash that lets two lines of the
same address be matched. Metrics ride on the same lines in CloudWatch's embedded metric format (EMF).
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
import traceback
from collections.abc import Mapping
from contextvars import ContextVar

import msgspec

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_trace: ContextVar[str] = ContextVar("trace", default="-")
_threshold = [1]


def set_level(level: str) -> None:
    """Lines below `level` are left out."""
    _threshold[0] = LEVELS.index(level)


def follow(trace: str) -> None:
    """Every further line of this context carries `trace`: the SES message id of a mail, the request id of a call."""
    _trace.set(trace)


def mask(address: str | None) -> str:
    """An address for a log line: a hash of eight characters and the domain."""
    if not address:
        return "-"
    digest = hashlib.sha256(address.lower().encode("utf-8", "replace")).hexdigest()[:8]
    return f"{digest}@{address.rpartition('@')[2].lower()}"


def info(event: str, **fields: object) -> None:
    """One line about something that went as meant."""
    _write("INFO", event, fields)


def warning(event: str, **fields: object) -> None:
    """One line about something that is odd but handled."""
    _write("WARNING", event, fields)


def error(event: str, error: BaseException | None = None, **fields: object) -> None:
    """One line about a failure, with the traceback of `error` and of what caused it."""
    if error is not None:
        fields["error"] = type(error).__name__
        fields["traceback"] = "".join(traceback.format_exception(error))
    _write("ERROR", event, fields)


def metrics(
    event: str, values: Mapping[str, tuple[float, str]], *, dimensions: Mapping[str, str], **fields: object
) -> None:
    """One line that CloudWatch also counts, whatever the level: `values` maps a metric's name to (value, unit)."""
    directive = {
        "Timestamp": int(time.time() * 1000),
        "CloudWatchMetrics": [
            {
                "Namespace": "Postfach",
                "Dimensions": [list(dimensions)],
                "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in values.items()],
            }
        ],
    }
    counted = {name: value for name, (value, _) in values.items()}
    _write("INFO", event, {**fields, **dimensions, **counted, "_aws": directive}, always=True)


def _write(level: str, event: str, fields: Mapping[str, object], *, always: bool = False) -> None:
    if LEVELS.index(level) < _threshold[0] and not always:
        return
    line = {"level": level, "event": event, "trace": _trace.get(), **fields}
    try:
        text = msgspec.json.encode(line, enc_hook=str).decode()
    except UnicodeEncodeError:  # a lone surrogate, which the standard library escapes
        text = json.dumps(line, default=str)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()

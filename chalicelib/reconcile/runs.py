"""The runs of the scheduled function, as admins read them."""

from __future__ import annotations

from datetime import datetime

from chalicelib.model.page import Page
from chalicelib.model.run import Run
from chalicelib.storage import runs


def list_runs(now: datetime, *, limit: int, cursor: str | None) -> Page[Run]:
    """Runs of the installation, newest first."""
    return runs.page_of_runs(now, limit=limit, cursor=cursor)

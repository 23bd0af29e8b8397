"""Mail that has left the local cloud, one JSON file for each, in a folder: written by the SES front, read by the HTTP
front.

A file holds `{id, mail_from, rcpt_to: [...], raw, tags: {...}, configuration_set, created_at}`. `raw` is the mail
as the recipient would get it, decoded as UTF-8 with surrogateescape, so that `raw.encode("utf-8",
"surrogateescape")` gives its bytes.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def store(folder: Path, item: dict[str, Any]) -> None:
    """Add one mail; a reader never sees half of it. `item["id"]` must sort by time."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{item['id']}"
    unfinished.write_text(json.dumps(item))
    os.replace(unfinished, folder / f"{item['id']}.json")


def newest_first(folder: Path, limit: int) -> list[dict[str, Any]]:
    """The newest mails, at most `limit`."""
    files = sorted(folder.glob("*.json"), reverse=True)[:limit] if folder.exists() else []
    return [json.loads(file.read_text()) for file in files]

"""The local cloud's first account: made once, then remembered with its token in the data folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import urllib3

from infra.deploy import Cloud

FIRST = {
    "company_name": "Acme",
    "subdomain": "acme",
    "email": "ada@acme.example",
    "name": "Ada Admin",
    "plan": "professional",
    "locale": "en",
}


class AccountError(Exception):
    """There is no account to work with; the message is for people."""


def create(cloud: Cloud, function: str, wanted: dict[str, str]) -> dict[str, Any]:
    """Create an account through the operators' function; returns its answer. Raises AccountError."""
    answer = cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(wanted))
    made: dict[str, Any] = json.loads(answer["Payload"].read() or b"null") or {}
    if "FunctionError" in answer or "token" not in made:
        raise AccountError(f"the account could not be created: {json.dumps(made.get('error', made))}")
    return made


def first_account(cloud: Cloud, outputs: dict[str, str], api: str, file: Path) -> dict[str, Any]:
    """The remembered account if its token is still good, else a new one."""
    if file.exists():
        known: dict[str, Any] = json.loads(file.read_text())
        if token_works(api, known["token"]):
            return known
    made = create(cloud, outputs["CreateAccountFunction"], FIRST)
    file.touch(mode=0o600)
    file.write_text(json.dumps(made))
    return made


def token_works(api: str, token: str) -> bool:
    """Whether the API takes the token."""
    answer = urllib3.request(
        "GET", f"{api}/account", headers={"Authorization": f"Bearer {token}"}, retries=False, timeout=30
    )
    if answer.status not in (200, 401):
        raise AccountError(
            f"the API answered {answer.status} to the saved token: {answer.data[:300].decode(errors='replace')}"
        )
    return answer.status == 200

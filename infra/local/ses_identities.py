"""SES's identities of domains in the local cloud: kept as files, verified by hand.

The emulator verifies every identity at once and knows no MAIL FROM domain, so four operations of the SES API v2 are
answered here. What SES would find in the DNS is said over HTTP (`http_front.py`):

    curl -X POST localhost:8080/identities/customer.example -d '{"dkim": "SUCCESS", "mail_from": "SUCCESS"}'

The installation's own domains are there from the start, as an operator has verified them; what is said of them counts.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from infra.local.settings import FREE_INBOUND_DOMAIN, INBOUND_DOMAIN

PATH = "/v2/email/identities"
LIST = "/v2/email/list-identities"  # where newer clients ask for the list (POST), older ones with GET at `PATH`
OWN = (INBOUND_DOMAIN, FREE_INBOUND_DOMAIN)  # which an operator has verified
DOMAIN = re.compile(r"(?!.*\.\.)[a-z0-9.-]{1,253}")
STATES = ("PENDING", "SUCCESS", "FAILED", "TEMPORARY_FAILURE")
Answer = tuple[int, dict[str, Any]]


class Identities:
    """The domains that SES knows, a file each in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def answer(self, method: str, path: str, body: bytes) -> Answer | None:
        """Status and JSON of an operation on one domain; None for what is none of them (addresses)."""
        if (method, path) == ("POST", PATH):
            told = json.loads(body)
            domain = str(told.get("EmailIdentity", "")).lower()
            return self._create(domain, told.get("Tags") or []) if DOMAIN.fullmatch(domain) else None
        if (method, path) in (("GET", PATH), ("POST", LIST)):
            return 200, {"EmailIdentities": [_listed(name, each["dkim"]) for name, each in self.all().items()]}
        named = re.fullmatch(re.escape(PATH) + r"/([^/]+)(/mail-from)?", path)
        domain = unquote(named[1]).lower() if named else ""
        if named is None or not DOMAIN.fullmatch(domain):
            return None
        known = None if domain in OWN else self._read(domain)
        if known is None:
            return 404, {"message": f"Email identity {domain} does not exist."}
        if (method, named[2]) == ("PUT", "/mail-from"):
            wanted = json.loads(body).get("MailFromDomain", "")
            if wanted != known["mail_from_domain"]:
                self._write(domain, known | {"mail_from_domain": wanted, "mail_from": "PENDING"})
            return 200, {}
        if (method, named[2]) == ("DELETE", None):
            self._file(domain).unlink(missing_ok=True)
            return 200, {}
        return (200, shown(known)) if (method, named[2]) == ("GET", None) else None

    def set(self, domain: str, found: dict[str, str]) -> dict[str, Any] | None:
        """What SES finds in the DNS from now on: `dkim` and `mail_from`; None when it does not know the domain.

        Raises ValueError for what is no state.
        """
        if set(found) - {"dkim", "mail_from"} or set(found.values()) - set(STATES):
            raise ValueError(f"Say dkim and mail_from, each one of {', '.join(STATES)}.")
        known = self.all().get(domain)
        if known is None:
            return None
        changed: dict[str, Any] = {**known, **found}
        self._write(domain, changed)
        return changed

    def all(self) -> dict[str, Any]:
        """Every domain, by name."""
        files = sorted(self._folder.glob("*.json")) if self._folder.exists() else []
        verified = {"dkim": "SUCCESS", "mail_from": "SUCCESS"}
        return dict.fromkeys(OWN, verified) | {file.stem: json.loads(file.read_text()) for file in files}

    def _create(self, domain: str, tags: list[dict[str, str]]) -> Answer:
        if self._read(domain) is not None:
            return 400, {"__type": "AlreadyExistsException", "message": f"Email identity {domain} already exists."}
        tokens = [secrets.token_hex(16) for _ in range(3)]
        known = {"tokens": tokens, "dkim": "PENDING", "mail_from_domain": "", "mail_from": "PENDING", "tags": tags}
        self._write(domain, known)
        return 200, {"IdentityType": "DOMAIN", "VerifiedForSendingStatus": False}

    def _file(self, domain: str) -> Path:
        return self._folder / f"{domain}.json"

    def _read(self, domain: str) -> dict[str, Any] | None:
        file = self._file(domain)
        return dict(json.loads(file.read_text())) if file.exists() else None

    def _write(self, domain: str, known: dict[str, Any]) -> None:
        """A reader never sees half of it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f".{domain}.{secrets.token_hex(4)}"
        unfinished.write_text(json.dumps(known))
        os.replace(unfinished, self._file(domain))


def _listed(domain: str, state: str) -> dict[str, Any]:
    sends = state == "SUCCESS"
    return {"IdentityType": "DOMAIN", "IdentityName": domain, "SendingEnabled": sends, "VerificationStatus": state}


def shown(known: dict[str, Any]) -> dict[str, Any]:
    """What GetEmailIdentity answers. Pure."""
    return {
        "IdentityType": "DOMAIN",
        "VerifiedForSendingStatus": known["dkim"] == "SUCCESS",
        "DkimAttributes": {
            "SigningEnabled": True,
            "Status": known["dkim"],
            "Tokens": known["tokens"],
            "SigningAttributesOrigin": "AWS_SES",
        },
        "MailFromAttributes": {
            "MailFromDomain": known["mail_from_domain"],
            "MailFromDomainStatus": known["mail_from"],
            "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
        },
        "Tags": known["tags"],
    }

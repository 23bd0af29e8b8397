"""SES's identities of domains, as a test sets them: what moto lacks of SES (MAIL FROM, states that change).

It answers at the client, in the form of the SES API v2 reference; everything else goes on to moto.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

OPERATIONS = (
    "CreateEmailIdentity",
    "GetEmailIdentity",
    "PutEmailIdentityMailFromAttributes",
    "DeleteEmailIdentity",
)


class Identities:
    """The domains that SES knows, by name."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        self.calls: Counter[str] = Counter()

    def add(self, domain: str, **tags: str) -> None:
        """SES knows a domain, with these tags."""
        self.known[domain] = {
            "dkim": "PENDING",
            "mail_from": None,
            "mail_from_status": "PENDING",
            "tags": [{"Key": name, "Value": value} for name, value in tags.items()],
        }

    def verify(self, domain: str, *, dkim: str = "SUCCESS", mail_from: str = "SUCCESS") -> None:
        """SES has seen the records, or what is said."""
        self.known[domain] |= {"dkim": dkim, "mail_from_status": mail_from}

    def answer(self, operation: str, told: dict[str, Any]) -> dict[str, Any]:
        """What SES answers."""
        self.calls[operation] += 1
        domain = told["EmailIdentity"]
        if operation == "CreateEmailIdentity":
            if domain in self.known:
                raise _error(operation, "AlreadyExistsException", 400)
            self.add(domain, **{tag["Key"]: tag["Value"] for tag in told.get("Tags", ())})
            return {"IdentityType": "DOMAIN", "VerifiedForSendingStatus": False}
        if domain not in self.known:
            raise _error(operation, "NotFoundException", 404)
        if operation == "DeleteEmailIdentity":
            del self.known[domain]
        elif operation == "PutEmailIdentityMailFromAttributes":
            known = self.known[domain]
            if known["mail_from"] != told["MailFromDomain"]:
                known |= {"mail_from": told["MailFromDomain"], "mail_from_status": "PENDING"}
        else:
            return self._shown(domain)
        return {}

    def _shown(self, domain: str) -> dict[str, Any]:
        known = self.known[domain]
        return {
            "IdentityType": "DOMAIN",
            "VerifiedForSendingStatus": known["dkim"] == "SUCCESS",
            "DkimAttributes": {
                "SigningEnabled": True,
                "Status": known["dkim"],
                "Tokens": [f"token{number}" for number in (1, 2, 3)],
                "SigningAttributesOrigin": "AWS_SES",
            },
            "MailFromAttributes": {
                "MailFromDomain": known["mail_from"] or "",
                "MailFromDomainStatus": known["mail_from_status"],
                "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
            },
            "Tags": known["tags"],
        }


@contextmanager
def ses_identities() -> Iterator[Identities]:
    """SES with identities that can be set, for as long as it lasts."""
    identities, real = Identities(), BaseClient._make_api_call

    def call(client: BaseClient, operation: str, told: dict[str, Any]) -> Any:
        if client.meta.service_model.service_name == "sesv2" and operation in OPERATIONS:
            answer = identities.answer(operation, told)
            if operation == "CreateEmailIdentity":  # moto sends from what it knows
                real(client, operation, {"EmailIdentity": told["EmailIdentity"]})
            return answer
        return real(client, operation, told)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", call)
        yield identities


def _error(operation: str, code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)

"""SES's identities of domains: created, looked at, removed. The only file that asks SES about them.

Source: "CreateEmailIdentity", "GetEmailIdentity" and "PutEmailIdentityMailFromAttributes" in the SES API v2 reference.
Identities that Postfach has made carry a tag; another one with the same domain is the operator's own, and is neither
used nor changed nor removed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.errors import Conflict
from chalicelib.model.sending_domain import DomainState, IdentityStatus
from chalicelib.storage.aws import client
from chalicelib.storage.faults import translated

TAG = "postfach"
SIGNING_ZONE = "dkim.amazonses.com"  # where SES does not say another
STATES = {"SUCCESS": DomainState.VERIFIED, "FAILED": DomainState.FAILED}


def create_identity(
    domain: str, mail_from_domain: str, account_id: str, wait: Callable[[], None] = lambda: None
) -> IdentityStatus:
    """Have SES make DKIM keys for a domain and use a MAIL FROM domain; what SES says of it then.

    Done twice it ends the same. `Conflict`: SES has the domain, and not from us. `wait` is called between the calls.
    """
    if get_identity(domain) is None:
        wait()
        with translated("create an identity"):
            client("sesv2").create_email_identity(EmailIdentity=domain, Tags=[{"Key": TAG, "Value": account_id}])
    wait()
    with translated("set a MAIL FROM domain"):
        client("sesv2").put_email_identity_mail_from_attributes(
            EmailIdentity=domain,
            MailFromDomain=mail_from_domain,
            BehaviorOnMxFailure="USE_DEFAULT_VALUE",  # mail leaves even while the records are not seen
        )
    wait()
    status = get_identity(domain)
    assert status is not None, "SES has what it just took"
    return status


def get_identity(domain: str) -> IdentityStatus | None:
    """What SES says of a domain now, None when it does not know it. `Conflict`: SES has it, and not from us."""
    with translated("look at an identity"):
        try:
            told = client("sesv2").get_email_identity(EmailIdentity=domain)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "NotFoundException":
                return None
            raise
    if TAG not in {tag["Key"] for tag in told.get("Tags", ())}:
        raise Conflict(
            f"This installation's SES sends for {domain} already, outside of Postfach. Have the operator remove the "
            "identity there first.",
            code="domain_used_elsewhere",
        )
    return _status(told)


def delete_identity(domain: str) -> None:
    """Have SES forget a domain of ours; nothing happens when it does not know it."""
    if get_identity(domain) is None:
        return
    with translated("remove an identity"):
        try:
            client("sesv2").delete_email_identity(EmailIdentity=domain)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "NotFoundException":
                raise


def _status(told: dict[str, Any]) -> IdentityStatus:
    dkim, mail_from = told.get("DkimAttributes") or {}, told.get("MailFromAttributes") or {}
    return IdentityStatus(
        dkim=STATES.get(dkim.get("Status", ""), DomainState.PENDING),
        tokens=tuple(dkim.get("Tokens") or ()),
        signing_zone=dkim.get("SigningHostedZone") or SIGNING_ZONE,
        mail_from_domain=mail_from.get("MailFromDomain") or None,
        mail_from=STATES.get(mail_from.get("MailFromDomainStatus", ""), DomainState.PENDING),
    )

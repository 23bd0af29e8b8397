"""Sending through SES, and what its answers mean for the mail that was to be sent.

Three kinds of failure, told apart because only one may be tried again by itself: SES refused this mail for good; SES
did not take it, for now; nobody knows, because the answer was lost. botocore's own retries are off here: after a lost
answer they would send the mail twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ProxyConnectionError,
)

from chalicelib.config import config
from chalicelib.errors import Fault, MailNotTaken, MailRefused, MailThrottled, MailUnconfirmed
from chalicelib.storage.aws import client, region

REFUSED = frozenset(
    {
        "BadRequestException",
        "MessageRejected",
        "MailFromDomainNotVerifiedException",
        "NotFoundException",
        "ValidationException",
    }
)
THROTTLED = frozenset({"TooManyRequestsException", "LimitExceededException", "Throttling", "ThrottlingException"})
# The connection never stood, so SES cannot have taken anything.
NOT_REACHED = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError, NoCredentialsError)


def send(raw: bytes, *, from_address: str, recipients: Sequence[str], tags: Mapping[str, str]) -> str:
    """Send a mail; return SES's id of it. `MailRefused`, `MailNotTaken` (also `MailThrottled`), `MailUnconfirmed`."""
    try:
        answer = client("sesv2").send_email(
            FromEmailAddress=from_address,
            Destination={"ToAddresses": list(recipients)},  # the envelope; who is To and who Cc stands in the mail
            Content={"Raw": {"Data": raw}},
            EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
            ConfigurationSetName=config().configuration_set,
        )
    except ClientError as error:
        raise judged(error) from error
    except NOT_REACHED as error:
        raise MailNotTaken(f"SES could not be reached: {type(error).__name__}") from error
    except BotoCoreError as error:
        raise MailUnconfirmed(f"SES's answer was lost: {type(error).__name__}") from error
    ses_id: str = answer["MessageId"]
    return ses_id


def judged(error: ClientError) -> Fault:
    """What an answer of SES that is no success means."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    said = str(error.response.get("Error", {}).get("Message", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in REFUSED:
        return MailRefused(f"SES refused the mail: {said or code}")
    if code in THROTTLED:
        return MailThrottled(f"SES takes no more just now: {said or code}")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.SERVICE_UNAVAILABLE:
        return MailUnconfirmed(f"SES failed while it had the mail: {code or status}")
    return MailNotTaken(f"SES did not take the mail: {code or status}")


def message_id_of(ses_id: str) -> str:
    """The Message-ID that SES writes over ours, without brackets: the one that replies cite."""
    domain = "email" if region() == "us-east-1" else region()
    return f"{ses_id}@{domain}.amazonses.com"

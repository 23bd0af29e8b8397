"""Answers on their way in a cloud on moto: the outbound queue, what SES was given, and what SES tells of it."""

from __future__ import annotations

import email
import email.policy
import json
import os
import re
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

from moto.ses.models import ses_backends
from msgspec import Struct

from chalicelib.config import config
from chalicelib.model.conversation import Message
from chalicelib.storage import aws
from tests.post.office import Office
from tests.post.ses import at

REGION = "eu-central-1"


class Sent(Struct, frozen=True):
    """A mail that SES was given."""

    ses_id: str
    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        """The mail, read by the standard library."""
        found = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def text(self) -> str:
        """The text part."""
        part = self.mail.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def public_id(self) -> str:
        """The Message-ID that the recipient sees."""
        return f"{self.ses_id}@{REGION}.amazonses.com"

    @property
    def reply_to(self) -> str:
        """Where a reply goes."""
        return str(self.mail["Reply-To"].addresses[0].addr_spec)


def sent() -> list[Sent]:
    """What SES was given, oldest first."""
    return [_sent(each) for each in ses_backends["123456789012"][REGION].sent_messages]


def _sent(stored: Any) -> Sent:
    """moto notes the envelope's recipients, and after them those of the headers."""
    raw = stored.raw_data.encode()
    told = email.message_from_bytes(raw)
    in_headers = len(getaddresses([*told.get_all("To", ()), *told.get_all("Cc", ())]))
    return Sent(stored.id, stored.source, tuple(stored.destinations[: len(stored.destinations) - in_headers]), raw)


def take(queue_url: str) -> list[str]:
    """What stands on a queue, taken off it."""
    sqs = aws.client("sqs")
    bodies: list[str] = []
    while True:
        taken = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", [])
        if not taken:
            return bodies
        for each in taken:
            bodies.append(each["Body"])
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=each["ReceiptHandle"])


def handle(office: Office, function: str, *bodies: str) -> list[int]:
    """A function gets these queue messages as one batch; the numbers of those that failed."""
    event = office.client.events.generate_sqs_event(list(bodies), function)
    for number, record in enumerate(event["Records"]):
        record.update(messageId=str(number), attributes={"ApproximateReceiveCount": "1"})
    answer = office.client.lambda_.invoke(function, event).payload
    return [int(failed["itemIdentifier"]) for failed in answer["batchItemFailures"]]


def send_all(office: Office) -> list[Sent]:
    """The outbound queue is worked off; what SES was given by it."""
    before = len(sent())
    for body in take(config().outbound_queue_url):
        assert handle(office, "send_mail", body) == []
    return sent()[before:]


def token_in(mail: Sent) -> str:
    """The code in a mail that proves an address, or invites somebody."""
    (token,) = re.findall(r"^((?:fap|inv)_[a-z2-7]+)\r?$", mail.text, re.MULTILINE)
    return str(token)


def event(kind: str, mail: Sent | str, message: Message | dict[str, Any], **detail: Any) -> str:
    """An event of SES about a mail that it was given, as it publishes it."""
    told = message if isinstance(message, dict) else {"id": message.id, "account_id": message.account_id}
    name = {"Rendering Failure": "failure", "DeliveryDelay": "deliveryDelay"}.get(kind, kind.lower())
    return json.dumps(
        {
            "eventType": kind,
            "mail": {
                "timestamp": at(60),
                "messageId": mail if isinstance(mail, str) else mail.ses_id,
                "source": "support@acme.in.postfach.test",
                "destination": [],
                "tags": {
                    "ses:configuration-set": [os.environ["CONFIGURATION_SET"]],
                    "account": [told["account_id"]],
                    "message": [told["id"]],
                },
            },
            name: {"timestamp": at(61), **detail},
        }
    )


def bounce(
    mail: Sent | str, message: Message | dict[str, Any], *addresses: str, kind: str = "Permanent", said: str = ""
) -> str:
    """A bounce."""
    recipients = [
        {"emailAddress": each, "action": "failed", "status": "5.1.1", "diagnosticCode": said} for each in addresses
    ]
    return event("Bounce", mail, message, bounceType=kind, bounceSubType="General", bouncedRecipients=recipients)

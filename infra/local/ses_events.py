"""What becomes of a mail that left the local cloud, decided by its recipients' addresses, and told as SES tells it.

As with SES's mailbox simulator (`@simulator.amazonses.com`, labels as in `bounce+label@` allowed):

    success@, any other address   arrives
    bounce@                       comes back for good (550 5.1.1)
    complaint@                    arrives, and is complained about
    suppressionlist@              comes back, since SES has it on its suppression list

and, beyond what SES has:

    soft-bounce@                  comes back as a full mailbox
    delay@                        is delayed, and then arrives
    reject@                       SendEmail refuses the mail (MessageRejected)
    throttle@                     SendEmail refuses the first attempt at a message (TooManyRequestsException)
    lost@                         the mail leaves, but SendEmail's answer is lost: the connection is closed

Events go to the SNS destinations of the configuration set that the mail was sent with, in the form of SES's event
publishing ("Contents of event data that Amazon SES publishes to Amazon SNS").
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

SIMULATOR = "simulator.amazonses.com"
BOUNCES = {
    "bounce": ("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown"),
    "suppressionlist": ("Permanent", "Suppressed", "5.1.1", "Amazon SES has suppressed sending to this address"),
    "soft-bounce": ("Transient", "MailboxFull", "5.2.2", "smtp; 452 4.2.2 mailbox full"),
}
log = logging.getLogger("ses")


def wish(address: str) -> str:
    """The simulator's word for a recipient: `bounce` for `bounce+1@simulator.amazonses.com`; `success` elsewhere."""
    local, _, domain = address.lower().rpartition("@")
    return local.partition("+")[0] if domain == SIMULATOR else "success"


def events(item: dict[str, Any], now: datetime) -> Iterator[dict[str, Any]]:
    """SES's events about a mail of the outbox, in the order in which they happen."""
    yield _event(item, "Send", "send", {}, now)
    detail: dict[str, Any]
    for address in item["rcpt_to"]:
        fate = "bounce" if address in item.get("refused", ()) else wish(address)
        if fate in BOUNCES:
            yield _event(item, "Bounce", "bounce", _bounce(address, *BOUNCES[fate]), now)
            continue
        if fate == "delay":
            told = {"emailAddress": address, "status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 try later"}
            detail = {"delayType": "TransientCommunicationFailure", "delayedRecipients": [told]}
            yield _event(item, "DeliveryDelay", "deliveryDelay", detail, now)
        detail = {"recipients": [address], "smtpResponse": "250 2.6.0 Message received", "processingTimeMillis": 400}
        yield _event(item, "Delivery", "delivery", detail, now)
        if fate == "complaint":
            detail = {"complainedRecipients": [{"emailAddress": address}], "complaintFeedbackType": "abuse"}
            yield _event(item, "Complaint", "complaint", detail, now)


def _bounce(address: str, kind: str, subtype: str, status: str, diagnostic: str) -> dict[str, Any]:
    told = {"emailAddress": address, "action": "failed", "status": status, "diagnosticCode": diagnostic}
    return {"bounceType": kind, "bounceSubType": subtype, "bouncedRecipients": [told]}


def _event(item: dict[str, Any], kind: str, name: str, detail: dict[str, Any], now: datetime) -> dict[str, Any]:
    moment = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    mail = {
        "timestamp": moment,
        "source": item["mail_from"],
        "messageId": item["id"],
        "destination": item["rcpt_to"],
        "headersTruncated": False,
        "headers": [],
        "tags": {
            "ses:configuration-set": [item["configuration_set"]],
            **{name: [value] for name, value in item["tags"].items()},
        },
    }
    return {"eventType": kind, "mail": mail, name: {"timestamp": moment, **detail} if detail else {}}


class Publisher:
    """Publishes events where the emulated SES keeps that they are to be published."""

    def __init__(self, endpoint_url: str, region: str) -> None:
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=region)
        config = Config(connect_timeout=2, read_timeout=20)
        self._ses = session.client("sesv2", endpoint_url=endpoint_url, config=config)
        self._sns = session.client("sns", endpoint_url=endpoint_url, config=config)

    def publish(self, item: dict[str, Any]) -> None:
        """Tell of a mail that has left; what cannot be told is lost, and logged."""
        if not item["configuration_set"]:
            return
        try:
            answer = self._ses.get_configuration_set_event_destinations(ConfigurationSetName=item["configuration_set"])
            topics = [
                each["SnsDestination"]["TopicArn"]
                for each in answer["EventDestinations"]
                if each.get("Enabled") and "SnsDestination" in each
            ]
            for event in events(item, datetime.now(UTC)):
                for topic in topics:
                    self._sns.publish(TopicArn=topic, Message=json.dumps(event))
        except (BotoCoreError, ClientError) as error:
            log.warning("events of %s not published: %s", item["id"], error)

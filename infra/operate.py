"""What operators do on a deployed stack: create accounts, process dead letters again, see what SES lacks.

    python -m infra.operate account --stage prod --company ... --subdomain ... --email ... --name ...
    python -m infra.operate replay --stage prod
    python -m infra.operate rotate-key --stage prod
    python -m infra.operate reconcile --stage prod [--dry-run]

Without --stage they work on the running local cloud. They need rights on the stack alone: to read its outputs, to
invoke its functions, (replay) to move messages between its two inbound queues, and (rotate-key) to read and write its
signing secret.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.model import signing_keys
from infra.deploy import Cloud, DeployError, outputs, stack_name
from infra.local import settings
from infra.local.account import AccountError, create


def connect(stage: str | None, region: str | None) -> tuple[Cloud, str]:
    """The cloud and the stack to work on."""
    if stage:
        return Cloud(region), stack_name(stage)
    run_file = settings.read_settings(os.environ).run_file
    if not run_file.exists():
        raise DeployError("nothing runs here; start it with `make run`, or name a STAGE")
    told = json.loads(run_file.read_text())
    return Cloud(told["region"], told["cloud_url"]), stack_name(settings.STAGE)


def sweep(cloud: Cloud, names: dict[str, str], *, wait: bool = False) -> None:
    """Start a full sweep: raw mail without a row is received again. Returns at once, or with `wait` when it is done."""
    how = "RequestResponse" if wait else "Event"
    invoked = _as_scheduled({"full": True})
    cloud.client("lambda").invoke(FunctionName=names["ReconcileFunction"], InvocationType=how, Payload=invoked)


def reconcile(cloud: Cloud, names: dict[str, str], *, dry_run: bool) -> dict[str, Any]:
    """One run of the scheduled function now, and what it did; with `dry_run` what it would do to SES, undone."""
    answer = cloud.client("lambda").invoke(
        FunctionName=names["ReconcileFunction"], Payload=_as_scheduled({"dry_run": True} if dry_run else {})
    )
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise DeployError(f"the run failed: {told.get('errorMessage', told)}")
    return told


def _as_scheduled(asked: dict[str, Any]) -> str:
    """Chalice takes a scheduled function's event apart before the function sees it: this must look like one."""
    event = dict.fromkeys(("version", "id", "account", "region", "time", "source", "detail-type"), "")
    return json.dumps({**event, "resources": [], "detail": asked, **asked})


QUEUES = ("Inbound", "Outbound", "Feedback")  # whose dead letters are put back


def replay(cloud: Cloud, names: dict[str, str]) -> int:
    """Put every dead letter back on its queue and start a full sweep; returns how many were put back.

    Each is sent before it is deleted: dying half-way repeats a message, which is recognised, and loses none.
    """
    moved = sum(_put_back(cloud, names[f"{each}DeadLetterQueueUrl"], names[f"{each}QueueUrl"]) for each in QUEUES)
    sweep(cloud, names)
    return moved


def _put_back(cloud: Cloud, dead: str, queue: str) -> int:
    sqs, moved = cloud.client("sqs"), 0
    while messages := sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
        for message in messages:
            sqs.send_message(QueueUrl=queue, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


def rotate_key(cloud: Cloud, names: dict[str, str]) -> int:
    """Give the signing secret a further key, which signs from ten minutes on; returns how many keys it holds then.

    What the older ones signed stays good until it expires.
    """
    vault, name = cloud.client("secretsmanager"), names["SigningSecretId"]
    secret = vault.get_secret_value(SecretId=name)["SecretString"]
    after = signing_keys.rotated(secret, secrets.token_urlsafe(48), datetime.now(UTC))
    vault.put_secret_value(SecretId=name, SecretString=after)
    return len(signing_keys.read_keys(after))


def main() -> int:
    """Operate from the command line."""
    parser = argparse.ArgumentParser(description="Operate a deployed Postfach.")
    parser.add_argument("--stage", help="stage on AWS; the local cloud without it")
    parser.add_argument("--region")
    commands = parser.add_subparsers(dest="command", required=True)
    account = commands.add_parser("account", help="create an account")
    for name in ("company", "subdomain", "email", "name"):
        account.add_argument(f"--{name}", required=True)
    account.add_argument("--plan", default="free")
    account.add_argument("--locale", default="en")
    commands.add_parser("replay", help="process dead letters again")
    commands.add_parser("rotate-key", help="sign with a new key from now on")
    run = commands.add_parser("reconcile", help="run the scheduled function now")
    run.add_argument("--dry-run", action="store_true", help="tell what it would do to SES, and do nothing")
    arguments = parser.parse_args()
    try:
        cloud, stack = connect(arguments.stage, arguments.region)
        names = outputs(cloud, stack)
        print(json.dumps(_do(arguments, cloud, names), indent=2))
    except (DeployError, AccountError, BotoCoreError, ClientError) as error:
        print(f"{arguments.command}: {error}", file=sys.stderr)
        return 1
    return 0


def _do(arguments: argparse.Namespace, cloud: Cloud, names: dict[str, str]) -> dict[str, Any]:
    if arguments.command == "replay":
        return {"moved": replay(cloud, names)}
    if arguments.command == "rotate-key":
        return {"keys": rotate_key(cloud, names)}
    if arguments.command == "reconcile":
        return reconcile(cloud, names, dry_run=arguments.dry_run)
    wanted = {name: getattr(arguments, name) for name in ("subdomain", "email", "name", "plan", "locale")}
    empty = [name.upper() for name in ("company", "subdomain", "email", "name") if not getattr(arguments, name)]
    if empty:
        raise AccountError(f"{', '.join(empty)} must be given")
    return create(cloud, names["CreateAccountFunction"], wanted | {"company_name": arguments.company})


if __name__ == "__main__":
    sys.exit(main())

"""`make run`: start the local cloud, keep it running, stop it when told to.

    python -m infra.local.run          run until Ctrl-C or SIGTERM
    python -m infra.local.run stop     end a running one, or what a killed one has left

Processes, each holding a lock file in the data folder (`pid_lock.py`): this supervisor, MiniStack, the SMTP front,
the HTTP front. A child that dies is started again; after MiniStack, what must be there is brought there again
(stack, account, a sweep of raw mail without a row). When the supervisor dies its children end themselves; what is
left is ended by the next start.

What scripts need is written to `.local/run.json`: api_url, token, smtp_host, smtp_port, fallback_address,
outbox_url, pid, and cloud_url (the emulated AWS), region, account_id, inbox_id, channel_id.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import time
from functools import partial
from typing import IO, Any

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.storage import keys
from infra import build, deploy, operate
from infra.local import launcher, pid_lock, settings
from infra.local.account import AccountError, first_account
from infra.local.child import PATIENCE, Child, RunError
from infra.local.settings import HOST, REGION, STAGE, Settings, SettingsError

FILING_SECONDS = 10.0  # waited for at most
FAULTS = (
    RunError,
    AccountError,
    build.BuildError,
    deploy.DeployError,
    BotoCoreError,
    ClientError,
    urllib3.exceptions.HTTPError,
)


def children(setting: Settings) -> dict[str, Child]:
    """The processes, in the order to start them."""
    ports, data = setting.ports, setting.data
    base = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(data),
        "TMPDIR": str(data / "tmp"),
        "LANG": "C.UTF-8",
    }
    cloud = base | {
        "GATEWAY_PORT": str(ports["cloud"]),
        "BIND_HOST": HOST,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "AUTH": "true",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(data / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(data / "s3"),
        "MINISTACK_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL_SESV2": f"http://{HOST}:{ports['ses']}",  # reaches the functions, as all of this does
        "LOG_LEVEL": "WARNING",
        "POSTFACH_PID_FILE": str(setting.pid_file("cloud")),
        "POSTFACH_CHECKPOINT_SECONDS": os.environ.get("POSTFACH_CHECKPOINT_SECONDS", "1"),
    }
    common = ["--host", HOST, "--endpoint-url", setting.cloud_url, "--region", REGION, "--outbox", str(data / "outbox")]
    smtp = ["--port", str(ports["smtp"]), "--ses-port", str(ports["ses"]), "--pid-file", str(setting.pid_file("smtp"))]
    smtp += ["--relay", f"{setting.relay[0]}:{setting.relay[1]}"] if setting.relay else []
    http = [
        "--port",
        str(ports["http"]),
        "--stack",
        deploy.stack_name(STAGE),
        "--pid-file",
        str(setting.pid_file("http")),
    ]
    return {
        "cloud": Child("cloud", "launcher", [], setting, cloud),
        "smtp": Child("smtp", "smtp_front", common + smtp, setting, base),
        "http": Child("http", "http_front", [*common, *http, "--run-json", str(setting.run_file)], setting, base),
    }


class LocalCloud:
    """The whole of it."""

    def __init__(self, setting: Settings) -> None:
        self._setting = setting
        self._children = children(setting)
        self._http = urllib3.PoolManager(retries=False, timeout=5)
        self.told: dict[str, Any] = {}

    def start(self) -> None:
        """Start everything and write the run file."""
        setting = self._setting
        check_ports(setting)
        settings.remember_ports(setting)
        # A killed MiniStack leaves unpacked functions behind, and for a moment their dying processes, which may write.
        shutil.rmtree(setting.data / "tmp", ignore_errors=True)
        (setting.data / "tmp").mkdir(parents=True, exist_ok=True)
        for child in self._children.values():
            child.log.unlink(missing_ok=True)
        self._children["cloud"].start()
        build.build("lambda" if build.host_runs_lambda_wheels() else "host")
        self._prepare()
        for name in ("smtp", "http"):
            self._children[name].start()
        for name in ("smtp", "http"):
            self._children[name].wait_until(partial(settings.is_taken, setting.ports[name]), 20)
        self._write_run_file()

    def keep_running(self) -> None:
        """Start again whatever dies, until interrupted."""
        while True:
            for child in self._children.values():
                if not child.alive():
                    print(f"The {child.name} process has ended; starting it again.", flush=True)
                    child.start_again()
                    if child.name == "cloud":
                        self._prepare_again()
            time.sleep(0.2)

    def _prepare_again(self) -> None:
        """As at the start; a MiniStack that dies meanwhile is the next round's business."""
        try:
            self._prepare()
        except FAULTS:
            if self._children["cloud"].alive():
                raise
        else:
            self._write_run_file()

    def stop(self) -> None:
        """End everything: fronts first, so that nothing comes in while MiniStack writes its state."""
        for name in ("http", "smtp", "cloud"):
            self._children[name].stop()

    def _prepare(self) -> None:
        """Wait for MiniStack, then bring there what must be there. Nothing changes what is there already."""
        setting = self._setting
        self._children["cloud"].wait_until(self._cloud_answers, 60)
        cloud = deploy.Cloud(REGION, setting.cloud_url)
        domains = {"InboundDomain": settings.INBOUND_DOMAIN, "FreeInboundDomain": settings.FREE_INBOUND_DOMAIN}
        outputs = deploy.deploy(cloud, STAGE, domains)
        api = f"{setting.cloud_url}/_aws/execute-api/{outputs['RestAPIId']}/api/v1"
        account = first_account(cloud, outputs, api, setting.data / "account.json")
        end_dead_lease(cloud, outputs["TableName"])
        self._find_lost_mail(cloud, outputs)
        warm_up = {
            "FunctionName": outputs["ReceiveMailFunction"],
            "InvocationType": "Event",
            "Payload": '{"Records": []}',
        }
        cloud.client("lambda").invoke(**warm_up)
        self.told = {
            "api_url": f"{setting.origin}/v1",
            "token": account["token"],
            "smtp_host": HOST,
            "smtp_port": setting.ports["smtp"],
            "fallback_address": account["fallback_address"],
            "outbox_url": f"{setting.origin}/outbox",
            "pid": os.getpid(),
            "cloud_url": setting.cloud_url,
            "region": REGION,
            "account_id": account["account_id"],
            "inbox_id": account["inbox_id"],
            "channel_id": account["channel_id"],
        }
        self._write_checkpoint()

    def _find_lost_mail(self, cloud: deploy.Cloud, outputs: dict[str, str]) -> None:
        """Sweep, and give what it found a moment to be filed, so that who looks after a start finds it there."""
        sqs, names = cloud.client("sqs"), ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

        def waiting() -> tuple[int, int]:
            counts = sqs.get_queue_attributes(QueueUrl=outputs["InboundQueueUrl"], AttributeNames=names)["Attributes"]
            return int(counts[names[0]]), int(counts[names[1]])

        _, died_at_work = waiting()  # they come back after minutes; the sweep has them again
        operate.sweep(cloud, outputs, wait=True)
        deadline = time.monotonic() + FILING_SECONDS
        while waiting() > (0, died_at_work) and time.monotonic() < deadline:
            time.sleep(0.1)

    def _write_checkpoint(self) -> None:
        """Have MiniStack write its state, and wait for it: a kill from now on loses neither stack nor account."""
        last, cloud = self._setting.data / "state" / f"{launcher.LAST[-1]}.json", self._children["cloud"]
        before = last.stat().st_mtime_ns if last.exists() else 0
        cloud.signal(signal.SIGUSR1)
        cloud.wait_until(lambda: last.exists() and last.stat().st_mtime_ns > before, 60)

    def _cloud_answers(self) -> bool:
        try:
            return bool(self._http.request("GET", f"{self._setting.cloud_url}/_ministack/health").status == 200)
        except urllib3.exceptions.HTTPError:
            return False

    def _write_run_file(self) -> None:
        file = self._setting.run_file
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)  # it holds an admin's token
        unfinished.write_text(json.dumps(self.told, indent=2) + "\n")
        unfinished.replace(file)


def end_dead_lease(cloud: deploy.Cloud, table: str) -> None:
    """Free the sweep for this start: in an emulator that has just started, a lease belongs to a run that was killed."""
    pk, sk = keys.sweep()
    with contextlib.suppress(cloud.client("dynamodb").exceptions.ConditionalCheckFailedException):
        cloud.client("dynamodb").update_item(
            TableName=table,
            Key={"pk": {"S": pk}, "sk": {"S": sk}},
            UpdateExpression="REMOVE leased_until",
            ConditionExpression="attribute_exists(leased_until)",
        )


def check_ports(setting: Settings) -> None:
    """Raise RunError for the first port that something else uses."""
    for name, port in setting.ports.items():
        if not settings.is_free(port):
            variable = f"POSTFACH_{name.upper()}_PORT"
            raise RunError(f"Port {port} is taken by another program; set {variable} to another one, or to 0 for any.")


def end_leftovers(setting: Settings) -> list[str]:
    """End what a killed supervisor has left; returns the names of what was there."""
    return [name for name, patience in PATIENCE.items() if pid_lock.end_holder(setting.pid_file(name), patience)]


def welcome(told: dict[str, Any]) -> str:
    """What a newcomer reads."""
    return f"""
Postfach runs on this machine. Stop it with Ctrl-C; data stays.

  API            {told["api_url"]}
  Admin token    {told["token"]}
  SMTP           {told["smtp_host"]}:{told["smtp_port"]}
  First inbox    {told["fallback_address"]}
  Sent mail      {told["outbox_url"]}
  Start page     {told["api_url"].removesuffix("v1")}

  make send FILE=mail.eml TO={told["fallback_address"]}
"""


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def run(setting: Settings) -> int:
    """Run until told to stop; returns the exit status."""
    held: IO[str] | None = None
    local: LocalCloud | None = None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        held = pid_lock.hold(setting.pid_file("supervisor"))
        left = end_leftovers(setting)
        if left:
            print(f"Ended what a killed run had left: {', '.join(left)}.", flush=True)
        print("Starting ...", flush=True)
        local = LocalCloud(setting)
        local.start()
        print(welcome(local.told), flush=True)
        local.keep_running()
    except KeyboardInterrupt:
        return 0
    except pid_lock.AlreadyHeldError as error:
        print(
            f"Postfach runs already with this data folder (process {error.pid}); `make stop` ends it.", file=sys.stderr
        )
        return 1
    except FAULTS as error:
        print(f"Postfach cannot run: {error}", file=sys.stderr)
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if local is not None:
            print("Stopping ...", flush=True)
            local.stop()
        if held is not None:
            held.close()
    return 0


def stop(setting: Settings) -> int:
    """End a running local cloud."""
    ended = pid_lock.end_holder(setting.pid_file("supervisor"), sum(PATIENCE.values()))
    left = end_leftovers(setting)
    print("Stopped." if ended or left else "Nothing runs.")
    return 0


def main() -> int:
    """Run or stop, from the command line."""
    try:
        setting = settings.read_settings(os.environ)
    except SettingsError as error:
        print(f"Postfach cannot run: {error}", file=sys.stderr)
        return 1
    return stop(setting) if sys.argv[1:] == ["stop"] else run(setting)


if __name__ == "__main__":
    sys.exit(main())

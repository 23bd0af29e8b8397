"""How many mails a second the local cloud files, and what a mail costs on AWS.

    python bench/throughput.py [--mails N] [--senders N] [--host H --port P --api URL --token T --to ADDRESS --inbox ID]

Sends N generated mails (2,000) of mixed sizes and threads by SMTP to the local cloud that `.local/run.json` names, or
to one of its own where none runs, waits until the API shows all of them, and prints mails a second. Times are of this
machine: compare runs of one. With --costs only requests, CPU time and the bill are measured.

Requests and units of each kind of mail are exact (`tests/post/meter.py`, on moto). CPU time is that of this process
while it handles mails against a MiniStack of its own, so it is the function's alone. The bill is computed from both
with the prices below; exit status 1 when it is above 1.5 times what SES takes for receiving (docs/budgets.md).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import smtplib
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from moto import mock_aws

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.cloud.local import LocalCloud
from tests.flows.test_requests import KINDS, begin, mail
from tests.post import cloud, ministack
from tests.post.letters import letter, long_text
from tests.post.meter import Bill
from tests.post.office import Office

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120.0  # seconds without a further mail, after which the rest counts as lost
BUDGET = 1.5  # times SES's fee
MEMORY, FULL_CPU = 512, 1769  # MB of the function, and the MB at which Lambda gives a whole CPU
WAIT_MS = 8.0  # what a request to DynamoDB or S3 takes inside a region

# US dollars, us-east-1, as published in 2026.
WRITE_UNIT, READ_UNIT = 0.625e-6, 0.125e-6
PUT, GET = 5e-6, 0.4e-6
SNS_PUBLISH, SQS_REQUEST = 0.5e-6, 0.4e-6
INVOCATION, GB_SECOND = 0.2e-6, 16.6667e-6
LOG_BYTE = 0.5 / 2**30
EVENT = 1e-6  # on a bus of one's own; reading the stream by Lambda is free
SES_MAIL, SES_CHUNK, CHUNK = 0.1e-3, 0.09e-3, 256 * 1024  # only whole chunks are charged
LOG_LINE = 700  # bytes that one mail leaves in the log


def fee(size: int) -> float:
    """What SES takes for receiving a mail of so many bytes."""
    return SES_MAIL + size // CHUNK * SES_CHUNK


def publishing(cpu_ms: float) -> float:
    """What it takes to tell of the dearest mail, and to see what follows (tests/flows/test_publish_requests.py).

    Three events, two reads of four units, and as much CPU as filing it, which is more than it is.
    """
    seconds = (cpu_ms * FULL_CPU / MEMORY + 3 * WAIT_MS) / 1000
    return 3 * EVENT + 4 * READ_UNIT + INVOCATION + seconds * MEMORY / 1024 * GB_SECOND + LOG_LINE * LOG_BYTE


def price(bill: Bill, cpu_ms: float) -> float:
    """What AWS takes for one mail besides SES: each mail in a batch of its own, which is the dearest case."""
    waits = bill.dynamodb + bill.s3_gets + bill.s3_puts
    seconds = (cpu_ms * FULL_CPU / MEMORY + waits * WAIT_MS) / 1000
    return (
        bill.written * WRITE_UNIT
        + bill.read * READ_UNIT
        + (bill.s3_puts + 1) * PUT  # SES stores the raw mail
        + bill.s3_gets * GET
        + SNS_PUBLISH
        + 2 * SQS_REQUEST
        + INVOCATION
        + seconds * MEMORY / 1024 * GB_SECOND
        + LOG_LINE * LOG_BYTE
        + publishing(cpu_ms)
    )


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Without the function's log lines."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


def cpu_ms(mails: int) -> float:
    """CPU time of one mail of 10 KB into a running conversation, in this process."""
    with ministack.empty_cloud(), quietly():
        office = begin(Office())
        bodies = [office.announce(office.store(mail(number, 0, number - 1))) for number in range(3, 3 + mails)]
        office.handle(bodies.pop(0))
        start = time.process_time()
        for body in bodies:
            office.handle(body)
        return (time.process_time() - start) * 1000 / len(bodies)


def bills() -> dict[str, Bill]:
    """What each kind of mail takes, exactly."""
    found = {}
    for kind in KINDS:
        with mock_aws(), _environment(), quietly():
            cloud.forget_clients()
            cloud.build()
            found[kind.name] = kind.handle(begin(Office()))
    return found


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(cloud.environment())
    os.environ.pop("AWS_ENDPOINT_URL", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def report_costs() -> bool:
    """Print the bill; whether it is within the budget."""
    took = cpu_ms(60)
    print(f"CPU time of the function for a mail of 10 KB into a running conversation: {took:.1f} ms\n")
    heads = f"{'requests':>8} {'write':>6} {'read':>5} {'GET':>4} {'PUT':>4} {'$/1000':>8} {'of fee':>7}"
    print(f"{'kind of mail':44} {heads}")
    worst = 0.0
    for name, bill in bills().items():
        cost = price(bill, took)
        worst = max(worst, cost / fee(10 * 1024))
        print(
            f"{name:44} {bill.dynamodb:8} {bill.written:6.0f} {bill.read:5.1f} {bill.s3_gets:4} {bill.s3_puts:4}"
            f" {cost * 1000:8.4f} {cost / fee(10 * 1024):6.2f}x"
        )
    print(
        f"\nSES takes ${fee(10 * 1024) * 1000:.2f} per 1,000 such mails; budget {BUDGET} x, dearest kind {worst:.2f} x"
    )
    return worst <= BUDGET


def generate(number_of_mails: int, to: str, run: str) -> list[bytes]:
    """Threads of one to eight mails between two people each: most of 1 to 20 KB, some of 200 KB, a few of 2 MB."""
    chance = random.Random(1)
    mails: list[bytes] = []
    while len(mails) < number_of_mails:
        thread, length = len(mails), chance.randint(1, 8)
        people = [f"person{thread}@customer{thread % 97}.example", f"colleague{thread}@customer{thread % 97}.example"]
        for number in range(min(length, number_of_mails - len(mails))):
            size = chance.choices([1_000, 5_000, 20_000, 200_000, 2_000_000], [40, 35, 20, 4, 1])[0]
            ids = [f"{run}.{thread}.{each}@customer.example" for each in range(number)]
            mails.append(
                letter(
                    sender=people[number % 2],
                    to=[to],
                    cc=[people[1 - number % 2]],
                    subject=f"{run} thread {thread}",
                    message_id=f"{run}.{thread}.{number}@customer.example",
                    in_reply_to=ids[-1] if ids else None,
                    references=ids,
                    text=long_text(size, thread + number + 1),
                )
            )
    return mails


def filed(api: str, token: str, inbox: str, run: str) -> int:
    """How many mails of this run the API shows in conversations."""
    total, cursor = 0, ""
    while True:
        query = f"?status=open&limit=100{f'&cursor={cursor}' if cursor else ''}"
        request = urllib.request.Request(
            f"{api}/inboxes/{inbox}/conversations{query}", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            page: dict[str, Any] = json.load(answer)
        mine = [each for each in page["items"] if each["subject"].startswith(f"{run} thread ")]
        total += sum(int(each["message_count"]) for each in mine)
        if not page["next"] or len(mine) < len(page["items"]):  # newest first: older runs follow
            return total
        cursor = page["next"]


def report_throughput(told: argparse.Namespace) -> bool:
    """Send, wait, print; whether every mail was filed."""
    run = f"run{int(time.time())}"
    mails = generate(told.mails, told.to, run)

    def send(share: list[bytes]) -> None:
        with smtplib.SMTP(told.host, told.port, timeout=120) as smtp:
            for raw in share:
                smtp.sendmail("bench@customer.example", [told.to], raw)

    start = time.monotonic()
    with ThreadPoolExecutor(told.senders) as senders:
        for done in [senders.submit(send, mails[each :: told.senders]) for each in range(told.senders)]:
            done.result()
    sent = time.monotonic() - start
    count, last = 0, time.monotonic()
    while count < len(mails) and time.monotonic() - last < PATIENCE:
        time.sleep(0.5)
        now = filed(told.api, told.token, told.inbox, run)
        if now > count:
            count, last = now, time.monotonic()
    took = last - start
    size = sum(map(len, mails)) / 1e6
    print(f"{len(mails)} mails ({size:.0f} MB) taken by SMTP in {sent:.1f} s: {len(mails) / sent:.0f}/s")
    print(f"{count} of them in conversations after {took:.1f} s: {count / took:.1f} mails/s\n")
    return count == len(mails)


def main() -> int:
    """Read arguments, and run both parts."""
    run_file = ROOT / ".local" / "run.json"
    known = json.loads(run_file.read_text()) if run_file.exists() else {}
    read = argparse.ArgumentParser(prog="bench/throughput.py", description=(__doc__ or "").partition("\n")[0])
    read.add_argument("--mails", type=int, default=2000)
    read.add_argument("--senders", type=int, default=4)
    read.add_argument("--costs", action="store_true")
    for name, key in (("host", "smtp_host"), ("api", "api_url"), ("token", "token"), ("to", "fallback_address")):
        read.add_argument(f"--{name}", default=known.get(key))
    read.add_argument("--inbox", default=known.get("inbox_id"))
    read.add_argument("--port", type=int, default=known.get("smtp_port"))
    told = read.parse_args()
    complete = told.costs or measure(told)
    return 0 if report_costs() and complete else 1


def measure(told: argparse.Namespace) -> bool:
    """Mails a second, on the local cloud that runs or on one that is started for it."""
    if answers(told.host, told.port):
        return report_throughput(told)
    with tempfile.TemporaryDirectory() as folder:
        own = LocalCloud(Path(folder))
        own.start()
        try:
            found = own.told
            told.host, told.port, told.api = found["smtp_host"], found["smtp_port"], found["api_url"]
            told.token, told.to, told.inbox = found["token"], found["fallback_address"], found["inbox_id"]
            return report_throughput(told)
        finally:
            own.stop()


def answers(host: str | None, port: int | None) -> bool:
    """Whether somebody takes mail there."""
    if host is None or port is None:
        return False
    try:
        with smtplib.SMTP(host, port, timeout=5):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())

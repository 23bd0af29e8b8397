"""The time to understand hostile mail grows with its size and no faster: twice the input costs at most 2.3 times as
much.

Measured in processor time of this thread, the least of several runs, on sizes that take long enough to be stable; one
noisy pair is measured again before it counts. What passes a bound (bounds.py) grows even less.
"""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.mail import understand

ROOT = Path(__file__).resolve().parents[3]
HEAD = b"From: a@example.org\nTo: b@example.org\nSubject: x\nDate: Mon, 05 Jan 2026 10:00:00 +0000\nMessage-ID: <m@b>\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
MOST = 2.3


def plain(body: bytes, more: bytes = b"") -> bytes:
    return HEAD + b"Content-Type: text/plain; charset=utf-8\n" + more + b"\n" + body


def html(body: bytes) -> bytes:
    return HEAD + b"Content-Type: text/html; charset=utf-8\n\n" + body


def field(name: bytes, value: bytes) -> bytes:
    """A field of any size, folded so that no single line passes the bound for one."""
    return name + b": " + b"\n ".join(value[i : i + 900] for i in range(0, len(value), 900)) + b"\n"


def fields(name: bytes, value: bytes) -> bytes:
    """Many fields of one name, since one field alone is cut at its bound."""
    return HEAD + b"".join(name + b": " + value[i : i + 50_000] + b"\n" for i in range(0, len(value), 50_000)) + b"\nx"


def noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)


GENERATORS: dict[str, tuple[Callable[[int], bytes], int]] = {
    "lines that look like boundaries": (lambda n: MIXED + b"--b\n\n" + b"--bx\n" * n, 9_000),
    "empty parts": (lambda n: MIXED + b"--b\n\n" * n, 100_000),
    "parts without blank lines": (lambda n: MIXED + b"--b\nX: y\n" * n, 60_000),
    "base64 in padded pieces": (lambda n: plain(b"QQ==\n" * n, b"Content-Transfer-Encoding: base64\n"), 60_000),
    "uuencoded files without end": (lambda n: plain(b"begin 644 a\n#0V%T\n" * n), 4_500),
    "quoted-printable escapes": (
        lambda n: plain(b"=\r= =3D" * n, b"Content-Transfer-Encoding: quoted-printable\n"),
        120_000,
    ),
    "bare CR in the header": (lambda n: HEAD + b"X: " + b"\r" * n + b"\n\nx", 500_000),
    "starts of encoded words": (lambda n: fields(b"Subject", b"=?a?q?" * n), 40_000),
    "Q words with escapes after marks": (lambda n: fields(b"To", b"=?u?q?a?=20" * n), 8_000),
    "quotes and backslashes in addresses": (lambda n: fields(b"To", b'"\\"\\(a<' * n), 8_000),
    "comments in addresses": (lambda n: fields(b"Cc", b"(\\" * n), 16_000),
    "commas in addresses": (lambda n: fields(b"From", b"a, b:; <" * n), 4_000),
    "blanks in addresses": (lambda n: HEAD + b"To: a" + b" " * n + b"b@c" + b" " * n + b"d\n\nx", 30_000),
    "quotes after addresses": (lambda n: HEAD + b"To: <a@b" + b"'" * n + b"c>\n\nx", 50_000),
    "open brackets in addresses": (lambda n: fields(b"To", b"<a@b " * n), 8_000),
    "brackets in References": (lambda n: fields(b"References", b"<<a@b " * n), 35_000),
    "parameters in pieces": (lambda n: fields(b"Content-Type", b'text/plain; a*1="b' * n), 30_000),
    "many fields": (lambda n: HEAD + b"X-A: b\n" * n + b"\nx", 150_000),
    "escapes of ISO-2022-JP": (lambda n: plain(b"\x1b$B!!\x1b(B" * n), 80_000),
    "bytes without a charset": (lambda n: plain(noise(n)), 150_000),
    "quote marks": (lambda n: plain(b"> " * n), 200_000),
    "flowed lines": (lambda n: HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * n, 120_000),
    "open tags": (lambda n: html(b"<div>" * n), 10_000),
    "open comments and attributes": (lambda n: html(b"<!-- <a b='" * n), 20_000),
    "nothing but line ends": (lambda n: HEAD + b"\n" * n, 3_000_000),
    "blank lines": (lambda n: plain(b"\n \n" * n), 9_000),
    "mails in mails": (lambda n: HEAD + b"Content-Type: message/rfc822\n\n" * n + b"x", 30_000),
    "colons": (lambda n: plain(b"On a: b wrote:\nFrom: c\n" * n), 2_000),
}


def cost(raw: bytes, runs: int = 2) -> float:
    """Seconds of processor time to understand `raw`, the least of some runs.

    Without the garbage collector, whose cost depends on what else lives in the process.
    """
    times = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(runs):
            start = time.thread_time()
            understand(raw)
            times.append(time.thread_time() - start)
    finally:
        gc.enable()
    return min(times)


def ratio(name: str, tries: int) -> float:
    """How much more twice the input costs: the first of some tries that is within bounds, else the least."""
    make, size = GENERATORS[name]
    once, twice = make(size), make(2 * size)
    understand(make(10))  # imports and caches
    ratios: list[float] = []
    for _ in range(tries):
        ratios.append(cost(twice) / max(cost(once), 0.005))
        if ratios[-1] <= MOST:
            break
    return min(ratios)


@pytest.mark.parametrize("name", GENERATORS)
def test_twice_the_input_costs_about_twice_the_time(name: str) -> None:
    """A long test run leaves a heap that costs time of its own: before it counts, a fresh process measures."""
    if ratio(name, 3) > MOST:
        code = f"from tests.unit.mail.test_hostile_growth import ratio; print(ratio({name!r}, 5))"
        fresh = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        assert float(fresh.stdout) <= MOST


def test_none_of_them_is_unreadable() -> None:
    for make, _ in GENERATORS.values():
        assert "unreadable" not in understand(make(100))["defects"]

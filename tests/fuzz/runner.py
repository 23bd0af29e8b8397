"""What drives the fuzz targets: mutate seeds, call the target, keep what fails.

A target is a function of bytes that must neither raise nor take longer than `SLOW` seconds of processor time; it
asserts its own invariants. Inputs are made of the seeds in `tests/fuzz/seeds/<name>/` and the corpus in
`tests/mails/`, by cutting, copying, joining and flipping, and by planting tokens of the grammar under test. A find is
written to `tests/fuzz/seeds/<name>/find-<hash>` and stays there, so that `tests/unit/mail/test_fuzz_targets.py`
replays it for ever after.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

HERE = Path(__file__).parent
SLOW = 2.0
MAX_BYTES = 30_000
MAX_FINDS = 5
Target = Callable[[bytes], None]


def seeds(name: str) -> list[bytes]:
    """The saved inputs of a target, then the corpus."""
    saved = sorted((HERE / "seeds" / name).glob("*"))
    corpus = sorted((HERE.parent / "mails").glob("*/*.eml"))
    return [path.read_bytes()[:MAX_BYTES] for path in [*saved, *corpus]] or [b""]


def mutated(chance: random.Random, pool: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    """A new input out of the pool."""
    data = bytearray(chance.choice(pool))
    for _ in range(chance.choice((1, 1, 2, 3, 5, 12))):
        at, upto = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
        upto = min(upto, at + chance.choice((1, 4, 40, 400)))
        match chance.randrange(7):
            case 0:
                del data[at:upto]
            case 1:
                data[at:at] = data[at:upto] * chance.choice((1, 2, 30))
            case 2:
                data[at:upto] = chance.choice(tokens)
            case 3:
                data[at:at] = chance.choice(tokens) * chance.choice((1, 1, 1, 3, 50))
            case 4:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 5:
                other = chance.choice(pool)
                start = chance.randrange(len(other) + 1)
                data[at:upto] = other[start : start + chance.choice((10, 100, 1000))]
            case _:
                data[at:at] = chance.choice((b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\xff", b"\r\n "))
    return bytes(data[:MAX_BYTES])


def attempt(target: Target, data: bytes) -> str | None:
    """Why `data` is a find, or None."""
    start = time.process_time()
    try:
        target(data)
    except Exception:
        return traceback.format_exc()
    took = time.process_time() - start
    return f"took {took:.1f} s for {len(data)} bytes" if took > SLOW else None


def run(name: str, target: Target, tokens: Sequence[bytes], chance: random.Random, until: Callable[[int], bool]) -> int:
    """Feed the target until `until(runs)`; print and save every find; how many there were."""
    pool = seeds(name)
    finds = runs = 0
    while not until(runs) and finds < MAX_FINDS:
        data = mutated(chance, pool, tokens)
        reason = attempt(target, data)
        runs += 1
        if reason:
            finds += 1
            path = HERE / "seeds" / name / f"find-{hashlib.sha256(data).hexdigest()[:16]}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            print(f"{path}\n{reason}")
    print(f"{name}: {runs} inputs, {finds} finds")
    return finds


def main(name: str, target: Target, tokens: Sequence[bytes]) -> int:
    """The command line of a target: `--minutes N`, `--seed N`."""
    options = argparse.ArgumentParser(prog=f"python -m tests.fuzz.{name}")
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--seed", type=int, default=None)
    chosen = options.parse_args()
    end = time.monotonic() + chosen.minutes * 60
    return min(1, run(name, target, tokens, random.Random(chosen.seed), lambda _: time.monotonic() > end))

"""Log lines: JSON, one each, without addresses; metrics whatever the level."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import log


@pytest.fixture(autouse=True)
def at_info() -> Iterator[None]:
    log.set_level("INFO")
    yield
    log.set_level("INFO")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_follows_its_mail(capsys: pytest.CaptureFixture[str]) -> None:
    log.follow("raw1")
    log.info("done", count=1, what="a\nb")
    assert lines(capsys) == [{"level": "INFO", "event": "done", "trace": "raw1", "count": 1, "what": "a\nb"}]


@pytest.mark.parametrize(("level", "written"), [("DEBUG", 3), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)])
def test_levels(level: str, written: int, capsys: pytest.CaptureFixture[str]) -> None:
    log.set_level(level)
    log.info("a")
    log.warning("b")
    log.error("c")
    assert len(lines(capsys)) == written


def test_an_error_carries_what_caused_it(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise ValueError("outer") from error
    except ValueError as error:
        log.error("failed", error)
    (line,) = lines(capsys)
    assert line["error"] == "ValueError"
    assert "KeyError" in line["traceback"]


@pytest.mark.parametrize("level", log.LEVELS)
def test_metrics_are_written_whatever_the_level(level: str, capsys: pytest.CaptureFixture[str]) -> None:
    log.set_level(level)
    log.metrics("delivery", {"Deliveries": (1, "Count")}, dimensions={"Verdict": "filed"}, because="new")
    (line,) = lines(capsys)
    assert (line["Deliveries"], line["Verdict"], line["because"]) == (1, "filed", "new")
    (told,) = line["_aws"]["CloudWatchMetrics"]
    assert told["Dimensions"] == [["Verdict"]]
    assert told["Metrics"] == [{"Name": "Deliveries", "Unit": "Count"}]


@pytest.mark.parametrize(
    ("address", "masked"),
    [(None, "-"), ("", "-"), ("Ada@Customer.example", log.mask("ada@customer.example"))],
)
def test_masked(address: str | None, masked: str) -> None:
    assert log.mask(address) == masked


@given(st.from_regex(r"[a-z]{4,20}", fullmatch=True), st.just("customer.example"))
def test_a_masked_address_keeps_its_domain_alone(local_part: str, domain: str) -> None:
    masked = log.mask(f"{local_part}@{domain}")
    digest, _, kept = masked.partition("@")
    assert (kept, len(digest)) == (domain, 8)
    assert local_part not in masked
    assert masked == log.mask(f"{local_part.upper()}@{domain.upper()}")


@given(st.text(), st.binary(max_size=20))
def test_anything_can_be_logged(text: str, raw: bytes) -> None:
    log.info(
        "odd", text=text, surrogates=raw.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode(), raw=raw
    )


def test_a_lone_surrogate_does_not_break_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.info("odd", text="a\udcffb")
    assert lines(capsys)[0]["event"] == "odd"

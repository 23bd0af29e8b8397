"""Imports point one way, and only the doors know what is behind them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*(ROOT / "chalicelib").rglob("*.py"), ROOT / "app.py"])

# Each layer imports from the ones above it in this list, and from its own package.
LAYERS = (
    {"errors", "config", "clock", "log"},
    {"mail"},
    {"model"},
    {"storage"},
    {"routing"},
    {"inbound"},
    {"outbound"},
    {"conversations"},
    {"tickets"},
    {"contacts"},
    {"settings", "reconcile", "publish"},
    {"api"},
    {"entries"},
    {"app"},
)
LEVEL = {name: number for number, names in enumerate(LAYERS) for name in names}
# Decisions: values in, values out. What asks for I/O does not belong here.
PURE = (
    "conversations/access.py",
    "conversations/effects.py",
    "conversations/recipients.py",
    "conversations/words.py",
    "inbound/arrivals.py",
    "inbound/choose_channel.py",
    "inbound/choose_conversation.py",
    "inbound/file_mail.py",
    "inbound/forwarding_confirmation.py",
    "inbound/judge.py",
    "inbound/listed_senders.py",
    "inbound/mailed_report.py",
    "inbound/reply_address.py",
    "outbound/acknowledgement.py",
    "outbound/answer_subject.py",
    "outbound/automatic_mail.py",
    "outbound/choose_sender.py",
    "outbound/compose_answer.py",
    "outbound/feedback_events.py",
    "outbound/new_message.py",
    "outbound/progress.py",
    "outbound/invitation_mail.py",
    "outbound/pacing.py",
    "outbound/proof_mail.py",
    "outbound/quote_original.py",
    "outbound/render_signature.py",
    "outbound/retry.py",
    "outbound/sending_dns.py",
    "outbound/sent_html.py",
    "outbound/suppress.py",
    "outbound/system_mail.py",
    "inbound/probe_words.py",
    "inbound/proves_forwarding.py",
    "reconcile/alerts.py",
    "reconcile/channel_status.py",
    "reconcile/counted.py",
    "reconcile/evidence/forwarding.py",
    "reconcile/evidence/receiving.py",
    "reconcile/evidence/sending.py",
    "reconcile/evidence/world.py",
    "reconcile/plan.py",
    "reconcile/probes.py",
    "reconcile/sentences.py",
    "publish/events.py",
    "routing/availability.py",
    "routing/choose_assignee.py",
    "routing/count_open.py",
    "routing/move_ticket.py",
    "routing/open_ticket.py",
    "settings/forwarding_steps.py",
    "settings/code_cleaned.py",
    "settings/code_defaults.py",
    "settings/code_names.py",
    "settings/from_names.py",
    "tickets/property_values.py",
    "tickets/wishes.py",
)
DOORS = {
    "botocore": {"storage"},
    "boto3": set(),
    "pynamodb": {"storage"},
    "chalice": {"api", "app"},
    "nh3": {"mail"},
}


def package(path: Path) -> str:
    """The package of a file below chalicelib, or the file's own name."""
    inside = path.relative_to(ROOT).with_suffix("").parts
    return inside[1] if inside[0] == "chalicelib" and len(inside) > 1 else inside[0]


def imported(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, wherever in it."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            base = ".".join(parts[: len(parts) - node.level]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def ours(path: Path) -> Iterator[tuple[str, str]]:
    """(package, dotted name) of what a file imports of ours."""
    for name in imported(path):
        if name.startswith("chalicelib."):
            yield name.split(".")[1], name


def test_the_guards_see_the_whole_code() -> None:
    assert len(FILES) > 60
    assert {package(path) for path in FILES} - {"chalicelib", "__init__"} <= set(LEVEL)
    assert all((ROOT / "chalicelib" / each).exists() for each in PURE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    own = package(path)
    if own in ("chalicelib", "__init__"):
        return
    for other, name in ours(path):
        assert other == own or LEVEL[other] < LEVEL[own], f"{path.name} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_doors_know_what_is_behind_them(path: Path) -> None:
    for name in imported(path):
        allowed = DOORS.get(name.split(".")[0])
        assert allowed is None or package(path) in allowed, f"{path.name} imports {name}"


def test_understanding_mail_needs_nothing_of_ours() -> None:
    for path in FILES:
        if package(path) == "mail":
            assert {other for other, _ in ours(path)} <= {"mail"}, path.name


def test_the_words_need_nothing_but_the_words_of_mail() -> None:
    for path in FILES:
        if package(path) == "model":
            for other, name in ours(path):
                assert other == "model" or name.startswith("chalicelib.mail.model"), f"{path.name} imports {name}"


@pytest.mark.parametrize("name", PURE)
def test_decisions_do_no_io(name: str) -> None:
    path = ROOT / "chalicelib" / name
    for other, dotted in ours(path):
        assert other not in ("storage", "config", "log"), f"{name} imports {dotted}"
    text = path.read_text()
    assert "clock.now(" not in text
    assert "new_id(" not in text


def test_the_api_goes_through_the_stories() -> None:
    for path in FILES:
        if package(path) == "api":
            assert "storage" not in {other for other, _ in ours(path)}, path.name

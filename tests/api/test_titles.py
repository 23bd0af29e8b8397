"""Titles of problems in the caller's language, by Accept-Language (RFC 9110 §12.5.4); each code has one in each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import errors
from chalicelib.api.languages import LANGUAGES, choose
from chalicelib.api.titles import TITLES, title
from chalicelib.storage import keys, table
from chalicelib.storage.tables import AccountRow
from tests.api.visitor import Visitor
from tests.post.office import Office

CODE = Path(__file__).resolve().parents[2] / "chalicelib"
# Their reasons become refusals, with the reason's code.
REASONS_THAT_REFUSE = ("conversations/access.py", "outbound/choose_sender.py")
REASONS_THAT_DO_NOT = {"everyone", "chosen", "custom_address", "custom_address_not_proven", "fallback_took_over"}


def codes_in_the_code() -> Iterator[str]:
    """Each code that can reach a caller: of the errors' classes, of those raised, of reasons that refuse."""
    yield from ("internal_error", "temporarily_unavailable")
    for path in sorted(CODE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            yield from (
                keyword.value.value
                for keyword in node.keywords
                if keyword.arg == "code"
                and isinstance(keyword.value, ast.Constant)
                and isinstance(keyword.value.value, str)
            )
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            refuses = name == "Reason" and str(path.relative_to(CODE)) in REASONS_THAT_REFUSE
            if refuses and node.args and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)
    waiting = [errors.Refused]
    while waiting:
        cls = waiting.pop()
        yield cls.code
        waiting += cls.__subclasses__()


def test_each_code_has_a_title_in_each_language() -> None:
    found = set(codes_in_the_code()) - REASONS_THAT_DO_NOT
    assert len(found) > 60
    assert sorted(found - set(TITLES)) == []
    for code, row in TITLES.items():
        assert len(row) == len(LANGUAGES), code
        assert len(set(row)) == len(row), f"{code} is not translated"
        assert all(each == each.strip() and 0 < len(each) < 60 and not each.endswith(".") for each in row), code


@pytest.mark.parametrize(
    ("header", "locale", "expected"),
    [
        (None, None, "en"),
        (None, "de", "de"),
        (None, "fr", "en"),
        ("de", "en", "de"),
        ("DE-at", "en", "de"),
        ("en-GB, de;q=0.9", "de", "en"),
        ("de;q=0.2, en;q=0.9", None, "en"),
        ("fr, de;q=0.5, *;q=0.1", "en", "de"),
        ("fr, *;q=0.1", "de", "de"),
        ("*", "de", "de"),
        ("en;q=0, *", "en", "de"),
        ("fr", "de", "de"),
        ("de;q=0", "de", "de"),
        ("de;q=1.5", "en", "en"),
        ("de ; q=0.5 , en ; Q=0.4", None, "de"),
        ("", "de", "de"),
        (",,;q=,de", "en", "de"),
        ("zh-Hans-CN, de-CH-1996", None, "de"),
    ],
)
def test_the_language_is_the_best_that_is_asked_for(header: str | None, locale: str | None, expected: str) -> None:
    assert choose(header, locale) == expected


@given(st.text(max_size=300) | st.text("de, en;q=01.*-", max_size=300), st.sampled_from([None, "de", "en", "xx"]))
def test_any_header_is_answered(header: str, locale: str | None) -> None:
    assert choose(header, locale) in LANGUAGES


def test_a_problem_is_titled_in_the_callers_language_and_keeps_its_code(office: Office, admin: Visitor) -> None:
    for asked, language, said in (
        ("de-DE,de;q=0.9,en;q=0.5", "de", "Nicht gefunden"),
        ("en", "en", "Not found"),
        ("fr", "en", "Not found"),
    ):
        reply = admin.get("/v1/users/usr_nobody", accept_language=asked)
        assert (reply.status, reply.code, reply.json["title"]) == (404, "not_found", said)
        assert reply.headers["Content-Language"] == language
        assert reply.headers["Vary"] == "Accept-Language"


def test_without_the_header_the_accounts_locale_counts_once_it_is_known(office: Office, admin: Visitor) -> None:
    writes = table.Transaction()
    writes.update(AccountRow, keys.account(office.account_id), [AccountRow.locale.set("de")])
    writes.commit("speak German")
    assert admin.get("/v1/users/usr_nobody").json["title"] == title("not_found", "de")
    assert Visitor().get("/v1/users").json["title"] == title("unauthenticated", "en")


def test_a_code_without_a_title_has_that_of_its_family() -> None:
    assert title("of_another_release", "de", "not_found") == "Nicht gefunden"

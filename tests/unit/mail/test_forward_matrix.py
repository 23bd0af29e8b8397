"""Every client's way to forward, in every language: layouts from here, words from `languages/`."""

from collections.abc import Callable

import pytest

from chalicelib.mail.forward_rules import Context
from chalicelib.mail.forwarded import find_inline
from chalicelib.mail.languages import vocabulary
from chalicelib.mail.model import Address
from chalicelib.mail.quotes import split_reply

LANGUAGES = sorted(vocabulary().languages)
BODY = "Das Paket kam nicht an.\nWas nun?\n\nGrüße, Kim"
NOTE = "Kannst du das übernehmen?"
SENDER = Address("Kim Doe", "kim@example.org")
TO = (Address(None, "desk@example.com"),)
CC = (Address("Ann Lee", "ann@example.net"), Address(None, "bo@example.net"))
BO = (Address("Bo", "bo@example.net"),)
VALUES = {
    "from": "Kim Doe <kim@example.org>",
    "date": "2026-01-05 10:31",
    "to": "desk@example.com",
    "cc": "Ann Lee <ann@example.net>, bo@example.net",
    "subject": "Paket: wo ist es?",
}


def names(code: str, which: dict[str, int] | None = None) -> dict[str, str]:
    """One label of each field; `which` picks others than the first."""
    labels = vocabulary().languages[code].labels
    found = {}
    for field in VALUES:
        variants = labels.from_ if field == "from" else getattr(labels, field)
        found[field] = variants[(which or {}).get(field, 0) % len(variants)]
    return found


def rows(code: str, form: str = "{}: {}", order: str = "from date to cc subject", **values: str) -> str:
    label = names(code)
    given = VALUES | values
    return "\n".join(form.format(label[field], given[field]) for field in order.split())


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def word(code: str) -> str:
    return vocabulary().languages[code].forwarded[0]


def shouted(code: str) -> str:
    return f"---------- {word(code)} ---------\n"


LAYOUTS: dict[str, Callable[[str], tuple[str, str]]] = {
    "gmail": lambda code: ("", shouted(code) + rows(code, order="from date subject to cc") + "\n\n" + BODY),
    "apple": lambda code: ("", quoted(f"{word(code)}:\n\n{rows(code, order='from subject date to cc')}\n\n{BODY}")),
    "apple without quoting": lambda code: ("", f"{word(code)}:\n\n{rows(code)}\n\n{BODY}"),
    "outlook": lambda code: ("FW: x", f"{rows(code)}\n\n{BODY}"),
    "outlook for mac": lambda code: ("FW: x", f"{rows(code)}\n{BODY}"),
    "outlook web": lambda code: ("Fw: x", f"{'_' * 32}\n{rows(code)}\n\n{BODY}"),
    "outlook in bold": lambda code: ("FW: x", f"{rows(code, form='*{}:* {}')}\n\n{BODY}"),
    "outlook in markdown": lambda code: ("FW: x", f"{rows(code, form='**{}:** {}')}\n\n{BODY}"),
    "blank before colon": lambda code: ("FW: x", f"{rows(code, form='{} : {}')}\n\n{BODY}"),
    "hard blank before colon": lambda code: ("FW: x", f"{rows(code, form=chr(0x202F).join(['{}', ': {}']))}\n\n{BODY}"),
    "full-width colon": lambda code: ("", shouted(code) + rows(code, form="{}：{}") + "\n\n" + BODY),
    "bullets": lambda code: ("FW: x", f"{rows(code, form='• {}: {}')}\n\n{BODY}"),
    "thunderbird": lambda code: (
        "",
        f"-------- {word(code)} --------\n{rows(code, form='{}: ' + chr(9) + '{}')}\n\n\n\n{BODY}",
    ),
    "empty lines between": lambda code: ("FW: x", rows(code).replace("\n", "\n\n") + "\n\n" + BODY),
    "values below": lambda code: ("FW: x", f"{rows(code, form='{}:' + chr(10) + '{}')}\n\n{BODY}"),
    "right-to-left marks": lambda code: (
        "FW: x",
        f"{rows(code, form=chr(0x200F) + '{}:' + chr(0x200E) + ' {}')}\n\n{BODY}",
    ),
    "indented": lambda code: ("FW: x", f"{rows(code, form='    {}: {}')}\n\n{BODY}"),
    "no subject of its own": lambda code: ("", f"{rows(code)}\n\n{BODY}"),
    "mailto": lambda code: (
        "FW: x",
        rows(
            code,
            **{
                "from": "Kim Doe [mailto:kim@example.org]",
                "to": "desk@example.com<mailto:desk@example.com>",
                "cc": "Ann Lee <mailto:ann@example.net>; 'bo@example.net' <bo@example.net>",
            },
        )
        + f"\n\n{BODY}",
    ),
    "wrapped": lambda code: (
        "FW: x",
        rows(
            code,
            **{
                "from": "Kim Doe\n<kim@example.org>",
                "to": "desk@example.com\n<mailto:desk@example.com>",
                "cc": "Ann Lee <ann@example.net>,\nbo@example.net",
            },
        )
        + f"\n\n{BODY}",
    ),
    "markdown links": lambda code: (
        "FW: x",
        rows(code, **{"from": "Kim Doe <[kim@example.org](mailto:kim@example.org)>"}) + f"\n\n{BODY}",
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("note", ["", NOTE], ids=["alone", "with a note"])
def test_forward_is_read(code: str, layout: str, note: str) -> None:
    subject, forward = LAYOUTS[layout](code)
    text = f"{note}\n\n{forward}".lstrip("\n")
    found = find_inline(text, Context.of(subject, False))
    assert found is not None
    assert found.from_ == SENDER
    assert found.to == TO
    assert found.cc == CC
    assert found.subject == VALUES["subject"]
    assert found.date == "2026-01-05T10:31:00+00:00"
    assert found.text == BODY
    reply = split_reply(text, subject=subject, is_reply=False)
    assert reply.text == note
    assert [fold.kind for fold in reply.folds] == ["forward"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_one_line_of_yahoo(code: str) -> None:
    text = f"  ----- {word(code)} ----- " + "".join(
        f"{names(code)[field]}: {value}"
        for field, value in (
            VALUES | {"to": "desk@example.com <desk@example.com>", "cc": "Bo <bo@example.net>"}
        ).items()
    )
    found = find_inline(f"{NOTE}\n\n{text}\n {BODY}", Context.of("Fw: x", False))
    assert found is not None
    assert (found.from_, found.to, found.cc, found.subject) == (SENDER, TO, BO, VALUES["subject"])


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("field", ["from", "date", "to", "cc", "subject"])
def test_every_label_is_read(code: str, field: str) -> None:
    labels = vocabulary().languages[code].labels
    for number, _ in enumerate(labels.from_ if field == "from" else getattr(labels, field)):
        block = "\n".join(f"{label}: {VALUES[key]}" for key, label in names(code, {field: number}).items())
        found = find_inline(f"{block}\n\n{BODY}", Context.of("Fwd: x", False))
        assert found is not None
        assert (found.from_, found.to, found.cc) == (SENDER, TO, CC)
        assert (found.subject, found.text) == (VALUES["subject"], BODY)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("layout", ["outlook", "outlook for mac", "outlook web", "outlook in bold", "thunderbird"])
def test_the_same_block_in_a_reply_is_no_forward(code: str, layout: str) -> None:
    _, forward = LAYOUTS[layout](code)
    if layout == "thunderbird":
        forward = "On Mon, 5 Jan 2026 at 10:31, Kim <kim@example.org> wrote:\n" + quoted(forward)
    text = f"{NOTE}\n\n{forward}"
    assert find_inline(text, Context.of("Re: x", True)) is None
    assert split_reply(text, subject="Re: x", is_reply=True).text == NOTE
    for prefix in vocabulary().languages[code].reply_prefixes:
        assert find_inline(text, Context.of(f"{prefix}: x", True)) is None


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_forward_prefix_is_known(code: str) -> None:
    for prefix in vocabulary().languages[code].forward_prefixes:
        for subject in (f"{prefix}: x", f"{prefix.upper()}: x", f"[Tag] {prefix} : x", f"{prefix}：x"):
            assert find_inline(f"{NOTE}\n\n{rows(code)}\n\n{BODY}", Context.of(subject, True)) is not None, subject

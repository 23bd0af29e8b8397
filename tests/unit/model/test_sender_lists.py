"""How one address meets an entry of a list: label by label, whatever an attacker's domain looks like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.inbound.listed_senders import ListName, listed_as
from chalicelib.mail.model import Address, ParsedMail
from chalicelib.model.conversation import Authentication
from chalicelib.model.delivery import Arrival
from chalicelib.model.sender_lists import MARK_BYTES, SenderLists, entries_for, mark, marks_of, normal_form


@pytest.mark.parametrize(
    ("entry", "normal"),
    [
        ("Ann@Example.COM", "ann@example.com"),
        (" example.com. ", "example.com"),
        ("*.Example.com", "*.example.com"),
        ("*.xyz", "*.xyz"),
        ("Büro@MÜNCHEN.example", "büro@xn--mnchen-3ya.example"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("a_b.example.com", "a_b.example.com"),
        ("localhost", None),
        ("", None),
        ("*", None),
        ("*.", None),
        ("@example.com", None),
        ("ann@*.example.com", None),
        ("a*.example.com", None),
        ("ex ample.com", None),
        ("example..com", None),
        ("-example.com", None),
        ("<ann@example.com>", None),
        ("x" * 64 + ".example", None),
    ],
)
def test_the_normal_form_of_an_entry(entry: str, normal: str | None) -> None:
    assert normal_form(entry) == normal


def said_of(address: str, *, allow: tuple[str, ...] = (), deny: tuple[str, ...] = (), **found: str) -> str | None:
    """What lists say of a mail from `address`; `dmarc` and `mail_from` as SES found them."""
    arrival = Arrival(
        "raw1",
        "raw/raw1",
        "2026-03-02T08:00:00.000Z",
        ("support@acme.example",),
        mail_from=found.get("mail_from"),
        authentication=Authentication(dmarc=found.get("dmarc", "pass")),
    )
    listed = listed_as(ParsedMail(from_=Address(None, address)), arrival, marks_of(SenderLists("acc_a", allow, deny)))
    return listed.list.value if listed else None


@pytest.mark.parametrize(
    ("address", "entry", "matches"),
    [
        ("ann@example.com", "example.com", True),
        ("ANN@EXAMPLE.COM", "example.com", True),
        ("ann@evil-example.com", "example.com", False),
        ("ann@evilexample.com", "example.com", False),
        ("ann@example.com.evil", "example.com", False),
        ("ann@mail.example.com", "example.com", False),
        ("ann@mail.example.com", "*.example.com", True),
        ("ann@a.b.example.com", "*.example.com", True),
        ("ann@example.com", "*.example.com", False),
        ("ann@evil-example.com", "*.example.com", False),
        ("ann@mail.example.com.evil", "*.example.com", False),
        ("ann@example.com", "ann@example.com", True),
        ("joann@example.com", "ann@example.com", False),
        ("ann@mail.example.com", "ann@example.com", False),
        ("ann@münchen.example", "xn--mnchen-3ya.example", True),
        ("ann@XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example", True),
        ("ann@example.com@evil.example", "example.com", False),
        ("example.com", "example.com", False),
        ("ann@", "example.com", False),
        ("ann@example.com.", "example.com", True),
    ],
)
def test_domains_are_compared_label_by_label(address: str, entry: str, matches: bool) -> None:
    assert said_of(address, deny=(entry,)) == ("deny" if matches else None)


@pytest.mark.parametrize(
    ("allow", "deny", "said"),
    [
        (("ann@mail.example.com",), ("*.example.com",), "allow"),
        (("*.example.com",), ("ann@mail.example.com",), "deny"),
        (("mail.example.com",), ("*.example.com",), "allow"),
        (("*.com",), ("*.example.com",), "deny"),
        (("other.example",), ("another.example",), None),
    ],
)
def test_the_most_specific_entry_decides(allow: tuple[str, ...], deny: tuple[str, ...], said: str | None) -> None:
    assert said_of("ann@mail.example.com", allow=allow, deny=deny) == said


@pytest.mark.parametrize("dmarc", ["fail", "none", "gray", "processing_failed"])
def test_a_forged_from_is_never_allowed_but_still_denied(dmarc: str) -> None:
    assert said_of("ann@example.com", allow=("example.com",), dmarc=dmarc) is None
    assert said_of("ann@example.com", deny=("example.com",), dmarc=dmarc) == "deny"
    forged = {"dmarc": dmarc, "mail_from": "spam@evil.example"}
    assert said_of("ann@example.com", allow=("example.com",), deny=("evil.example",), **forged) == "deny"


def test_the_envelope_denies_what_from_leaves_open_and_allows_nothing() -> None:
    assert said_of("ann@example.com", deny=("evil.example",), mail_from="x@evil.example") == "deny"
    assert said_of("ann@example.com", allow=("good.example",), mail_from="x@good.example") is None
    allowed = said_of("ann@example.com", allow=("example.com",), deny=("esp.example",), mail_from="b@esp.example")
    assert allowed == ListName.ALLOW


labels = st.text("abcxyz019-", min_size=1, max_size=8).filter(lambda each: each.strip("-") == each)
domains = st.lists(labels, min_size=2, max_size=5).map(".".join)


@given(st.text("abc.+", min_size=1).filter(lambda t: " " not in t), domains, domains)
def test_an_address_meets_its_own_domain_and_no_other(local: str, domain: str, other: str) -> None:
    entries = entries_for(f"{local}@{domain}")
    assert entries[:2] == (f"{local.lower()}@{domain}", domain)
    assert (other in entries) == (other == domain)
    assert (f"*.{other}" in entries) == (
        domain != other and domain.split(".")[-len(other.split(".")) :] == other.split(".")
    )
    assert all(normal_form(each) == each for each in entries if "." in each.removeprefix("*."))


@given(st.text(max_size=80))
def test_any_text_is_taken(text: str) -> None:
    normal = normal_form(text)
    assert normal is None or normal_form(normal) == normal
    assert isinstance(entries_for(text), tuple)
    assert len(mark(text)) == MARK_BYTES

"""Signatures: filled for the sending user (S44), as HTML and as text (S43, S46)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.mail.model import Address
from chalicelib.model.conversation import Reason
from chalicelib.outbound.choose_sender import SenderIdentity
from chalicelib.outbound.render_signature import TOKENS, render_signature, unknown_token
from chalicelib.outbound.sent_html import sendable

GRACE = SenderIdentity(
    from_=Address("Grace Brewster Hopper (Acme)", "support@acme.in.example"),
    because=Reason("own_address", ""),
    channel_id="chn",
    company_name="Acme",
    user_name="Grace Brewster Hopper",
)


def filled(signature: str, identity: SenderIdentity = GRACE) -> tuple[str, str] | None:
    rendered = render_signature(replace(identity, signature=signature))
    return (rendered.html, rendered.text) if rendered is not None else None


@pytest.mark.parametrize(
    ("signature", "html", "text"),
    [
        ("<p>{{user.full_name}}</p>", "<p>Grace Brewster Hopper</p>", "Grace Brewster Hopper"),
        ("{{user.first_name}} | {{user.last_name}}", "Grace | Brewster Hopper", "Grace | Brewster Hopper"),
        ("<b>{{ user.first_name }}</b>", "<b>Grace</b>", "Grace"),
        ("{{&nbsp;user.first_name\u00a0}}", "Grace", "Grace"),
        (
            '<font face="Georgia" color="red">Acme</font><br>Inc.',
            '<font face="Georgia" color="red">Acme</font><br>Inc.',
            "Acme\nInc.",
        ),
        ('<img src="cid:logo">', '<img src="cid:logo">', ""),
        ("{{user.telephone}}Acme", "Acme", "Acme"),  # stored when the token was known
    ],
)
def test_S42_S43_S44_S46_both_parts(signature: str, html: str, text: str) -> None:
    assert filled(signature) == (html, text)


def test_S42_S43_a_link_stays_and_is_told_in_the_text() -> None:
    rendered = filled('<a href="https://acme.example">web</a>')
    assert rendered is not None
    assert 'href="https://acme.example"' in rendered[0]
    assert rendered[1] == "web (https://acme.example)"


@pytest.mark.parametrize("signature", ["", "  ", "<p></p>", "<br>", "<script>x</script>", "{{user.last_name}}"])
def test_a_signature_that_shows_nothing_is_none(signature: str) -> None:
    assert filled(signature, replace(GRACE, user_name="Grace")) is None


def test_S29_where_no_users_name_may_stand_the_company_does() -> None:
    company = replace(GRACE, user_name=None)
    assert filled("{{user.full_name}}", company) == ("Acme", "Acme")
    assert filled("{{user.first_name}} {{user.last_name}}.", company) == ("Acme .", "Acme .")


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{user.full_name}}",
        "Ann & Ben",
        "</p></div><h1>x",
        "&lt;b&gt;",
    ],
)
def test_S44_a_users_name_is_text_whatever_it_holds(name: str) -> None:
    rendered = filled("<p>{{user.full_name}}</p>", replace(GRACE, user_name=name))
    assert rendered is not None
    html, text = rendered
    assert html.startswith("<p>")
    assert html.endswith("</p>")
    assert html.count("<") == 2
    assert text == " ".join(name.split())


@given(st.text(max_size=60))
def test_S44_no_name_becomes_markup_and_nothing_is_sent_raw(name: str) -> None:
    rendered = filled("<p>.{{user.full_name}}{{user.x}}</p>", replace(GRACE, user_name=name))
    assert rendered is not None
    assert rendered[0].count("<") == 2
    assert "{{user.x}}" not in rendered[0] + rendered[1]


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("plain", None),
        ("{ { user.x } }", None),
        *[(f"<p>{{{{{token}}}}}</p>", None) for token in TOKENS],
        ("{{ user.full_name }} and {{user.first_name}}", None),
        ("{{user.phone}}", "{{user.phone}}"),
        ("{{user.full_name}} {{User.Full_Name}}", "{{User.Full_Name}}"),
        ("{{}}", "{{}}"),
        ("{{user.<b>full_name</b>}}", "{{user.full_name}}"),
        ("{<i></i>{user.full_name}}", "{{user.full_name}}"),
        ("{{user.full_name", "{{user.full_name"),
        ("user.full_name}}", "}}"),
        ('<a href="https://x.example/{{user.full_name}}">x</a>', "{{user.full_name}}"),
        ('<p title="{{user.x}}">x</p>', "{{user.x}}"),
        ("&#123;&#123;user.x}}", "{{user.x}}"),
        ("{{" + "x" * 200 + "}}", "{{" + "x" * 38),
    ],
)
def test_S44_what_cannot_be_filled_is_found(html: str, found: str | None) -> None:
    assert unknown_token(sendable(html)) == found


@given(
    st.lists(st.sampled_from(["{{", "}}", "{", "}", "user.full_name", "{{user.first_name}}", "<b>", "</b>", " ", "x"]))
)
def test_S44_what_passes_is_filled_without_a_rest(pieces: list[str]) -> None:
    cleaned = sendable("".join(pieces))
    rendered = filled(cleaned)
    if unknown_token(cleaned) is None and rendered is not None:
        assert "{{" not in rendered[0]
        assert "{{" not in rendered[1]
        assert "}}" not in rendered[0]
        assert "}}" not in rendered[1]


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ('<img src="https://x.example/a.png" alt="A">', '<img src="https://x.example/a.png" alt="A">'),
        ('<img alt="a > b" src="https://x.example/a.png">', '<img alt="a &gt; b" src="https://x.example/a.png">'),
        ('<img src="HTTPS://x.example/a">', '<img src="https://x.example/a">'),
        ('<img src="http://x.example/a.png">.', "."),
        ('<img src="data:image/png;base64,AA==">.', "."),
        ('<img src="//x.example/a.png">.', "."),
        ('<img src="javascript:alert(1)">.', "."),
        ("<img>.", "."),
        ('<img src="cid:logo" data-remote-src="https://x.example/a">', '<img src="cid:logo">'),
        ("<img alt=' data-remote-src=\"https://x.example\"'>.", "."),
        ("<img src=https://x.example/a onerror=alert(1)>", '<img src="https://x.example/a">'),
        ("<script>alert(1)</script><p onclick=x>a</p><style>p{}</style>", "<p>a</p>"),
    ],
)
def test_S42_images_that_may_be_sent(html: str, kept: str) -> None:
    assert sendable(html) == kept


@given(st.text(alphabet="<>=\"' imgsrc:https/data-remote.x&;b", max_size=120))
def test_what_is_sendable_stays_as_it_is(html: str) -> None:
    once = sendable(html)
    assert sendable(once) == once
    assert "data-remote-src=" not in once.replace("&quot;", "")

"""The team signature of a channel, as admins edit it: S40-S46."""

from __future__ import annotations

import pytest

from chalicelib.settings.signatures import LONGEST
from tests.api.visitor import Visitor, visitor_for
from tests.post.office import Office

RICH = (
    '<p><font face="Georgia" color="#336699"><b>{{user.full_name}}</b></font><br>'
    '<i>Acme Inc.</i>, <a href="https://acme.example/kontakt">Bürostraße 1</a></p>'
    '<img src="https://acme.example/logo.png" alt="Acme" width="120">'
)

EVIL = (
    "<script>alert(1)</script>",
    '<img src="x" onerror="alert(1)">',
    '<p onclick="alert(1)" style="position:fixed;top:0">x</p>',
    '<a href="javascript:alert(1)">x</a>',
    "<svg><script>alert(1)</script></svg>",
    '<iframe src="https://evil.example"></iframe>',
    '<img src="http://evil.example/a.png">',
    '<img src="data:image/svg+xml;base64,AA==">',
    '<form action="https://evil.example"><input name="a"></form>',
    '<meta http-equiv="refresh" content="0;https://evil.example">',
)

UNKNOWN = (
    ("<p>{{user.phone}}</p>", "{{user.phone}}"),
    ("<p>{{user.full_name}} {{company}}</p>", "{{company}}"),
    ("{{User.full_name}}", "{{User.full_name}}"),
    ("{{user.<b>full</b>_name}}", "{{user.full_name}}"),
    ("{{user.full_name", "{{user.full_name"),
    ('<a href="https://acme.example/?u={{user.full_name}}">x</a>', "{{user.full_name}}"),
    ("&#123;&#123;user.mail&#125;&#125;", "{{user.mail}}"),
)


def path_of(office: Office) -> str:
    return f"/v1/channels/{office.channel_id}"


def save(office: Office, admin: Visitor, signature: str) -> str:
    saved = admin.patch(path_of(office), {"signature": signature})
    assert saved.status == 200, saved.text
    assert admin.get(path_of(office)).json["signature"] == saved.json["signature"]
    return str(saved.json["signature"])


def test_S40_a_fresh_install_has_no_signature(office: Office, admin: Visitor) -> None:
    channel = admin.get(path_of(office)).json
    assert (channel["signature"], channel["signature_warning"]) == ("", None)


def test_S42_formats_links_images_and_font_faces_survive(office: Office, admin: Visitor) -> None:
    saved = save(office, admin, RICH)
    for piece in (
        '<font face="Georgia" color="#336699"><b>{{user.full_name}}</b></font>',
        "<i>Acme Inc.</i>",
        'href="https://acme.example/kontakt"',
        '<img src="https://acme.example/logo.png" alt="Acme" width="120">',
    ):
        assert piece in saved


def test_S42_what_acts_or_loads_is_taken_out(office: Office, admin: Visitor) -> None:
    for evil in EVIL:
        saved = save(office, admin, f"<p>Acme</p>{evil}").lower()
        assert saved.startswith("<p>acme</p>")
        for word in ("script", "onerror", "onclick", "position", "svg", "iframe", "<img", "form", "meta", "evil"):
            assert word not in saved, evil


def test_S42_what_was_saved_is_saved_again_unchanged(office: Office, admin: Visitor) -> None:
    saved = save(office, admin, RICH)
    assert save(office, admin, saved) == saved
    assert admin.patch(path_of(office), {"enabled": False}).json["signature"] == saved


def test_S44_an_unknown_token_is_refused_with_the_known_ones(office: Office, admin: Visitor) -> None:
    before = save(office, admin, RICH)
    for signature, named in UNKNOWN:
        refused = admin.patch(path_of(office), {"enabled": False, "signature": signature})
        assert (refused.status, refused.code, refused.json["pointer"]) == (422, "unknown_token", "/signature")
        assert refused.json["detail"].startswith(named)
        for token in ("{{user.full_name}}", "{{user.first_name}}", "{{user.last_name}}"):
            assert token in refused.json["detail"]
    channel = admin.get(path_of(office)).json
    assert (channel["signature"], channel["enabled"]) == (before, True)


def test_S44_tokens_are_filled_for_the_user_who_sends(office: Office, admin: Visitor) -> None:
    save(office, admin, "<p>{{ user.first_name }} / {{user.last_name}} / {{user.full_name}}</p>")
    user = office.add_user("Mia")
    mia = visitor_for(user)
    assert admin.patch(f"/v1/users/{user.id}", {"name": "Mia <b>& Söhne"}).status == 200
    shown = mia.post(f"{path_of(office)}/preview", {"text": "Hello"}).json
    assert "<p>Mia / &lt;b&gt;&amp; Söhne / Mia &lt;b&gt;&amp; Söhne</p>" in shown["html"]
    assert shown["text"] == "Hello\n\n-- \nMia / <b>& Söhne / Mia <b>& Söhne\n"
    assert "{{" not in shown["html"] + shown["text"]


def test_S29_with_the_company_alone_no_users_name_stands_anywhere(office: Office, admin: Visitor) -> None:
    admin.patch(path_of(office), {"sender": {"from_name_mode": "company"}, "signature": RICH})
    shown = admin.post(f"{path_of(office)}/preview?raw=true", {"text": "Hello"}).json
    assert shown["from_name"] == "Acme Inc."
    for part in ("html", "text"):
        assert "Acme Inc." in shown[part]
        assert "Grace" not in shown[part]
        assert "Hopper" not in shown[part]
    assert 'From: "Acme Inc." <' in shown["raw"]
    assert "Grace" not in shown["raw"]
    assert "Hopper" not in shown["raw"]


def test_S45_whoever_edits_html_is_warned(office: Office, admin: Visitor) -> None:
    warned = admin.patch(path_of(office), {"signature": "<b>Acme</b>"}).json["signature_warning"]
    assert "differently" in warned
    assert admin.get(path_of(office)).json["signature_warning"] == warned
    assert admin.patch(path_of(office), {"signature": "Acme"}).json["signature_warning"] is None


def test_S43_S46_the_text_part_carries_it_as_text(office: Office, admin: Visitor) -> None:
    save(office, admin, RICH)
    text = admin.post(f"{path_of(office)}/preview", {"html": "<p>Hello</p>"}).json["text"]
    assert text.startswith("Hello\n\n-- \nGrace Hopper\nAcme Inc., Bürostraße 1 (https://acme.example/kontakt)")
    assert "<" not in text


@pytest.mark.parametrize(
    ("signature", "status"),
    [("x" * LONGEST, 200), ("x" * (LONGEST + 1), 422), ("x" * (2 * LONGEST + 1), 400), (None, 200), (7, 400)],
)
def test_S42_a_signature_is_bounded(office: Office, admin: Visitor, signature: object, status: int) -> None:
    saved = admin.patch(path_of(office), {"signature": signature})
    assert saved.status == status, saved.text[:300]
    if status != 200:
        assert saved.json["pointer"] == "/signature"
        assert admin.get(path_of(office)).json["signature"] == ""


def test_S11_S40_it_belongs_to_one_address(office: Office, admin: Visitor) -> None:
    inbox = admin.post("/v1/inboxes", {"name": "Sales"}).json
    (other,) = admin.items(f"/v1/inboxes/{inbox['id']}/channels")
    save(office, admin, RICH)
    assert admin.get(f"/v1/channels/{other['id']}").json == other
    shown = admin.post(f"/v1/channels/{other['id']}/preview", {"text": "Hello"}).json
    assert shown["text"] == "Hello\n"


def test_S40_null_takes_it_away(office: Office, admin: Visitor) -> None:
    save(office, admin, RICH)
    assert admin.patch(path_of(office), {"signature": None}).json["signature"] == ""

"""The acknowledgement as a setting: off by default, saved whole, cleaned, with tokens that can be filled."""

from __future__ import annotations

import pytest

from tests.api.visitor import Visitor
from tests.post.office import Office


def path_of(office: Office) -> str:
    return f"/v1/channels/{office.channel_id}"


def test_it_is_off_until_somebody_turns_it_on(office: Office, admin: Visitor) -> None:
    off = {"enabled": False, "subject": "", "html": ""}
    assert admin.get(path_of(office)).json["acknowledgement"] == off
    wanted = {"enabled": True, "subject": "Got it", "html": "<p>Hello from {{company.name}}</p>"}
    assert admin.patch(path_of(office), {"acknowledgement": wanted}).status == 200
    assert admin.get(path_of(office)).json["acknowledgement"] == wanted
    assert admin.patch(path_of(office), {"acknowledgement": {"enabled": False}}).status == 200
    assert admin.get(path_of(office)).json["acknowledgement"] == wanted | {"enabled": False}


def test_what_acts_is_cleaned_away(office: Office, admin: Visitor) -> None:
    html = '<p onclick="x()">Hi</p><script>alert(1)</script>'
    admin.patch(path_of(office), {"acknowledgement": {"html": html}})
    assert admin.get(path_of(office)).json["acknowledgement"]["html"] == "<p>Hi</p>"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"html": "Dear {{contact.name}}"}, "unknown_token"),
        ({"html": "{{user.full_name}}"}, "unknown_token"),
        ({"html": "x" * 8001}, "acknowledgement_too_long"),
        ({"subject": "a\r\nBcc: b@example.com"}, "invalid_input"),
        ({"text": "Hi"}, "invalid_input"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    office: Office, admin: Visitor, told: dict[str, str], code: str
) -> None:
    before = admin.get(path_of(office)).json
    refused = admin.patch(path_of(office), {"acknowledgement": {"enabled": True, **told}})
    assert (refused.status, refused.code) == (422 if code != "invalid_input" else refused.status, code)
    assert refused.status in (400, 422)
    assert admin.get(path_of(office)).json == before

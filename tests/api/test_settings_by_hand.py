"""A settings document that was written by hand: what it says is compared in the form in which it is stored."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.visitor import Visitor, admin_of
from tests.post.office import Office

PATH = "/v1/account/settings"
SIGNATURE = "<P style='color:red' onclick='x()'>Regards<script>x()</script> <b>us</b>\n"


@pytest.fixture
def admin(office: Office) -> Visitor:
    return admin_of(office)


def put(admin: Visitor, document: Any, query: str = "") -> Any:
    reply = admin.send("PUT", PATH + query, document, if_match="*")
    assert reply.status == 200, reply.text
    return reply.json


@pytest.mark.parametrize(
    "told",
    [
        {"signature": SIGNATURE},
        {"acknowledgement": {"enabled": True, "subject": " We have it ", "html": SIGNATURE}},
        {"sender": {"from_address": "ann@BÜCHER.example"}},
        {"sender": {"from_address": "SUPPORT@acme.in.postfach.test"}},
    ],
    ids=["signature", "acknowledgement", "from address", "its own from address"],
)
def test_what_is_cleaned_is_put_again_without_a_change(office: Office, admin: Visitor, told: dict[str, Any]) -> None:
    document = {"channels": {office.address: told}}
    trial, first = put(admin, document, "?dry_run=true"), put(admin, document)
    assert trial["changes"] == first["changes"]
    version = office.channel().version
    assert put(admin, document)["changes"] == []
    assert office.channel().version == version


def test_entries_of_lists_are_compared_in_their_normal_form(admin: Visitor) -> None:
    document = {"lists": {"deny": ["*.Spam.example.", "B@Example.com"], "allow": ["ann@bücher.example"] * 2}}
    assert [each["pointer"] for each in put(admin, document)["changes"]] == ["/lists/allow", "/lists/deny"]
    assert put(admin, document)["changes"] == []
    assert admin.get("/v1/account/lists").json["deny"] == ["*.spam.example", "b@example.com"]


@pytest.mark.parametrize(
    ("section", "told", "pointer"),
    [
        ("lists", {"deny": ["no entry"], "allow": []}, "/lists/deny/0"),
        ("lists", {"deny": "spam.example"}, "/lists"),
        ("channels", {"sender": {"from_address": "ann@bad..example"}}, "/channels/{}/sender/from_address"),
        ("channels", {"signature": 1}, "/channels/{}"),
        ("channels", {"signature": "Hello {{nobody}}"}, "/channels/{}/signature"),
        ("channels", {"acknowledgement": []}, "/channels/{}"),
    ],
)
def test_what_has_no_such_form_is_refused_where_it_stands(
    office: Office, admin: Visitor, section: str, told: Any, pointer: str
) -> None:
    document = {section: {office.address: told} if section == "channels" else told}
    reply = admin.send("PUT", PATH, document, if_match="*")
    assert reply.status in (400, 422), reply.text
    assert reply.json["pointer"] == pointer.format(office.address)

"""Preview and proof of a from address through the packaged template, with every role enforced (S36, S37, S47)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from chalicelib.mail import read_mail
from tests.cloud.local import LocalCloud, eventually, mail

pytestmark = pytest.mark.cloud

# What differs between any two mails of one content. SES writes Date and Message-ID itself.
VARYING = re.compile(rb"^(?:Date|Message-ID):.*(?:\r\n[ \t].*)*\r\n|=_[0-9a-f]{32}", re.MULTILINE)


def call(local: LocalCloud, method: str, path: str, body: Any = None, *, token: bool = True) -> tuple[int, Any]:
    headers = {"Content-Type": "application/json", "If-Match": "*"}
    if token:
        headers["Authorization"] = f"Bearer {local.told['token']}"
    raw = None if body is None else json.dumps(body)
    status, answer = local.status(method, local.told["api_url"] + path, headers=headers, body=raw)
    return status, json.loads(answer)


def outbox(local: LocalCloud) -> list[dict[str, Any]]:
    return list(json.loads(local.status("GET", local.told["outbox_url"])[1])["items"])


def test_S47_what_is_previewed_is_what_leaves(local: LocalCloud) -> None:
    channel = f"/channels/{local.told['channel_id']}"
    saved, _ = call(
        local,
        "PATCH",
        channel,
        {"sender": {"use_for_sending": True}, "signature": "<p><b>{{user.full_name}}</b>, Bürostraße 1</p>"},
    )
    assert saved == 200
    local.send(mail("preview-it"))
    conversation = local.conversation("preview-it")
    words = {"html": "<p>It is <i>under way</i>.</p>"}
    status, shown = call(local, "POST", f"{channel}/preview?raw=true", {**words, "conversation_id": conversation["id"]})
    assert status == 200, shown
    path = f"/conversations/{conversation['id']}/messages"
    status, message = call(local, "POST", path, {"type": "reply", **words})
    assert status == 201, message
    (item,) = eventually(lambda: [each for each in outbox(local) if each["tags"].get("message") == message["id"]])
    sent = item["raw"].encode("utf-8", "surrogateescape")
    seen, previewed = read_mail(sent), read_mail(shown["raw"].encode())
    assert (seen.text, seen.html, seen.from_) == (previewed.text, previewed.html, previewed.from_)
    assert "Bürostraße 1" in seen.text
    of_sent, of_shown = (VARYING.sub(b"", raw).partition(b"\r\n\r\n")[2] for raw in (sent, shown["raw"].encode()))
    assert of_sent == of_shown


def test_S36_S37_a_mailed_code_proves_an_address(local: LocalCloud) -> None:
    channel = f"/channels/{local.told['channel_id']}"
    status, asked = call(local, "POST", f"{channel}/from-address", {"address": "help@acme.example"})
    assert (status, asked["from_address_status"]) == (202, "unproven"), asked
    (item,) = eventually(lambda: [each for each in outbox(local) if each["rcpt_to"] == ["help@acme.example"]])
    found = re.search(r"^fap_[a-z2-7]+$", read_mail(item["raw"].encode()).text, re.MULTILINE)
    assert found is not None
    assert call(local, "POST", f"/from-address-proofs/{found[0]}", token=False) == (
        200,
        {"address": "help@acme.example"},
    )
    assert call(local, "POST", f"/from-address-proofs/{found[0]}", token=False)[0] == 404
    assert local.get(channel)["sender"]["sends_from"] == "help@acme.example"
    assert call(local, "PATCH", channel, {"sender": {"from_address": None}})[0] == 200

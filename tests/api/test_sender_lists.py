"""Senders that an account never takes mail from, or always does: set by HTTP, obeyed by the next mail."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.visitor import Visitor
from tests.post.letters import letter
from tests.post.meter import metered
from tests.post.office import Office
from tests.post.ses import PROVEN

ADA = "Ada <ada@customer.example>"
LISTS = "/v1/account/lists"


def verdicts(admin: Visitor) -> list[str]:
    return [each["verdict"] for each in admin.items("/v1/deliveries")]


def conversations(office: Office, admin: Visitor) -> int:
    return len(admin.items(f"/v1/inboxes/{office.inbox_id}/conversations"))


def test_lists_are_saved_in_one_form_with_their_version(admin: Visitor) -> None:
    empty = admin.get(LISTS)
    assert empty.json == {"allow": [], "deny": []}
    patch = {"deny": ["Spam.EXAMPLE", "spam.example", "*.münchen.example"], "allow": ["Ann@Example.com"]}
    saved = admin.patch(LISTS, patch, if_match=empty.headers["ETag"])
    assert saved.json == {"allow": ["ann@example.com"], "deny": ["*.xn--mnchen-3ya.example", "spam.example"]}
    assert admin.get(LISTS).json == saved.json
    assert admin.patch(LISTS, patch, if_match=empty.headers["ETag"]).status == 412
    assert admin.patch(LISTS, {"allow": None}, if_match=saved.headers["ETag"]).json["allow"] == []
    assert admin.items("/v1/audit")[0]["action"] == "sender_lists.changed"


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"deny": ["ok.example", "no domain"]}, "/deny/1"),
        ({"allow": ["a@x.example"], "deny": ["A@X.example"]}, "/deny"),
        ({"deny": [f"d{number}.example" for number in range(600)]} | {"allow": ["x.example"] * 1001}, "/allow"),
        (
            {"deny": [f"d{n}.example" for n in range(600)], "allow": [f"a{n}.example" for n in range(401)]},
            "/deny",
        ),
    ],
)
def test_what_is_no_list_is_refused(admin: Visitor, patch: dict[str, Any], pointer: str) -> None:
    refused = admin.patch(LISTS, patch)
    assert refused.status in (400, 422)
    assert refused.json["pointer"] == pointer
    assert admin.get(LISTS).json == {"allow": [], "deny": []}


def test_mail_from_a_denied_sender_is_kept_listed_and_can_be_released(office: Office, admin: Visitor) -> None:
    admin.patch(LISTS, {"deny": ["customer.example"]})
    office.deliver(letter(sender=ADA))
    (delivery,) = admin.items("/v1/deliveries?verdict=denied")
    assert (delivery["because_code"], delivery["from_address"]) == ("denied_sender", "ada@customer.example")
    assert "customer.example" in delivery["because"]
    assert (conversations(office, admin), admin.items("/v1/contacts")) == (0, [])
    admin.post(f"/v1/deliveries/{delivery['id']}/replay", {"release": True})
    assert office.handle(*office.take_queue()) == []
    assert (conversations(office, admin), verdicts(admin)) == (1, [])


def test_a_denied_sender_is_denied_in_running_conversations_too(office: Office, admin: Visitor) -> None:
    office.deliver(letter(sender=ADA, message_id="one@x.example"))
    admin.patch(LISTS, {"deny": ["ada@customer.example"]})
    signed = office.reply_address(office.conversation())
    office.deliver(letter(sender=ADA, message_id="two@x.example", in_reply_to="one@x.example"), [signed])
    assert office.conversation().message_count == 1
    assert verdicts(admin) == ["denied"]


@pytest.mark.parametrize(("dmarc", "verdict"), [("PASS", []), ("FAIL", ["quarantined"]), ("GRAY", ["quarantined"])])
def test_an_allowed_sender_is_no_spam_if_dmarc_proves_it(
    office: Office, admin: Visitor, dmarc: str, verdict: list[str]
) -> None:
    admin.patch(LISTS, {"allow": ["customer.example"]})
    office.deliver(letter(sender=ADA), spam="FAIL", authentication={**PROVEN, "dmarc": dmarc})
    assert verdicts(admin) == verdict


def test_a_virus_is_a_virus_whoever_sends_it(office: Office, admin: Visitor) -> None:
    admin.patch(LISTS, {"allow": ["customer.example"]})
    office.deliver(letter(sender=ADA), virus="FAIL")
    assert verdicts(admin) == ["quarantined"]


def test_full_lists_cost_a_mail_one_read_unit_more(office: Office, admin: Visitor) -> None:
    def cost(number: int) -> tuple[int, float, float]:
        body = office.announce(office.store(letter(sender=ADA, message_id=f"{number}@x.example")))
        with metered() as bill:
            assert office.handle(body) == []
        return bill.dynamodb, bill.written, bill.read

    cost(0)
    before = cost(1)
    long = "a-rather-long-name-for-a-domain-of-a-sender-whom-nobody-wants.example"
    admin.patch(LISTS, {"deny": [f"d{number}.{long}" for number in range(1000)]})
    after = cost(2)
    assert after[:2] == before[:2]
    assert after[2] - before[2] <= 1


def test_lists_as_long_as_they_may_be_are_replaced_and_longer_ones_refused(admin: Visitor) -> None:
    for letters in "ab":
        full = [f"{number:04}@{letters * 40}.{letters * 46}.example" for number in range(1000)]
        assert admin.patch(LISTS, {"deny": full}).status == 200
    longer = [f"{number:04}@{'c' * 60}.{'c' * 60}.example" for number in range(1000)]
    refused = admin.patch(LISTS, {"deny": longer})
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, "too_many", "/deny")
    assert admin.get(LISTS).json["deny"] == full

"""In whose name a channel's mail leaves, as admins set it and as it is from the next mail on: S25-S38, S71."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.expressions.update import Action

from chalicelib.errors import InvalidInput
from chalicelib.settings.accounts import AccountRequest, create_account, read_request
from chalicelib.storage import keys, table
from chalicelib.storage.tables import ChannelRow, FromNameRow
from tests.api.visitor import Visitor
from tests.post.office import Office
from tests.post.ses import FIRST_MAIL_AT

REFUSED: list[tuple[object, int, str]] = [
    ({"from_name_mode": "user"}, 400, "/sender/from_name_mode"),
    ({"use_for_sending": "yes"}, 400, "/sender/use_for_sending"),
    ({"company_name": ""}, 400, "/sender/company_name"),
    ({"company_name": "  "}, 400, "/sender/company_name"),
    ({"company_name": "Acme\r\nBcc: x@evil.example"}, 400, "/sender/company_name"),
    ({"company_name": "exe\u202efdp"}, 400, "/sender/company_name"),
    ({"company_name": "x" * 201}, 400, "/sender/company_name"),
    ({"company_name": "\u200b\u00ad"}, 422, "/sender/company_name"),
    ({"from_address": "nobody"}, 400, "/sender/from_address"),
    ({"from_address": "a@b.example\r\nBcc: x@y.example"}, 400, "/sender/from_address"),
    ({"from_address": "jürgen@b.example"}, 422, "/sender/from_address"),
    ({"from_address": "a..b@b.example"}, 422, "/sender/from_address"),
    ({"from_adress": "a@b.example"}, 400, "/sender/from_adress"),
    ("me", 400, "/sender"),
]


def path_of(office: Office) -> str:
    return f"/v1/channels/{office.channel_id}"


def second_channel(admin: Visitor, name: str = "Sales", **settings: Any) -> dict[str, Any]:
    """The channel of a further inbox."""
    inbox = admin.post("/v1/inboxes", {"name": name, **settings})
    assert inbox.status == 201, inbox.text
    (channel,) = admin.items(f"/v1/inboxes/{inbox.json['id']}/channels")
    return dict(channel)


def from_name(admin: Visitor, channel_id: str) -> str:
    return str(admin.post(f"/v1/channels/{channel_id}/preview", {"text": "x"}).json["from_name"])


def test_S25_S29_S33_the_sender_of_a_fresh_install(office: Office, admin: Visitor) -> None:
    assert admin.get(path_of(office)).json["sender"] == {
        "use_for_sending": False,
        "from_name_mode": "user_and_company",
        "company_name": "Acme Inc.",
        "from_address": office.address,
        "from_address_status": "own",
        "sends_from": office.address,
    }


def test_S25_use_for_sending_is_switched_on_and_off(office: Office, admin: Visitor) -> None:
    for wanted in (True, False):
        saved = admin.patch(path_of(office), {"sender": {"use_for_sending": wanted}})
        assert (saved.status, saved.json["sender"]["use_for_sending"]) == (200, wanted)
        assert admin.get(path_of(office)).json == saved.json


@pytest.mark.parametrize("chosen", [True, False])
def test_S25_use_for_sending_can_be_chosen_when_an_inbox_is_made(admin: Visitor, office: Office, chosen: bool) -> None:
    assert second_channel(admin, use_for_sending=chosen)["sender"]["use_for_sending"] is chosen


def test_S25_an_inbox_without_a_channel_has_nothing_to_send_from(admin: Visitor) -> None:
    refused = admin.post("/v1/inboxes", {"name": "Later", "connect_channel": False, "use_for_sending": True})
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, "no_channel", "/use_for_sending")
    assert len(admin.items("/v1/inboxes")) == 1


def test_S11_S70_a_sender_is_saved_whole_and_of_one_channel(office: Office, admin: Visitor) -> None:
    other = second_channel(admin)
    wanted = {"use_for_sending": True, "from_name_mode": "company", "company_name": "Acme Küche & Co."}
    saved = admin.patch(path_of(office), {"sender": wanted}).json["sender"]
    assert saved == {**saved, **wanted, "from_address": office.address}
    assert admin.get(f"/v1/channels/{other['id']}").json == other


def test_S31_S70_a_refused_sender_changes_nothing(office: Office, admin: Visitor) -> None:
    before = admin.get(path_of(office))
    for sender, status, pointer in REFUSED:
        refused = admin.patch(path_of(office), {"enabled": False, "sender": sender})
        assert (refused.status, refused.json["pointer"]) == (status, pointer), (sender, refused.text)
    after = admin.get(path_of(office))
    assert (after.json, after.headers["ETag"]) == (before.json, before.headers["ETag"])


def test_S29_S32_the_from_name_follows_the_mode(office: Office, admin: Visitor) -> None:
    assert from_name(admin, office.channel_id) == "Grace Hopper (Acme Inc.)"
    admin.patch(path_of(office), {"sender": {"company_name": "Acme Küche"}})
    assert from_name(admin, office.channel_id) == "Grace Hopper (Acme Küche)"
    admin.patch(path_of(office), {"sender": {"from_name_mode": "company"}})
    assert from_name(admin, office.channel_id) == "Acme Küche"


def test_S30_a_further_inbox_gets_a_from_name_of_its_own(admin: Visitor, office: Office) -> None:
    names = [second_channel(admin, name)["sender"]["company_name"] for name in ("Sales", "SALES", " sales ", "Büro")]
    assert names == ["Acme Inc. Sales", "Acme Inc. SALES 2", "Acme Inc. sales 3", "Acme Inc. Büro"]


def test_S30_no_two_addresses_share_a_from_name(office: Office, admin: Visitor) -> None:
    other = second_channel(admin)
    for name in ("Acme Inc.", "ACME inc.", "  Acme \u00a0 Inc. ", "Ａｃｍｅ Inc.", "Ac\u200bme Inc."):
        refused = admin.patch(f"/v1/channels/{other['id']}", {"enabled": False, "sender": {"company_name": name}})
        assert (refused.status, refused.code) == (409, "from_name_taken")
        assert refused.json["pointer"] == "/sender/company_name"
    assert admin.get(f"/v1/channels/{other['id']}").json == other


def test_S30_without_a_name_of_its_own_a_channel_wants_the_accounts(office: Office, admin: Visitor) -> None:
    other = f"/v1/channels/{second_channel(admin)['id']}"
    assert admin.patch(other, {"sender": {"company_name": None}}).code == "from_name_taken"
    assert admin.patch(path_of(office), {"sender": {"company_name": "Head office"}}).status == 200
    assert admin.patch(other, {"sender": {"company_name": None}}).json["sender"]["company_name"] == "Acme Inc."
    assert admin.patch(path_of(office), {"sender": None}).code == "from_name_taken"


def test_S30_a_name_that_was_given_back_is_free_and_ones_own_never_stands_in_the_way(
    office: Office, admin: Visitor
) -> None:
    other = f"/v1/channels/{second_channel(admin)['id']}"
    for path, name in (
        (other, "Shop"),
        (other, "SHOP"),
        (other, "Shop "),
        (path_of(office), "Acme Inc. Sales"),
        (other, "Acme Inc."),
        (path_of(office), "shop"),
    ):
        saved = admin.patch(path, {"sender": {"company_name": name}})
        assert saved.json["sender"]["company_name"] == name, saved.text


def test_S30_another_account_has_its_own_names(admin: Visitor, office: Office) -> None:
    stranger = Office("other")
    assert stranger.channel().sender.company_name == ""
    held = table.get(FromNameRow, keys.from_name(stranger.account_id, "acme inc."))
    assert held is not None
    assert held.channel_id == stranger.channel_id


def test_S30_a_stale_save_is_told_apart_from_a_taken_name(office: Office, admin: Visitor) -> None:
    second_channel(admin)
    stale = admin.get(path_of(office)).headers["ETag"]
    admin.patch(path_of(office), {"sender": {"company_name": "Head office"}})
    refused = admin.patch(path_of(office), {"sender": {"company_name": "Elsewhere"}}, if_match=stale)
    assert (refused.status, refused.code) == (412, "precondition_failed")


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "x" * 201])
def test_an_account_needs_a_company_name_that_shows(name: str) -> None:
    told = {"company_name": name, "subdomain": "acme", "email": "g@acme.example", "name": "G"}
    with pytest.raises(InvalidInput) as raised:
        read_request(told)
    assert raised.value.pointer == "/company_name"


@pytest.mark.usefixtures("empty_cloud")
def test_a_company_name_with_controls_is_cleaned_when_the_account_is_made() -> None:
    made = create_account(
        AccountRequest("Ac\u202eme\r\nInc.", "acme", "g@acme.example", "G"),
        paid_domain="in.postfach.test",
        free_domain="free.postfach.test",
        now=FIRST_MAIL_AT,
    )
    held = table.get(FromNameRow, keys.from_name(made.account_id, "acme inc."))
    assert held is not None


def test_S33_S36_S37_a_custom_address_waits_for_its_proof(office: Office, admin: Visitor) -> None:
    saved = admin.patch(path_of(office), {"sender": {"from_address": "Help@ACME.example"}}).json["sender"]
    assert saved["from_address"] == "Help@acme.example"
    assert (saved["from_address_status"], saved["sends_from"]) == ("unproven", office.address)
    shown = admin.post(f"{path_of(office)}/preview", {"text": "x"}).json
    assert (shown["from_address"], shown["from_because_code"]) == (office.address, "custom_address_not_proven")


@pytest.mark.parametrize("own", [None, "{own}", "SUPPORT@acme.in.postfach.test"])
def test_S33_back_to_the_default_address(office: Office, admin: Visitor, own: str | None) -> None:
    admin.patch(path_of(office), {"sender": {"from_address": "help@acme.example"}})
    wanted = own and own.format(own=office.address)
    saved = admin.patch(path_of(office), {"sender": {"from_address": wanted}}).json["sender"]
    assert (saved["from_address"], saved["from_address_status"]) == (office.address, "own")


def test_S38_the_forwarding_address_is_shown_exactly_whatever_mail_leaves_from(office: Office, admin: Visitor) -> None:
    changed = admin.patch(path_of(office), {"sender": {"from_address": "help@acme.example"}}).json
    assert changed["forwarding_address"] == changed["address"] == office.address


def test_S71_a_change_holds_from_the_next_mail_on(office: Office, admin: Visitor) -> None:
    assert from_name(admin, office.channel_id) == "Grace Hopper (Acme Inc.)"
    admin.patch(f"/v1/users/{office.admin_id}", {"name": "Grace B. Hopper"})
    admin.patch(path_of(office), {"sender": {"company_name": "New Acme"}})
    assert from_name(admin, office.channel_id) == "Grace B. Hopper (New Acme)"


def test_a_channel_stored_by_an_older_release_reads_and_saves(office: Office, admin: Visitor) -> None:
    """Rolling deploys: rows without the new attributes take the defaults, and their from name is claimed when saved."""
    writes = table.Transaction()
    old: list[Action] = [
        ChannelRow.sender.remove(),
        ChannelRow.signature.remove(),
        ChannelRow.proven_address.remove(),
    ]
    writes.update(ChannelRow, keys.channel(office.account_id, office.channel_id), old)
    writes.delete(FromNameRow, keys.from_name(office.account_id, "acme inc."))
    writes.commit("take an older release's row")
    shown = admin.get(path_of(office)).json
    assert (shown["sender"]["company_name"], shown["signature"]) == ("Acme Inc.", "")
    assert admin.patch(path_of(office), {"sender": {"company_name": "Acme"}}).status == 200
    other = second_channel(admin)
    assert admin.patch(f"/v1/channels/{other['id']}", {"sender": {"company_name": "ACME"}}).code == "from_name_taken"

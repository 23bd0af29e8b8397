"""The account's own settings, by HTTP: what is saved, who may, and what the next mail makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.errors import Conflict, LostRace
from chalicelib.model.account import Account, Plan, Role
from chalicelib.model.audit import noticed
from chalicelib.model.caller import Caller
from chalicelib.settings import account as settings
from chalicelib.storage import accounts, moving
from tests.api.visitor import Visitor, visitor_for
from tests.post.letters import letter
from tests.post.office import Office

PAID, FREE = "in.postfach.test", "free.postfach.test"


def sender_of(office: Office, admin: Visitor, channel_id: str | None = None) -> Any:
    return admin.get(f"/v1/channels/{channel_id or office.channel_id}").json["sender"]


def further_channel(admin: Visitor, name: str = "Sales") -> Any:
    inbox = admin.post("/v1/inboxes", {"name": name}).json
    (channel,) = admin.items(f"/v1/inboxes/{inbox['id']}/channels")
    return channel


def test_settings_are_read_and_changed_with_their_version(office: Office, admin: Visitor) -> None:
    before = admin.get("/v1/account")
    assert before.json["answering"] == {
        "undo_seconds": 0,
        "new_conversation_after_days": None,
        "quotes_original": True,
    }
    patch = {"locale": "de", "answering": {"undo_seconds": 60}, "retention": {"closed_days": 365}}
    after = admin.patch("/v1/account", patch, if_match=before.headers["ETag"])
    assert after.status == 200, after.text
    assert after.json["locale"] == "de"
    assert after.json["answering"]["undo_seconds"] == 60
    assert after.json["retention"] == {"raw_mail_days": None, "unfiled_days": None, "closed_days": 365}
    assert admin.get("/v1/account").json == after.json
    assert admin.patch("/v1/account", patch, if_match=before.headers["ETag"]).status == 412
    noted = admin.items("/v1/audit")[0]
    assert (noted["action"], noted["after"]["locale"], noted["before"]["locale"]) == ("account.changed", "de", "en")


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"locale": "fr"}, "/locale"),
        ({"answering": {"undo_seconds": 61}}, "/answering/undo_seconds"),
        ({"answering": {"undo_seconds": -1}}, "/answering/undo_seconds"),
        ({"answering": {"undo": 1}}, "/answering/undo"),
        ({"retention": {"closed_days": 0}}, "/retention/closed_days"),
        ({"plan": "gold"}, "/plan"),
        ({"company_name": " "}, "/company_name"),
        ({"subdomain": "www"}, "/subdomain"),
        ({"subdomain": "Acme.evil"}, "/subdomain"),
        ({"id": "acc_b"}, "/id"),
        ({"default_inbox_id": "inb_b"}, "/default_inbox_id"),
    ],
)
def test_what_is_no_setting_is_refused_at_its_place(admin: Visitor, patch: dict[str, Any], pointer: str) -> None:
    before = admin.get("/v1/account").json
    refused = admin.patch("/v1/account", patch)
    assert (refused.status, refused.json["pointer"]) == (400, pointer)
    assert admin.get("/v1/account").json == before


# --- Names (S29, S30)


def test_S29_a_channel_without_a_name_of_its_own_has_the_accounts_new_one(office: Office, admin: Visitor) -> None:
    assert admin.patch("/v1/account", {"company_name": "Initech"}).status == 200
    assert sender_of(office, admin)["company_name"] == "Initech"
    preview = admin.post(f"/v1/channels/{office.channel_id}/preview").json
    assert "Initech" in preview["from_name"]


def test_S30_the_new_name_is_held_and_the_old_one_free(office: Office, admin: Visitor) -> None:
    channel = further_channel(admin)
    admin.patch("/v1/account", {"company_name": "Initech"})
    taken = admin.patch(f"/v1/channels/{channel['id']}", {"sender": {"company_name": "INITECH"}})
    assert (taken.status, taken.code) == (409, "from_name_taken")
    assert admin.patch(f"/v1/channels/{channel['id']}", {"sender": {"company_name": "Acme Inc."}}).status == 200


def test_S30_a_name_that_another_channel_has_is_refused(office: Office, admin: Visitor) -> None:
    channel = further_channel(admin)
    admin.patch(f"/v1/channels/{channel['id']}", {"sender": {"company_name": "Initech"}})
    refused = admin.patch("/v1/account", {"company_name": "initech"})
    assert (refused.status, refused.code, refused.json["pointer"]) == (409, "from_name_taken", "/company_name")
    assert admin.get("/v1/account").json["company_name"] == "Acme Inc."
    assert sender_of(office, admin)["company_name"] == "Acme Inc."


def test_S30_a_name_that_no_channel_would_take_may_be_one_that_a_channel_has(office: Office, admin: Visitor) -> None:
    admin.patch(f"/v1/channels/{office.channel_id}", {"sender": {"company_name": "Initech"}})
    assert admin.patch("/v1/account", {"company_name": "Initech"}).status == 200
    assert sender_of(office, admin)["company_name"] == "Initech"


def test_S30_a_channel_that_takes_the_accounts_name_just_now_wins_or_loses_whole(
    office: Office, admin: Visitor
) -> None:
    """The account was read before the channel gave its own name up: the slower save is refused."""
    admin.patch(f"/v1/channels/{office.channel_id}", {"sender": {"company_name": "Initech"}})
    account = accounts.read(office.account_id)
    assert account is not None
    renamed = settings._name_change(account, _named(account, "Umbrella"))
    assert renamed is not None
    assert renamed.holder is None
    admin.patch(f"/v1/channels/{office.channel_id}", {"sender": {"company_name": None}})
    noted = noticed(account.id, "account.changed", account.id, None, None, account.created_at)
    with pytest.raises(LostRace):
        accounts.change(account, _named(account, "Umbrella"), noted, name=renamed)
    assert sender_of(office, admin)["company_name"] == "Acme Inc."


def _named(account: Account, name: str) -> Account:
    return replace(account, company_name=name, version=account.version + 1)


def test_a_name_of_which_nothing_shows_is_refused(admin: Visitor) -> None:
    refused = admin.patch("/v1/account", {"company_name": "\u200b"})
    assert (refused.status, refused.code) == (422, "invisible_name")


# --- Plan (S5, S6)


def test_S6_a_plan_without_further_inboxes_is_refused_while_there_are_some(office: Office, admin: Visitor) -> None:
    channel = further_channel(admin)
    refused = admin.patch("/v1/account", {"plan": "starter"})
    assert (refused.code, refused.json["pointer"]) == ("plan_does_not_allow", "/plan")
    assert "Sales" in refused.json["detail"]
    assert admin.get("/v1/account").json["plan"] == "professional"
    archived = admin.patch(f"/v1/inboxes/{channel['inbox_id']}", {"archived": True})
    assert archived.status == 200, archived.text
    assert admin.patch("/v1/account", {"plan": "starter"}).json["plan"] == "starter"
    assert admin.post("/v1/inboxes", {"name": "More"}).code == "plan_does_not_allow"


@pytest.mark.parametrize("patch", [{"plan": "enterprise"}, {"subdomain": "initech"}])
def test_plan_and_subdomain_are_a_super_admins(office: Office, patch: dict[str, str]) -> None:
    visitor = visitor_for(office.add_user("Abe", role=Role.ACCOUNT_ACCESS))
    refused = visitor.patch("/v1/account", patch)
    assert (refused.status, refused.code, refused.json["pointer"]) == (403, "needs_role", f"/{next(iter(patch))}")
    assert visitor.patch("/v1/account", {"locale": "de"}).status == 200


# --- Subdomain (S22)


def arrived(office: Office, admin: Visitor) -> int:
    return sum(each["message_count"] for each in admin.items(f"/v1/inboxes/{office.inbox_id}/conversations"))


def test_S22_another_subdomain_gives_other_addresses_and_the_old_ones_work_on(office: Office, admin: Visitor) -> None:
    office.deliver(letter(message_id="one@x.example"))
    signed = office.reply_address(office.conversation())
    assert admin.patch("/v1/account", {"subdomain": "initech"}).status == 200
    channel = admin.get(f"/v1/channels/{office.channel_id}").json
    assert channel["address"] == f"support@initech.{PAID}"
    for number, recipient in enumerate((channel["address"], office.address, signed)):
        office.deliver(letter(message_id=f"m{number}@x.example"), [recipient])
    assert arrived(office, admin) == 4
    assert office.conversations()[-1].message_count + office.conversations()[0].message_count >= 2
    assert accounts.list_moving(10) == []


def test_subdomains_are_not_collected(office: Office, admin: Visitor) -> None:
    """Each that an account had stays its own, and is nobody else's any more."""
    for name in ("initech", "umbrella", "hooli"):
        assert admin.patch("/v1/account", {"subdomain": name}).status == 200
    refused = admin.patch("/v1/account", {"subdomain": "globex", "locale": "de"})
    assert (refused.status, refused.code) == (429, "too_many_subdomains")
    assert int(refused.headers["Retry-After"]) > 0
    assert (admin.get("/v1/account").json["subdomain"], admin.get("/v1/account").json["locale"]) == ("hooli", "en")
    assert admin.patch("/v1/account", {"locale": "de"}).status == 200


def test_a_subdomain_of_another_account_is_refused_also_one_it_had(office: Office, admin: Visitor) -> None:
    Office("initech")
    refused = admin.patch("/v1/account", {"subdomain": "initech", "locale": "de"})
    assert (refused.status, refused.code, refused.json["pointer"]) == (409, "subdomain_taken", "/subdomain")
    assert admin.get("/v1/account").json["locale"] == "en"
    admin.patch("/v1/account", {"subdomain": "umbrella"})
    with pytest.raises(Conflict, match="taken"):
        Office("acme")
    assert admin.patch("/v1/account", {"subdomain": "acme"}).status == 200
    assert admin.get(f"/v1/channels/{office.channel_id}").json["address"] == office.address


def test_S22_another_plan_may_mean_another_domain(office: Office, admin: Visitor) -> None:
    admin.patch("/v1/account", {"plan": "free"})
    assert admin.get(f"/v1/channels/{office.channel_id}").json["address"] == f"support@acme.{FREE}"
    office.deliver(letter(message_id="old@x.example"), [office.address])
    office.deliver(letter(message_id="new@x.example"), [f"support@acme.{FREE}"])
    assert arrived(office, admin) == 2


def test_a_move_that_died_half_way_is_ended(office: Office, admin: Visitor) -> None:
    other = further_channel(admin)
    before = accounts.read(office.account_id, consistent=True)
    assert before is not None
    after = replace(before, subdomain="initech", version=before.version + 1)
    noted = noticed(after.id, "account.changed", after.id, None, None, after.created_at)
    accounts.change(before, after, noted, moves=True)  # the function dies here
    assert accounts.list_moving(10) == [office.account_id]
    office.deliver(letter(message_id="meanwhile@x.example"))
    assert arrived(office, admin) == 1
    assert moving.move_addresses(after, f"initech.{PAID}") == 2
    assert moving.move_addresses(after, f"initech.{PAID}") == 0
    assert admin.get(f"/v1/channels/{other['id']}").json["address"] == f"sales@initech.{PAID}"
    assert accounts.list_moving(10) == []


def test_who_may_change_what_is_decided_without_reading(office: Office) -> None:
    account, user = accounts.read(office.account_id), office.user(office.admin_id)
    assert account is not None
    caller = Caller(account=account, user=user, scopes=(), token_id="t")
    seen = settings.settings_of(account)
    settings.require_role(caller, seen, seen)
    settings.require_room(Plan.FREE, office.inboxes(), office.inbox_id)

"""All settings as one document: read, tried, applied whole or not at all."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pynamodb.transactions import TransactWrite

from chalicelib.model.account import Role
from chalicelib.settings.code_names import Names, differences
from chalicelib.storage import table
from tests.api.visitor import Reply, Visitor, visitor_for
from tests.post.office import Office

URL = "/v1/account/settings"


@pytest.fixture
def built(office: Office, admin: Visitor) -> Office:
    """An account with something in every section."""
    team = admin.post("/v1/teams", {"name": "First line"}).json
    ann = office.add_user("Ann", team_ids=(team["id"],))
    inbox = admin.post(
        "/v1/inboxes", {"name": "Sales", "access": {"mode": "selected", "user_ids": [ann.id], "team_ids": [team["id"]]}}
    ).json
    (channel,) = admin.items(f"/v1/inboxes/{inbox['id']}/channels")
    patch = {
        "routing": {"mode": "specific", "user_ids": [ann.id], "team_ids": [team["id"]]},
        "ticketing": {"owner": "user", "owner_id": ann.id},
        "signature": "<p>{{user.full_name}}</p>",
    }
    assert admin.patch(f"/v1/channels/{channel['id']}", patch).status == 200
    admin.patch("/v1/account/lists", {"deny": ["spam.example"]})
    return office


def put(admin: Visitor, document: Any, query: str = "", if_match: str = "*") -> Reply:
    return admin.send("PUT", URL + query, document, if_match=if_match)


def document(admin: Visitor) -> Any:
    return admin.get(URL).json


def test_the_document_has_names_for_ids_and_no_secrets(built: Office, admin: Visitor) -> None:
    reply = admin.get(URL)
    told = reply.json
    assert list(told) == [
        "account",
        "lists",
        "pipelines",
        "ticket_properties",
        "teams",
        "users",
        "inboxes",
        "channels",
    ]
    channel = told["channels"]["sales@acme.in.postfach.test"]
    assert channel["routing"]["user_ids"] == ["ann@acme.example"]
    assert channel["routing"]["team_ids"] == ["First line"]
    assert channel["ticketing"]["owner_id"] == "ann@acme.example"
    assert channel["ticketing"]["stage_id"] == "Support/New"
    assert told["inboxes"]["Sales"]["access"]["team_ids"] == ["First line"]
    assert told["users"]["ann@acme.example"]["team_ids"] == ["First line"]
    for prefix in ("usr_", "inb_", "chn_", "pip_", "stg_", "tok_", "pf_"):
        assert prefix not in reply.text
    assert admin.get(URL).text == reply.text


def test_putting_back_what_was_read_changes_nothing(built: Office, admin: Visitor) -> None:
    before = admin.get(URL)
    noted = len(admin.items("/v1/audit"))
    done = put(admin, before.json, if_match=before.headers["ETag"])
    assert (done.status, done.json["changes"]) == (200, []), done.text
    assert admin.get(URL).headers["ETag"] == before.headers["ETag"] == done.headers["ETag"]
    assert len(admin.items("/v1/audit")) == noted


def changed(told: Any) -> Any:
    """The document with a change in every section, and something new where that can be."""
    wanted = copy.deepcopy(told)
    wanted["account"]["locale"] = "de"
    wanted["lists"]["allow"] = ["ann@example.com"]
    wanted["teams"]["Second line"] = {}
    wanted["users"]["bob@acme.example"] = {"name": "Bob", "seat": "sales", "team_ids": ["Second line"]}
    wanted["users"]["ann@acme.example"]["name"] = "Ann Archer"
    wanted["inboxes"]["Sales"]["access"]["team_ids"] = ["Second line"]
    wanted["channels"]["sales@acme.in.postfach.test"]["signature"] = "<p>Bye</p>"
    wanted["ticket_properties"]["Size"] = {"type": "one_of", "choices": ["S", "L"]}
    return wanted


def test_a_document_written_by_hand_leaves_defaults_out_and_is_put_again_without_a_change(
    built: Office, admin: Visitor
) -> None:
    told = document(admin)
    told["inboxes"]["Press"] = {"access": {"mode": "everyone"}}
    told["pipelines"]["Returns"] = {"stages": [{"name": "New"}, {"name": "Done", "kind": "closed"}]}
    told["teams"]["Night shift"] = {}
    hours = {"time_zone": "Europe/Berlin", "shifts": [{"day": "monday", "start": "09:00", "end": "17:00"}]}
    told["users"]["zoe@acme.example"] = {"name": "Zoe", "working_hours": hours}
    name = told["channels"]["sales@acme.in.postfach.test"]["sender"]["company_name"]
    told["channels"]["sales@acme.in.postfach.test"] = {"sender": {"use_for_sending": True, "company_name": name}}
    first = put(admin, told)
    assert first.status == 200, first.text
    assert first.json["changes"] != []
    noted = len(admin.items("/v1/audit?limit=100"))
    again = put(admin, told)
    assert (again.status, again.json["changes"]) == (200, [])
    assert len(admin.items("/v1/audit?limit=100")) == noted
    assert again.headers["ETag"] == first.headers["ETag"]


def test_a_dry_run_says_what_would_change_and_saves_nothing(built: Office, admin: Visitor) -> None:
    before = document(admin)
    tried = put(admin, changed(before), "?dry_run=true")
    assert tried.status == 200, tried.text
    told = {each["pointer"]: (each["from"], each["to"]) for each in tried.json["changes"]}
    assert told["/account/locale"] == ("en", "de")
    assert told["/users/ann@acme.example/name"] == ("Ann", "Ann Archer")
    assert told["/teams/Second line"] == (None, {})
    assert told["/inboxes/Sales/access/team_ids"] == (["First line"], ["Second line"])
    assert document(admin) == before


def test_a_document_is_applied_whole_and_once(built: Office, admin: Visitor) -> None:
    wanted = changed(document(admin))
    done = put(admin, wanted)
    assert done.status == 200, done.text
    now = document(admin)
    assert now == done.json["document"]
    assert now["channels"] == wanted["channels"]
    assert now["inboxes"] == wanted["inboxes"]
    assert now["lists"] == wanted["lists"]
    assert now["users"]["bob@acme.example"]["team_ids"] == ["Second line"]
    assert put(admin, now).json["changes"] == []
    actions = {each["action"] for each in admin.items("/v1/audit?limit=20")}
    assert {"account.changed", "team.added", "user.added", "user.changed", "inbox.changed"} <= actions


@pytest.mark.parametrize(
    ("section", "path", "value", "pointer"),
    [
        ("account", ("locale",), "fr", "/account"),
        ("account", ("subdomain",), "other", "/account/subdomain"),
        ("lists", ("deny",), ["no domain"], "/lists/deny/0"),
        ("users", ("ann@acme.example", "seat"), "gold", "/users/ann@acme.example"),
        ("users", ("ann@acme.example", "team_ids"), ["Nobody"], "/users/ann@acme.example/team_ids/0"),
        ("inboxes", ("Sales", "access", "user_ids"), ["x@y.z"], "/inboxes/Sales/access/user_ids/0"),
        ("channels", ("new@acme.in.postfach.test",), {}, "/channels/new@acme.in.postfach.test"),
        (
            "channels",
            ("sales@acme.in.postfach.test", "ticketing", "stage_id"),
            "Support/Never",
            "/channels/sales@acme.in.postfach.test/ticketing/stage_id",
        ),
        (
            "channels",
            ("sales@acme.in.postfach.test", "sender", "company_name"),
            "Acme Inc.",
            "/channels/sales@acme.in.postfach.test/sender/company_name",
        ),
    ],
)
def test_what_a_single_change_would_refuse_refuses_the_whole_document(
    built: Office, admin: Visitor, section: str, path: tuple[str, ...], value: Any, pointer: str
) -> None:
    before = document(admin)
    wanted = changed(before)
    place = wanted[section]
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    for query in ("?dry_run=true", ""):
        refused = put(admin, wanted, query)
        assert 400 <= refused.status < 500, refused.text
        assert refused.json["pointer"] == pointer
    assert document(admin) == before


def test_what_is_left_out_is_not_removed_but_refused(built: Office, admin: Visitor) -> None:
    wanted = document(admin)
    del wanted["teams"]["First line"]
    refused = put(admin, wanted)
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, "missing_in_document", "/teams/First line")


def test_a_section_that_is_left_out_stays_as_it_is(built: Office, admin: Visitor) -> None:
    before = document(admin)
    done = put(admin, {"lists": {"allow": ["ann@example.com"], "deny": []}})
    assert [each["pointer"] for each in done.json["changes"]] == ["/lists/allow", "/lists/deny"]
    assert document(admin) == before | {"lists": {"allow": ["ann@example.com"], "deny": []}}


def test_one_section_is_told_alone(built: Office, admin: Visitor) -> None:
    whole, part = admin.get(URL), admin.get(f"{URL}?section=inboxes")
    assert part.json == {"inboxes": whole.json["inboxes"]}
    assert part.headers["ETag"] == whole.headers["ETag"]
    assert put(admin, part.json, if_match=part.headers["ETag"]).json == {"changes": [], "document": part.json}
    assert admin.get(f"{URL}?section=tokens").status == 400


def test_a_document_that_is_larger_than_an_answer_says_how_to_get_it(built: Office, admin: Visitor) -> None:
    """An account with thousands of channels: refused, not a fault, and its sections can be had one by one."""
    signature = f"<p>{'Acme ' * 3900}</p>"
    for number in range(95):
        built.add_channel(f"desk{number}", signature=signature)
    refused = admin.get(URL)
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, "document_too_large", "/section")
    assert admin.get(f"{URL}?section=users").status == 200


def test_changes_that_depend_on_each_other_are_refused(built: Office, admin: Visitor) -> None:
    wanted = document(admin)
    first, second = (told["sender"] for told in wanted["channels"].values())
    first["company_name"], second["company_name"] = "Initech", first["company_name"]
    refused = put(admin, wanted)
    assert (refused.status, refused.code) == (409, "changes_depend")


def test_S6_several_inboxes_and_the_accounts_name_are_one_document(built: Office, admin: Visitor) -> None:
    """Adding inboxes counts them in one row (`storage/inbox_room.py`), once for all of a document."""
    wanted = document(admin)
    for name in ("Returns", "Press"):
        wanted["inboxes"][name] = {"access": {"mode": "everyone", "user_ids": [], "team_ids": []}, "archived": False}
    wanted["account"]["locale"] = "de"
    applied = put(admin, wanted)
    assert applied.status == 200, applied.text
    assert {each["name"] for each in admin.items("/v1/inboxes")} == {"Inbox", "Sales", "Returns", "Press"}
    assert admin.patch("/v1/account", {"plan": "starter"}).code == "plan_does_not_allow"


def test_more_than_one_transaction_takes_is_refused(built: Office, admin: Visitor) -> None:
    before = document(admin)
    wanted = copy.deepcopy(before)
    wanted["teams"] |= {f"Team {number}": {} for number in range(51)}
    refused = put(admin, wanted)
    assert refused.status == 413, refused.text
    assert document(admin) == before


def test_an_older_document_is_refused(built: Office, admin: Visitor) -> None:
    before = admin.get(URL)
    admin.patch("/v1/account", {"locale": "de"})
    assert put(admin, before.json, if_match=before.headers["ETag"]).status == 412
    assert admin.send("PUT", URL, before.json).status == 428


def test_only_a_super_admin_applies_a_document(built: Office, admin: Visitor) -> None:
    visitor = visitor_for(built.add_user("Abe", role=Role.ACCOUNT_ACCESS))
    assert visitor.get(URL).status == 200
    assert put(visitor, document(admin)).status == 403


class _Killed(BaseException):
    """The function dies."""


def test_a_function_that_dies_while_it_applies_has_changed_nothing(
    built: Office, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is one request: killed before it, nothing is there; there is no second one to be killed before."""
    before = document(admin)
    sent: list[int] = []

    class Dying(TransactWrite):
        def __init__(self, *_: Any, **__: Any) -> None:
            sent.append(1)
            raise _Killed

    with monkeypatch.context() as dying:
        dying.setattr(table, "TransactWrite", Dying)
        with pytest.raises(_Killed):
            put(admin, changed(before))
    assert sent == [1]
    assert document(admin) == before
    assert put(admin, changed(before)).status == 200


def test_what_gathers_writes_leaves_nothing_behind_when_it_fails(built: Office) -> None:
    with pytest.raises(ValueError, match="no"), table.together("nothing"):
        raise ValueError("no")
    assert table._gathered.get() is None


# --- Names and differences

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(values, values)
def test_differences_tell_exactly_what_differs(before: Any, after: Any) -> None:
    found = list(differences(before, after))
    assert (found == []) == (before == after or _same(before, after))
    assert all(each.from_ != each.to for each in found)


def _same(before: Any, after: Any) -> bool:
    """An absent field and null are one, as everywhere in settings."""
    if isinstance(before, dict) and isinstance(after, dict):
        return all(_same(before.get(name), after.get(name)) for name in {*before, *after})
    return bool(before == after)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["Sales", "Support", "Sales (2)"]), min_size=1, max_size=6))
def test_equal_names_get_keys_of_their_own_and_lead_back(names: list[str]) -> None:
    known = Names()
    keys = [known.add("teams", name, f"tea_{number}") for number, name in enumerate(names)]
    assert len(set(keys)) == len(keys)
    told = {"access": {"team_ids": [f"tea_{number}" for number in range(len(names))]}, "text": "tea_0"}
    assert known.resolved(known.named(told), "") == told

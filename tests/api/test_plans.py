"""What an account has in each plan from its creation on: the default inbox with its settings, the form of its
addresses, and tickets and assignment with the fallback address alone."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.model.account import Plan
from chalicelib.model.delivery import Verdict
from tests.api.visitor import Visitor
from tests.post.letters import letter
from tests.post.office import Office

DOMAINS = {plan: "free.postfach.test" if plan is Plan.FREE else "in.postfach.test" for plan in Plan}


def account_of(office: Office, plan: Plan) -> tuple[dict[str, Any], Visitor]:
    """A new account of a plan, as the operators' function makes it, and its first super admin."""
    told = {"company_name": "Bolt", "subdomain": "bolt", "email": "b@bolt.example", "name": "Bo", "plan": plan.value}
    made = office.client.lambda_.invoke("create_account", told).payload
    return made, Visitor(made["token"])


@pytest.mark.parametrize("plan", Plan)
def test_S5_S6_S7_every_plan_has_the_default_inbox_and_its_settings(office: Office, plan: Plan) -> None:
    made, admin = account_of(office, plan)
    (inbox,) = admin.items("/v1/inboxes")
    assert inbox["id"] == made["inbox_id"]
    inbox_path, channel_path = f"/v1/inboxes/{inbox['id']}", f"/v1/channels/{made['channel_id']}"
    renamed = admin.patch(inbox_path, {"name": "Desk", "access": {"mode": "selected", "user_ids": [made["user_id"]]}})
    assert (renamed.status, renamed.json["name"], renamed.json["access"]["mode"]) == (200, "Desk", "selected")
    settings = {
        "sender": {"use_for_sending": True, "company_name": "Bolt Desk"},
        "signature": "<b>Bolt</b>",
        "routing": {"mode": "specific", "user_ids": [made["user_id"]]},
        "ticketing": {"priority": "high"},
        "forwards_to_original_sender": False,
    }
    assert admin.patch(channel_path, settings).status == 200
    shown = admin.get(channel_path).json
    assert shown["sender"]["company_name"] == "Bolt Desk"
    assert (shown["signature"], shown["ticketing"]["priority"]) == ("<b>Bolt</b>", "high")
    assert (shown["routing"]["mode"], shown["forwards_to_original_sender"]) == ("specific", False)
    further = admin.post("/v1/inboxes", {"name": "Sales"})
    if plan in (Plan.PROFESSIONAL, Plan.ENTERPRISE):
        assert further.status == 201
        assert len(admin.items("/v1/inboxes")) == 2
    else:
        assert (further.status, further.code) == (403, "plan_does_not_allow")
        for word in ("professional", "enterprise", plan.value):
            assert word in further.json["detail"]
        assert [each["id"] for each in admin.items("/v1/inboxes")] == [inbox["id"]]


@pytest.mark.parametrize("plan", Plan)
def test_S22_S34_S35_S8_addresses_have_the_form_and_the_domain_of_the_plan_and_take_mail(
    office: Office, plan: Plan
) -> None:
    made, admin = account_of(office, plan)
    assert made["fallback_address"] == f"support@bolt.{DOMAINS[plan]}"
    added = admin.post(f"/v1/inboxes/{made['inbox_id']}/channels", {"type": "fallback_email", "local_part": "orders"})
    assert (added.status, added.json["address"]) == (201, f"orders@bolt.{DOMAINS[plan]}")
    for number, address in enumerate((made["fallback_address"], added.json["address"])):
        raw_id = office.deliver(letter(to=[address], message_id=f"{number}@customer.example"), [address])
        assert office.delivery(raw_id).verdict is Verdict.FILED
    listed = admin.items(f"/v1/inboxes/{made['inbox_id']}/conversations")
    assert {each["channel_id"] for each in listed} == {made["channel_id"], added.json["id"]}
    (other,) = {*DOMAINS.values()} - {DOMAINS[plan]}
    astray = office.deliver(letter(message_id="x@customer.example"), [f"support@bolt.{other}"])
    assert office.delivery(astray).verdict is not Verdict.FILED  # the other plans' domain is not this account's


@pytest.mark.parametrize("plan", [Plan.FREE, Plan.PROFESSIONAL])
def test_S23_tickets_and_assignment_work_with_the_fallback_address_alone(office: Office, plan: Plan) -> None:
    made, admin = account_of(office, plan)
    (channel,) = admin.items(f"/v1/inboxes/{made['inbox_id']}/channels")
    assert channel["type"] == "fallback_email"
    rules = {
        "routing": {"mode": "specific", "user_ids": [made["user_id"]]},
        "ticketing": {"enabled": True, "priority": "urgent"},
    }
    assert admin.patch(f"/v1/channels/{channel['id']}", rules).status == 200
    office.deliver(letter(to=[channel["address"]]), [channel["address"]])
    (conversation,) = admin.items(f"/v1/inboxes/{made['inbox_id']}/conversations")
    assert conversation["assignee_id"] == made["user_id"]
    (ticket,) = admin.items("/v1/tickets")
    assert ticket["id"] == conversation["ticket_id"]
    assert (ticket["owner_id"], ticket["priority"], ticket["subject"]) == (made["user_id"], "urgent", "A question")
    more = letter(to=[channel["address"]], message_id="more@customer.example", in_reply_to="first@customer.example")
    office.deliver(more, [channel["address"]])
    (again,) = admin.items(f"/v1/inboxes/{made['inbox_id']}/conversations")
    assert (again["id"], again["message_count"], len(admin.items("/v1/tickets"))) == (conversation["id"], 2, 1)

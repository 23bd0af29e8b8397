"""Inboxes are wholly separate (S72-S76): their lists, their channels and settings, and who has access."""

from __future__ import annotations

from typing import Any

from tests.api.visitor import Visitor, visitor_for
from tests.post.letters import letter
from tests.post.office import Office


def further(admin: Visitor, **told: Any) -> dict[str, Any]:
    """A further inbox with its only channel."""
    made = admin.post("/v1/inboxes", {"name": "Sales", **told})
    assert made.status == 201, made.text
    (channel,) = admin.items(f"/v1/inboxes/{made.json['id']}/channels")
    return {**made.json, "channel": channel}


def test_S72_S73_a_new_inbox_has_a_name_an_access_choice_and_a_first_channel(office: Office, admin: Visitor) -> None:
    mia, team = office.add_user("Mia"), admin.post("/v1/teams", {"name": "Night"}).json
    access = {"mode": "selected", "user_ids": [mia.id], "team_ids": [team["id"]]}
    made = further(admin, access=access, channel={"type": "fallback_email", "local_part": "sell"})
    assert (made["name"], made["access"]) == ("Sales", access)
    assert made["channel"]["address"] == "sell@acme.in.postfach.test"
    assert made["channel"]["inbox_id"] == made["id"]
    shown = admin.get(f"/v1/inboxes/{made['id']}").json
    assert (shown["name"], shown["access"]) == ("Sales", access)
    for wrong, pointer in (
        ({"name": "  "}, "/name"),
        ({"access": {"mode": "selected"}}, "/name"),
        ({"name": "X", "access": {"mode": "some"}}, "/access/mode"),
    ):
        refused = admin.post("/v1/inboxes", wrong)
        assert (refused.status, refused.json["pointer"]) == (400, pointer), refused.text
    nobody = admin.post("/v1/inboxes", {"name": "X", "access": {"mode": "selected", "user_ids": ["usr_none"]}})
    assert (nobody.status, nobody.json["pointer"]) == (422, "/access/user_ids")
    assert len(admin.items("/v1/inboxes")) == 2


def test_S74_mail_of_one_inbox_is_in_no_list_of_another(office: Office, admin: Visitor) -> None:
    """The same mail to both, from the same person: a conversation in each, and neither hears of the other's."""
    sales = further(admin)
    to = {office.inbox_id: office.address, sales["id"]: sales["channel"]["address"]}
    office.deliver(letter(to=list(to.values())), list(to.values()))
    lists = {inbox_id: admin.items(f"/v1/inboxes/{inbox_id}/conversations") for inbox_id in to}
    for inbox_id, (conversation,) in lists.items():
        assert conversation["inbox_id"] == inbox_id
    here, there = (lists[inbox_id][0]["id"] for inbox_id in to)
    assert here != there
    more = letter(to=[to[sales["id"]]], message_id="more@x.example", in_reply_to="first@customer.example")
    office.deliver(more, [to[sales["id"]]])
    counts = {each: admin.get(f"/v1/conversations/{each}").json["message_count"] for each in (here, there)}
    assert counts == {here: 1, there: 2}
    assert admin.patch(f"/v1/conversations/{there}", {"status": "closed"}).status == 200
    assert [each["id"] for each in admin.items(f"/v1/inboxes/{office.inbox_id}/conversations?status=open")] == [here]
    assert admin.items(f"/v1/inboxes/{sales['id']}/conversations?status=open") == []
    closed = admin.items(f"/v1/inboxes/{sales['id']}/conversations?status=closed")
    assert [each["id"] for each in closed] == [there]


def test_S75_S11_channels_and_their_settings_are_one_inboxs_own(office: Office, admin: Visitor) -> None:
    sales = further(admin)
    before = admin.get(f"/v1/channels/{office.channel_id}").json
    settings = {
        "sender": {"use_for_sending": True, "from_name_mode": "company", "company_name": "Shop"},
        "signature": "<b>Sales</b>",
        "routing": {"mode": "specific", "user_ids": [office.admin_id], "only_available": False},
        "ticketing": {"enabled": False},
        "enabled": False,
    }
    assert admin.patch(f"/v1/channels/{sales['channel']['id']}", settings).status == 200
    assert admin.get(f"/v1/channels/{office.channel_id}").json == before
    assert [each["id"] for each in admin.items(f"/v1/inboxes/{office.inbox_id}/channels")] == [office.channel_id]
    office.deliver(letter(to=[office.address]))  # by the first inbox's rules: nobody's, with a ticket, and taken
    (conversation,) = admin.items(f"/v1/inboxes/{office.inbox_id}/conversations")
    assert (conversation["assignee_id"], conversation["ticket_id"] is not None) == (None, True)
    started = admin.post(
        f"/v1/inboxes/{sales['id']}/conversations",
        {"to": ["ada@customer.example"], "subject": "Hi", "text": "Hi", "channel_id": office.channel_id},
    )
    assert started.status == 422  # a channel of another inbox is none of this one's
    assert admin.items(f"/v1/inboxes/{sales['id']}/conversations") == []


def test_S76_S16_access_to_one_inbox_is_no_access_to_another(office: Office, admin: Visitor) -> None:
    mia, ben = office.add_user("Mia"), office.add_user("Ben")
    admin.patch(f"/v1/inboxes/{office.inbox_id}", {"access": {"mode": "selected", "user_ids": [ben.id]}})
    sales = further(admin, access={"mode": "selected", "user_ids": [mia.id]})
    for number, address in enumerate((office.address, sales["channel"]["address"])):
        office.deliver(letter(to=[address], message_id=f"{number}@x.example"), [address])
    (here,) = office.conversations()
    (there,) = office.conversations(sales["id"])
    own = {mia.id: (sales["id"], there), ben.id: (office.inbox_id, here)}
    for user, (other_inbox, hidden) in ((mia, own[ben.id]), (ben, own[mia.id])):
        visitor, (inbox_id, conversation) = visitor_for(user), own[user.id]
        assert [each["id"] for each in visitor.items("/v1/inboxes")] == [inbox_id]
        assert [each["id"] for each in visitor.items(f"/v1/inboxes/{inbox_id}/conversations")] == [conversation.id]
        assert {each["inbox_id"] for each in visitor.items("/v1/tickets")} == {inbox_id}
        for path in (
            f"/v1/inboxes/{other_inbox}",
            f"/v1/inboxes/{other_inbox}/channels",
            f"/v1/inboxes/{other_inbox}/conversations",
            f"/v1/conversations/{hidden.id}",
            f"/v1/conversations/{hidden.id}/messages",
            f"/v1/channels/{hidden.channel_id}",
        ):
            assert visitor.get(path).status == 404, path
        written = visitor.post(f"/v1/conversations/{hidden.id}/messages", {"type": "comment", "text": "Hm."})
        assert written.status == 404
        timeline = visitor.items(f"/v1/contacts/{conversation.contact_id}/timeline")
        assert {each["conversation_id"] for each in timeline} == {conversation.id}

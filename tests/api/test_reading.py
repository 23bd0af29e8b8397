"""What agents read: inboxes, conversations, messages, the raw mail, attachments, contacts and their histories."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from chalicelib.api import answers
from tests.api.visitor import Reply, Visitor, visitor_for
from tests.post.letters import CONTACT, letter, long_text
from tests.post.office import Office

HTML = '<p>Hello <b>you</b></p><script>alert(1)</script><img src="https://track.example/x.png" onerror="x()">'
MIXED = (
    "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n"
    '--b\r\nContent-Type: {content_type}\r\nContent-Disposition: attachment; filename="{filename}"\r\n'
    "Content-Transfer-Encoding: base64\r\n\r\nPHN2Zz48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+\r\n--b--\r\n"
)
BYTES = b"<svg><script>alert(1)</script></svg>"


def with_file(content_type: str = "image/svg+xml", filename: str = "plan.svg") -> bytes:
    """A mail with HTML and one attachment."""
    text = MIXED.format(html=HTML, content_type=content_type, filename=filename)
    return letter(headers={"Content-Type": 'multipart/mixed; boundary="b"'}, text=text)


def only_message(office: Office, admin: Visitor) -> dict[str, Any]:
    """The only message of the only conversation."""
    (conversation,) = admin.items(f"/v1/inboxes/{office.inbox_id}/conversations")
    (message,) = admin.items(f"/v1/conversations/{conversation['id']}/messages")
    return dict(message)


def follow(reply: Reply) -> requests.Response:
    """What lies behind a link, fetched without a token."""
    assert reply.status == 200, reply.text
    assert reply.json["expires_at"].endswith("Z")
    return requests.get(reply.json["url"], timeout=10)


def test_S1_S2_a_mail_is_read_through_inbox_conversation_and_message(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    (inbox,) = admin.items("/v1/inboxes")
    (conversation,) = admin.items(f"/v1/inboxes/{inbox['id']}/conversations")
    assert conversation["contact"]["email"] == CONTACT
    assert conversation["status"] == "open"
    assert conversation["assigned_because_code"] == "assignment_off"
    message = only_message(office, admin)
    assert message["from"] == {"name": "Ada", "address": CONTACT}
    assert message["direction"] == "incoming"
    assert str(message["text"]).strip() == "Where is my parcel?"
    assert message["authentication"] == {"spf": "pass", "dkim": "pass", "dmarc": "pass"}
    assert message["body_complete"] is True
    assert admin.get(f"/v1/messages/{message['id']}").json == message


def test_S1_S2_one_list_shows_all_channels_and_each_conversation_its_whole_history(
    office: Office, admin: Visitor
) -> None:
    form = {"type": "fallback_email", "local_part": "orders"}
    other = admin.post(f"/v1/inboxes/{office.inbox_id}/channels", form).json
    for channel_id in (office.channel_id, other["id"]):
        told = {"sender": {"use_for_sending": True}}
        assert admin.patch(f"/v1/channels/{channel_id}", told).status == 200
    office.deliver(letter(cc=["ben@customer.example"]))
    office.deliver(letter(to=[other["address"]], message_id="2@x.example", subject="An order"), [other["address"]])
    listed = admin.items(f"/v1/inboxes/{office.inbox_id}/conversations")
    assert [(each["subject"], each["channel_id"]) for each in listed] == [
        ("An order", other["id"]),
        ("A question", office.channel_id),
    ]
    path = f"/v1/conversations/{listed[1]['id']}/messages"
    assert admin.post(path, {"type": "reply", "text": "On its way."}).status == 201
    office.deliver(letter(message_id="3@x.example", in_reply_to="first@customer.example", text="Thanks!\r\n"))
    history = sorted(admin.items(path), key=lambda each: str(each["created_at"]))
    assert [
        (each["from"]["address"], str(each["text"]).strip()) for each in history if each["direction"] != "event"
    ] == [
        (CONTACT, "Where is my parcel?"),
        (CONTACT, "Thanks!"),
        (office.address, "On its way."),
    ]
    first = history[0]
    assert [each["address"] for each in (*first["to"], *first["cc"])] == [office.address, "ben@customer.example"]
    assert (first["subject"], first["created_at"][:10]) == ("A question", "2026-03-02")


def test_messages_are_listed_from_either_end(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    for number in range(2):
        office.deliver(letter(message_id=f"{number}@x.example", in_reply_to="first@customer.example", text=f"{number}"))
    (conversation,) = admin.items(f"/v1/inboxes/{office.inbox_id}/conversations")
    path = f"/v1/conversations/{conversation['id']}/messages"
    oldest = admin.items(path)
    assert [message["text"].strip() for message in oldest] == ["Where is my parcel?", "0", "1"]
    assert admin.items(f"{path}?order=newest") == oldest[::-1]
    assert admin.get(f"{path}?order=random").status == 400


def test_the_raw_mail_is_behind_a_link_that_forces_a_download(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    reply = admin.get(str(only_message(office, admin)["raw_url"]))
    found = follow(reply)
    assert found.content == letter()
    assert found.headers["Content-Disposition"].startswith("attachment")
    assert found.headers["Content-Type"] == "application/octet-stream"
    assert int(parse_qs(urlsplit(reply.json["url"]).query)["X-Amz-Expires"][0]) <= 300


@pytest.mark.parametrize(
    ("content_type", "served"),
    [
        ("image/svg+xml", "application/octet-stream"),
        ("text/html", "application/octet-stream"),
        ("application/xhtml+xml", "application/octet-stream"),
        ("image/png", "image/png"),
    ],
)
def test_an_attachment_is_a_download_whatever_it_claims_to_be(
    office: Office, admin: Visitor, content_type: str, served: str
) -> None:
    office.deliver(with_file(content_type, "plan.svg"))
    message = only_message(office, admin)
    (attachment,) = message["attachments"]
    assert (attachment["filename"], attachment["size"], attachment["inline"]) == ("plan.svg", len(BYTES), False)
    found = follow(admin.get(attachment["url"]))
    assert found.content == BYTES
    assert found.headers["Content-Type"] == served
    assert found.headers["Content-Disposition"] == 'attachment; filename="plan.svg"'


@pytest.mark.parametrize("index", ["9", "-1", "x", "1e3", "99999999"])
def test_an_attachment_that_is_not_there_is_not_found(office: Office, admin: Visitor, index: str) -> None:
    office.deliver(with_file())
    assert admin.get(f"/v1/messages/{only_message(office, admin)['id']}/attachments/{index}").status == 404


def test_an_attachment_name_cannot_write_headers(office: Office, admin: Visitor) -> None:
    office.deliver(with_file(filename="=?utf-8?q?a=0D=0AX-Evil=3A_1=22=3B.svg?="))
    (attachment,) = only_message(office, admin)["attachments"]
    found = follow(admin.get(attachment["url"]))
    assert "X-Evil" not in found.headers
    assert found.headers["Content-Disposition"].count('"') == 2


def test_html_is_shown_without_what_acts_or_loads(office: Office, admin: Visitor) -> None:
    office.deliver(with_file())
    html = str(only_message(office, admin)["html"])
    assert "<b>you</b>" in html
    assert not any(each in html for each in ("script", "alert", "onerror", ' src="http'))


def test_a_long_body_is_whole(office: Office, admin: Visitor) -> None:
    text = long_text(200_000)
    office.deliver(letter(text=text))
    assert str(only_message(office, admin)["text"]).split() == text.split()


def test_a_page_of_long_messages_ends_where_an_answer_is_full(office: Office, admin: Visitor) -> None:
    texts = [long_text(answers.ROOM // 3, seed) for seed in range(1, 6)]
    office.deliver(letter(text=texts[0]))
    for number, text in enumerate(texts[1:]):
        office.deliver(letter(message_id=f"{number}@x.example", in_reply_to="first@customer.example", text=text))
    (conversation,) = admin.items(f"/v1/inboxes/{office.inbox_id}/conversations")
    path, found, cursor = f"/v1/conversations/{conversation['id']}/messages?limit=100", [], ""
    while True:
        reply = admin.get(path + cursor)
        assert len(reply.text.encode()) <= answers.ROOM
        found += [message["text"].split() for message in reply.json["items"]]
        if reply.json["next"] is None:
            break
        cursor = f"&cursor={reply.json['next']}"
    assert found == [text.split() for text in texts]


def test_a_body_that_fits_no_answer_is_behind_a_link(office: Office, admin: Visitor) -> None:
    text = long_text(answers.ROOM + 1000)
    office.deliver(letter(text=text))
    message = only_message(office, admin)
    assert (message["body_complete"], message["text"], message["html"]) == (False, "", None)
    assert admin.get(f"/v1/messages/{message['id']}").json == message
    whole = follow(admin.get(str(message["body_url"])))
    assert whole.json()["text"].split() == text.split()
    assert whole.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/messages/msg_aaaa",
        "/v1/messages/cnv_a",
        "/v1/messages/" + "a" * 3000,
        "/v1/conversations/..%2Facc",
        "/v1/conversations/" + "a" * 1500,
        "/v1/deliveries/dlv_aaaa",
        "/v1/deliveries/dlv_" + "a" * 1590,
        "/v1/inboxes/%00",
        "/v1/contacts/a%23b",
        "/v1/users/ä",
    ],
)
def test_ids_that_nobody_made_are_not_found(admin: Visitor, path: str) -> None:
    assert admin.get(path).status == 404


def test_S57_contacts_are_found_by_address_and_owned(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    (contact,) = admin.items("/v1/contacts")
    assert admin.items(f"/v1/contacts?email={CONTACT.upper()}") == [contact]
    assert admin.items("/v1/contacts?email=nobody@x.example") == []
    path = f"/v1/contacts/{contact['id']}"
    assert admin.patch(path, {"owner_id": "usr_nobody"}).json["pointer"] == "/owner_id"
    owned = admin.patch(path, {"owner_id": office.admin_id, "name": "Ada Lovelace"}).json
    assert owned == {**contact, "owner_id": office.admin_id, "name": "Ada Lovelace"}
    assert admin.patch(path, {"name": None}).json == {**owned, "name": None}
    assert admin.get(path).json == {**owned, "name": None}


def test_S58_the_owner_gets_the_next_conversation(office: Office, admin: Visitor) -> None:
    """A contact has two rows: filing reads the one under the address."""
    office.deliver(letter())
    (contact,) = admin.items("/v1/contacts")
    admin.patch(f"/v1/contacts/{contact['id']}", {"owner_id": office.admin_id})
    admin.patch(f"/v1/channels/{office.channel_id}", {"routing": {"mode": "contact_owner"}})
    office.deliver(letter(message_id="other@customer.example", subject="Another matter"))
    found = admin.items(f"/v1/inboxes/{office.inbox_id}/conversations?assignee={office.admin_id}")
    assert [conversation["subject"] for conversation in found] == ["Another matter"]
    assert admin.get("/v1/me").json["user"]["open_conversations"] == 1


def test_a_contact_has_a_history_across_inboxes(office: Office, admin: Visitor) -> None:
    board = admin.post("/v1/inboxes", {"name": "Board", "access": {"mode": "selected"}}).json
    (channel,) = admin.items(f"/v1/inboxes/{board['id']}/channels")
    office.deliver(letter(subject="To support"))
    office.deliver(letter(subject="To the board", message_id="b@x.example"), [channel["address"]])
    (contact,) = admin.items("/v1/contacts")
    path = f"/v1/contacts/{contact['id']}"
    assert [entry["subject"] for entry in admin.items(f"{path}/timeline")] == ["To the board", "To support"]
    assert len(admin.items(f"{path}/conversations")) == 2
    member = visitor_for(office.add_user("Mia"))
    assert [entry["subject"] for entry in member.items(f"{path}/timeline")] == ["To support"]
    assert len(member.items(f"{path}/conversations")) == 1

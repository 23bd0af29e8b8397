"""Erasing a contact for good: nothing of it is left in table or bucket, nothing of anybody else goes, and a certificate
says so.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib import clock
from chalicelib.contacts import unfinished
from chalicelib.contacts.merging import SETTLED
from chalicelib.model.account import Role
from chalicelib.model.erasure import certified_digest
from chalicelib.model.inbox import Sender
from tests.api.visitor import Reply, Visitor, admin_of, visitor_for
from tests.post import cloud
from tests.post.letters import letter, long_text
from tests.post.office import Office
from tests.post.outbox import send_all

ADA, HOME, BOB = "ada@customer.example", "ada.home@private.example", "bob@customer.example"
SECRET = "Rumpelstiltskin"  # what she wrote, wherever
ATTACHED = (
    f"--b\r\nContent-Type: text/plain\r\n\r\n{SECRET} sends a file. {long_text(6_000)}\r\n"
    f'--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="{SECRET}.txt"\r\n\r\n'
    "content\r\n--b--\r\n"
)


def kept_of(*texts: str) -> list[str]:
    """The keys of rows and objects that say one of these texts, packed or not."""
    from chalicelib.storage.bodies import unpack
    from chalicelib.storage.tables import MessageRow, Row

    found = [
        f"{row.pk} {row.sk}"
        for row in Row.scan()
        if any(text.lower() in json.dumps(row.serialize(), default=repr).lower() for text in texts)
        or (isinstance(row, MessageRow) and row.body and any(text in repr(unpack(row.body)) for text in texts))
    ]
    for key, content in cloud.bucket_content().items():
        told = repr(unpack(content)) if key.startswith("bodies/") else content.decode("utf-8", "replace")
        if any(text.lower() in f"{key} {told}".lower() for text in texts):
            found.append(key)
    return found


def begin(office: Office, admin: Visitor) -> str:
    """Ada's conversations, mail of hers that became none, and a conversation of Bob's; her contact's id."""
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(
        letter(
            sender=f"{SECRET} <{ADA}>",
            message_id="one@ada.example",
            references=["root@ada.example"],
            headers={"Content-Type": 'multipart/mixed; boundary="b"'},
            text=ATTACHED,
        )
    )
    conversation = office.conversation()
    (message,) = admin.items(f"/v1/conversations/{conversation.id}/messages")
    for link in (message["attachments"][0]["url"], message["body_url"], message["raw_url"]):
        assert admin.get(link).status == 200
    answered = admin.post(f"/v1/conversations/{conversation.id}/messages", {"type": "reply", "text": f"Dear {SECRET}"})
    assert answered.status == 201, answered.text
    comment = {"type": "comment", "text": f"@grace look at {SECRET}", "mentions": [office.admin_id]}
    commented = admin.post(f"/v1/conversations/{conversation.id}/messages", comment)
    assert commented.status == 201, commented.text
    draft = {"text": f"Dear {SECRET}, once more"}
    drafted = admin.send("PUT", f"/v1/conversations/{conversation.id}/draft", draft)
    assert drafted.status in (200, 204), drafted.text
    office.deliver(letter(sender=HOME, message_id="two@ada.example", text=f"{SECRET} again, from home.\r\n"))
    office.deliver(letter(sender=ADA, message_id="spam@ada.example", text=f"{SECRET} spam\r\n"), spam="FAIL")
    office.deliver(letter(sender=f"Bob <{BOB}>", message_id="one@bob.example", text="Bob asks.\r\n"), mail_from=BOB)
    contact_id = str(admin.items(f"/v1/contacts?email={ADA}")[0]["id"])
    merged = admin.post(
        f"/v1/contacts/{contact_id}/merge", {"contact_id": admin.items(f"/v1/contacts?email={HOME}")[0]["id"]}
    )
    assert merged.status == 200
    assert admin.get(f"/v1/contacts/{contact_id}/export").status == 200
    return contact_id


def settle() -> int:
    """The sweep looks again, some minutes later."""
    unfinished.go_on(lambda: False, clock.now())
    return unfinished.go_on(lambda: False, clock.now() + SETTLED)


def test_nothing_of_an_erased_contact_is_left(office: Office, admin: Visitor) -> None:
    contact_id = begin(office, admin)
    send_all(office)
    assert len(kept_of(ADA, SECRET)) > 10
    erased = admin.delete(f"/v1/contacts/{contact_id}")
    assert erased.status == 202, erased.text
    assert erased.headers["Location"] == f"/v1/erasures/{erased.json['id']}"
    assert erased.json["status"] == "erasing"
    assert admin.get(f"/v1/contacts/{contact_id}").status == 404
    assert admin.items(f"/v1/contacts?email={HOME}") == []
    assert settle() == 1
    assert kept_of(ADA, HOME, SECRET, "ada.example", contact_id) == []
    (bobs,) = office.conversations()
    assert (bobs.contact_email, bobs.message_count, bobs.participants) == (BOB, 1, (BOB,))
    assert [each.message_id for each in office.messages(bobs)] == ["one@bob.example"]
    assert [ticket.conversation_id for ticket in office.tickets()] == [bobs.id]
    assert len([key for key in cloud.bucket_content() if key.startswith("raw/")]) == 1


def test_nothing_is_left_of_it_in_an_inbox_that_it_was_moved_from(office: Office, admin: Visitor) -> None:
    contact_id = begin(office, admin)
    send_all(office)
    sales = admin.post("/v1/inboxes", {"name": "Sales", "channel": {"type": "fallback_email"}}).json
    (hers,) = [each for each in office.conversations() if each.contact_email == ADA]
    assert admin.post(f"/v1/conversations/{hers.id}/transfer", {"inbox_id": sales["id"]}).status == 200
    late = letter(sender=ADA, message_id="late@ada.example", in_reply_to="one@ada.example", text=f"{SECRET}, late.\r\n")
    office.deliver(late)
    (moved,) = office.conversations(sales["id"])
    assert moved.message_count > hers.message_count + 1
    assert admin.delete(f"/v1/contacts/{contact_id}").status == 202
    settle()
    assert kept_of(ADA, HOME, SECRET, "ada.example", contact_id) == []


def test_the_certificate_says_what_was_erased_and_names_nobody(office: Office, admin: Visitor) -> None:
    contact_id = begin(office, admin)
    certificate = admin.delete(f"/v1/contacts/{contact_id}").json
    settle()
    told = admin.get(f"/v1/erasures/{certificate['id']}").json
    assert told["status"] == "erased"
    assert told["erased_at"] > told["asked_at"]
    assert told["asked_by"] == office.admin_id
    counted = {
        name: told["counts"][name] for name in ("conversations", "messages", "tickets", "raw_mails", "deliveries")
    }
    assert counted == {"conversations": 2, "messages": 4, "tickets": 2, "raw_mails": 3, "deliveries": 1}
    assert told["counts"]["objects"] > 0
    assert told["contact_digest"] == certified_digest(told["id"], contact_id)
    assert set(told["address_digests"]) == {certified_digest(told["id"], each.upper()) for each in (ADA, HOME)}
    assert admin.items("/v1/erasures") == [told]
    assert admin.delete(f"/v1/contacts/{contact_id}").json == told
    assert admin.delete("/v1/contacts/ctc_nobody").status == 404


def test_whoever_was_erased_and_writes_again_is_a_new_contact(office: Office, admin: Visitor) -> None:
    contact_id = begin(office, admin)
    signed = office.reply_address(office.conversations()[-1])
    admin.delete(f"/v1/contacts/{contact_id}")
    office.deliver(letter(sender=ADA, message_id="new@ada.example", in_reply_to="one@ada.example"), [signed])
    (found,) = admin.items(f"/v1/contacts?email={ADA}")
    assert found["id"] != contact_id
    assert settle() == 1
    assert len(admin.items(f"/v1/contacts/{found['id']}/timeline")) == 1


def test_what_an_erased_contact_wrote_in_the_conversation_of_another_goes_too(office: Office, admin: Visitor) -> None:
    office.deliver(letter(sender=BOB, message_id="one@bob.example", cc=[ADA], text="Bob asks.\r\n"), mail_from=BOB)
    answer = letter(sender=ADA, message_id="two@ada.example", in_reply_to="one@bob.example", text=f"{SECRET}.\r\n")
    office.deliver(answer)
    assert set(office.conversation().participants) == {ADA, BOB}
    admin.delete(f"/v1/contacts/{admin.items(f'/v1/contacts?email={ADA}')[0]['id']}")
    assert settle() == 1
    bobs = office.conversation()
    assert (bobs.message_count, bobs.participants, bobs.preview) == (1, (BOB,), "")
    assert [each.message_id for each in office.messages()] == ["one@bob.example"]
    assert kept_of(SECRET, "ada.example") == []
    (told,) = admin.items("/v1/erasures")
    assert (told["counts"]["messages"], told["counts"]["conversations"]) == (1, 0)
    office.deliver(letter(sender=BOB, message_id="three@bob.example", in_reply_to="one@bob.example"), mail_from=BOB)
    assert office.conversation().message_count == 2


def test_raw_mail_that_came_to_another_account_too_stays_there(office: Office, admin: Visitor) -> None:
    other = Office("other")
    raw_id = office.deliver(letter(sender=ADA), [office.address, other.address])
    contact_id = admin.items(f"/v1/contacts?email={ADA}")[0]["id"]
    admin.delete(f"/v1/contacts/{contact_id}")
    assert settle() == 1
    assert office.conversations() == []
    assert [each.account_id for each in office.deliveries(raw_id)] == [other.account_id]
    (message,) = other.messages()
    assert admin_of(other).get(f"/v1/messages/{message.id}/raw").status == 200
    assert list(cloud.bucket_content()) == [f"raw/{raw_id}"]
    theirs = admin_of(other).items(f"/v1/contacts?email={ADA}")[0]["id"]
    admin_of(other).delete(f"/v1/contacts/{theirs}")
    assert settle() == 1
    assert cloud.bucket_content() == {}


def test_account_access_erases_and_exports_what_it_may_only_read(office: Office, admin: Visitor) -> None:
    contact_id = begin(office, admin)
    abe = visitor_for(office.add_user("Abe", role=Role.ACCOUNT_ACCESS))
    assert abe.get(f"/v1/contacts/{contact_id}/export").status == 200
    assert abe.delete(f"/v1/contacts/{contact_id}").status == 202
    member = visitor_for(office.add_user("Mo"))
    assert member.get("/v1/erasures").status == 403


def part_of(visitor: Visitor, path: str) -> tuple[dict[str, Any], str | None]:
    reply = visitor.get(path)
    assert reply.status == 200, reply.text
    if reply.json["link"] is None:
        return reply.json["document"], reply.json["next"]
    return json.loads(linked(reply)), reply.json["next"]


def linked(reply: Reply) -> bytes:
    """What the link of a part leads to."""
    key = urlsplit(reply.json["link"]["url"]).path.partition(f"{cloud.BUCKET}/")[2]
    return cloud.bucket_content()[key]


@pytest.mark.parametrize("size", [100, 400_000])
def test_an_export_has_every_message_whole_and_a_large_one_is_a_link(office: Office, admin: Visitor, size: int) -> None:
    for number in range(5):
        text = f"{number} {long_text(size, number)}"
        office.deliver(letter(sender=ADA, message_id=f"{number}@ada.example", text=text))
    contact_id = admin.items(f"/v1/contacts?email={ADA}")[0]["id"]
    path = f"/v1/contacts/{contact_id}/export?limit=3"
    first, cursor = part_of(admin, path)
    assert (admin.get(path).json["link"] is not None) == (size > 100)
    second, end = part_of(admin, f"{path}&cursor={cursor}")
    assert end is None
    told = [*first["messages"], *second["messages"]]
    assert [each["message_id"] for each in told] == [f"{number}@ada.example" for number in (4, 3, 2, 1, 0)]
    assert all(len(each["body"]["text"]) > size * 0.9 for each in told)
    assert all(admin.get(each["raw_url"]).status == 200 for each in told)
    assert first["contact"]["email"] == ADA
    assert len(first["conversations"]) == len(first["tickets"]) == 3
    assert admin.delete(f"/v1/contacts/{contact_id}").status == 202
    settle()
    assert cloud.bucket_content() == {}


def test_each_link_of_an_export_leads_to_its_own_part_and_goes_with_the_contact(office: Office, admin: Visitor) -> None:
    for number in range(4):
        office.deliver(letter(sender=ADA, message_id=f"{number}@ada.example", text=long_text(700_000, number)))
    contact_id = admin.items(f"/v1/contacts?email={ADA}")[0]["id"]
    path = f"/v1/contacts/{contact_id}/export?limit=2"
    first = admin.get(path)
    second = admin.get(f"{path}&cursor={first.json['next']}")
    told = [each["message_id"] for part in (first, second) for each in json.loads(linked(part))["messages"]]
    assert told == [f"{number}@ada.example" for number in (3, 2, 1, 0)]
    assert admin.delete(f"/v1/contacts/{contact_id}").status == 202
    settle()
    assert cloud.bucket_content() == {}

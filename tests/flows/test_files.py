"""Files leave with a mail: announced, uploaded, checked, copied, sent, and there to be downloaded again."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.config import config
from chalicelib.mail import outgoing_files
from chalicelib.model.inbox import Sender
from chalicelib.storage import aws
from tests.api.visitor import Visitor, admin_of, visitor_for
from tests.post import cloud, outbox, uploading
from tests.post.cloud import BUCKET
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.uploading import PDF, PNG, announce, put, upload
from tests.post.writing import write

ATTACHED = (
    '--b\r\nContent-Type: text/html\r\n\r\n<p>See <img src="cid:logo"></p>\r\n'
    "--b\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "iVBORw0KGgoAAAA=\r\n"
    '--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename="list.csv"\r\n\r\na;b\r\n--b--\r\n'
)
MULTIPART = {"Content-Type": 'multipart/mixed; boundary="b"'}


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter(headers=MULTIPART, text=ATTACHED))
    return admin_of(office)


def test_S3_a_file_leaves_with_the_answer_and_can_be_downloaded_again(office: Office, admin: Visitor) -> None:
    name = "Über\u202eblick/../4711.pdf"
    reply = write(admin, office, attachments=[upload(admin, name)])
    assert reply.status == 201, reply.text
    (told,) = reply.json["attachments"]
    assert (told["filename"], told["content_type"], told["size"]) == (
        "Überblick_.._4711.pdf",
        "application/pdf",
        len(PDF),
    )
    assert (told["inline"], told["content_id"]) == (False, None)
    (mail,) = outbox.send_all(office)
    (part,) = list(mail.mail.iter_attachments())
    assert (part.get_filename(), part.get_content_type()) == ("Überblick_.._4711.pdf", "application/pdf")
    assert part.get_content() == PDF
    link = admin.get(told["url"])
    assert link.status == 200, link.text
    assert "response-content-disposition=attachment" in link.json["url"]
    kept = [content for key, content in cloud.bucket_content().items() if key.startswith("files/")]
    assert kept == [PDF]


def test_an_image_is_shown_by_the_html_that_names_it(office: Office, admin: Visitor) -> None:
    shown = {"content_id": "logo@acme", "file": upload(admin, "logo.png", PNG, "image/png")}
    lost = {"content_id": "other", "file": upload(admin, "other.png", PNG, "image/png")}
    html = '<p>Hi <img src="cid:logo@acme"></p>'
    assert write(admin, office, html=html, inline=[shown, lost]).status == 201
    (mail,) = outbox.send_all(office)
    parts = {str(part["Content-ID"]): part for part in mail.mail.walk() if part["Content-ID"]}
    assert parts["<logo@acme>"].get_content_disposition() == "inline"
    assert parts["<other>"].get_content_disposition() == "attachment"  # shown by nothing: not lost
    assert mail.mail.get_content_type() == "multipart/mixed"
    text = {"content_id": "x", "file": upload(admin, "x.png", b"<svg onload=x()>", "image/png")}
    refused = write(admin, office, html=html, inline=[text])
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, "not_an_image", "/inline/0")


def test_an_attachment_of_a_message_is_sent_again(office: Office, admin: Visitor) -> None:
    (question,) = office.messages()
    csv = next(each for each in question.attachments if each.filename == "list.csv")
    incoming = {"message_id": question.id, "index": csv.index}
    sent = write(admin, office, attachments=[incoming, upload(admin, "a.pdf")]).json
    again = write(admin, office, attachments=[{"message_id": sent["id"], "index": 1}]).json
    assert [each["filename"] for each in again["attachments"]] == ["a.pdf"]
    first, second = outbox.send_all(office)
    assert [part.get_filename() for part in first.mail.iter_attachments()] == ["list.csv", "a.pdf"]
    assert [part.get_payload(decode=True) for part in second.mail.iter_attachments()] == [PDF]
    nowhere = write(admin, office, attachments=[{"message_id": question.id, "index": 99}])
    assert (nowhere.status, nowhere.code, nowhere.json["pointer"]) == (422, "no_such_attachment", "/attachments/0")
    foreign = Office("other")
    foreign.count = 500
    foreign.deliver(letter(headers=MULTIPART, text=ATTACHED))
    (theirs,) = foreign.messages()
    assert write(admin, office, attachments=[{"message_id": theirs.id, "index": 0}]).code == "no_such_attachment"


def test_an_upload_is_its_owners_and_is_used_once(office: Office, admin: Visitor) -> None:
    mine = upload(admin, "a.pdf")
    ann = visitor_for(office.add_user("Ann"))
    assert write(ann, office, attachments=[mine]).code == "no_such_upload"
    assert write(admin, office, attachments=[mine, mine]).code == "named_twice"
    first = write(admin, office, attachments=[mine], key="k")
    assert first.status == 201
    assert write(admin, office, attachments=[mine], key="k").json["id"] == first.json["id"]
    refused = write(admin, office, attachments=[mine])
    assert (refused.status, refused.code) == (422, "no_such_upload")
    assert len(outbox.send_all(office)) == 1


def test_what_was_checked_is_what_leaves(office: Office, admin: Visitor) -> None:
    """The link may be used again while it works: what is sent lies where it does not lead."""
    offered = announce(admin, "a.pdf", PDF)
    assert write(admin, office, attachments=[offered["id"]]).code == "not_uploaded"
    put(offered, PDF + b"more")
    assert write(admin, office, attachments=[offered["id"]]).code == "other_file_uploaded"
    put(offered, PDF)
    assert write(admin, office, attachments=[offered["id"]]).status == 201
    put(offered, b"x" * len(PDF))
    (mail,) = outbox.send_all(office)
    assert [part.get_content() for part in mail.mail.iter_attachments()] == [PDF]


def test_the_link_takes_one_file_of_one_size_and_type(office: Office, admin: Visitor) -> None:
    offered = announce(admin, "a.pdf", PDF, "application/pdf")
    assert offered["put"]["headers"] == {"Content-Type": "application/pdf", "Content-Length": str(len(PDF))}
    assert {"content-length", "content-type", "host"} <= uploading.signed_headers(offered)
    assert f"uploads/{office.account_id}/{office.admin_id}/{offered['id']}" in offered["put"]["url"]


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"filename": "run.EXE", "size": 3}, 422, "file_type_refused"),
        ({"filename": "x.js ", "size": 3}, 422, "file_type_refused"),
        ({"filename": "page.html", "size": 3}, 200, None),
        ({"filename": "a.pdf", "size": 0}, 400, "invalid_input"),
        ({"filename": "a.pdf", "size": 39_000_000}, 422, "mail_too_large"),
        ({"filename": "a.pdf", "size": 27_000_000}, 200, None),
        ({"filename": "a\r\nb.pdf", "size": 3}, 400, "invalid_input"),
        ({"filename": "a.pdf", "size": 3, "content_type": "text/html\r\nX: y"}, 400, "invalid_input"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_it_is_uploaded(
    office: Office, admin: Visitor, told: dict[str, Any], status: int, code: str | None
) -> None:
    reply = admin.post("/v1/uploads", told)
    assert reply.status == status
    assert code is None or reply.code == code


def test_a_mail_that_is_too_large_together_is_refused_before_it_is_queued(office: Office, admin: Visitor) -> None:
    offers = [admin.post("/v1/uploads", {"filename": f"{n}.bin", "size": 10_000_000}).json["id"] for n in range(3)]
    refused = write(admin, office, attachments=offers)
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, "mail_too_large", "/attachments")
    assert outgoing_files.fits([10_000_000] * 2)


def test_who_opens_a_conversation_may_send_files_too(office: Office, admin: Visitor) -> None:
    body = {"to": ["new@customer.example"], "subject": "S", "text": "T", "attachments": [upload(admin, "a.pdf")]}
    assert admin.post(f"/v1/inboxes/{office.inbox_id}/conversations", body).status == 201
    (mail,) = outbox.send_all(office)
    assert [part.get_filename() for part in mail.mail.iter_attachments()] == ["a.pdf"]


def test_a_file_that_is_gone_fails_the_answer_visibly(office: Office, admin: Visitor) -> None:
    message = write(admin, office, attachments=[upload(admin, "a.pdf")]).json
    for key in cloud.bucket_content():
        if key.startswith("files/"):
            aws.client("s3").delete_object(Bucket=BUCKET, Key=key)
    (task,) = outbox.take(config().outbound_queue_url)
    assert outbox.handle(office, "send_mail", task) == [0]  # tried again: the bucket may be what is wrong
    assert admin.get(f"/v1/messages/{message['id']}").json["status"] == "queued"

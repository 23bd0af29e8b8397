"""Images that a signature shows (S42, S46, S47): uploaded, kept for the channel, inside each mail that shows them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib import clock
from chalicelib.errors import PreconditionFailed
from chalicelib.settings import channels as settings
from chalicelib.settings import connect
from chalicelib.storage import aws, channels, signature_images
from chalicelib.storage.erasing import finish_erasures
from tests.api.test_preview import VARYING
from tests.api.visitor import Visitor, visitor_for
from tests.post import meter, outbox
from tests.post.cloud import BUCKET
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.uploading import PDF, PNG, upload

GIF = b"GIF89a" + bytes(60)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(60)
WEBP = b"RIFF\x40\x00\x00\x00WEBPVP8 " + bytes(60)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def path_of(office: Office) -> str:
    return f"/v1/channels/{office.channel_id}/signature-images"


def add(admin: Visitor, office: Office, content: bytes = PNG, name: str = "logo.png", **headers: str) -> dict[str, Any]:
    made = admin.post(path_of(office), {"upload_id": upload(admin, name, content)}, **headers)
    assert made.status == 201, made.text
    return dict(made.json)


def show(admin: Visitor, office: Office, *images: dict[str, Any]) -> None:
    """The signature shows these images, and the channel sends."""
    html = "<p>Acme</p>" + "".join(f'<img alt="x" src="{each["src"]}">' for each in images)
    told = {"signature": html, "sender": {"use_for_sending": True}}
    saved = admin.patch(f"/v1/channels/{office.channel_id}", told)
    assert saved.status == 200, saved.text
    assert all(each["src"] in saved.json["signature"] for each in images)


def answer(admin: Visitor, office: Office, text: str = "On its way.") -> outbox.Sent:
    conversation = office.conversation()
    written = admin.post(f"/v1/conversations/{conversation.id}/messages", {"type": "reply", "text": text})
    assert written.status == 201, written.text
    (mail,) = outbox.send_all(office)
    return mail


def images_in(mail: outbox.Sent) -> dict[str, tuple[str, bytes]]:
    """Inside the mail's multipart/related, by content id: type and bytes."""
    (related,) = [part for part in mail.mail.walk() if part.get_content_type() == "multipart/related"]
    return {
        part["Content-ID"].strip("<>"): (part.get_content_type(), part.get_content())
        for part in related.iter_parts()
        if part["Content-ID"]
    }


def stored(office: Office) -> list[str]:
    """What lies under files/."""
    found = aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="files/")
    return [each["Key"] for each in found.get("Contents", ())]


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (PNG, "logo.png", "image/png"),
        (GIF, "logo.gif", "image/gif"),
        (JPEG, "logo.jpg", "image/jpeg"),
        (WEBP, "logo.webp", "image/webp"),
        (PNG, "logo.svg", "image/png"),  # what it is, not what it is called
    ],
    ids=["png", "gif", "jpeg", "webp", "png called svg"],
)
def test_S42_an_image_is_kept_and_leaves_inside_the_mail(
    office: Office, admin: Visitor, content: bytes, name: str, content_type: str
) -> None:
    made = add(admin, office, content, name)
    assert (made["content_type"], made["size"], made["src"]) == (
        content_type,
        len(content),
        f"cid:{made['id']}@signature",
    )
    show(admin, office, made)
    office.deliver(letter())
    mail = answer(admin, office)
    assert images_in(mail) == {made["src"].removeprefix("cid:"): (content_type, content)}
    html = mail.mail.get_body(("html",))
    assert html is not None
    assert f'src="{made["src"]}"' in html.get_content()
    assert mail.text.startswith("On its way.\r\n\r\n-- \r\nAcme\r\n\r\n[x]\r\n")
    assert [part.get_filename() for part in mail.mail.iter_attachments()] == []


def test_S40_only_what_the_signature_shows_leaves_and_only_where_it_stands(office: Office, admin: Visitor) -> None:
    shown, other = add(admin, office), add(admin, office, GIF, "other.gif")
    show(admin, office, shown)
    office.deliver(letter())
    assert list(images_in(answer(admin, office))) == [shown["src"].removeprefix("cid:")]
    twice = answer(admin, office, "Thanks.\n\nAcme\n\n[x]")  # ends with the signature's lines, so it is not added again
    assert b"multipart/related" not in twice.raw
    assert other["id"] not in twice.raw.decode()


def test_S47_the_preview_is_byte_for_byte_what_is_sent_with_its_images(office: Office, admin: Visitor) -> None:
    show(admin, office, add(admin, office), add(admin, office, GIF, "line.gif"))
    office.deliver(letter())
    told = {"text": "On its way.", "conversation_id": office.conversation().id}
    shown = admin.post(f"/v1/channels/{office.channel_id}/preview?raw=true", told).json["raw"].encode()
    mail = answer(admin, office)
    assert len(images_in(mail)) == 2
    assert VARYING.sub(b"", mail.raw) == VARYING.sub(b"", shown)
    first = admin.post(f"/v1/channels/{office.channel_id}/preview?raw=true", {"text": "Hello"}).json
    assert first["raw"].count("Content-ID: <img_") == 2


def test_a_warm_function_fetches_an_image_once(office: Office, admin: Visitor) -> None:
    show(admin, office, add(admin, office))
    office.deliver(letter())
    with meter.metered() as bill:
        answer(admin, office)
    assert bill.s3_gets == 1
    with meter.metered() as bill:
        assert images_in(answer(admin, office, "Again."))
    assert bill.s3_gets == 0


def test_S24_the_images_are_those_of_the_address_that_stands_in(office: Office, admin: Visitor) -> None:
    show(admin, office, add(admin, office))
    other = admin.post(f"/v1/inboxes/{office.inbox_id}/channels", {"type": "fallback_email", "local_part": "two"}).json
    office.deliver(letter(to=[other["address"]]), [other["address"]])
    assert admin.delete(f"/v1/channels/{other['id']}").status == 204
    assert len(images_in(answer(admin, office))) == 1


@pytest.mark.parametrize("src", ["cid:img_none@signature", "cid:logo", "CID:logo"])
def test_S42_a_signature_that_shows_what_is_not_there_is_refused(office: Office, admin: Visitor, src: str) -> None:
    refused = admin.patch(f"/v1/channels/{office.channel_id}", {"signature": f'<p>Acme</p><img src="{src}">'})
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, "no_such_image", "/signature")
    assert admin.get(f"/v1/channels/{office.channel_id}").json["signature"] == ""


def test_S11_an_image_is_one_channels_own(office: Office, admin: Visitor) -> None:
    made = add(admin, office)
    other = admin.post(f"/v1/inboxes/{office.inbox_id}/channels", {"type": "fallback_email", "local_part": "two"}).json
    assert admin.items(f"/v1/channels/{other['id']}/signature-images") == []
    refused = admin.patch(f"/v1/channels/{other['id']}", {"signature": f'<img src="{made["src"]}">'})
    assert (refused.status, refused.code) == (422, "no_such_image")
    assert admin.delete(f"/v1/channels/{other['id']}/signature-images/{made['id']}").status == 404
    assert [each["id"] for each in admin.items(path_of(office))] == [made["id"]]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("logo.svg", SVG, "not_an_image"),
        ("logo.png", SVG, "not_an_image"),
        ("logo.png", PDF, "not_an_image"),
        ("logo.png", b"<html>" + bytes(60), "not_an_image"),
        ("logo.png", PNG + bytes(200_000), "image_too_large"),
    ],
    ids=["svg", "svg called png", "pdf", "html", "large"],
)
def test_what_is_no_small_image_is_refused(
    office: Office, admin: Visitor, name: str, content: bytes, code: str
) -> None:
    refused = admin.post(path_of(office), {"upload_id": upload(admin, name, content, "image/png")})
    assert (refused.status, refused.code, refused.json["pointer"]) == (422, code, "/upload_id")
    assert (admin.items(path_of(office)), stored(office)) == ([], [])


def test_an_upload_is_ones_own_and_used_once(office: Office, admin: Visitor) -> None:
    other = upload(visitor_for(office.add_user("Mia")), "logo.png", PNG)
    own = upload(admin, "logo.png", PNG)
    assert admin.post(path_of(office), {"upload_id": own}).status == 201
    for upload_id in (other, own, "upl_none"):
        refused = admin.post(path_of(office), {"upload_id": upload_id})
        assert (refused.status, refused.code) == (422, "no_such_upload")


def test_a_channel_keeps_ten_images(office: Office, admin: Visitor) -> None:
    made = [add(admin, office) for _ in range(10)]
    refused = admin.post(path_of(office), {"upload_id": upload(admin, "logo.png", PNG)})
    assert (refused.status, refused.code) == (422, "too_many_images")
    assert [each["id"] for each in admin.items(path_of(office))] == [each["id"] for each in made]
    assert admin.delete(f"{path_of(office)}/{made[3]['id']}").status == 204
    add(admin, office)


def test_the_same_request_again_keeps_one_image(office: Office, admin: Visitor) -> None:
    told = {"upload_id": upload(admin, "logo.png", PNG)}
    first, again = (admin.post(path_of(office), told, idempotency_key="one") for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert [each["id"] for each in admin.items(path_of(office))] == [first.json["id"]] == [again.json["id"]]


def test_an_image_that_is_shown_stays_and_one_that_is_not_goes_for_good(office: Office, admin: Visitor) -> None:
    made = add(admin, office)
    show(admin, office, made)
    refused = admin.delete(f"{path_of(office)}/{made['id']}")
    assert (refused.status, refused.code) == (409, "image_shown")
    assert admin.patch(f"/v1/channels/{office.channel_id}", {"signature": "<p>Acme</p>"}).status == 200
    assert len(stored(office)) == 1
    assert admin.delete(f"{path_of(office)}/{made['id']}").status == 204
    assert (admin.items(path_of(office)), stored(office)) == ([], [])
    assert admin.delete(f"{path_of(office)}/{made['id']}").status == 404
    assert finish_erasures(10) == 0
    actions = [each["action"] for each in admin.items("/v1/audit")]
    assert [each for each in actions if "image" in each] == [
        "channel.signature_image_removed",
        "channel.signature_image_added",
    ]


def test_uploading_an_image_does_not_make_what_is_being_edited_stale(office: Office, admin: Visitor) -> None:
    path = f"/v1/channels/{office.channel_id}"
    tag = admin.get(path).headers["ETag"]
    made = add(admin, office)
    saved = admin.patch(path, {"signature": f'<img src="{made["src"]}">'}, if_match=tag)
    assert saved.status == 200


def test_a_signature_that_was_decided_on_before_its_image_went_is_not_saved(office: Office, admin: Visitor) -> None:
    """What two requests at once come to: the one that reads before the other writes loses."""
    made = add(admin, office)
    before = office.channel()
    (image,) = before.signature_images
    signature_images.remove_image(before, image, office.noted("channel.signature_image_removed", before.id))
    shown = replace(settings.settings_of(before), signature=f'<img src="{made["src"]}">')
    with pytest.raises(PreconditionFailed):
        settings.change(office.caller(), before, shown, None, clock.now())
    assert office.channel().signature == ""


def test_the_images_go_with_their_channel_even_if_that_died_half_way(
    office: Office, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = admin.post("/v1/inboxes", {"name": "Sales"}).json
    (channel,) = admin.items(f"/v1/inboxes/{inbox['id']}/channels")
    path = f"/v1/channels/{channel['id']}/signature-images"
    for _ in range(2):
        assert admin.post(path, {"upload_id": upload(admin, "logo.png", PNG)}).status == 201
    kept = add(admin, office)
    assert len(stored(office)) == 3
    before = office.channel(channel["id"])
    with monkeypatch.context() as dying:
        dying.setattr(aws.client("s3"), "delete_objects", _die)
        with pytest.raises(_Killed):
            connect.disconnect(office.caller(), before, clock.now())
    assert office.channel(channel["id"]).signature_images == ()
    assert len(before.signature_images) == 2
    assert len(stored(office)) == 3
    assert finish_erasures(10) == 1
    assert stored(office) == [signature_images.image_key(office.account_id, kept["id"])]
    assert channels.all_channels(office.account_id) == [office.channel()]


class _Killed(BaseException):
    """The function is gone: nothing catches this."""


def _die(**told: Any) -> None:
    raise _Killed

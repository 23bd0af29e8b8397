"""Mail that is broken, huge or made to hurt is filed all the same, with its defects named and its raw form kept."""

from __future__ import annotations

import base64

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.inbound.file_mail import MAX_LISTED
from chalicelib.mail.bounds import MAX_TEXT_BYTES
from chalicelib.model.delivery import Verdict
from tests.post import cloud
from tests.post.letters import letter
from tests.post.office import Office

MEGABYTE = 1 << 20


def test_an_empty_mail(office: Office) -> None:
    raw_id = office.deliver(b"", mail_from=None)
    assert office.delivery(raw_id).verdict is Verdict.FILED
    conversation = office.conversation()
    assert (conversation.contact_email, conversation.subject) == ("unknown-sender@invalid", "")
    assert office.messages()[0].body is not None


def test_no_from_but_an_envelope_sender(office: Office) -> None:
    office.deliver(letter(sender=None), mail_from="bob@customer.example")
    assert office.conversation().contact_email == "bob@customer.example"


@pytest.mark.parametrize("sender", ["Ada", '"Ada" <>', "undisclosed-senders:;", "<ada>"])
@pytest.mark.parametrize("mail_from", ["bob@customer.example", None])
def test_a_from_without_an_address_names_nobody(office: Office, sender: str, mail_from: str | None) -> None:
    """Else all who write no address would be one contact, and take part in each other's conversations."""
    office.deliver(letter(sender=sender), mail_from=mail_from)
    assert office.conversation().contact_email == (mail_from or "unknown-sender@invalid")


def test_mails_of_nobody_do_not_thread_with_one_another(office: Office) -> None:
    office.deliver(letter(sender=None), mail_from=None)
    office.deliver(
        letter(sender=None, message_id="two@x.example", in_reply_to="first@customer.example"), mail_from=None
    )
    assert len(office.conversations()) == 2


def test_forty_megabytes(office: Office) -> None:
    """SES takes mails of up to 40 MB."""
    attachment = base64.encodebytes(b"\0" * 29 * MEGABYTE)
    raw = (
        letter(headers={"MIME-Version": "1.0", "Content-Type": 'multipart/mixed; boundary="b"'}, text="")
        + b"--b\r\nContent-Type: text/plain\r\n\r\nSee the film.\r\n--b\r\nContent-Type: video/mp4\r\n"
        + b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=film.mp4\r\n\r\n"
        + attachment
        + b"--b--\r\n"
    )
    assert 39 * MEGABYTE < len(raw) < 40 * MEGABYTE
    office.deliver(raw)
    (message,) = office.messages()
    assert [(each.filename, each.size) for each in message.attachments] == [("film.mp4", 29 * MEGABYTE)]
    assert message.body is not None
    assert message.body.text.strip() == "See the film."


def test_a_hundred_thousand_parts(office: Office) -> None:
    part = b"--b\r\nContent-Type: text/x-part\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n"
    headers = {"MIME-Version": "1.0", "Content-Type": 'multipart/mixed; boundary="b"'}
    raw_id = office.deliver(letter(headers=headers, text="") + part * 100_000 + b"--b--\r\n")
    assert office.delivery(raw_id).verdict is Verdict.FILED
    (message,) = office.messages()
    assert "too_many_parts" in message.defects
    assert len(message.attachments) <= MAX_LISTED


def test_ten_megabytes_of_headers(office: Office) -> None:
    filler = "".join(f"X-Filler-{number}: {'y' * 990}\r\n" for number in range(10_600)).encode()
    assert len(filler) > 10 * MEGABYTE
    raw_id = office.deliver(letter().replace(b"MIME-Version", filler + b"MIME-Version"))
    assert office.delivery(raw_id).verdict is Verdict.FILED
    (message,) = office.messages()
    assert message.defects
    assert message.from_ is not None


@pytest.mark.parametrize("name", ["To", "Cc", "Reply-To"])
def test_ten_thousand_recipients_with_long_names(office: Office, name: str) -> None:
    """The row stays below DynamoDB's 400 KB, and the mail does not become an unreadable one."""
    many = ", ".join(f'"{"Name " * 100}" <person{number}@{"x" * 60}.example>' for number in range(10_000))
    raw_id = office.deliver(letter(headers=[(name, many)]))
    assert office.delivery(raw_id).verdict is Verdict.FILED
    assert len(office.messages()) == 1


def test_ten_thousand_long_ids(office: Office) -> None:
    many = [f"{'x' * 400}{number}@customer.example" for number in range(10_000)]
    raw_id = office.deliver(letter(references=many, in_reply_to=many[-1]))
    assert office.delivery(raw_id).verdict is Verdict.FILED
    assert office.conversation().message_count == 1
    noted = [key for key in cloud.table_content() if "MESSAGE-ID" in key[0]]
    assert len(noted) <= 4


def test_long_file_names(office: Office) -> None:
    parts = "".join(
        "--b\r\nContent-Type: text/x-part\r\nContent-Disposition: attachment; "
        f'filename="{"n" * 900}{number}"\r\n\r\nx\r\n'
        for number in range(900)
    )
    headers = {"MIME-Version": "1.0", "Content-Type": 'multipart/mixed; boundary="b"'}
    raw_id = office.deliver(letter(headers=headers, text=parts + "--b--\r\n"))
    assert office.delivery(raw_id).verdict is Verdict.FILED
    assert office.messages()[0].attachments


def test_a_subject_of_a_megabyte(office: Office) -> None:
    office.deliver(letter(subject="=?utf-8?q?" + "=C3=A4" * (MEGABYTE // 6) + "?="))
    assert 0 < len(office.conversation().subject) <= 1000


def test_a_sender_whose_address_is_too_long(office: Office) -> None:
    raw_id = office.deliver(letter(sender=f"<{'a' * 5000}@{'b' * 5000}.example>"), mail_from=None)
    assert office.delivery(raw_id).verdict.is_filed
    assert office.conversation().message_count == 1


@pytest.mark.parametrize(("share", "whole"), [(0.9, True), (1.1, False)])
def test_megabytes_of_text_are_kept_whole_up_to_a_bound(office: Office, share: float, whole: bool) -> None:
    line = "All of this must be readable.\r\n"
    times = int(share * MAX_TEXT_BYTES / len(line))
    office.deliver(letter(text=line * times))
    (message,) = office.messages()
    assert message.body is not None
    assert (message.body.text.count("readable") == times) is whole
    assert ("text_too_long" in message.defects) is not whole


@pytest.mark.parametrize("depth", [50, 2000])
def test_mails_within_mails(office: Office, depth: int) -> None:
    nested = "".join(f"Content-Type: message/rfc822\r\nSubject: {level}\r\n\r\n" for level in range(depth))
    headers = {"MIME-Version": "1.0", "Content-Type": "message/rfc822"}
    raw_id = office.deliver(letter(headers=headers, text=nested + letter().decode()))
    assert office.delivery(raw_id).verdict is Verdict.FILED


HEADER = st.sampled_from(
    ["From", "To", "Cc", "Subject", "Message-ID", "In-Reply-To", "References", "Date", "Content-Type", "Reply-To"]
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(st.tuples(HEADER, st.binary(max_size=80)), max_size=8).map(
            lambda pairs: b"".join(name.encode() + b": " + value + b"\r\n" for name, value in pairs) + b"\r\nBody"
        ),
        st.text(max_size=60).map(lambda text: letter(sender=f"<{text}@x.example>", subject=text, text=text)),
    ),
    st.one_of(st.none(), st.text(max_size=20)),
)
def test_any_bytes_and_any_envelope_sender_end_as_a_row(office: Office, raw: bytes, mail_from: str | None) -> None:
    try:
        announced_from = mail_from if mail_from is None else mail_from.encode().decode()
    except UnicodeEncodeError:
        announced_from = None
    raw_id = office.deliver(raw, mail_from=announced_from)
    delivery = office.delivery(raw_id)
    assert delivery.verdict in Verdict
    assert "unreadable" not in delivery.because.code
    if delivery.verdict.is_filed:
        assert delivery.conversation_id is not None

"""Which Message-IDs are looked up and noted, and that everything that strangers write is bounded."""

from __future__ import annotations

import pytest

from chalicelib.inbound.file_mail import (
    MAX_CITED,
    MAX_LISTED,
    MAX_REMEMBERED,
    MAX_SUBJECT,
    PREVIEW,
    cited_ids,
    preview,
)
from chalicelib.mail.model import Address, Attachment, Bounce, Forwarded, ParsedMail
from chalicelib.model.conversation import Direction
from chalicelib.model.filing import MAX_PARTICIPANTS, Evidence, Filing, KnownMessageId
from tests.unit.inbound.filed import (
    ADA,
    CHANNEL,
    JOINED,
    file,
    message_of,
)


def ids(count: int) -> tuple[str, ...]:
    return tuple(f"r{number}@x.example" for number in range(count))


@pytest.mark.parametrize(
    ("in_reply_to", "references", "expected"),
    [
        ((), (), ()),
        (("a",), (), ("a",)),
        (("c",), ("a", "b", "c"), ("c", "b", "a")),
        ((), ("a", "b"), ("b", "a")),
        (("own",), ("a", "own"), ("a",)),
        (("z",), ids(30), ("z", *reversed(ids(30)[-(MAX_CITED - 2) :]), "r0@x.example")),
    ],
)
def test_the_ids_that_are_looked_up(
    in_reply_to: tuple[str, ...], references: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    mail = ParsedMail(message_id="own", in_reply_to=in_reply_to, references=references)
    assert cited_ids(mail) == expected
    assert len(cited_ids(mail)) <= MAX_CITED


def test_of_a_report_what_it_is_about_is_looked_up_first() -> None:
    about = Bounce((), "hard", original_message_id="sent")
    assert cited_ids(ParsedMail(message_id="own", in_reply_to=("a",), bounce=about)) == ("sent", "a")


def learned(filing: Filing) -> dict[str, bool]:
    return {each.message_id: each.pending for each in filing.learned_ids}


def test_the_own_id_and_what_is_cited_but_unknown_are_noted() -> None:
    mail = ParsedMail(from_=ADA, message_id="own", references=ids(6))
    assert learned(file(mail)) == {"own": False, "r5@x.example": True, "r0@x.example": True, "r4@x.example": True}
    known = KnownMessageId("r5@x.example", "cnv_a", Direction.INCOMING, False)
    filing = file(mail, evidence=Evidence(CHANNEL, known_ids=(known,)), choice=JOINED)
    assert learned(filing) == {"own": False, "r0@x.example": True, "r4@x.example": True}
    assert all(each.writer == ADA.address for each in filing.learned_ids)


@pytest.mark.parametrize(
    ("own_id", "notes", "arrives"),
    [
        (None, True, False),
        (KnownMessageId("own", "cnv_a", Direction.INCOMING, True), False, True),
        (KnownMessageId("own", "cnv_b", Direction.INCOMING, False), False, False),
    ],
)
def test_the_own_id_is_noted_unless_it_is_known(own_id: KnownMessageId | None, notes: bool, arrives: bool) -> None:
    filing = file(ParsedMail(from_=ADA, message_id="own"), evidence=Evidence(CHANNEL, own_id=own_id))
    assert ("own" in learned(filing)) is notes
    assert (filing.arrived_id is not None) is arrives


def test_behind_a_signed_address_the_own_id_is_noted_without_having_been_looked_up() -> None:
    filing = file(ParsedMail(from_=ADA, message_id="own", references=("r",)), inbox_id=None, choice=JOINED)
    assert filing.own_id_unseen
    assert learned(filing) == {"own": False}
    assert filing.lookup is not None
    assert filing.lookup.inbox_id == "inb_a"


# --- Bounds


MANY = tuple(Address("N" * 100, f"person{number}@customer.example") for number in range(2000))


def test_everything_is_bounded() -> None:
    mail = ParsedMail(
        from_=Address("N" * 5000, ADA.address),
        to=MANY,
        cc=MANY,
        reply_to=MANY,
        subject="s" * 10_000,
        message_id="own",
        references=ids(200),
        attachments=tuple(Attachment(n, "f" * 200, "text/plain", 1, False) for n in range(2000)),
        defects=tuple(f"defect_{number}" for number in range(2000)),
        text="word " * 10_000,
    )
    filing = file(mail)
    message = message_of(filing)
    assert filing.conversation is not None
    assert filing.contact is not None
    assert len(filing.conversation.participants) == MAX_PARTICIPANTS
    assert len(message.to) == len(message.cc) == len(message.attachments) == len(message.defects) == MAX_LISTED
    assert len(message.subject) == len(filing.conversation.subject) == MAX_SUBJECT
    assert len(filing.contact.name or "") == 200
    assert len(filing.learned_ids) <= 1 + MAX_REMEMBERED
    assert all(len(each.participants) <= MAX_PARTICIPANTS for each in filing.learned_ids)
    assert len(filing.conversation.preview) <= PREVIEW


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (ParsedMail(text="a\n\n  b", reply_text="a\nb"), "a b"),
        (ParsedMail(text="only text"), "only text"),
        (ParsedMail(text="quoted", reply_text="", forwarded=Forwarded(ADA, text="inner words")), "inner words"),
        (ParsedMail(text="t", reply_text="mine", forwarded=Forwarded(ADA, text="inner")), "mine"),
        (ParsedMail(), ""),
        (ParsedMail(text="x" * 1000), "x" * PREVIEW),
        (ParsedMail(text=" " * 5000 + "late"), ""),
    ],
)
def test_the_preview(mail: ParsedMail, expected: str) -> None:
    assert preview(mail) == expected

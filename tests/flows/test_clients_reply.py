"""Replies as mail clients write them to an answer that left: each joins, and what it says is the new words alone.

Each is made of the mail as the customer has it (SES's Message-ID, our Reply-To, both parts), the way its client does:
which threading headers it writes, how it quotes, what it puts before the quotation, HTML or not.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from email.message import EmailMessage

import pytest

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.model.conversation import Direction
from chalicelib.model.inbox import Sender
from tests.api.visitor import Visitor, admin_of
from tests.post import outbox
from tests.post.letters import CONTACT, letter
from tests.post.office import Office
from tests.post.outbox import Sent

NEW = "Thank you, that helped.\n\nOne more thing: which size is it?"
WHEN = "Mon, 2 Mar 2026 11:20:00 +0100"
Client = Callable[[Sent], EmailMessage]


def quoted(sent: Sent) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in sent.text.replace("\r\n", "\n").rstrip("\n").split("\n"))


def page_of(sent: Sent) -> str:
    part = sent.mail.get_body(("html",))
    text = part.get_content() if part else f"<pre>{html.escape(sent.text)}</pre>"
    return str(text)


def paragraphs(how: str) -> str:
    return "".join(how.format(html.escape(line) or "<br>") for line in NEW.split("\n"))


def sender_of(sent: Sent) -> tuple[str, str]:
    address = sent.mail["From"].addresses[0]
    return address.display_name, address.addr_spec


def begun(sent: Sent, message_id: str, subject: str = "Re: {}") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"Ada <{CONTACT}>"
    mail["To"] = sent.reply_to
    about = str(sent.mail["Subject"])
    mail["Subject"] = about if about.lower().startswith("re:") else subject.format(about)
    mail["Date"] = WHEN
    mail["Message-ID"] = f"<{message_id}>"
    return mail


def threaded(mail: EmailMessage, sent: Sent) -> None:
    """In-Reply-To and the whole chain, as RFC 5322 §3.6.4 has it."""
    mail["In-Reply-To"] = f"<{sent.public_id}>"
    mail["References"] = " ".join([*str(sent.mail["References"] or "").split(), f"<{sent.public_id}>"])


def thunderbird(sent: Sent) -> EmailMessage:
    mail = begun(sent, "0b1f0c1e-8f0e-4d2f-a3a5-5f0f3c1f9b52@customer.example")
    threaded(mail, sent)
    mail["User-Agent"] = "Mozilla Thunderbird"
    name, _ = sender_of(sent)
    mail.set_content(f"{NEW}\n\nAm 02.03.26 um 10:15 schrieb {name}:\n{quoted(sent)}\n")
    mail.add_alternative(
        f'<!DOCTYPE html><html><head></head><body>{paragraphs("<p>{}</p>")}<div class="moz-cite-prefix">Am 02.03.26 um '
        f'10:15 schrieb {html.escape(name)}:<br></div><blockquote type="cite" '
        f'cite="mid:{sent.public_id}">{page_of(sent)}'
        "</blockquote></body></html>",
        subtype="html",
    )
    return mail


def apple_mail(sent: Sent) -> EmailMessage:
    """References are cut: the iPhone cites the newest mail alone."""
    mail = begun(sent, "8D7C8F7E-13F4-4D40-B1F2-4A2F8F5A0E11@customer.example")
    mail["In-Reply-To"] = f"<{sent.public_id}>"
    mail["References"] = f"<{sent.public_id}>"
    mail["X-Mailer"] = "iPhone Mail (21E236)"
    name, address = sender_of(sent)
    line = f"On 2. Mar 2026, at 10:15, {name} <{address}> wrote:"
    mail.set_content(f"{NEW}\n\nSent from my iPhone\n\n> {line}\n> \n{quoted(sent)}\n")
    mail.add_alternative(
        f'<html><body dir="auto">{paragraphs("<div>{}</div>")}<br id="lineBreakAtBeginningOfSignature">'
        f'<div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">'
        f"{html.escape(line)}<br><br></blockquote></div>"
        f'<blockquote type="cite"><div dir="ltr">{page_of(sent)}</div></blockquote></body></html>',
        subtype="html",
    )
    return mail


def outlook(sent: Sent) -> EmailMessage:
    """Thread-Topic and Thread-Index, neither In-Reply-To nor References, and a header block instead of quote marks."""
    mail = begun(sent, "AM0PR04MB1234A1B2C3D4E5F60718@AM0PR04MB1234.eurprd04.prod.outlook.com", "RE: {}")
    mail["Thread-Topic"] = str(sent.mail["Subject"]).removeprefix("Re: ")
    mail["Thread-Index"] = "Adps0aZ2mNw1p0H7S0mM3mB2d6kH9QAAB3Yg"
    name, address = sender_of(sent)
    block = {"From": f"{name} <{address}>", "Sent": "Monday, March 2, 2026 10:15 AM", "To": f"Ada <{CONTACT}>"}
    block["Subject"] = str(sent.mail["Subject"])
    told = "\n".join(f"{field}: {value}" for field, value in block.items())
    mail.set_content(f"{NEW}\n\n________________________________\n{told}\n\n{sent.text}\n")
    rows = "".join(f"<b>{field}:</b> {html.escape(value)}<br>" for field, value in block.items())
    mail.add_alternative(
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><div class="WordSection1">'
        + paragraphs('<p class="MsoNormal">{}<o:p></o:p></p>')
        + '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        + f'<p class="MsoNormal">{rows}</p></div></div>{page_of(sent)}</div></body></html>',
        subtype="html",
    )
    return mail


def gmail(sent: Sent) -> EmailMessage:
    mail = begun(sent, "CAF3bz1g6Zz0f5v8m1n2b3c4d5e6f7g8h9i0j@mail.gmail.com")
    threaded(mail, sent)
    name, address = sender_of(sent)
    line = f"On Mon, Mar 2, 2026 at 10:15 AM {name} <"
    mail.set_content(f"{NEW}\n\n{line}\n{address}> wrote:\n\n{quoted(sent)}\n")
    mail.add_alternative(
        f'<div dir="ltr">{paragraphs("<div>{}</div>")}</div><br><div class="gmail_quote gmail_quote_container">'
        f'<div dir="ltr" class="gmail_attr">{html.escape(line)}<a href="mailto:{address}">{address}</a>&gt; wrote:<br>'
        f'</div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">{page_of(sent)}</blockquote></div>',
        subtype="html",
    )
    return mail


def mutt(sent: Sent) -> EmailMessage:
    """Text alone; In-Reply-To, and References as long as the terminal's owner has them."""
    mail = begun(sent, "aeTq0hJ1k2L3m4N5@customer.example")
    threaded(mail, sent)
    name, _ = sender_of(sent)
    mail.set_content(f"{NEW}\n\nOn Mon, Mar 02, 2026 at 10:15:00AM +0100, {name} wrote:\n{quoted(sent)}\n")
    return mail


def only_the_address(sent: Sent) -> EmailMessage:
    """A web form, or a client that cites nothing: the signed address is all there is."""
    mail = begun(sent, "form@customer.example", "Your answer")
    del mail["Subject"]
    mail["Subject"] = "Your answer"
    mail.set_content(f"{NEW}\n")
    return mail


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter(subject="Your shirts"))
    return admin_of(office)


def answered(office: Office, admin: Visitor) -> Sent:
    """An answer, as the customer gets it."""
    body = {"type": "reply", "html": "<p>We have them in <b>blue</b>.</p><p>Would that do?</p>"}
    assert admin.post(f"/v1/conversations/{office.conversation().id}/messages", body).status == 201
    (sent,) = outbox.send_all(office)
    return sent


@pytest.mark.parametrize(
    "client", [thunderbird, apple_mail, outlook, gmail, mutt, only_the_address], ids=lambda each: each.__name__
)
def test_a_reply_joins_and_says_the_new_words_alone(office: Office, admin: Visitor, client: Client) -> None:
    sent = answered(office, admin)
    reply = client(sent)
    office.deliver(reply.as_bytes(), [sent.reply_to], received_at=stamp(clock.now()))
    messages = office.messages(office.conversation())  # there is one conversation
    assert [each.direction for each in messages] == [Direction.INCOMING, Direction.OUTGOING, Direction.INCOMING]
    body = messages[-1].body
    assert body is not None
    said = "\n".join(line.strip() for line in body.reply_text.strip().split("\n"))
    assert said.removesuffix("Sent from my iPhone").split() == NEW.split()
    assert "blue" not in said


@pytest.mark.parametrize("client", [thunderbird, apple_mail, gmail, mutt], ids=lambda each: each.__name__)
def test_a_reply_that_goes_to_the_team_address_joins_by_what_it_cites(
    office: Office, admin: Visitor, client: Client
) -> None:
    """Some clients answer the sender, whatever Reply-To says."""
    sent = answered(office, admin)
    office.deliver(client(sent).as_bytes(), [office.address])
    assert len(office.messages(office.conversation())) == 3


def test_outlook_that_answers_the_team_address_begins_anew(office: Office, admin: Visitor) -> None:
    """It cites nothing: the subject alone joins nothing (security before comfort)."""
    sent = answered(office, admin)
    office.deliver(outlook(sent).as_bytes(), [office.address])
    assert len(office.conversations()) == 2

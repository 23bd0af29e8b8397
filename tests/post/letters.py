"""Letters: raw mails (RFC 5322) as a sender's client writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

CONTACT = "ada@customer.example"


def letter(
    *,
    sender: str | None = f"Ada <{CONTACT}>",
    to: Sequence[str] = ("support@acme.in.postfach.test",),
    cc: Sequence[str] = (),
    subject: str | None = "A question",
    message_id: str | None = "first@customer.example",
    in_reply_to: str | None = None,
    references: Sequence[str] = (),
    text: str = "Where is my parcel?\r\n",
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
) -> bytes:
    """A plain-text mail; None leaves a header out, `headers` are written below the others."""
    lines: list[tuple[str, str]] = []
    if sender is not None:
        lines.append(("From", sender))
    if to:
        lines.append(("To", ", ".join(to)))
    if cc:
        lines.append(("Cc", ", ".join(cc)))
    if subject is not None:
        lines.append(("Subject", subject))
    lines.append(("Date", "Mon, 2 Mar 2026 09:00:00 +0100"))
    if message_id is not None:
        lines.append(("Message-ID", f"<{message_id}>"))
    if in_reply_to is not None:
        lines.append(("In-Reply-To", f"<{in_reply_to}>"))
    if references:
        lines.append(("References", "\r\n ".join(f"<{each}>" for each in references)))
    lines += headers.items() if isinstance(headers, Mapping) else headers
    if not any(name.lower() == "content-type" for name, _ in lines):
        lines += [("MIME-Version", "1.0"), ("Content-Type", "text/plain; charset=utf-8")]
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    return (head + "\r\n" + text).encode("utf-8", "surrogateescape")


def long_text(size: int, seed: int = 1) -> str:
    """Text of about `size` bytes that deflates as badly as prose of random words does: the same for the same seed."""
    state, words, length = seed, [], 0
    while length < size:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        word = format(state >> 20, "x")
        words.append(word)
        length += len(word) + 1
    lines = [" ".join(words[start : start + 6]) for start in range(0, len(words), 6)]
    return "\r\n".join(lines)[:size] + "\r\n"


def bounce_of(message_id: str, failed: str) -> bytes:
    """A delivery status notification (RFC 3464) about the mail `message_id`."""
    return (
        "From: Mail Delivery System <MAILER-DAEMON@mx.example>\r\n"
        "To: support@acme.in.postfach.test\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        "Date: Mon, 2 Mar 2026 09:00:00 +0100\r\n"
        "Message-ID: <bounce@mx.example>\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {failed}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\nSubject: Hello\r\n\r\n--b--\r\n"
    ).encode()

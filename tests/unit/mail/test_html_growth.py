"""The time to clean and render hostile HTML, and to judge hostile bounces, grows with the input and no faster.

Measured in processor time of this thread, the least of several runs, twice the input against once. A noisy pair is
measured again before it counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest

from chalicelib.mail import bounce_text
from chalicelib.mail.automatic import find_automatic
from chalicelib.mail.bounces import find_bounce
from chalicelib.mail.html import clean
from chalicelib.mail.parse import parse
from chalicelib.mail.text import from_html

MOST = 2.6

HTML: dict[str, tuple[Callable[[int], str], int]] = {
    "divs very deep": (lambda n: "<div>" * n, 12_500),
    "tables very deep": (lambda n: "<table><tr><td>" * n, 4_250),
    "quotes very deep, with text": (lambda n: "<blockquote type=cite>a" * n, 5_000),
    "lists very deep": (lambda n: "<ul><li>a" * n, 5_000),
    "formats that are never closed": (lambda n: "".join(f"<p><font size={i}>a" for i in range(n)), 1_000),
    "formats closed in the wrong order": (lambda n: "<b><i><u>a</b></i></u>" * n, 3_750),
    "formats around tables": (lambda n: "".join(f"<b class={i}><table></b></table>" for i in range(n)), 1_000),
    "end tags without elements": (lambda n: "<div>" * n + "</p></span></td>" * n, 2_500),
    "links in links": (lambda n: "<a href=https://x.example>a" * n, 3_000),
    "links around everything": (lambda n: "<a href=https://x.example><p>a" * n + "</p></a>" * n, 2_500),
    "attributes": (lambda n: "<a " + " ".join(f"a{i}=1" for i in range(n)) + ">x", 5_000),
    "one huge attribute": (lambda n: '<p style="' + "color:red;" * n + '">x</p>', 7_500),
    "style values": (lambda n: '<p style="color:' + "rgb(1" * n + '">x</p>', 7_500),
    "quotes in tags": (lambda n: "<a b=\"c d='" * n, 7_500),
    "tags that never end": (lambda n: "<a <b " * n, 12_500),
    "comments that never end": (lambda n: "<!-- a -- > <!" * n, 10_000),
    "comment ends": (lambda n: "<!--" + "-- >" * n, 20_000),
    "titles that never end": (lambda n: "<title/>a" * n, 5_000),
    "styles that never end": (lambda n: "<style></styl" * n, 10_000),
    "less-than signs": (lambda n: "<" * n, 50_000),
    "entities": (lambda n: "&am&#;&#x;&#99999999;" * n, 5_000),
    "one entity of digits": (lambda n: "&#" + "9" * n + ";", 100_000),
    "white space": (lambda n: "a" + " \n" * n + "&nbsp;" * n, 15_000),
    "markers": (lambda n: '<div class="gmail_quote">a<div id=appendonsend></div>' * n, 2_000),
    "markers without text": (lambda n: '<div id="appendonsend">' * n, 3_750),
    "class words": (lambda n: '<p class="' + "x_" * n + " " + "ecx " * n + '">a', 10_000),
    "lines over header fields": (lambda n: '<div style="border-top:solid">a: b<br>' * n, 2_000),
    "border-top without an end": (lambda n: '<p style="' + "border-top:" * n + '">a', 5_000),
    "hidden elements": (lambda n: '<div style="display:none">' * n + "a", 3_750),
    "images": (lambda n: "<img src=https://x.example/a.png alt=a>" * n, 2_000),
    "img in attributes": (lambda n: '<p title="' + "<img src=" * n + '">a', 10_000),
    "end tags in attributes": (lambda n: '<div title="</div>">' * n, 5_000),
    "tag ends in attributes": (lambda n: '<div x=\'"\' a=">"></div>' * n, 5_000),
    "names that end at no-break spaces": (lambda n: '<div\xa0a="b"></div>' * n, 5_000),
    "values that begin with no-break spaces": (lambda n: '<p a=\xa0"><div>">' * n, 4_000),
    "end tags in comments and styles": (lambda n: "<div><!-- </div> --><style></div></style>" * n, 3_000),
    "one format in sibling paragraphs": (
        lambda n: "<p>" + "<font size=1>" * 90 + "<p></p>" * n + "</font>" * 90,
        1_000,
    ),
    "preformatted": (lambda n: "<pre>\n" * n + "a\n" * n, 5_000),
}


def cost(work: Callable[[], object]) -> float:
    """Seconds of processor time, the least of some runs."""
    times = []
    for _ in range(3):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


def grows_linearly(work: Callable[[int], Callable[[], object]], size: int) -> float:
    """How much more twice the size costs; the best of five pairs, and 1.0 for what is too quick to tell."""
    ratio = 99.0
    for _ in range(5):
        once, twice = cost(work(size // 2)), cost(work(size))
        ratio = min(ratio, twice / once if twice > 0.004 else 1.0)
        if ratio <= MOST:
            break
    return ratio


@pytest.mark.parametrize("name", HTML)
def test_rendering_grows_linearly(name: str) -> None:
    make, size = HTML[name]
    assert grows_linearly(lambda n: partial(from_html, make(n)), size) <= MOST


@pytest.mark.parametrize("name", HTML)
def test_cleaning_grows_linearly(name: str) -> None:
    make, size = HTML[name]
    assert grows_linearly(lambda n: partial(clean, make(n)), size) <= MOST


@pytest.mark.parametrize("name", HTML)
def test_cleaned_html_stays_in_proportion(name: str) -> None:
    make, size = HTML[name]
    html = make(size)
    assert len(clean(html)) <= 12 * len(html) + 1_000


BOUNCE = b"Return-Path: <>\nFrom: MAILER-DAEMON@x.example (Daemon)\nTo: a@x.example\nSubject: Undelivered Mail\n"
REPORT = (
    BOUNCE + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    b"--b\nContent-Type: message/delivery-status\n\n"
)
NOTICE = BOUNCE + b"Content-Type: text/plain\n\nThis is the qmail-send program.\n"

BOUNCES: dict[str, tuple[Callable[[int], bytes], int]] = {
    "recipients": (
        lambda n: REPORT + b"".join(b"\nFinal-Recipient: rfc822; a%d@x\nAction: failed\n" % i for i in range(n)),
        750,
    ),
    "fields without recipients": (lambda n: REPORT + b"Action: failed\nStatus: 5.1.1\n" * n, 1_500),
    "folded diagnostics": (lambda n: REPORT + b"Final-Recipient: x; a@b\nDiagnostic-Code: smtp" + b"\n  a" * n, 15_000),
    "reasons": (lambda n: REPORT + b"Final-Recipient: x; a@b\nDiagnostic-Code: smtp; " + b"exceed" * n, 15_000),
    "statuses": (lambda n: NOTICE + b"5.1.1.1 " * n, 15_000),
    "addresses": (lambda n: NOTICE + b"<a@b.example>:\n" * n, 5_000),
    "at signs": (lambda n: NOTICE + b"a@" * n, 25_000),
    "dots": (lambda n: NOTICE + b"a" + b".a" * n, 25_000),
    "words before addresses": (lambda n: NOTICE + b"recipient address user to " * n, 5_000),
    "blank lines": (lambda n: NOTICE + b" \n\t" * n, 15_000),
    "dashes": (lambda n: NOTICE + b"-" * n, 50_000),
    "words of bounces": (lambda n: BOUNCE + b"\n" + b"your message recipient user delivery error host " * n, 2_500),
    "braces by SNS": (lambda n: b"From: no-reply@sns.amazonaws.com\n\n" + b'{"a":[' * n, 12_500),
    "braces closed by SNS": (lambda n: b"From: no-reply@sns.amazonaws.com\n\n" + b"{" * n + b"}" * n, 12_500),
}


@pytest.mark.parametrize("name", BOUNCES)
def test_judging_bounces_grows_linearly(name: str) -> None:
    make, size = BOUNCES[name]

    def judge(n: int) -> Callable[[], object]:
        root = parse(make(n))
        text = root.text()
        return lambda: (find_bounce(root, text), find_automatic(root, "x"))

    assert grows_linearly(judge, size) <= MOST


@pytest.mark.parametrize(
    "opening", ["<div>", "<table><tr><td>", "<blockquote>", "<ul><li>", "<b>", "<a href=https://x.example>"]
)
def test_a_hundred_thousand_deep(opening: str) -> None:
    html = opening * (100_000 // opening.count("<")) + "the end"
    assert "the end" in from_html(html).text
    assert "the end" in clean(html)


def test_a_notice_is_bounded() -> None:
    assert len(bounce_text.notice("a" * 1_000_000)) == bounce_text.MAX_NOTICE

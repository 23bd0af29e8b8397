"""How fast mails are understood, and with how much memory, against other parsers, in one run.

    python bench/understand.py [--path DIR] [--seconds S]

The others only parse: they read all headers and decode all bodies. Ours does that and cleans the HTML, finds quotes,
forwards, bounces, automatic mail and attachments. Budgets (ratios, since machines differ): no slower than twice the
standard library on the same mail; 25 MB mail: peak <= 80 MB + 3 x its size. mail-parser and fast-mail-parser take
part where installed. Prints one table; exit status 1 when a budget is missed.
"""

from __future__ import annotations

import argparse
import base64
import logging
import multiprocessing
import re
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

HEAD = (
    b"Received: from mx.example.org by inbound.example.com; Mon, 5 Jan 2026 10:00:01 +0000\r\n"
    * 6
    + b"From: =?utf-8?Q?J=C3=BCrgen_Muster?= <juergen@example.org>\r\n"
    b"To: Support <support@example.com>, b@example.com\r\n"
    b"Subject: =?utf-8?B?QW5mcmFnZSB6dXIgUmVjaG51bmcgw7xiZXI=?= 4711\r\nDate: Mon, 05 Jan 2026 11:00:00 +0100\r\n"
    b"Message-ID: <1234@example.org>\r\nIn-Reply-To: <1233@example.org>\r\n"
    b"References: <1231@example.org> <1233@example.org>\r\n"
    b"MIME-Version: 1.0\r\n"
)
TEXT = "Guten Tag,\n\nvielen Dank für die schnelle Antwort. Ich habe noch eine Frage zur Rechnung.\n\nGrüße\nJürgen\n\n"
QUOTE = "Am 05.01.2026 um 10:00 schrieb Support:\n" + "> Sehr geehrter Herr Muster, anbei die Rechnung.\n" * 20


def _part(content_type: str, body: bytes, more: bytes = b"") -> bytes:
    encoded = base64.encodebytes(body).replace(b"\n", b"\r\n")
    return (
        b"--b\r\nContent-Type: "
        + content_type.encode()
        + b"\r\nContent-Transfer-Encoding: base64\r\n"
        + more
        + b"\r\n"
        + encoded
    )


def _mixed(*parts: bytes) -> bytes:
    return HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"".join(parts) + b"--b--\r\n"


def mails() -> dict[str, list[bytes]]:
    """Mails by class."""
    text = (TEXT + QUOTE).encode()
    row = (
        "<tr><td style='padding:4px'><p>Grüße &amp; <b>Dank</b> <a href='https://example.org/x'>Link</a></p></td></tr>"
    )
    html = ("<html><body><table>" + row * 250 + "</table></body></html>").encode()
    plain = HEAD + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    file = b'Content-Disposition: attachment; filename="plan.pdf"\r\n'
    alternative = HEAD + b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
    corpus = sorted((Path(__file__).parents[1] / "tests" / "mails").glob("*/*.eml"))
    return {
        "text, 2 KB": [plain + text.replace(b"\n", b"\r\n")],
        "text and HTML, 40 KB": [
            alternative
            + _part("text/plain; charset=utf-8", text)
            + _part("text/html; charset=utf-8", html)
            + b"--b--\r\n"
        ],
        "attachment, 1 MB": [
            _mixed(_part("text/plain; charset=utf-8", text), _part("application/pdf", b"%PDF" * 190_000, file))
        ],
        "attachment, 25 MB": [
            _mixed(_part("text/plain; charset=utf-8", text), _part("application/pdf", b"%PDF" * 4_600_000, file))
        ],
        f"own corpus, {len(corpus)} mails": [path.read_bytes() for path in corpus] or [plain],
    }


def _ours(raw: bytes) -> object:
    from chalicelib.mail import understand

    return understand(raw)


def _standard_library(raw: bytes) -> object:
    from email import message_from_bytes
    from email.policy import default

    message = message_from_bytes(raw, policy=default)
    for part in message.walk():
        for name in part.keys():  # noqa: SIM118
            try:
                str(part[name])
            except Exception:
                continue
        if not part.is_multipart():
            part.get_payload(decode=True)
    return message


def _mail_parser(raw: bytes) -> object:
    import mailparser

    parsed = mailparser.parse_from_bytes(raw)
    return parsed.body, parsed.attachments, parsed.headers


def _fast_mail_parser(raw: bytes) -> object:
    import fast_mail_parser

    parsed = fast_mail_parser.parse_email(raw)
    return parsed.text_plain, [a.content for a in parsed.attachments], parsed.headers


PARSERS: dict[str, tuple[str, Callable[[bytes], object]]] = {
    "understand": ("chalicelib.mail", _ours),
    "standard library": ("email", _standard_library),
    "mail-parser": ("mailparser", _mail_parser),
    "fast-mail-parser": ("fast_mail_parser", _fast_mail_parser),
}


def _installed(module: str) -> bool:
    try:
        __import__(module)
    except ImportError:
        return False
    return True


def _per_second(parser: Callable[[bytes], object], raws: list[bytes], seconds: float) -> float:
    """Mails per second of processor time: the best of at least three rounds over `raws`."""
    best = float("inf")
    rounds = 0
    start = time.process_time()
    while rounds < 3 or (time.process_time() - start < seconds and rounds < 2000):
        begin = time.process_time()
        for raw in raws:
            try:
                parser(raw)
            except Exception:
                continue
        best = min(best, time.process_time() - begin)
        rounds += 1
    return len(raws) / best


def _peak(name: str, path: str, answer: Connection) -> None:
    PARSERS[name][1](Path(path).read_bytes())
    # VmHWM and not getrusage: a spawned process inherits the peak of its parent there.
    status = Path("/proc/self/status").read_text("ascii")
    found = re.search(r"VmHWM:\s+(\d+)", status)
    assert found is not None
    answer.send(int(found[1]) / 1024)


def _peak_mb(name: str, raw: bytes) -> float:
    """Peak resident memory in MB of a fresh process that reads one mail."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.NamedTemporaryFile() as file:
        file.write(raw)
        file.flush()
        process = context.Process(target=_peak, args=(name, file.name, theirs))
        process.start()
        theirs.close()
        try:
            return float(ours.recv())
        except EOFError:
            return float("nan")
        finally:
            process.join()


def main() -> int:
    """Print the table; 1 if a budget is missed."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=1.0, help="processor time for each cell")
    chosen = options.parse_args()
    logging.disable(logging.CRITICAL)
    names = [name for name, (module, _) in PARSERS.items() if _installed(module)]
    print(f"{'mails/s':28s}" + "".join(f"{name:>18s}" for name in names) + f"{'times std. lib.':>18s}")
    missed = False
    classes = mails()
    for title, raws in classes.items():
        speeds = {name: _per_second(PARSERS[name][1], raws, chosen.seconds) for name in names}
        ratio = speeds["standard library"] / speeds["understand"]
        missed |= ratio > 2
        print(f"{title:28s}" + "".join(f"{speeds[name]:18.1f}" for name in names) + f"{ratio:18.2f}")
    raw = classes["attachment, 25 MB"][0]
    peaks = {name: _peak_mb(name, raw) for name in names}
    limit = 80 + 3 * len(raw) / 1e6
    missed |= peaks["understand"] > limit
    print(f"{'peak MB, 25 MB mail':28s}" + "".join(f"{peaks[name]:18.0f}" for name in names) + f"   budget {limit:.0f}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())

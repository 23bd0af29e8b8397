"""`make send`: hand one mail file to the running local cloud by SMTP, as it is."""

from __future__ import annotations

import argparse
import json
import os
import smtplib
import sys
from email.utils import parseaddr
from pathlib import Path

from infra.local import received, settings


def main() -> int:
    """Send from the command line; 1 with a sentence when it cannot be."""
    parser = argparse.ArgumentParser(description="Send a mail file to the running local cloud.")
    parser.add_argument("--file", required=True, help="the mail as it is (RFC 5322)")
    parser.add_argument(
        "--to", default="", help="envelope recipients, separated by commas; the first inbox unless told"
    )
    parser.add_argument("--from", dest="sender", default="", help="envelope sender; the mail's From unless told")
    arguments = parser.parse_args()
    run_file = settings.read_settings(os.environ).run_file
    if not arguments.file or not Path(arguments.file).is_file():
        print("send: name a mail file: make send FILE=mail.eml [TO=address]", file=sys.stderr)
        return 1
    if not run_file.exists():
        print("send: nothing runs; start it with `make run`", file=sys.stderr)
        return 1
    told = json.loads(run_file.read_text())
    raw = Path(arguments.file).read_bytes()
    sender = arguments.sender or parseaddr(received.clean(received.read_headers(raw).get("From", "")))[1]
    recipients = arguments.to.split(",") if arguments.to else [told["fallback_address"]]
    try:
        with smtplib.SMTP(told["smtp_host"], told["smtp_port"], timeout=60) as smtp:
            smtp.sendmail(
                sender, recipients, raw, mail_options=["SMTPUTF8"] if not f"{sender}{recipients}".isascii() else []
            )
    except (OSError, smtplib.SMTPException) as error:
        print(f"send: not taken: {error}", file=sys.stderr)
        return 1
    print(f"Sent to {', '.join(recipients)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

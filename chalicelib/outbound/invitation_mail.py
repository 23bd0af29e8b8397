"""The mail that invites somebody to work here: whoever reads it, and hands in its token, is that user. Pure.

The token is an HMAC-SHA256 over purpose, account, user, invitation and address, so that it need not be kept anywhere:
what is stored is its SHA-256, and the function that sends the mail makes it again. The mail has no link, since mail
scanners open links, and nothing in it was chosen by whoever invited but the company's name.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.mail.compose import Draft
from chalicelib.mail.model import Address
from chalicelib.model.account import Account, User
from chalicelib.model.credentials import mac_of
from chalicelib.model.invitation import Invitation
from chalicelib.outbound.choose_sender import one_line
from chalicelib.outbound.system_mail import system_mail

PREFIX = "inv_"
VERSION = "i1"
LOCAL_PART = "no-reply"
SUBJECTS = {"de": "Einladung zu Postfach", "en": "Invitation to Postfach"}
TEXTS = {
    "de": """\
Guten Tag,

{company} lädt Sie ein, in Postfach mitzuarbeiten.

Wenn Sie das wollen, nehmen Sie die Einladung mit diesem Code an:

{token}

Der Code gilt einmal, bis {until} (UTC). Wer ihn eingibt, arbeitet unter
Ihrem Namen: geben Sie ihn nicht weiter. Wenn Sie nichts davon wissen,
ist nichts zu tun.
""",
    "en": """\
Hello,

{company} invites you to work in Postfach.

If you want that, accept the invitation with this code:

{token}

The code works once, until {until} (UTC). Whoever enters it works under
your name: do not pass it on. If you know nothing of this, there is
nothing to do.
""",
}


def token_of(key: bytes, account_id: str, user_id: str, invitation_id: str, email: str) -> str:
    """The token of an invitation: the same for the same texts, and nobody's to guess."""
    return PREFIX + mac_of(key, "invitation", VERSION, account_id, user_id, invitation_id, email.lower())


def invitation_mail(
    invitation: Invitation, token: str, user: User, account: Account, domain: str, now: datetime
) -> Draft:
    """The mail that carries the token: automatic, from an address of the account's `domain`."""
    locale = account.locale if account.locale in TEXTS else "en"
    until = datetime.fromisoformat(invitation.expires_at).strftime("%Y-%m-%d %H:%M")
    company = one_line(account.company_name)
    text = TEXTS[locale].format(company=company or account.subdomain, token=token, until=until)
    sender = Address(company or None, f"{LOCAL_PART}@{domain}")
    return system_mail(invitation.id, sender, user.email, SUBJECTS[locale], text, now)

"""The mail that proves an address: whoever reads it, and hands in its token, controls the address (S36, S37). Pure.

The token is an HMAC-SHA256 over the proof's purpose, account, channel, id and address, so that it need not be kept
anywhere: what is stored is its SHA-256, and the function that sends the mail makes it again. The mail has no link,
since mail scanners open links, and nothing in it was chosen by whoever asked but addresses and the company's name.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.mail.compose import Draft
from chalicelib.mail.model import Address
from chalicelib.model.account import Account
from chalicelib.model.credentials import mac_of
from chalicelib.model.inbox import Channel
from chalicelib.model.proof import AddressProof
from chalicelib.outbound.choose_sender import choose_sender
from chalicelib.outbound.system_mail import system_mail

PREFIX = "fap_"
VERSION = "p1"
SUBJECTS = {"de": "Bestätigen Sie diese Absenderadresse", "en": "Confirm this sender address"}
TEXTS = {
    "de": """\
Guten Tag,

Postfach soll künftig E-Mails von {address} senden,
für den Posteingang hinter {own}.

Wenn Sie das wollen, bestätigen Sie es in Postfach mit diesem Code:

{token}

Der Code gilt einmal, bis {until} (UTC). Wenn Sie nichts davon
wissen, ist nichts zu tun: ohne den Code wird von dieser Adresse nichts
gesendet.
""",
    "en": """\
Hello,

Postfach was asked to send mail from {address},
for the inbox behind {own}.

If you want that, confirm it in Postfach with this code:

{token}

The code works once, until {until} (UTC). If you know nothing
of this, there is nothing to do: without the code, no mail is sent from
this address.
""",
}


def token_of(key: bytes, account_id: str, channel_id: str, proof_id: str, address: str) -> str:
    """The token of a proof: the same for the same texts, and nobody's to guess."""
    return PREFIX + mac_of(key, "from address proof", VERSION, account_id, channel_id, proof_id, address.lower())


def proof_mail(proof: AddressProof, token: str, account: Account, channel: Channel, now: datetime) -> Draft:
    """The mail that carries the token: automatic, from the channel's own address."""
    locale = account.locale if account.locale in TEXTS else "en"
    until = datetime.fromisoformat(proof.expires_at)
    text = TEXTS[locale].format(
        address=proof.address, own=channel.address, token=token, until=until.strftime("%Y-%m-%d %H:%M")
    )
    name = choose_sender(channel, None, account.company_name).from_.name
    return system_mail(proof.id, Address(name, channel.address), proof.address, SUBJECTS[locale], text, now)

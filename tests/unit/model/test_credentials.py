"""What was signed and mailed stays good: addresses and codes are out in the world."""

from __future__ import annotations

from datetime import UTC, datetime

from chalicelib.inbound.probe_words import make_token
from chalicelib.inbound.reply_address import make_reply_address
from chalicelib.model.credentials import digest_of
from chalicelib.outbound import invitation_mail, proof_mail

KEY = b"a key that signs, longer than thirty-two bytes"
CONVERSATION, CHANNEL, PROBE = "cnv_" + "a2" * 8, "chn_" + "b3" * 8, "prb_" + "c4" * 8


def test_a_reply_address_is_what_it_always_was() -> None:
    expires = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    made = make_reply_address(KEY, "acme.in.example", "acc_ä", CONVERSATION, CHANNEL, expires=expires)
    assert made == "r1.a2a2a2a2a2a2a2a2b3b3b3b3b3b3b3b3.5022.4wwaptubmxups5bv@acme.in.example"


def test_a_probe_is_what_it_always_was() -> None:
    assert make_token(KEY, "acc_ä", CHANNEL, PROBE) == "pp1.b3b3b3b3b3b3b3b3c4c4c4c4c4c4c4c4.xrrd7flyvsz6rmh6"


def test_the_code_of_a_from_address_is_what_it_always_was() -> None:
    made = proof_mail.token_of(KEY, "acc_a", CHANNEL, "prf_a", "Hélp@acme.example\udc80")
    assert made == "fap_gvagvwunocs26ugz255jynrpmcoa3ptl2oossrxvxf6wqgxw6zla"


def test_the_code_of_an_invitation_is_what_it_always_was() -> None:
    assert (
        invitation_mail.token_of(KEY, "acc_a", "usr_a", "ivt_a", "Ann@acme.example")
        == "inv_qe763waqluryqqrwxpxh7h2xjfoksidm3lutrnpffkopn6fzwcda"
    )


def test_what_is_kept_of_a_code_is_what_it_always_was() -> None:
    assert digest_of("fap_é\udc80") == "3d10e10ffe6fd67deba4dfa8f773d478441acac306e75092a85de561df0ad9e4"

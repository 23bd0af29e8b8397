"""The code that proves a from address, and the mail that carries it (S36, S37)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.mail import read_mail
from chalicelib.mail.compose import compose
from chalicelib.model.account import Account, Plan
from chalicelib.model.credentials import digest_of
from chalicelib.model.inbox import Channel, ChannelType, Sender
from chalicelib.model.proof import AddressProof
from chalicelib.outbound.proof_mail import SUBJECTS, proof_mail, token_of

KEY = b"a key that signs, longer than thirty-two bytes"
TOLD = ("acc_a", "chn_a", "prf_a", "help@acme.example")
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ACCOUNT = Account(
    id="acc_a",
    company_name="Acme Inc.",
    subdomain="acme",
    plan=Plan.PROFESSIONAL,
    locale="en",
    default_inbox_id="inb_a",
    default_pipeline_id="pip_a",
    created_at="2026-03-02T08:00:00.000Z",
)
CHANNEL = Channel(
    account_id="acc_a",
    id="chn_a",
    inbox_id="inb_a",
    type=ChannelType.FALLBACK_EMAIL,
    address="support@acme.in.example",
    created_at="2026-03-02T08:00:00.000Z",
    sender=Sender(from_address="help@acme.example"),
    signature="<p>Signed {{user.full_name}}</p>",
)
PROOF = AddressProof(*TOLD, "digest", "2026-03-02T08:00:00.000Z", "2026-03-04T08:00:00.000Z")


def test_a_code_is_the_same_for_the_same_proof_and_fits_a_path() -> None:
    token = token_of(KEY, *TOLD)
    assert token == token_of(KEY, *TOLD)
    assert token.startswith("fap_")
    assert len(token) == 56
    assert token.removeprefix("fap_").isalnum()
    assert digest_of(token) != digest_of(token.upper())


@pytest.mark.parametrize("changed", range(4))
def test_another_account_channel_proof_or_address_has_another_code(changed: int) -> None:
    other = [*TOLD]
    other[changed] += "x"
    assert token_of(KEY, *other) != token_of(KEY, *TOLD)
    assert token_of(KEY + b"x", *TOLD) != token_of(KEY, *TOLD)


@given(st.tuples(*[st.text(max_size=8)] * 4), st.tuples(*[st.text(max_size=8)] * 4))
def test_no_two_proofs_share_a_code(one: tuple[str, str, str, str], other: tuple[str, str, str, str]) -> None:
    def is_told_apart(told: tuple[str, str, str, str]) -> bool:
        return not any("\x00" in each for each in told)

    same = (*one[:3], one[3].lower()) == (*other[:3], other[3].lower())
    if is_told_apart(one) and is_told_apart(other):
        assert (token_of(KEY, *one) == token_of(KEY, *other)) == same


@pytest.mark.parametrize(("locale", "subject"), [*SUBJECTS.items(), ("xx", SUBJECTS["en"])])
def test_the_mail_in_each_language(locale: str, subject: str) -> None:
    token = token_of(KEY, *TOLD)
    raw = compose(proof_mail(PROOF, token, replace(ACCOUNT, locale=locale), CHANNEL, NOW))
    mail = read_mail(raw)
    assert mail.subject == subject
    assert mail.automatic is not None
    assert mail.automatic.auto_submitted
    assert [each.address for each in mail.to] == ["help@acme.example"]
    assert f"\n\n{token}\n\n" in mail.text
    assert "2026-03-04 08:00" in mail.text
    assert "http" not in mail.text
    assert "Signed" not in mail.text
    assert max(map(len, mail.text.splitlines())) <= 78


def test_it_leaves_from_the_channels_own_address_though_another_is_wanted() -> None:
    proven = replace(CHANNEL, proven_address="help@acme.example")
    assert proof_mail(PROOF, "fap_x", ACCOUNT, proven, NOW).from_.address == CHANNEL.address

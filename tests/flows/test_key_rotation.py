"""The signing key is changed: what was signed before is good until it expires, what comes after has the new one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.inbound.reply_address import read_reply_address
from chalicelib.model.inbox import Sender
from chalicelib.model.signing_keys import NOTICE, rotated
from chalicelib.storage import aws
from tests.api.visitor import Visitor, admin_of
from tests.post import cloud, outbox
from tests.post.cloud import SIGNING_KEY
from tests.post.letters import letter
from tests.post.office import Office

NEW = "another signing key, of more than thirty-two characters"


@pytest.fixture
def admin(office: Office) -> Visitor:
    office.set_channel(sender=Sender(use_for_sending=True))
    office.deliver(letter())
    return admin_of(office)


def rotate(*, long_ago: bool) -> None:
    """An operator rotates, and functions have read the secret again."""
    at = clock.now() - (2 * NOTICE if long_ago else timedelta())
    vault = aws.client("secretsmanager")
    secret = vault.get_secret_value(SecretId="signing-secret")["SecretString"]
    vault.put_secret_value(SecretId="signing-secret", SecretString=rotated(secret, NEW, at))
    cloud.forget_everything()


def answer(office: Office, admin: Visitor) -> outbox.Sent:
    path = f"/v1/conversations/{office.conversation().id}/messages"
    assert admin.post(path, {"type": "reply", "text": "Soon."}).status == 201
    (mail,) = outbox.send_all(office)
    return mail


def signed_by(mail: outbox.Sent, office: Office, key: str) -> bool:
    return read_reply_address(key.encode(), mail.reply_to, office.account_id, now=clock.now()) is not None


def test_old_addresses_keep_working_and_new_ones_have_the_new_key(office: Office, admin: Visitor) -> None:
    before = answer(office, admin)
    rotate(long_ago=True)
    after = answer(office, admin)
    assert (signed_by(before, office, SIGNING_KEY), signed_by(after, office, NEW)) == (True, True)
    assert not signed_by(after, office, SIGNING_KEY)
    for number, mail in enumerate((before, after)):
        raw = letter(message_id=f"r{number}@customer.example", to=[mail.reply_to])
        office.deliver(raw, [mail.reply_to], received_at=stamp(clock.now() + timedelta(minutes=number + 1)))
        assert office.messages()[-1].joined_because.code == "signed_reply_address"


def test_a_new_key_does_not_sign_before_every_function_knows_it(office: Office, admin: Visitor) -> None:
    rotate(long_ago=False)
    assert signed_by(answer(office, admin), office, SIGNING_KEY)


def test_a_proof_that_was_asked_for_before_is_still_given(office: Office, admin: Visitor) -> None:
    path = f"/v1/channels/{office.channel_id}/from-address"
    assert admin.post(path, {"address": "help@acme.example"}).status == 202
    rotate(long_ago=True)
    (mail,) = outbox.send_all(office)
    assert admin.post(f"/v1/from-address-proofs/{outbox.token_in(mail)}").status == 200


def test_an_invitation_that_waits_to_leave_is_still_mailed_and_accepted(office: Office, admin: Visitor) -> None:
    new = {"email": "new@acme.example", "name": "New", "seat": "service", "invite": True}
    assert admin.post("/v1/users", new).status == 201
    rotate(long_ago=True)
    (mail,) = outbox.send_all(office)
    assert Visitor().post(f"/v1/invitations/{outbox.token_in(mail)}").status == 201

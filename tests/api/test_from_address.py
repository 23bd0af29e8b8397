"""Sending from an address of one's own: only after a proof that somebody reads its mail (S36, S37)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chalicelib import clock
from chalicelib.config import config
from chalicelib.errors import NotFound
from chalicelib.mail import read_mail
from chalicelib.model.inbox import Sender
from chalicelib.model.limits import PROOFS_OF_ACCOUNT, PROOFS_TO_ADDRESS
from chalicelib.settings import from_addresses
from chalicelib.storage import aws, inboxes
from tests.api.visitor import Visitor
from tests.post import cloud
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.outbox import Sent, handle, send_all, sent, take, token_in

HELP = "help@acme.example"


def path_of(office: Office) -> str:
    return f"/v1/channels/{office.channel_id}"


def ask(office: Office, admin: Visitor, address: str = HELP) -> list[Sent]:
    """Ask for an address; the mails that leave."""
    asked = admin.post(f"{path_of(office)}/from-address", {"address": address})
    assert asked.status == 202, asked.text
    return send_all(office)


def give(token: str) -> int:
    return Visitor().post(f"/v1/from-address-proofs/{token}").status


def sender(office: Office, admin: Visitor) -> tuple[str, str, str]:
    told = admin.get(path_of(office)).json["sender"]
    return told["from_address"], told["from_address_status"], told["sends_from"]


def test_S36_S37_an_address_is_used_once_it_is_proven(office: Office, admin: Visitor) -> None:
    (mailed,) = ask(office, admin)
    assert mailed.rcpt_to == (HELP,)
    assert sender(office, admin) == (HELP, "unproven", office.address)
    given = Visitor().post(f"/v1/from-address-proofs/{token_in(mailed)}")
    assert (given.status, given.json) == (200, {"address": HELP})
    assert sender(office, admin) == (HELP, "proven", HELP)
    shown = admin.post(f"{path_of(office)}/preview", {"text": "x"}).json
    assert (shown["from_address"], shown["from_because_code"]) == (HELP, "custom_address")


def test_S37_S71_answers_leave_from_it_from_then_on(office: Office, admin: Visitor) -> None:
    office.deliver(letter())
    messages = f"/v1/conversations/{office.conversation().id}/messages"
    admin.patch(path_of(office), {"sender": {"use_for_sending": True}})
    (mailed,) = ask(office, admin)
    aws.client("sesv2").create_email_identity(EmailIdentity="acme.example")
    admin.post(messages, {"type": "reply", "text": "One"})
    (before,) = send_all(office)
    assert give(token_in(mailed)) == 200
    admin.post(messages, {"type": "reply", "text": "Two"})
    (after,) = send_all(office)
    assert [each.mail["From"].addresses[0].addr_spec for each in (before, after)] == [office.address, HELP]
    assert after.reply_to.startswith("r1.")


def test_S36_the_mail_is_automatic_and_holds_nothing_to_click(office: Office, admin: Visitor) -> None:
    admin.patch(path_of(office), {"signature": "<p>{{user.full_name}}</p>"})
    (mailed,) = ask(office, admin)
    mail = read_mail(mailed.raw)
    assert mail.automatic is not None
    assert mail.automatic.auto_submitted
    assert mail.from_ is not None
    assert (mail.from_.name, mail.from_.address) == ("Acme Inc.", office.address)
    assert "http" not in mail.text
    assert "Grace" not in mailed.raw.decode()
    assert HELP in mail.text


def test_S36_a_token_works_once(office: Office, admin: Visitor) -> None:
    (mailed,) = ask(office, admin)
    assert [give(token_in(mailed)) for _ in range(3)] == [200, 404, 404]


def test_S36_a_token_expires(office: Office, admin: Visitor) -> None:
    (mailed,) = ask(office, admin)
    late = clock.now() + from_addresses.LIFE + timedelta(seconds=1)
    with pytest.raises(NotFound):
        from_addresses.give(token_in(mailed), late)
    assert sender(office, admin)[1] == "unproven"


@pytest.mark.parametrize("token", ["fap_", "fap_" + "a" * 52, "x", "pf_" + "a" * 52])
def test_S36_what_was_not_mailed_proves_nothing(office: Office, admin: Visitor, token: str) -> None:
    ask(office, admin)
    assert give(token) == 404
    assert sender(office, admin)[1] == "unproven"


def test_S36_looking_at_it_proves_nothing(office: Office, admin: Visitor) -> None:
    """Discourse CVE-2019-1020018: mail scanners follow links, so GET never acts."""
    (mailed,) = ask(office, admin)
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert Visitor().send(method, f"/v1/from-address-proofs/{token_in(mailed)}").status >= 400
    assert sender(office, admin)[1] == "unproven"


def test_S36_the_token_is_stored_nowhere(office: Office, admin: Visitor) -> None:
    asked = admin.post(f"{path_of(office)}/from-address", {"address": HELP})
    (mailed,) = send_all(office)
    token = token_in(mailed)
    assert token not in str(cloud.table_content())
    assert token not in asked.text


def test_S36_a_token_proves_only_the_address_it_was_mailed_to(office: Office, admin: Visitor) -> None:
    (first,) = ask(office, admin)
    (second,) = ask(office, admin, "sales@acme.example")
    refused = Visitor().post(f"/v1/from-address-proofs/{token_in(first)}")
    assert (refused.status, refused.code) == (409, "address_not_wanted")
    assert sender(office, admin) == ("sales@acme.example", "unproven", office.address)
    assert give(token_in(second)) == 200
    assert give(token_in(first)) == 409
    assert sender(office, admin) == ("sales@acme.example", "proven", "sales@acme.example")


def test_S37_an_address_set_without_a_proof_or_changed_after_it_is_not_used(office: Office, admin: Visitor) -> None:
    (mailed,) = ask(office, admin)
    assert give(token_in(mailed)) == 200
    admin.patch(path_of(office), {"sender": {"from_address": "sales@acme.example"}})
    assert sender(office, admin) == ("sales@acme.example", "unproven", office.address)
    admin.patch(path_of(office), {"sender": {"from_address": HELP}})
    assert sender(office, admin) == (HELP, "proven", HELP)
    assert ask(office, admin) == []  # proven already


def test_S36_a_proof_belongs_to_one_channel(office: Office, admin: Visitor) -> None:
    (mailed,) = ask(office, admin)
    assert give(token_in(mailed)) == 200
    other = office.add_channel("sales")
    told = admin.patch(f"/v1/channels/{other.id}", {"sender": {"from_address": HELP, "company_name": "Sales"}}).json
    assert told["sender"]["from_address_status"] == "unproven"


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("{own}", 422, "own_address"),
        ("nobody", 400, "invalid_input"),
        ("jürgen@acme.example", 422, "bad_address"),
        ("a@b.example\r\nBcc: c@d.example", 400, "invalid_input"),
        ("a@b.example, c@d.example", 400, "invalid_input"),
    ],
)
def test_S36_addresses_that_are_refused(office: Office, admin: Visitor, address: str, status: int, code: str) -> None:
    before = admin.get(path_of(office))
    refused = admin.post(f"{path_of(office)}/from-address", {"address": address.format(own=office.address)})
    assert (refused.status, refused.code, refused.json["pointer"]) == (status, code, "/address")
    assert admin.get(path_of(office)).json == before.json
    assert send_all(office) == []


def test_S86_a_channel_that_is_off_mails_no_proof(office: Office, admin: Visitor) -> None:
    admin.patch(path_of(office), {"enabled": False})
    assert admin.post(f"{path_of(office)}/from-address", {"address": HELP}).code == "channel_off"
    admin.patch(path_of(office), {"enabled": True})
    admin.post(f"{path_of(office)}/from-address", {"address": HELP})
    admin.patch(path_of(office), {"enabled": False})
    assert send_all(office) == []


def test_no_mailbox_is_flooded_and_no_account_mails_without_end(office: Office, admin: Visitor) -> None:
    """Discourse CVE-2022-31184: every way that sends mail has a limit."""

    def statuses(*addresses: str) -> list[int]:
        return [admin.post(f"{path_of(office)}/from-address", {"address": each}).status for each in addresses]

    of_account, to_address = PROOFS_OF_ACCOUNT.most, PROOFS_TO_ADDRESS.most
    assert statuses(*[HELP] * to_address) == [202] * to_address
    assert statuses(HELP, HELP.upper()) == [429, 429]
    others = [f"a{number}@acme.example" for number in range(of_account - to_address)]
    assert statuses(*others) == [202] * len(others)
    refused = admin.post(f"{path_of(office)}/from-address", {"address": "another@acme.example"})
    assert (refused.status, refused.code) == (429, "too_many_requests")
    assert len(take(config().outbound_queue_url)) == of_account


def test_the_limits_are_of_one_day(office: Office) -> None:
    def begin(now: datetime) -> None:
        from_addresses.begin(office.caller(), clock.new_id("prf"), office.channel(), HELP, now)

    for _ in range(PROOFS_TO_ADDRESS.most):
        begin(clock.now())
    begin(clock.now() + timedelta(days=1))
    found = inboxes.get_channel(office.account_id, office.channel_id)
    assert found is not None
    assert found.sender.from_address == HELP


def test_S36_a_mail_that_is_asked_for_twice_by_the_queue_carries_one_token(office: Office, admin: Visitor) -> None:
    admin.post(f"{path_of(office)}/from-address", {"address": HELP})
    (body,) = take(config().outbound_queue_url)
    assert handle(office, "send_mail", body, body) == []
    one, other = sent()
    assert token_in(one) == token_in(other)
    assert give(token_in(one)) == 200
    assert handle(office, "send_mail", body) == []
    assert len(sent()) == 2


@pytest.mark.parametrize("address", ["acme.shop@gmail.com", "acme@Outlook.com", "acme@GMX.de"])
def test_S36_an_address_at_a_public_provider_is_refused_and_nothing_leaves(
    office: Office, admin: Visitor, address: str
) -> None:
    """A code would prove that somebody reads it, and every mail from it would be lost all the same."""
    asked = admin.post(f"{path_of(office)}/from-address", {"address": address})
    assert (asked.status, asked.code, asked.json["pointer"]) == (422, "public_domain", "/address")
    assert "domain of your own" in asked.json["detail"]
    assert office.address in asked.json["detail"]
    saved = admin.patch(path_of(office), {"sender": {"from_address": address}})
    assert (saved.status, saved.code, saved.json["pointer"]) == (422, "public_domain", "/sender/from_address")
    assert sender(office, admin)[0] == office.address
    assert send_all(office) == []


def test_S36_a_domain_whose_name_ends_alike_is_no_public_provider(office: Office, admin: Visitor) -> None:
    for address in ("help@notgmail.com", "help@gmail.com.acme.example"):
        assert len(ask(office, admin, address)) == 1


def test_S71_other_settings_of_a_channel_that_has_one_already_can_be_saved(office: Office, admin: Visitor) -> None:
    office.set_channel(sender=Sender(from_address="acme@gmx.de"), proven_address="acme@gmx.de")
    assert admin.patch(path_of(office), {"sender": {"company_name": "Acme"}}).status == 200

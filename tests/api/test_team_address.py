"""The team's own address: forwarded to us, sent from once its domain lets us, and the fallback that stands in (S24)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import clock
from chalicelib.errors import Conflict
from chalicelib.model.conversation import Direction
from chalicelib.model.delivery import Verdict
from chalicelib.model.health import ChannelStatus, ObservedStatus
from chalicelib.model.sending_domain import DomainState
from chalicelib.settings import domains
from chalicelib.storage import sending_domains, table
from chalicelib.storage.tables import ChannelRow
from tests.api.visitor import Visitor, admin_of, visitor_for
from tests.post import outbox
from tests.post.identities import Identities, ses_identities
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.ses import UNPROVEN

TEAM = "support@customer.example"
GOOGLE = "forwarding-noreply@google.com"


@pytest.fixture
def ses(empty_cloud: None) -> Iterator[Identities]:
    with ses_identities() as identities:
        yield identities


def connect(admin: Visitor, office: Office, address: str = TEAM, **form: Any) -> dict[str, Any]:
    """The team address, in the default inbox."""
    path = f"/v1/inboxes/{office.inbox_id}/channels"
    made = admin.post(path, {"type": "team_email", "address": address, **form})
    assert made.status == 201, made.text
    return dict(made.json)


def verify(ses: Identities, office: Office, domain: str = "customer.example", **found: str) -> None:
    """SES has seen the records, and was asked again."""
    ses.verify(domain, **found)
    claimed = sending_domains.find(domain)
    assert claimed is not None
    domains.refresh(claimed, clock.now())


def break_off(office: Office, channel_id: str, status: ChannelStatus = ChannelStatus.DISCONNECTED) -> None:
    """The channel was observed to be so."""
    writes = table.Transaction()
    from chalicelib.storage import keys

    observed = {"incoming": status.value, "outgoing": status.value}
    writes.update(ChannelRow, keys.channel(office.account_id, channel_id), [ChannelRow.observed.set(observed)])
    writes.commit("observe a channel")
    assert office.channel(channel_id).observed == ObservedStatus(status, status)


def reply(admin: Visitor, office: Office) -> Any:
    conversation = office.conversation()
    return admin.post(f"/v1/conversations/{conversation.id}/messages", {"type": "reply", "text": "On its way."})


def test_S38_S39_a_team_address_says_where_to_forward_to_and_how(
    office: Office, admin: Visitor, ses: Identities
) -> None:
    made = connect(admin, office)
    assert made["address"] == TEAM
    assert made["forwarding_address"].endswith("@acme.in.postfach.test")
    receiving = made["receiving"]
    assert (receiving["forwarding_address"], receiving["state"]) == (made["forwarding_address"], "pending")
    providers = {each["provider"] for each in receiving["instructions"]}
    assert {"google_workspace", "microsoft_365", "cpanel", "outlook_com", "other"} <= providers
    for each in receiving["instructions"]:
        assert set(each["steps"]) == {"en", "de"}
        for steps in each["steps"].values():
            told = " ".join(steps)
            assert TEAM in told
            assert made["forwarding_address"] in told
            assert "{" not in told
    assert admin.get(f"/v1/channels/{made['id']}").json["receiving"] == receiving
    (_, listed) = admin.items(f"/v1/inboxes/{office.inbox_id}/channels")
    assert listed["receiving"]["instructions"] == []


def test_redirected_mail_becomes_a_conversation_with_its_sender(
    office: Office, admin: Visitor, ses: Identities
) -> None:
    made = connect(admin, office)
    raw = letter(to=[TEAM], cc=["ben@customer.example"])
    office.deliver(raw, [made["forwarding_address"]], mail_from=f"{TEAM.replace('@', '+caf=')}@customer.example")
    conversation = office.conversation()
    assert (conversation.contact_email, conversation.channel_id) == ("ada@customer.example", made["id"])
    assert "ben@customer.example" in conversation.participants  # a colleague's domain is not ours
    assert TEAM not in conversation.participants


def test_S48_mail_that_somebody_forwards_from_the_teams_mailbox_belongs_to_its_writer(
    office: Office, admin: Visitor, ses: Identities
) -> None:
    made = connect(admin, office)
    text = (
        "FYI\r\n\r\n---------- Forwarded message ---------\r\nFrom: Bob <bob@buyer.example>\r\n"
        "Date: Mon, 2 Mar 2026 at 08:00\r\nSubject: Broken\r\nTo: <support@customer.example>\r\n\r\nIt broke.\r\n"
    )
    raw = letter(sender=f"Support <{TEAM}>", to=[made["forwarding_address"]], subject="Fwd: Broken", text=text)
    office.deliver(raw, [made["forwarding_address"]])
    assert office.conversation().contact_email == "bob@buyer.example"
    own = office.deliver(letter(sender=TEAM, to=[TEAM], message_id="own@x.example"), [made["forwarding_address"]])
    assert office.delivery(own).verdict is Verdict.LOOP


def test_what_gmail_asks_before_it_forwards_shows_with_the_channel(
    office: Office, admin: Visitor, ses: Identities
) -> None:
    made = connect(admin, office)
    subject = f"(#123456789) Gmail Forwarding Confirmation - Receive Mail from {TEAM}"
    page = "https://mail-settings.google.com/mail/vf-%5BANGjdJ8%5D-abc"
    text = (
        f"{TEAM} has requested to forward.\r\nConfirmation code: 123456789\r\n\r\n{page}\r\nhttps://evil.example/x\r\n"
    )
    raw = letter(sender=f"Gmail Team <{GOOGLE}>", to=[made["forwarding_address"]], subject=subject, text=text)
    forged = office.deliver(raw, [made["forwarding_address"]], authentication=UNPROVEN)
    assert office.delivery(forged).verdict is Verdict.FILED
    assert admin.get(f"/v1/channels/{made['id']}").json["receiving"]["confirmation"] is None
    genuine = office.deliver(raw.replace(b"first@", b"second@"), [made["forwarding_address"]])
    assert office.delivery(genuine).verdict is Verdict.CONFIRMATION
    shown = admin.get(f"/v1/channels/{made['id']}").json["receiving"]["confirmation"]
    assert (shown["code"], shown["url"], shown["mailbox"]) == ("123456789", page, TEAM)
    member = visitor_for(office.add_user("Mia"))
    assert member.get(f"/v1/channels/{made['id']}").json["receiving"]["confirmation"] is None
    assert len(office.conversations()) == 1  # only the forged one


def test_the_dns_records_are_those_that_ses_gives(office: Office, admin: Visitor, ses: Identities) -> None:
    sending = connect(admin, office)["sending"]
    assert (sending["domain"], sending["state"]) == ("customer.example", "pending")
    found = [(each["type"], each["purpose"], each["name"], each["value"]) for each in sending["records"]]
    mail_from = ses.known["customer.example"]["mail_from"]
    assert mail_from.endswith(".customer.example")
    assert found == [
        *(
            ("CNAME", "dkim", f"token{n}._domainkey.customer.example", f"token{n}.dkim.amazonses.com")
            for n in (1, 2, 3)
        ),
        ("MX", "mail_from", mail_from, "10 feedback-smtp.eu-central-1.amazonses.com"),
        ("TXT", "spf", mail_from, '"v=spf1 include:amazonses.com ~all"'),
        ("TXT", "dmarc", "_dmarc.customer.example", '"v=DMARC1; p=none;"'),
    ]
    assert [each["state"] for each in sending["records"]] == ["pending"] * 5 + [None]


@pytest.mark.parametrize(
    ("dkim", "mail_from", "state"),
    [
        ("SUCCESS", "SUCCESS", "verified"),
        ("SUCCESS", "PENDING", "pending"),
        ("PENDING", "SUCCESS", "pending"),
        ("TEMPORARY_FAILURE", "SUCCESS", "pending"),
        ("FAILED", "SUCCESS", "failed"),
        ("SUCCESS", "FAILED", "failed"),
    ],
)
def test_S33_S37_mail_leaves_from_the_team_address_once_both_checks_passed(
    office: Office, admin: Visitor, ses: Identities, dkim: str, mail_from: str, state: str
) -> None:
    made = connect(admin, office)
    verify(ses, office, dkim=dkim, mail_from=mail_from)
    shown = admin.get(f"/v1/channels/{made['id']}").json
    assert shown["sending"]["state"] == state
    expected = TEAM if state == "verified" else office.address
    assert shown["sender"]["sends_from"] == expected
    office.deliver(letter(to=[TEAM]), [made["forwarding_address"]])
    assert reply(admin, office).status == 201
    (mail,) = outbox.send_all(office)
    assert mail.mail_from == expected


def test_S36_a_custom_address_of_a_verified_domain_needs_no_mailed_proof(
    office: Office, admin: Visitor, ses: Identities
) -> None:
    connect(admin, office)
    verify(ses, office)
    asked = admin.post(f"/v1/channels/{office.channel_id}/from-address", {"address": "hello@customer.example"})
    assert (asked.json["from_address_status"], asked.json["sends_from"]) == ("proven", "hello@customer.example")
    assert outbox.send_all(office) == []
    other = admin.post(f"/v1/channels/{office.channel_id}/from-address", {"address": "hello@mail.customer.example"})
    assert other.json["from_address_status"] == "unproven"  # another domain, label by label


def test_a_domain_belongs_to_one_account(office: Office, admin: Visitor, ses: Identities) -> None:
    connect(admin, office)
    other = Office("other")
    refused = admin_of(other).post(
        f"/v1/inboxes/{other.inbox_id}/channels", {"type": "team_email", "address": "sales@customer.example"}
    )
    assert (refused.status, refused.code, refused.json["pointer"]) == (409, "domain_taken", "/address")
    verify(ses, office)
    later = clock.now() + timedelta(days=30)
    with pytest.raises(Conflict):
        domains.claim(other.account_id, "customer.example", later)


def test_whoever_names_a_domain_first_cannot_keep_it_from_its_owner(
    office: Office, admin: Visitor, ses: Identities
) -> None:
    connect(admin, office)
    other, later = Office("other"), clock.now() + timedelta(hours=73)
    taken = domains.claim(other.account_id, "customer.example", later)
    assert (taken.account_id, taken.state) == (other.account_id, DomainState.PENDING)
    shown = admin.items(f"/v1/inboxes/{office.inbox_id}/channels")[1]
    assert (shown["sending"]["state"], shown["sending"]["records"]) == ("failed", [])


def test_records_that_were_published_for_one_account_verify_nothing_for_another(
    office: Office, admin: Visitor, ses: Identities
) -> None:
    """SES gives a domain the same DKIM tokens whoever asks: the MAIL FROM name is what ties it to an account."""
    made = connect(admin, office)
    published = ses.known["customer.example"]["mail_from"]
    verify(ses, office)
    admin.delete(f"/v1/channels/{made['id']}")
    assert "customer.example" not in ses.known
    other = Office("other")
    connect(admin_of(other), other)
    assert ses.known["customer.example"]["mail_from"] != published
    verify(ses, other, mail_from="PENDING")  # DKIM's records are still in the DNS
    shown = admin_of(other).items(f"/v1/inboxes/{other.inbox_id}/channels")[1]
    assert (shown["sending"]["state"], shown["sender"]["sends_from"]) == ("pending", other.address)


def test_an_identity_of_the_operators_own_is_left_alone(office: Office, admin: Visitor, ses: Identities) -> None:
    ses.add("customer.example")
    before = dict(ses.known["customer.example"])
    path = f"/v1/inboxes/{office.inbox_id}/channels"
    refused = admin.post(path, {"type": "team_email", "address": TEAM})
    assert (refused.status, refused.code) == (409, "domain_used_elsewhere")
    assert ses.known["customer.example"] == before
    assert sending_domains.find("customer.example") is None
    assert len(admin.items(path)) == 1


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("a@acme.in.postfach.test", 422, "own_domain"),
        ("a@free.postfach.test", 422, "own_domain"),
        ("a@localhost", 422, "bad_address"),
        ("ü@customer.example", 422, "bad_address"),
        ("not an address", 400, "invalid_input"),
    ],
)
def test_addresses_that_cannot_be_a_teams(
    office: Office, admin: Visitor, ses: Identities, address: str, status: int, code: str
) -> None:
    path = f"/v1/inboxes/{office.inbox_id}/channels"
    refused = admin.post(path, {"type": "team_email", "address": address})
    assert (refused.status, refused.code) == (status, code)
    assert not ses.known


def test_an_address_is_connected_once(office: Office, admin: Visitor, ses: Identities) -> None:
    made = connect(admin, office)
    path = f"/v1/inboxes/{office.inbox_id}/channels"
    again = admin.post(path, {"type": "team_email", "address": TEAM.upper()})
    assert (again.status, again.code) == (409, "address_taken")
    admin.delete(f"/v1/channels/{made['id']}")
    assert connect(admin, office)["forwarding_address"] != made["forwarding_address"]


def test_S24_a_disconnected_team_address_is_stood_in_for_and_comes_back(
    office: Office, admin: Visitor, ses: Identities
) -> None:
    """Off for sending (S28) does not matter for the stand-in; the reply still threads; the preview shows the same."""
    admin.patch(f"/v1/channels/{office.channel_id}", {"signature": "<p>The fallback</p>"})
    made = connect(admin, office)
    admin.patch(f"/v1/channels/{made['id']}", {"signature": "<p>The team</p>"})
    verify(ses, office)
    office.deliver(letter(to=[TEAM]), [made["forwarding_address"]])
    assert reply(admin, office).status == 201
    (first,) = outbox.send_all(office)
    assert (first.mail_from, "The team" in first.text) == (TEAM, True)
    assert [each.direction for each in office.messages()].count(Direction.EVENT) == 0
    break_off(office, made["id"])
    written = reply(admin, office)
    assert written.json["from"]["address"] == office.address
    conversation = office.conversation()
    preview = admin.post(
        f"/v1/channels/{made['id']}/preview", {"text": "On its way.", "conversation_id": conversation.id}
    ).json
    assert (preview["from_address"], preview["from_because_code"]) == (office.address, "fallback_took_over")
    assert preview["would_be_sent"] is True
    (second,) = outbox.send_all(office)
    assert second.mail_from == office.address
    assert "The fallback" in second.text
    assert "The team" not in second.text
    (event,) = [each for each in office.messages() if each.direction is Direction.EVENT]
    assert event.joined_because.code == "sends_over_another_channel"
    assert office.address in event.joined_because.text
    answer_to = second.mail["Reply-To"].addresses[0].addr_spec
    office.deliver(letter(to=[answer_to], message_id="thanks@x.example"), [answer_to])
    assert office.conversation().id == conversation.id
    break_off(office, made["id"], ChannelStatus.WORKING)
    reply(admin, office)
    (third,) = outbox.send_all(office)
    assert (third.mail_from, "The team" in third.text) == (TEAM, True)
    events = [each for each in office.messages() if each.direction is Direction.EVENT]
    assert [each.joined_because.text for each in events][1:] == [f"Answers leave from {TEAM} again."]


def test_S24_S86_what_an_admin_switched_off_is_not_stood_in_for(
    office: Office, admin: Visitor, ses: Identities
) -> None:
    made = connect(admin, office)
    office.deliver(letter(to=[TEAM]), [made["forwarding_address"]])
    break_off(office, made["id"])
    admin.patch(f"/v1/channels/{made['id']}", {"enabled": False})
    refused = reply(admin, office)
    assert (refused.status, refused.code) == (422, "channel_off")


def test_S24_a_removed_team_addresss_conversations_go_on(office: Office, admin: Visitor, ses: Identities) -> None:
    made = connect(admin, office)
    verify(ses, office)
    office.deliver(letter(to=[TEAM]), [made["forwarding_address"]])
    admin.delete(f"/v1/channels/{made['id']}")
    assert reply(admin, office).status == 201
    (mail,) = outbox.send_all(office)
    assert mail.mail_from == office.address


def test_without_a_fallback_address_the_refusal_says_so(office: Office, admin: Visitor, ses: Identities) -> None:
    inbox = admin.post(
        "/v1/inboxes", {"name": "Sales", "channel": {"type": "team_email", "address": "sales@customer.example"}}
    ).json
    (channel,) = admin.items(f"/v1/inboxes/{inbox['id']}/channels")
    office.deliver(letter(to=["sales@customer.example"]), [channel["forwarding_address"]])
    (conversation,) = office.conversations(inbox["id"])
    path = f"/v1/conversations/{conversation.id}/messages"
    refused = admin.post(path, {"type": "reply", "text": "Hi"})
    assert (refused.status, refused.code) == (422, "no_fallback_address")
    verify(ses, office)
    assert admin.post(path, {"type": "reply", "text": "Hi"}).status == 201


def test_S83_a_conversation_begins_from_the_team_address_and_its_answer_lands_in_it(
    office: Office, admin: Visitor, ses: Identities
) -> None:
    made = connect(admin, office)
    verify(ses, office)
    begun = admin.post(
        f"/v1/inboxes/{office.inbox_id}/conversations",
        {"to": ["ada@customer.example"], "subject": "Hello", "text": "Hi", "channel_id": made["id"]},
    )
    assert begun.status == 201
    (mail,) = outbox.send_all(office)
    assert mail.mail_from == TEAM
    # The customer's client answers From alone, which is forwarded like all mail for it.
    office.deliver(
        letter(to=[TEAM], message_id="a@x.example", in_reply_to=f"{mail.ses_id}@eu-central-1.amazonses.com"),
        [made["forwarding_address"]],
    )
    assert office.conversation().id == begun.json["id"]


def test_S85_a_team_address_is_switched_off_and_on(office: Office, admin: Visitor, ses: Identities) -> None:
    made = connect(admin, office)
    path = f"/v1/channels/{made['id']}"
    admin.patch(path, {"enabled": False})
    off = office.deliver(letter(to=[TEAM]), [made["forwarding_address"]])
    assert office.delivery(off).verdict is Verdict.CHANNEL_OFF
    admin.patch(path, {"enabled": True})
    office.deliver(letter(to=[TEAM], message_id="on@x.example"), [made["forwarding_address"]])
    assert len(office.conversations()) == 1

"""`publish_changes` dies at any of its calls to AWS: Lambda hands the batch over again, and at most one acknowledgement
and one mail to the absent owner leave, each event is told, and what the conversation says is true."""

from __future__ import annotations

from functools import partial

from chalicelib import clock
from chalicelib.clock import stamp
from chalicelib.config import config
from chalicelib.model.account import Availability
from chalicelib.model.conversation import Contact, Direction
from chalicelib.model.inbox import Acknowledgement, Routing, RoutingMode, Sender
from chalicelib.outbound.notify import notify
from chalicelib.storage import table
from chalicelib.storage.contacts import contact_rows
from tests.flows.test_crash_sending import Deaths, Site, deaths, sites
from tests.post import outbox
from tests.post.letters import letter
from tests.post.office import Office
from tests.post.stream import Stream, publish

__all__ = ["deaths"]


READS = frozenset({"GetItem", "BatchGetItem", "Query"})


class Desk:
    """A channel that acknowledges; every sender is a contact of an owner who is away."""

    def __init__(self, office: Office) -> None:
        self.office, self.number = office, 0
        self.owner = office.add_user("Olga", availability=Availability.AWAY)
        office.set_channel(
            sender=Sender(use_for_sending=True),
            acknowledgement=Acknowledgement(True),
            routing=Routing(RoutingMode.CONTACT_OWNER),
        )

    def mail(self) -> tuple[str, list[dict[str, object]]]:
        """A new conversation with a new person: the sender, and the records of what was written."""
        self.number += 1
        sender = f"person{self.number}@customer.example"
        contact = Contact(
            self.office.account_id, f"ctc_{self.number}", sender, stamp(clock.now()), owner_id=self.owner.id
        )
        writes = table.Transaction()
        for row in contact_rows(contact):
            writes.put(row)
        writes.commit("add a contact with an owner")
        stream, now = Stream(), stamp(clock.now())
        raw = letter(sender=sender, message_id=f"new{self.number}@x.example")
        self.office.deliver(raw, mail_from=sender, received_at=now)
        return sender, stream.take()


def test_S60_at_most_one_automatic_mail_leaves_wherever_publishing_dies(office: Office, deaths: Deaths) -> None:
    desk = Desk(office)
    _, records = desk.mail()
    made = deaths.run(lambda: publish(office, records))
    assert {"PutEvents", "TransactWriteItems", "SendMessage"} <= {name for name, _ in made}
    assert len(outbox.send_all(office)) == 2
    tried = 0
    for site, after in sites(made):
        if after and site[0] in READS:  # a death after a read is the one before the next call
            continue
        _dies(office, desk, deaths, site, after=after)
        tried += 1
    assert tried >= len(made) + 4
    print(f"publish_changes: {tried} deaths at {len(made)} call sites")


def _dies(office: Office, desk: Desk, deaths: Deaths, site: Site, *, after: bool) -> None:
    sender, records = desk.mail()
    deaths.run(lambda: publish(office, records), site, after=after)
    deaths.run(lambda: publish(office, records))  # Lambda hands the batch over again
    left = outbox.send_all(office)
    assert sorted(mail.rcpt_to for mail in left) == sorted([(sender,), (desk.owner.email,)]), (site, after)
    (conversation,) = [each for each in office.conversations() if each.contact_email == sender]
    directions = [each.direction for each in office.messages(conversation)]
    assert directions == [Direction.INCOMING, Direction.OUTGOING], (site, after)
    assert conversation.message_count == 2, (site, after)


def test_a_notice_leaves_at_most_once_wherever_sending_dies(office: Office, deaths: Deaths) -> None:
    def queued(about: str) -> str:
        code = notify(office.account_id, office.admin_id, "alert", "s", "t", clock.now(), about=about).code
        assert code == "queued"
        (body,) = outbox.take(config().outbound_queue_url)
        return body

    first = queued("first")
    made = deaths.run(lambda: outbox.handle(office, "send_mail", first))
    assert ("SendEmail", 0) in made
    for number, (site, after) in enumerate(sites(made)):
        before, body = len(outbox.sent()), queued(f"about {number}")
        deaths.run(partial(outbox.handle, office, "send_mail", body), site, after=after)
        assert outbox.handle(office, "send_mail", body) == []
        left = len(outbox.sent()) - before
        claimed = made.index(site) + after >= made.index(("SendEmail", 0))
        assert left == 1 or (claimed and left == 0), (site, after)

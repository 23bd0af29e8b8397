"""One account in a cloud, mail that reaches it through `app.receive_mail`, and what can be seen of it afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from chalice.test import Client
from msgspec.structs import replace

from app import app
from chalicelib.clock import derived_id, stamp
from chalicelib.inbound.replay import replay
from chalicelib.inbound.reply_address import make_reply_address
from chalicelib.model.account import Answering, Availability, Role, Scope, Seat, User
from chalicelib.model.audit import AuditEntry
from chalicelib.model.caller import Caller
from chalicelib.model.conversation import Contact, Conversation, ConversationStatus, Direction, Message
from chalicelib.model.delivery import Delivery, Verdict
from chalicelib.model.filing import KnownMessageId
from chalicelib.model.inbox import Access, Channel, ChannelType, Inbox
from chalicelib.model.ticket import Ticket
from chalicelib.settings.accounts import AccountRequest, create_account
from chalicelib.storage import accounts, aws, contacts, conversations, deliveries, inboxes, keys, people, table, tickets
from chalicelib.storage.tables import AccountRow, DeliveryRow, MessageIdRow, Row
from tests.post.cloud import BUCKET, SIGNING_KEY
from tests.post.ses import FIRST_MAIL_AT, at, notification

YEARS = (2027, 2026, 2025)


class Office:
    """An account named `acme` with its default inbox, and SES in front of it."""

    def __init__(self, subdomain: str = "acme") -> None:
        self.client = Client(app)
        self.count = 0
        created = create_account(
            AccountRequest("Acme Inc.", subdomain, f"grace@{subdomain}.example", "Grace Hopper"),
            paid_domain="in.postfach.test",
            free_domain="free.postfach.test",
            now=FIRST_MAIL_AT,
        )
        self.account_id, self.inbox_id, self.channel_id = created.account_id, created.inbox_id, created.channel_id
        self.address, self.admin_id = created.fallback_address, created.user_id
        self.set_answering(undo_seconds=0)  # tests of the window say so

    # --- Mail comes in

    def store(self, raw: bytes, raw_id: str | None = None) -> str:
        """SES stores a mail; its id."""
        self.count += 1
        raw_id = raw_id or f"raw{self.count:05d}"
        aws.client("s3").put_object(Bucket=BUCKET, Key=f"raw/{raw_id}", Body=raw)
        return raw_id

    def announce(self, raw_id: str, to: Sequence[str] | None = None, **found: Any) -> str:
        """The queue message that follows, with the envelope and SES's findings."""
        found.setdefault("received_at", at(self.count))
        return json.dumps(notification(raw_id, to or [self.address], bucket=BUCKET, **found))

    def handle(self, *bodies: str) -> list[int]:
        """The function gets these queue messages as one batch; the numbers of those that failed."""
        event = self.client.events.generate_sqs_event(list(bodies), "inbound")
        for number, record in enumerate(event["Records"]):
            record.update(messageId=str(number), attributes={"ApproximateReceiveCount": "1"})
        answer = self.client.lambda_.invoke("receive_mail", event).payload
        return [int(failed["itemIdentifier"]) for failed in answer["batchItemFailures"]]

    def deliver(self, raw: bytes, to: Sequence[str] | None = None, **found: Any) -> str:
        """A mail comes in and is handled, without a failure; its id."""
        raw_id = self.store(raw)
        assert self.handle(self.announce(raw_id, to, **found)) == []
        return raw_id

    def again(self, delivery: Delivery, *, released: bool = False, now: datetime = FIRST_MAIL_AT) -> None:
        """An admin has a delivery handled again."""
        replay(delivery, now, released=released)
        assert self.handle(*self.take_queue()) == []

    def take_queue(self) -> list[str]:
        """What stands on the inbound queue, taken off it."""
        from chalicelib.config import config

        bodies: list[str] = []
        while True:
            taken = (
                aws.client("sqs")
                .receive_message(QueueUrl=config().inbound_queue_url, MaxNumberOfMessages=10)
                .get("Messages", [])
            )
            if not taken:
                return bodies
            for each in taken:
                bodies.append(each["Body"])
                aws.client("sqs").delete_message(
                    QueueUrl=config().inbound_queue_url, ReceiptHandle=each["ReceiptHandle"]
                )

    # --- What is set up

    def add_channel(self, local_part: str, inbox_id: str | None = None, **settings: Any) -> Channel:
        """Another address, of the default inbox unless one is named."""
        channel = Channel(
            account_id=self.account_id,
            id=derived_id("chn", self.account_id, local_part),
            inbox_id=inbox_id or self.inbox_id,
            type=ChannelType.FALLBACK_EMAIL,
            address=f"{local_part}@{self.address.partition('@')[2]}",
            created_at=at(0),
            **settings,
        )
        writes = table.Transaction()
        writes.put(inboxes.channel_row(channel))
        writes.put(inboxes.address_row(channel))
        writes.commit("connect a channel")
        return channel

    def add_inbox(self, name: str) -> Inbox:
        """A further inbox, without a channel."""
        inbox = Inbox(self.account_id, derived_id("inb", self.account_id, name), name, Access(), at(0))
        inboxes.add_inbox(inbox, None, noted=())
        return inbox

    def channel(self, channel_id: str | None = None) -> Channel:
        """The fallback channel, or another."""
        found = inboxes.get_channel(self.account_id, channel_id or self.channel_id)
        assert found is not None
        return found

    def set_channel(self, channel_id: str | None = None, **settings: Any) -> Channel:
        """Save other settings of a channel."""
        before = self.channel(channel_id)
        after = replace(before, version=before.version + 1, **settings)
        inboxes.change_channel(before, after, self.noted("channel.changed", after.id))
        return after

    def caller(self) -> Caller:
        """The account's first super admin, with a token that is good for everything."""
        account = accounts.read(self.account_id)
        assert account is not None
        return Caller(account, self.user(self.admin_id), tuple(Scope), "tok")

    def noted(self, action: str, subject_id: str) -> AuditEntry:
        """An entry of the audit log, for what is written past the API."""
        return AuditEntry(self.account_id, at(0), action, subject_id, self.admin_id, None)

    def set_answering(self, **settings: Any) -> None:
        """Save how the account answers; what is not said has its default."""
        told = msgspec.to_builtins(Answering(**settings))
        AccountRow(*keys.account(self.account_id)).update(actions=[AccountRow.answering.set(told)])

    def add_user(self, name: str, **settings: Any) -> User:
        """A colleague with a paid seat who is available, unless said otherwise."""
        user = User(
            account_id=self.account_id,
            id=derived_id("usr", self.account_id, name),
            email=f"{name.lower()}@acme.example",
            name=name,
            created_at=at(0),
            **{"role": Role.MEMBER, "seat": Seat.SERVICE, "availability": Availability.AVAILABLE, **settings},
        )
        people.add_user(user, self.noted("user.added", user.id))
        return user

    def user(self, user_id: str) -> User:
        """A colleague as stored now."""
        found = people.get_user(self.account_id, user_id, consistent=True)
        assert found is not None
        return found

    def own_contact(self, email: str, owner_id: str) -> Contact:
        """A contact gets an owner."""
        found = contacts.find_by_email(self.account_id, email)
        assert found is not None
        owned = replace(found, owner_id=owner_id, version=found.version + 1)
        contacts.change_contact(found, owned)
        return owned

    def close(self, conversation: Conversation, now: str) -> Conversation:
        """Somebody closes a conversation."""
        after = replace(conversation, status=ConversationStatus.CLOSED, closed_at=now, version=conversation.version + 1)
        counted = {conversation.assignee_id: -1} if conversation.assignee_id else {}
        conversations.change_conversation(conversation, after, counted, now)
        return after

    def note_sent(self, conversation: Conversation, message_id: str) -> None:
        """A mail with this Message-ID left from the conversation."""
        known = KnownMessageId(message_id, conversation.id, Direction.OUTGOING, False, tuple(conversation.participants))
        writes = table.Transaction()
        key = keys.message_id_of_inbox(self.account_id, conversation.inbox_id, message_id)
        writes.put(table.to_row(MessageIdRow, key, known, account_id=self.account_id))
        writes.commit("note a sent mail")

    def reply_address(self, conversation: Conversation, *, expires: datetime | None = None) -> str:
        """The signed address that answers from the conversation carry as Reply-To."""
        return make_reply_address(
            SIGNING_KEY.encode(),
            self.address.partition("@")[2],
            self.account_id,
            conversation.id,
            conversation.channel_id,
            expires=expires or datetime.fromisoformat("2030-01-01T00:00:00+00:00"),
        )

    # --- What is to be seen

    def conversations(self, inbox_id: str | None = None) -> list[Conversation]:
        """The conversations of an inbox, the open ones first, newest first."""
        return [
            conversation
            for status in (ConversationStatus.OPEN, ConversationStatus.CLOSED)
            for conversation in conversations.page_of_inbox(
                self.account_id, inbox_id or self.inbox_id, status, YEARS, limit=100, cursor=None
            ).items
        ]

    def conversation(self) -> Conversation:
        """The only conversation of the inbox."""
        (found,) = self.conversations()
        return found

    def messages(self, conversation: Conversation | None = None) -> list[Message]:
        """The messages of a conversation with their bodies, oldest first."""
        found = conversations.page_of_messages(
            self.account_id, (conversation or self.conversation()).id, limit=100, cursor=None, newest_first=False
        )
        return [each.message for each in found.items]

    def tickets(self) -> list[Ticket]:
        """The tickets of the account, newest first."""
        everything = inboxes.Sight(self.account_id, lambda inbox: True)
        found = tickets.page_of_all(self.account_id, everything, limit=100, cursor=None)
        return list(found.items)

    def inboxes(self) -> list[Inbox]:
        """The inboxes of the account."""
        return inboxes.all_inboxes(self.account_id)

    def contacts(self) -> dict[str, Contact]:
        """The contacts of the account by address."""
        found = contacts.page_of_contacts(self.account_id, limit=100, cursor=None)
        return {contact.email: contact for contact in found.items}

    def unfiled(self, verdict: Verdict | None = None) -> list[Delivery]:
        """What admins see of the mail that did not become a conversation."""
        return list(deliveries.page_of_unfiled(self.account_id, verdict, YEARS, limit=100, cursor=None).items)

    def deliveries(self, raw_id: str) -> list[Delivery]:
        """Every delivery of one raw mail, also those of nobody's address."""
        rows: list[Row] = table.query_all(Row, keys.raw_mail(raw_id).pk, "", consistent=True)
        return [deliveries.delivery_of(row) for row in rows if isinstance(row, DeliveryRow)]

    def delivery(self, raw_id: str) -> Delivery:
        """The only delivery of one raw mail."""
        (found,) = self.deliveries(raw_id)
        return found


def moment(text: str) -> datetime:
    """A stamp as a time."""
    assert stamp(datetime.fromisoformat(text)) == text
    return datetime.fromisoformat(text)

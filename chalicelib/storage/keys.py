"""The keys of the one table, and what each partition holds.

Every key begins with the account, so that a mistake or a policy cannot cross accounts, except for what is
looked up before the account is known (an address, a subdomain, a domain to send from, the digest of a token or of a
proof, a raw mail's id),
and what is counted across accounts.

| item | pk | sk |
|---|---|---|
| account | `A` | `ACCOUNT` |
| lists of senders, their digests | `A` | `SENDER-LISTS`, `SENDER-MARKS` |
| whether there is room for inboxes | `A` | `INBOX-ROOM` |
| inbox, channel, pipeline | `A` | `INBOX#i`, `CHANNEL#c`, `PIPELINE#p` |
| team, user | `A#PEOPLE` | `TEAM#t`, `USER#u` |
| proof of a from address | `PROOF#sha256` | `PROOF` |
| from name, team address of a channel | `A#FROM-NAME#digest`, `A#TEAM-ADDRESS#digest` | the same words |
| domain to send from | `SENDING-DOMAIN#digest` | `SENDING-DOMAIN` |
| address, subdomain, token | `ADDRESS#a`, `SUBDOMAIN#s`, `TOKEN#sha256` | the same word |
| contact, contact's address | `A#CONTACT#k`, `A#EMAIL#e` | `CONTACT`, `EMAIL` |
| certificate of an erasure, and what it counts | `A#CERTIFICATE#c` | `CERTIFICATE`, `CERTIFIED#digest` |
| conversation and its messages | `A#CONVERSATION#v` | `CONVERSATION`, `MESSAGE#time#id` |
| note that a conversation, a raw mail is being erased | `A#CONVERSATION#v`, `RAW#raw id` | `ERASURE` |
| note that a conversation is being moved | `A#CONVERSATION#v` | `TRANSFER` |
| note that images of a channel are being erased | `A#CHANNEL#c#IMAGES#i` | `ERASURE` |
| how much mail a channel holds | `A#CHANNEL#c#HELD` | `COUNT` |
| conversation to offer again | `A#WAITING` | `WAITING#v` |
| Message-ID of an inbox | `A#INBOX#i#MESSAGE-ID#sha256` | `MESSAGE-ID` |
| claim of one mail by one channel | `A#CHANNEL#c#CLAIM#sha256` | `CLAIM` |
| delivery; the only one of a mail | `RAW#raw id` | `DELIVERY#channel or digest`; `RAW` |
| note that a raw mail of several is handled | `RAW#raw id` | `RAW` |
| requeues of a raw mail, the sweep's own state | `RAW#raw id`, `SWEEP` | `REQUEUES`, `SWEEP` |
| ticket; what was written and what happened to it | `A#TICKET#t` | `TICKET`; `ENTRY#e` |
| property of tickets | `A#TICKET-PROPERTIES` | `TICKET-PROPERTY#p` |
| entry of the audit log | `A#AUDIT#year` | `time#digest` |
| request with an idempotency key | `A#USER#u#REQUEST#sha256` | `REQUEST` |

Lists are index partitions that stay bounded: open conversations leave theirs when they are closed, and what grows for
ever (closed conversations, deliveries, timelines) is cut by the year. Answers that have not left yet are listed across
accounts (`SENDING#n`), for the sweep alone.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from chalicelib.mail.addresses import as_kept

ITEM_OF_ACCOUNT = "ACCOUNT"
UNSENT_LISTS = 4  # so that no single index partition takes every answer of the installation


class Key(NamedTuple):
    """Partition and sort key of one item."""

    pk: str
    sk: str


def digest(text: str) -> str:
    """A fixed-length stand-in for text that strangers choose."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def account(account_id: str) -> Key:
    """The account itself."""
    return Key(account_id, ITEM_OF_ACCOUNT)


def sender_lists(account_id: str) -> Key:
    """The senders that an account always takes mail from, or never does."""
    return Key(account_id, "SENDER-LISTS")


def sender_marks(account_id: str) -> Key:
    """The same as digests: what is read with every mail."""
    return Key(account_id, "SENDER-MARKS")


def moving_accounts() -> str:
    """`by_list`: accounts whose addresses are on their way to another subdomain or domain."""
    return "ACCOUNTS#MOVING"


def retaining_accounts() -> str:
    """`by_person`: accounts that do not keep everything for ever."""
    return "ACCOUNTS#RETAINING"


def inbox(account_id: str, inbox_id: str) -> Key:
    """One inbox."""
    return Key(account_id, f"INBOX#{inbox_id}")


def inbox_room(account_id: str) -> Key:
    """Whether the account's plan has room for further inboxes."""
    return Key(account_id, "INBOX-ROOM")


def channel(account_id: str, channel_id: str) -> Key:
    """One channel."""
    return Key(account_id, f"CHANNEL#{channel_id}")


def pipeline(account_id: str, pipeline_id: str) -> Key:
    """One pipeline with its stages."""
    return Key(account_id, f"PIPELINE#{pipeline_id}")


def people(account_id: str) -> str:
    """The partition of teams and users."""
    return f"{account_id}#PEOPLE"


def user(account_id: str, user_id: str) -> Key:
    """One user."""
    return Key(people(account_id), f"USER#{user_id}")


def team(account_id: str, team_id: str) -> Key:
    """One team."""
    return Key(people(account_id), f"TEAM#{team_id}")


def address(address: str) -> Key:
    """The channel behind a mail address."""
    return Key(f"ADDRESS#{digest(address.lower())}", "ADDRESS")


def from_name(account_id: str, folded: str) -> Key:
    """The channel that has a from name, which is given as it is compared."""
    return Key(f"{account_id}#FROM-NAME#{digest(folded)}", "FROM-NAME")


def sending_domain(domain: str) -> Key:
    """The account that has a domain to send from."""
    return Key(f"SENDING-DOMAIN#{digest(domain.lower())}", "SENDING-DOMAIN")


def team_address(account_id: str, address: str) -> Key:
    """The channel of an account that has a team address."""
    return Key(f"{account_id}#TEAM-ADDRESS#{digest(address.lower())}", "TEAM-ADDRESS")


def proof(token_digest: str) -> Key:
    """One proof of a from address, by the SHA-256 of its token."""
    return Key(f"PROOF#{token_digest}", "PROOF")


def subdomain(name: str) -> Key:
    """The account behind a subdomain."""
    return Key(f"SUBDOMAIN#{name.lower()}", "SUBDOMAIN")


def token(token_digest: str) -> Key:
    """One access token, by the SHA-256 of it."""
    return Key(f"TOKEN#{token_digest}", "TOKEN")


def contact(account_id: str, contact_id: str) -> Key:
    """One contact."""
    return Key(f"{account_id}#CONTACT#{contact_id}", "CONTACT")


def contact_address(account_id: str, email: str) -> Key:
    """The contact behind an address."""
    return Key(f"{account_id}#EMAIL#{digest(as_kept(email))}", "EMAIL")


def conversation(account_id: str, conversation_id: str) -> Key:
    """One conversation; its messages follow in the same partition."""
    return Key(f"{account_id}#CONVERSATION#{conversation_id}", "CONVERSATION")


def erasure(account_id: str, conversation_id: str) -> Key:
    """That a conversation is being erased; its messages may still follow in the same partition."""
    return Key(f"{account_id}#CONVERSATION#{conversation_id}", "ERASURE")


def erasure_of_ticket(account_id: str, ticket_id: str) -> Key:
    """That a ticket is being erased; its history may still follow in the same partition."""
    return Key(ticket(account_id, ticket_id).pk, "ERASURE")


def erasure_of_raw(raw_id: str) -> Key:
    """That a raw mail is being erased, unless a delivery needs it."""
    return Key(f"RAW#{raw_id}", "ERASURE")


def erasure_of_images(account_id: str, channel_id: str, image_id: str) -> Key:
    """That bytes of a channel's images are being erased: of this one, and maybe others with it."""
    return Key(f"{account_id}#CHANNEL#{channel_id}#IMAGES#{image_id}", "ERASURE")


def list_of_erasures() -> str:
    """`by_list`: every erasure, of all accounts, that was begun and not ended."""
    return "ERASING"


def count_of_held(account_id: str, channel_id: str) -> Key:
    """How much mail came to a channel while it was off."""
    return Key(f"{account_id}#CHANNEL#{channel_id}#HELD", "COUNT")


def held_of_channel(account_id: str, channel_id: str) -> str:
    """`by_contact`: the deliveries that came to a channel while it was off."""
    return f"{account_id}#CHANNEL#{channel_id}#HELD"


def waiting(account_id: str, conversation_id: str) -> Key:
    """That a conversation waits for somebody to become available."""
    return Key(f"{account_id}#WAITING", f"WAITING#{conversation_id}")


def message(account_id: str, conversation_id: str, created_at: str, message_id: str) -> Key:
    """One message, in the order of arrival."""
    return Key(f"{account_id}#CONVERSATION#{conversation_id}", f"MESSAGE#{created_at}#{message_id}")


def message_id_of_inbox(account_id: str, inbox_id: str, message_id: str) -> Key:
    """Which conversation of this inbox an RFC 5322 Message-ID belongs to."""
    return Key(f"{account_id}#INBOX#{inbox_id}#MESSAGE-ID#{digest(message_id)}", "MESSAGE-ID")


def claim(account_id: str, channel_id: str, message_id: str | None, content_hash: str) -> Key:
    """Held by the one delivery of this content to this channel."""
    identity = digest(f"{message_id or ''}\x00{content_hash}")
    return Key(f"{account_id}#CHANNEL#{channel_id}#CLAIM#{identity}", "CLAIM")


def claim_mark(channel_id: str, content_hash: str) -> str:
    """The same claim as it stands in the row of the mail's own Message-ID."""
    return digest(f"{channel_id}\x00{content_hash}")


def delivery(raw_id: str, door: str) -> Key:
    """One delivery; `door` is the channel's id, or a digest of the recipient where no channel is.

    It is empty for the only delivery of a mail, which is the note that every delivery has its row, too.
    """
    return Key(f"RAW#{raw_id}", f"DELIVERY#{door}") if door else raw_mail(raw_id)


def raw_mail(raw_id: str) -> Key:
    """The note that every delivery of a raw mail has its row."""
    return Key(f"RAW#{raw_id}", "RAW")


def requeues(raw_id: str) -> Key:
    """How often the sweep put a raw mail on the queue again."""
    return Key(f"RAW#{raw_id}", "REQUEUES")


def sweep() -> Key:
    """The sweep's lease and position."""
    return Key("SWEEP", "SWEEP")


def ticket(account_id: str, ticket_id: str) -> Key:
    """One ticket."""
    return Key(f"{account_id}#TICKET#{ticket_id}", "TICKET")


def request(account_id: str, user_id: str, idempotency_key: str) -> Key:
    """What a user's request with an idempotency key made."""
    return Key(f"{account_id}#USER#{user_id}#REQUEST#{digest(idempotency_key)}", "REQUEST")


def audit_log(account_id: str, year: int) -> str:
    """The partition of a year's audit log."""
    return f"{account_id}#AUDIT#{year}"


def audit_entry(account_id: str, at: str, what: str) -> Key:
    """One entry of the audit log."""
    return Key(f"{account_id}#AUDIT#{at[:4]}", f"{at}#{digest(what)}")


def audit_of(account_id: str, who_or_what: str, year: int) -> str:
    """`by_person` and `by_contact`: what a user changed, and what was changed of a thing, in a year."""
    return f"{account_id}#AUDIT#{who_or_what}#{year}"


def list_of_inboxes(account_id: str) -> str:
    """`by_list`: the inboxes of an account."""
    return f"{account_id}#INBOXES"


def list_of_channels(account_id: str, inbox_id: str) -> str:
    """`by_list`: the channels of an inbox."""
    return f"{account_id}#INBOX#{inbox_id}#CHANNELS"


def list_of_pipelines(account_id: str) -> str:
    """`by_list`: the pipelines of an account."""
    return f"{account_id}#PIPELINES"


def list_of_sending_domains(account_id: str) -> str:
    """`by_list`: the domains that an account sends from."""
    return f"{account_id}#SENDING-DOMAINS"


def ticket_entry(account_id: str, ticket_id: str, entry_id: str) -> Key:
    """One entry of a ticket's history."""
    return Key(ticket(account_id, ticket_id).pk, f"ENTRY#{entry_id}")


def ticket_properties(account_id: str) -> str:
    """The partition of the properties that an account gives its tickets."""
    return f"{account_id}#TICKET-PROPERTIES"


def ticket_property(account_id: str, property_id: str) -> Key:
    """One property of tickets."""
    return Key(ticket_properties(account_id), f"TICKET-PROPERTY#{property_id}")


def entries_of_ticket(account_id: str, ticket_id: str) -> str:
    """`by_list`: the history of a ticket."""
    return f"{account_id}#TICKET#{ticket_id}#ENTRIES"


def list_of_tokens(account_id: str) -> str:
    """`by_list`: the access tokens of an account."""
    return f"{account_id}#TOKENS"


def open_conversations(account_id: str, inbox_id: str) -> str:
    """`by_list`: the open conversations of an inbox."""
    return f"{account_id}#INBOX#{inbox_id}#OPEN"


def closed_conversations(account_id: str, inbox_id: str, year: int) -> str:
    """`by_list`: the conversations of an inbox whose last message is of that year, and which are closed."""
    return f"{account_id}#INBOX#{inbox_id}#CLOSED#{year}"


def conversations_of_assignee(of_status: str, assignee_id: str | None) -> str:
    """`by_person`: those of `open_conversations` or `closed_conversations` that somebody has, or nobody (`none`)."""
    return f"{of_status}#{assignee_id or 'none'}"


def conversations_of_contact(account_id: str, contact_id: str) -> str:
    """`by_contact`: the conversations of a contact."""
    return f"{account_id}#CONTACT#{contact_id}#CONVERSATIONS"


def timeline(account_id: str, contact_id: str, year: int) -> str:
    """`by_contact`: the messages of a contact in a year."""
    return f"{account_id}#CONTACT#{contact_id}#TIMELINE#{year}"


def list_of_contacts(account_id: str) -> str:
    """`by_list`: the contacts of an account."""
    return f"{account_id}#CONTACTS"


def deliveries_of_verdict(account_id: str, verdict: str, year: int) -> str:
    """`by_list`: deliveries that did not become a conversation, by verdict."""
    return f"{account_id}#VERDICT#{verdict}#{year}"


def deliveries_unfiled(account_id: str, year: int) -> str:
    """`by_person`: all deliveries that did not become a conversation."""
    return f"{account_id}#UNFILED#{year}"


def unsent_lists() -> list[str]:
    """`by_list`: every list of answers, of all accounts, that have not left yet."""
    return [f"SENDING#{number}" for number in range(UNSENT_LISTS)]


def unsent(message_id: str) -> str:
    """`by_list`: the one of those lists that an answer is in."""
    return unsent_lists()[int(digest(message_id)[:8], 16) % UNSENT_LISTS]


def tickets_of_stage(account_id: str, pipeline_id: str, stage_id: str) -> str:
    """`by_list`: the tickets in a stage."""
    return f"{account_id}#PIPELINE#{pipeline_id}#STAGE#{stage_id}"


def tickets_of_owner(account_id: str, owner_id: str | None) -> str:
    """`by_person`: the tickets of an owner; `none` holds those of nobody."""
    return f"{account_id}#TICKETS#{owner_id or 'none'}"


def tickets_of_account(account_id: str) -> str:
    """`by_contact`: all tickets of an account."""
    return f"{account_id}#TICKETS"


def list_position(at: str, item_id: str) -> str:
    """The sort key of every list: the time it is ordered by, and the id to tell equal times apart."""
    return f"{at}#{item_id}"

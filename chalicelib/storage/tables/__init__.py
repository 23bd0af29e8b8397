"""The rows of the one table, as PynamoDB models: what `model/` calls things, plus keys.

A row has one attribute for each field of its value in `model/`, so that updates touch single attributes and code of an
older release leaves attributes it does not know alone. Nested values are JSON texts (`Json`), which a settings change
replaces whole. Rows never leave `storage/`: `table.py` turns them into values and back.

All kinds are imported here, since `Row` can read only the kinds that have been.
"""

from chalicelib.storage.tables.account import (
    AccountRow,
    FormerUserRow,
    InvitationRow,
    ProofRow,
    SenderListsRow,
    SenderMarksRow,
    SubdomainRow,
    TeamRow,
    TokenRow,
    UserRow,
)
from chalicelib.storage.tables.audit import AuditRow
from chalicelib.storage.tables.conversation import (
    ContactAddressRow,
    ContactRow,
    ConversationRow,
    ErasureRow,
    MessageIdRow,
    MessageRow,
    TransferRow,
    WaitingRow,
)
from chalicelib.storage.tables.delivery import ClaimRow, DeliveryRow, RawMailRow, RequeueRow, RunRow, SweepRow
from chalicelib.storage.tables.erasure import CertificateRow, CertifiedRow
from chalicelib.storage.tables.health import HealthChangeRow, HealthRow, ProbeRow, TrafficRow
from chalicelib.storage.tables.inbox import (
    AddressRow,
    ChannelRow,
    FromNameRow,
    InboxRoomRow,
    InboxRow,
    SendingDomainRow,
    TeamAddressRow,
)
from chalicelib.storage.tables.notice import NoticeRow, SuppressionRow
from chalicelib.storage.tables.request import CountRow, IdempotencyRow, SendingLimitsRow, SlotRow
from chalicelib.storage.tables.row import ByContact, ByList, ByPerson, Deflated, Json, Row
from chalicelib.storage.tables.ticket import PipelineRow, TicketEntryRow, TicketPropertyRow, TicketRow
from chalicelib.storage.tables.writing import DraftRow, MentionRow, UploadRow

__all__ = [
    "AccountRow",
    "AddressRow",
    "AuditRow",
    "ByContact",
    "ByList",
    "ByPerson",
    "CertificateRow",
    "CertifiedRow",
    "ChannelRow",
    "ClaimRow",
    "ContactAddressRow",
    "ContactRow",
    "ConversationRow",
    "CountRow",
    "Deflated",
    "DeliveryRow",
    "DraftRow",
    "ErasureRow",
    "FormerUserRow",
    "FromNameRow",
    "HealthChangeRow",
    "HealthRow",
    "IdempotencyRow",
    "InboxRoomRow",
    "InboxRow",
    "InvitationRow",
    "Json",
    "MentionRow",
    "MessageIdRow",
    "MessageRow",
    "NoticeRow",
    "PipelineRow",
    "ProbeRow",
    "ProofRow",
    "RawMailRow",
    "RequeueRow",
    "Row",
    "RunRow",
    "SenderListsRow",
    "SenderMarksRow",
    "SendingDomainRow",
    "SendingLimitsRow",
    "SlotRow",
    "SubdomainRow",
    "SuppressionRow",
    "SweepRow",
    "TeamAddressRow",
    "TeamRow",
    "TicketEntryRow",
    "TicketPropertyRow",
    "TicketRow",
    "TokenRow",
    "TrafficRow",
    "TransferRow",
    "UploadRow",
    "UserRow",
    "WaitingRow",
]

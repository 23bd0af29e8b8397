"""`/v1/conversations/{id}/draft` and `/v1/inboxes/{id}/draft`: what the caller has begun to write; nobody else's."""

from __future__ import annotations

from msgspec import Struct

from chalicelib.api.answering import FileList, InlineFile, InlineFiles, Mailboxes, MessageFile, Written, files, people
from chalicelib.api.requests import Call
from chalicelib.api.shapes import Person
from chalicelib.conversations import drafts
from chalicelib.mail.html import clean
from chalicelib.mail.model import Address
from chalicelib.model.draft import Draft, FileRef
from chalicelib.model.texts import Line


class DraftRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was begun; as a whole, over what was kept before. It is not checked until it is sent.

    `subject` is for a conversation that will begin.
    """

    text: Written | None = None
    html: Written | None = None
    to: Mailboxes | None = None
    cc: Mailboxes = ()
    bcc: Mailboxes = ()
    subject: Line | None = None
    attachments: FileList = ()
    inline: InlineFiles = ()


class DraftAnswer(Struct, frozen=True, kw_only=True):
    """A draft, to be sent with the fields of the same names."""

    text: str | None
    html: str | None
    to: tuple[Person, ...] | None
    cc: tuple[Person, ...]
    bcc: tuple[Person, ...]
    subject: str | None
    attachments: tuple[str | MessageFile, ...]
    inline: tuple[InlineFile, ...]
    changed_at: str


def put_draft(call: Call) -> DraftAnswer:
    """Keep a draft of an answer."""
    return _keep(call, call.path["conversation_id"], of_conversation=True)


def get_draft(call: Call) -> DraftAnswer:
    """The caller's draft of an answer."""
    return _shape(drafts.find(call.caller, call.path["conversation_id"], of_conversation=True))


def delete_draft(call: Call) -> None:
    """Drop the caller's draft of an answer."""
    drafts.drop(call.caller, call.path["conversation_id"], of_conversation=True)


def put_first_mail(call: Call) -> DraftAnswer:
    """Keep a draft of a mail that will begin a conversation."""
    return _keep(call, call.path["inbox_id"], of_conversation=False)


def get_first_mail(call: Call) -> DraftAnswer:
    """The caller's draft of a mail that will begin a conversation."""
    return _shape(drafts.find(call.caller, call.path["inbox_id"], of_conversation=False))


def delete_first_mail(call: Call) -> None:
    """Drop the caller's draft of a mail that will begin a conversation."""
    drafts.drop(call.caller, call.path["inbox_id"], of_conversation=False)


def _keep(call: Call, about_id: str, *, of_conversation: bool) -> DraftAnswer:
    told: DraftRequest = call.body
    draft = Draft(
        account_id=call.caller.account_id,
        user_id=call.caller.user.id,
        about_id=about_id,
        changed_at="",
        text=told.text,
        html=told.html,
        to=None if told.to is None else people(told.to),
        cc=people(told.cc),
        bcc=people(told.bcc),
        subject=told.subject,
        files=files(told.attachments, told.inline),
    )
    return _shape(drafts.keep(call.caller, draft, call.now, of_conversation=of_conversation))


def _shape(draft: Draft) -> DraftAnswer:
    return DraftAnswer(
        text=draft.text,
        html=None if draft.html is None else clean(draft.html),
        to=None if draft.to is None else _people(draft.to),
        cc=_people(draft.cc),
        bcc=_people(draft.bcc),
        subject=draft.subject,
        attachments=tuple(_file(each) for each in draft.files if each.content_id is None),
        inline=tuple(
            InlineFile(content_id=each.content_id, file=_file(each)) for each in draft.files if each.content_id
        ),
        changed_at=draft.changed_at,
    )


def _people(addresses: tuple[Address, ...]) -> tuple[Person, ...]:
    return tuple(Person(each.name, each.address) for each in addresses)


def _file(ref: FileRef) -> str | MessageFile:
    return ref.upload_id if ref.upload_id is not None else MessageFile(ref.message_id or "", ref.index)

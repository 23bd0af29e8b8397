"""`/v1/messages/{id}/forward`, `/cancel` and `/resend`: a message sent on, an answer taken back, or sent again."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.api.answering import FileList, InlineFiles, Mailboxes, Subject, Written, files, people
from chalicelib.api.answers import Answered
from chalicelib.api.messages import MessageAnswer, shape
from chalicelib.api.requests import Call
from chalicelib.conversations import cancel, forward, resend
from chalicelib.conversations.words import body_of
from chalicelib.model.conversation import MessageBody


class ForwardRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """To whom a message is sent on, with what words above it, and whether with its attachments.

    A conversation of its own begins, with the first of `to`; without `subject` it has the message's, after "Fwd:".
    """

    to: Annotated[Mailboxes, Meta(min_length=1)]
    text: Written | None = None
    html: Written | None = None
    cc: Mailboxes = ()
    bcc: Mailboxes = ()
    subject: Subject | None = None
    include_attachments: bool = True
    attachments: FileList = ()
    inline: InlineFiles = ()


class ResendRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """`force`: send it again also to those of whom nobody knows whether they have it."""

    force: bool = False


def forward_message(call: Call) -> Answered:
    """Send a message on to somebody else."""
    told: ForwardRequest = call.body
    forwarding = forward.Forwarding(
        to=people(told.to),
        body=body_of(told.text, told.html) if told.text or told.html else MessageBody(),
        cc=people(told.cc),
        bcc=people(told.bcc),
        subject=told.subject,
        include_attachments=told.include_attachments,
        files=files(told.attachments, told.inline),
    )
    message = forward.forward(call.caller, call.path["message_id"], forwarding, call.request, call.now)
    return Answered(shape(message), location=f"/v1/messages/{message.id}")


def cancel_message(call: Call) -> MessageAnswer:
    """Take an answer back as long as it waits to leave."""
    return shape(cancel.cancel(call.caller, call.path["message_id"], call.now))


def resend_message(call: Call) -> MessageAnswer:
    """Send an answer again to those whom it did not reach."""
    told: ResendRequest = call.body
    return shape(resend.resend(call.caller, call.path["message_id"], call.now, force=told.force))

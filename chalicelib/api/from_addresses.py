"""`/v1/channels/{id}/from-address` and `/v1/from-address-proofs`: sending from an address of one's own (S36, S37)."""

from __future__ import annotations

from msgspec import Struct

from chalicelib.api.answers import Answered
from chalicelib.api.channels import SenderAnswer, shape_sender
from chalicelib.api.requests import Call
from chalicelib.conversations import read
from chalicelib.model.texts import Email
from chalicelib.outbound.sending_way import find_way
from chalicelib.settings import from_addresses


class FromAddressRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The address that mail is to leave from."""

    address: Email


class ProofAnswer(Struct, frozen=True):
    """The address that is proven now."""

    address: str


def add_from_address(call: Call) -> Answered:
    """Set the from address, and mail a code to it. It is used once the code is handed in (`from-address-proofs`).

    An address that is proven for the channel already is used at once, and no mail is sent.
    """
    told: FromAddressRequest = call.body
    before, _ = read.channel_for(call.caller, call.path["channel_id"])
    channel = from_addresses.begin(call.caller, call.id_for("prf"), before, told.address, call.now)
    sender: SenderAnswer = shape_sender(find_way(channel, channel.inbox_id), call.caller.account)
    return Answered(sender, location=f"/v1/channels/{channel.id}")


def give_proof(call: Call) -> ProofAnswer:
    """Hand in the code that was mailed; the code is what allows it. It works once."""
    channel = from_addresses.give(call.path["token"], call.now)
    return ProofAnswer(channel.proven_address or "")

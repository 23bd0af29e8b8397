"""Addresses that automatic mail is to leave alone, as SES's feedback makes them."""

from __future__ import annotations

from chalicelib.model.conversation import Reason
from chalicelib.model.suppression import Suppression, suppression_id
from chalicelib.storage import suppressions
from tests.post.ses import at


def suppress(account_id: str, address: str, code: str = "hard_bounce", minutes: float = 0) -> Suppression:
    """Mail to an address came back for good, or was complained about."""
    reason = Reason(code, "550 5.1.1 no such user")
    told = Suppression(account_id, suppression_id(address), address, reason, at(minutes))
    suppressions.add([told])
    return told

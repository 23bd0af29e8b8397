"""The keys of automatic mail: limits, notices, addresses that are left alone; and of the row in which all mail stands.

| item | pk | sk |
|---|---|---|
| taken of a limit, also by address | `A#LIMIT#name#hour or day`, `A#ADDRESS#digest#LIMIT#…` | `COUNT` |
| taken of a limit by all accounts | `ADDRESS#digest#LIMIT#name#day` | `COUNT` |
| automatic mail to a colleague | `A#NOTICE#n` | `NOTICE` |
| when the next mail may leave, SES's limits | `SLOTS#n`, `SENDING-LIMITS` | the same words |
| address that automatic mail leaves alone | `A#SUPPRESSION#id` | `SUPPRESSION` |
"""

from __future__ import annotations

from chalicelib.storage.keys import Key, digest


def limit(name: str, window: str, account_id: str | None, address: str | None) -> Key:
    """What was taken in a window (`2026-03-02T08`, `2026-03-02`) by an account, towards an address, or both."""
    whose = [account_id] if account_id is not None else []
    whose += ["ADDRESS", digest(address.lower())] if address is not None else []
    return Key("#".join([*whose, "LIMIT", name, window]), "COUNT")


def notice(account_id: str, notice_id: str) -> Key:
    """One piece of automatic mail to a colleague."""
    return Key(f"{account_id}#NOTICE#{notice_id}", "NOTICE")


def slots(row: int) -> Key:
    """When the next mail may leave."""
    return Key(f"SLOTS#{row}", "SLOTS")


def sending_limits() -> Key:
    """What SES lets the installation send."""
    return Key("SENDING-LIMITS", "SENDING-LIMITS")


def suppression(account_id: str, suppression_id: str) -> Key:
    """That automatic mail leaves an address alone."""
    return Key(f"{account_id}#SUPPRESSION#{suppression_id}", "SUPPRESSION")


def list_of_suppressions(account_id: str) -> str:
    """`by_list`: the addresses that automatic mail leaves alone."""
    return f"{account_id}#SUPPRESSIONS"

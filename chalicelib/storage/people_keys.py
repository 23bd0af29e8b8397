"""Keys and lists of what comes before a user works here, and after."""

from __future__ import annotations

from chalicelib.storage.keys import Key, digest, people

WAITING_LISTS = 4  # so that no single index partition takes every waiting conversation of the installation


def former_user(account_id: str, email: str) -> Key:
    """How often a user with this address was removed."""
    return Key(people(account_id), f"FORMER#{digest(email.casefold())}")


def leaving_users() -> str:
    """`by_list`: the users, of all accounts, that were removed and may still have something assigned."""
    return "USERS-LEAVING"


def invitation(token_digest: str) -> Key:
    """One invitation, by the SHA-256 of its token."""
    return Key(f"INVITATION#{token_digest}", "INVITATION")


def waiting_lists() -> list[str]:
    """`by_list`: every list of conversations, of all accounts, that wait for somebody to become available."""
    return [f"WAITING#{number}" for number in range(WAITING_LISTS)]


def waiting_of(account_id: str) -> str:
    """`by_list`: the one of those lists that an account's conversations are in."""
    return waiting_lists()[int(digest(account_id)[:8], 16) % WAITING_LISTS]

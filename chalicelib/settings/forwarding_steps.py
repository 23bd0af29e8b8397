"""How a mailbox is made to forward, step by step for each common provider, in English and German.

Pure. The texts stand in `forwarding_steps.json`; `{address}` is the team's address, `{forwarding_address}` ours.
Sources: the help pages of Google Workspace ("Redirect or forward Gmail messages to another user", "Automatically
forward Gmail messages"), Microsoft ("Configure email forwarding in Microsoft 365", "Control automatic external email
forwarding") and cPanel ("Forwarders").
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec
from msgspec import Struct


class ProviderSteps(Struct, frozen=True):
    """One provider's steps by language (`en`, `de`). `preferred`: the way that keeps the sender's mail as it is."""

    provider: str
    name: str
    preferred: bool
    steps: dict[str, tuple[str, ...]]


def instructions(address: str, forwarding_address: str) -> tuple[ProviderSteps, ...]:
    """Every provider's steps with the addresses filled in."""
    return tuple(
        ProviderSteps(
            each.provider,
            each.name,
            each.preferred,
            {
                language: tuple(_filled(step, address, forwarding_address) for step in steps)
                for language, steps in each.steps.items()
            },
        )
        for each in _texts()
    )


def _filled(step: str, address: str, forwarding_address: str) -> str:
    return step.replace("{forwarding_address}", forwarding_address).replace("{address}", address)


@lru_cache(maxsize=1)
def _texts() -> tuple[ProviderSteps, ...]:
    text = Path(__file__).with_suffix(".json").read_bytes()
    return msgspec.json.decode(text, type=tuple[ProviderSteps, ...])

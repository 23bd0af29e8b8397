"""`/v1/account/lists`: senders that are always taken, or never."""

from __future__ import annotations

from chalicelib.api.answers import Answered
from chalicelib.api.requests import Call, patched
from chalicelib.settings import lists


def get_lists(call: Call) -> Answered:
    """Both lists."""
    found = lists.lists_of(call.caller)
    return Answered(lists.settings_of(found), found.version)


def patch_lists(call: Call) -> Answered:
    """Both lists, or one of them, replaced whole."""
    before = lists.lists_of(call.caller)
    changed = lists.change(
        call.caller, before, patched(lists.settings_of(before), call.body), call.accepted_versions, call.now
    )
    return Answered(lists.settings_of(changed), changed.version)

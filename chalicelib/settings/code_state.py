"""An account as the settings document tells it: its things by section and key, and the document that they make."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import msgspec

from chalicelib.model.caller import Caller
from chalicelib.model.page import Page
from chalicelib.settings import account, channels, inboxes, lists, pipelines, teams, ticket_properties, users
from chalicelib.settings.code_names import Names
from chalicelib.storage import inboxes as stored_inboxes
from chalicelib.storage import people
from chalicelib.storage.sender_lists import read as read_lists

PAGE = 100
# How a thing's settings are read, and what of them is its key or no setting.
SECTIONS: dict[str, tuple[Callable[[Any], Any], frozenset[str]]] = {
    "ticket_properties": (ticket_properties.settings_of, frozenset({"name"})),
    "teams": (teams.settings_of, frozenset({"name"})),
    "users": (users.settings_of, frozenset({"availability"})),
    "inboxes": (inboxes.settings_of, frozenset({"name"})),
    "channels": (channels.settings_of, frozenset({"address"})),
}


class State:
    """An account as it is: its things by section and key, and the document that they make."""

    def __init__(self, caller: Caller) -> None:
        self.caller, self.names = caller, Names()
        self.things: dict[str, dict[str, Any]] = {}
        of = caller.account_id
        self._name("pipelines", _all(pipelines.page, caller), lambda each: each.name)
        for key, pipeline in self.things["pipelines"].items():
            for stage in pipeline.stages:
                self.names.add("stages", f"{key}/{stage.name}", stage.id)
        self._name("ticket_properties", _all(ticket_properties.page, caller), lambda each: each.name)
        self._name("teams", _all(teams.page, caller), lambda each: each.name)
        self._name("users", people.list_users(of), lambda each: each.email)
        self._name("inboxes", stored_inboxes.all_inboxes(of), lambda each: each.name)
        connected = [each for each in stored_inboxes.all_channels(of) if each.disconnected_at is None]
        self._name("channels", connected, lambda each: each.address)
        self.lists = read_lists(of)
        told = self._told()
        self.names.keep(self.names.dangling(told))
        self.document: dict[str, Any] = self.names.named(told)

    def _name(self, section: str, found: Collection[Any], name: Callable[[Any], str]) -> None:
        ordered = sorted(found, key=lambda each: (each.created_at, each.id))
        keyed = {self.names.add(section, name(each), each.id): each for each in ordered}
        self.things[section] = dict(sorted(keyed.items()))

    def _told(self) -> dict[str, Any]:
        default = self.caller.account.default_pipeline_id
        told: dict[str, Any] = {
            "account": msgspec.to_builtins(account.settings_of(self.caller.account)),
            "lists": msgspec.to_builtins(lists.settings_of(self.lists)),
        }
        for section, things in self.things.items():
            told[section] = {key: _settings(section, each, default) for key, each in things.items()}
        return told


def _settings(section: str, thing: Any, default_pipeline_id: str) -> dict[str, Any]:
    """A thing's settings as the document has them, still with ids."""
    if section == "pipelines":
        told = msgspec.to_builtins(pipelines.settings_of(thing, default_pipeline_id))
        told["stages"] = [{name: each[name] for name in ("name", "kind")} for each in told["stages"]]
        return {name: value for name, value in told.items() if name != "name"}
    settings_of, left_out = SECTIONS[section]
    told = msgspec.to_builtins(settings_of(thing))
    if section == "ticket_properties":
        told["type"] = thing.type.value
    return {name: value for name, value in told.items() if name not in left_out}


def _all(page: Callable[..., Page[Any]], caller: Caller) -> list[Any]:
    """Everything of a list."""
    found: list[Any] = []
    cursor = None
    while True:
        more = page(caller, limit=PAGE, cursor=cursor)
        found += more.items
        cursor = more.next
        if cursor is None:
            return found

"""The single changes that bring an account to a settings document: each through the function of its own address.

A thing whose settings are the same is not touched; one whose key is new is added, except channels, which are connected
at their own address (`POST /v1/inboxes/{id}/channels`), since a proof or a forwarding goes with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from chalicelib.clock import new_id
from chalicelib.errors import InvalidInput, Refused
from chalicelib.model.caller import Caller
from chalicelib.settings import account, channels, inboxes, lists, pipelines, teams, ticket_properties, users
from chalicelib.settings.code_names import Names, step
from chalicelib.settings.code_state import State

Value = TypeVar("Value", bound=Struct)


class Changes:
    """One application of a document, section by section: what is added is named by what follows."""

    def __init__(self, state: State, wanted: dict[str, Any], now: datetime) -> None:
        self.state, self.wanted, self.now = state, wanted, now
        self.caller: Caller = state.caller
        self.names: Names = state.names

    def apply(self) -> None:
        """Make every change. Raises what the single changes raise, with the pointer into the document."""
        self._section("pipelines", self._pipeline, "pip")
        self._section("ticket_properties", self._ticket_property, "prp")
        self._section("teams", self._team, "tea")
        self._section("users", self._user, "usr")
        self._section("inboxes", self._inbox, "inb")
        self._section("channels", self._channel, None)
        with _at("/lists"):
            if self.wanted["lists"] != self.state.document["lists"]:
                told = _typed(self.wanted["lists"], lists.ListSettings)
                lists.change(self.caller, self.state.lists, told, None, self.now)

    def _section(self, section: str, change: Callable[[Any, dict[str, Any], str], Any], prefix: str | None) -> None:
        before = self.state.document[section]
        for key, told in self.wanted[section].items():
            pointer = step(f"/{section}", key)
            if told == before.get(key):
                continue
            if key not in before and prefix is None:
                raise Refused(
                    f"There is no channel {key}; connect it at its inbox first.", pointer=pointer, code="no_such_name"
                )
            with _at(pointer):
                made = change(self.state.things[section].get(key), told, key)
            if key not in before and section != "pipelines":
                self.names.add(section, key, made.id)

    def _pipeline(self, before: Any, told: dict[str, Any], key: str) -> Any:
        """Stages are known by their names; moves refer to them, and so to those that are new by place."""
        stages = told.get("stages")
        for stage in stages if isinstance(stages, list) else ():
            name = f"{key}/{stage.get('name')}" if isinstance(stage, dict) else ""
            if before is not None and self.names.has("stages", name):
                stage["id"] = self.names.id_of("stages", name, "/stages")
        settings = _typed(self._resolved(told) | {"name": _name(before, key)}, pipelines.PipelineSettings)
        if before is not None:
            made = pipelines.change(self.caller, before, settings, None, self.now)
        else:
            made = pipelines.add(self.caller, new_id("pip"), settings, self.now)
            self.names.add("pipelines", key, made.id)
        for stage in made.stages:
            if not self.names.has("stages", f"{key}/{stage.name}"):
                self.names.add("stages", f"{key}/{stage.name}", stage.id)
        return made

    def _ticket_property(self, before: Any, told: dict[str, Any], key: str) -> Any:
        new = _typed(told | {"name": _name(before, key)}, ticket_properties.NewProperty)
        if before is None:
            return ticket_properties.add(self.caller, new_id("prp"), new, self.now)
        if new.type is not before.type:
            raise Refused("The type of a property never changes.", pointer="/type", code="type_fixed")
        settings = ticket_properties.PropertySettings(new.name, new.choices)
        return ticket_properties.change(self.caller, before, settings, None, self.now)

    def _team(self, before: Any, told: dict[str, Any], key: str) -> Any:
        settings = _typed(told | {"name": _name(before, key)}, teams.TeamSettings)
        if before is None:
            return teams.add(self.caller, new_id("tea"), settings.name, self.now)
        return teams.change(self.caller, before, settings, None, self.now)

    def _user(self, before: Any, told: dict[str, Any], key: str) -> Any:
        resolved = self._resolved(told)
        if before is None:
            new = _typed(resolved | {"email": key}, users.NewUser)
            fields = {name: getattr(new, name) for name in users.UserSettings.__struct_fields__}
            return users.add(self.caller, new.email, users.UserSettings(**fields), None, self.now)
        availability = before.availability.value  # what its owner switches is no setting
        settings = _typed(resolved | {"availability": availability}, users.UserSettings)
        return users.change(self.caller, before, settings, None, self.now)

    def _inbox(self, before: Any, told: dict[str, Any], key: str) -> Any:
        settings = _typed(self._resolved(told) | {"name": _name(before, key)}, inboxes.InboxSettings)
        if before is None:
            return inboxes.add(self.caller, new_id("inb"), settings, None, self.now)
        return inboxes.change(self.caller, before, settings, None, self.now)

    def _channel(self, before: Any, told: dict[str, Any], key: str) -> Any:
        settings = _typed(self._resolved(told) | {"address": key}, channels.ChannelSettings)
        return channels.change(self.caller, before, settings, None, self.now)

    def _resolved(self, told: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.names.resolved(told, "")
        return found


def change_account(state: State, wanted: dict[str, Any], domains: dict[str, str], now: datetime) -> None:
    """The account's own settings. `Refused` for another domain: the document names channels by their addresses."""
    if wanted == state.document["account"]:
        return
    with _at("/account"):
        settings = _typed(wanted, account.AccountSettings)
        if account.domain_of(settings, **domains) != account.domain_of(
            account.settings_of(state.caller.account), **domains
        ):
            raise Refused(
                "The document does not move the account to another domain, since it names channels by their addresses. "
                "Change subdomain and plan at /v1/account.",
                pointer="/subdomain",
                code="another_domain",
            )
        account.change(state.caller, settings, None, **domains, now=now)


def _name(before: Any, key: str) -> str:
    return key if before is None else before.name


def _typed(told: Any, as_type: type[Value]) -> Value:
    try:
        return msgspec.convert(told, as_type)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{error}.") from error


@contextmanager
def _at(pointer: str) -> Iterator[None]:
    """Point what is refused into the document."""
    try:
        yield
    except Refused as refused:
        refused.pointer = f"{pointer}{refused.pointer or ''}"
        raise

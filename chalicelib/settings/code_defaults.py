"""What a settings document leaves out of a thing, filled with what that means: the default of its type. Pure.

So a document that was written by hand says the same as the one that is read, and is put again without a change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from msgspec import inspect

from chalicelib.settings.account import AccountSettings
from chalicelib.settings.channels import ChannelSettings
from chalicelib.settings.inboxes import InboxSettings
from chalicelib.settings.lists import ListSettings
from chalicelib.settings.pipelines import PipelineSettings
from chalicelib.settings.teams import TeamSettings
from chalicelib.settings.ticket_properties import NewProperty
from chalicelib.settings.users import UserSettings

ONE = {"account": AccountSettings, "lists": ListSettings}
MANY = {
    "pipelines": PipelineSettings,
    "ticket_properties": NewProperty,
    "teams": TeamSettings,
    "users": UserSettings,
    "inboxes": InboxSettings,
    "channels": ChannelSettings,
}
PLACE = ("pipeline_id", "stage_id")
NO_SETTINGS = frozenset({"name", "address", "availability", "id"})  # of which the document says nothing, or by its keys


def with_defaults(before: Mapping[str, Any], document: Mapping[str, Any], sections: Collection[str]) -> dict[str, Any]:
    """The document with these sections of it whole; `before` is the account's.

    A channel of which neither pipeline nor stage is said keeps both: without them it would get the account's default.
    """
    told = dict(document)
    for section in sections:
        if section in ONE:
            told[section] = _filled(told[section], inspect.type_info(ONE[section]))
        elif section in MANY:
            info = inspect.type_info(MANY[section])
            told[section] = {key: _filled(each, info) for key, each in told[section].items()}
    if "channels" in sections:
        for key, each in told["channels"].items():
            _keep_place(each.get("ticketing"), before["channels"].get(key, {}).get("ticketing", {}))
    return told


def _keep_place(ticketing: Any, before: Mapping[str, Any]) -> None:
    if isinstance(ticketing, dict) and all(ticketing.get(name) is None for name in PLACE):
        ticketing |= {name: before[name] for name in PLACE if name in before}


def _filled(told: Any, info: inspect.Type) -> Any:
    if isinstance(info, inspect.Metadata):
        return _filled(told, info.type)
    if isinstance(info, inspect.UnionType):
        structs = [each for each in info.types if isinstance(each, inspect.StructType)]
        return _filled(told, structs[0]) if len(structs) == 1 else told
    if isinstance(info, inspect.VarTupleType) and isinstance(told, list):
        return [_filled(each, info.item_type) for each in told]
    if not isinstance(info, inspect.StructType) or not isinstance(told, dict):
        return told
    filled = dict(told)
    for field in info.fields:
        if field.encode_name in told:
            filled[field.encode_name] = _filled(told[field.encode_name], field.type)
        elif not field.required and field.encode_name not in NO_SETTINGS:
            filled[field.encode_name] = _default(field)
    return filled


def _default(field: inspect.Field) -> Any:
    value = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
    return msgspec.json.decode(msgspec.json.encode(value))

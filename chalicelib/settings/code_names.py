"""Names instead of ids in the settings document, and what differs between two documents. Pure.

What people name is a key by its name (the second of two equal names gets " (2)"), users by e-mail address, channels by
address, stages as "pipeline/stage". Fields that refer to something hold such a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from chalicelib.errors import Refused

REFERENCES = {
    "user_ids": "users",
    "team_ids": "teams",
    "owner_id": "users",
    "pipeline_id": "pipelines",
    "stage_id": "stages",
    "on_answer_stage_id": "stages",
    "on_reply_stage_id": "stages",
}
NAMED_FIELDS = {"properties": "ticket_properties"}  # objects whose field names are references


class Change(Struct, frozen=True, rename={"from_": "from"}):
    """One difference: where (RFC 6901), and the value before and after; null where there is none."""

    pointer: str
    from_: Any
    to: Any


class Names:
    """Which key stands for which id, by kind."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, str]] = {}
        self._keys: dict[str, str] = {}
        self._dangling: frozenset[str] = frozenset()

    def add(self, kind: str, name: str, an_id: str) -> str:
        """Give an id its key."""
        known, key, number = self._ids.setdefault(kind, {}), name, 1
        while key in known:
            number += 1
            key = f"{name} ({number})"
        known[key] = an_id
        self._keys[an_id] = key
        return key

    def id_of(self, kind: str, key: str, pointer: str) -> str:
        """The id behind a key. `Refused` when nothing has it."""
        found = self._ids.get(kind, {}).get(key)
        if found is None:
            raise Refused(f"There is nothing named {key!r} among {kind}.", pointer=pointer, code="no_such_name")
        return found

    def has(self, kind: str, key: str) -> bool:
        """Whether a key is there."""
        return key in self._ids.get(kind, {})

    def named(self, value: Any) -> Any:
        """Settings with keys for ids; an id that leads nowhere any more stays as it is."""
        if isinstance(value, dict):
            return {name: self._named_field(name, each) for name, each in value.items()}
        return [self.named(each) for each in value] if isinstance(value, list | tuple) else value

    def _named_field(self, name: str, value: Any) -> Any:
        if name in NAMED_FIELDS and isinstance(value, dict):
            return {self._keys.get(each, each): said for each, said in value.items()}
        if name not in REFERENCES or value is None:
            return self.named(value)
        if isinstance(value, list | tuple):
            return [self._keys.get(each, each) for each in value]
        return self._keys.get(value, value)

    def resolved(self, value: Any, pointer: str) -> Any:
        """Settings with ids for keys. `Refused` points to a key that nothing has."""
        if isinstance(value, dict):
            return {name: self._resolved_field(name, each, step(pointer, name)) for name, each in value.items()}
        if isinstance(value, list):
            return [self.resolved(each, step(pointer, str(number))) for number, each in enumerate(value)]
        return value

    def _resolved_field(self, name: str, value: Any, pointer: str) -> Any:
        if name in NAMED_FIELDS and isinstance(value, dict):
            kind = NAMED_FIELDS[name]
            return {self._id(kind, key, step(pointer, key)): said for key, said in value.items()}
        if name not in REFERENCES or value is None:
            return self.resolved(value, pointer)
        if isinstance(value, list):
            return [self._id(REFERENCES[name], key, step(pointer, str(at))) for at, key in enumerate(value)]
        return self._id(REFERENCES[name], value, pointer)

    def _id(self, kind: str, key: Any, pointer: str) -> str:
        if isinstance(key, str) and key in self._dangling and not self.has(kind, key):
            return key
        return self.id_of(kind, str(key), pointer)

    def keep(self, dangling: Iterable[str]) -> None:
        """Ids that lead nowhere any more and stand in the settings: they may stay."""
        self._dangling = frozenset(dangling)

    def dangling(self, value: Any) -> Iterator[str]:
        """The references in settings, with ids, that no key stands for."""
        if isinstance(value, dict):
            for name, each in value.items():
                if name in NAMED_FIELDS and isinstance(each, dict):
                    yield from (key for key in each if key not in self._keys)
                elif name in REFERENCES and each is not None:
                    ids = each if isinstance(each, list | tuple) else [each]
                    yield from (an_id for an_id in ids if an_id not in self._keys)
                else:
                    yield from self.dangling(each)
        elif isinstance(value, list | tuple):
            for each in value:
                yield from self.dangling(each)


def step(pointer: str, name: str) -> str:
    """A JSON pointer one step further (RFC 6901 §3)."""
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"


def differences(before: Any, after: Any, pointer: str = "") -> Iterator[Change]:
    """What differs, field by field; lists are compared whole."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            yield from differences(before.get(name), after.get(name), step(pointer, name))
    elif before != after:
        yield Change(pointer, before, after)


def require_present(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raise `Refused` for something that a document leaves out: it changes and adds, and never removes."""
    for section, things in before.items():
        for key in things if section not in ("account", "lists") else ():
            if key not in after.get(section, {}):
                raise Refused(
                    f"{key!r} is missing among {section}. The document removes nothing: leave it in, or remove it by "
                    "its own address first.",
                    pointer=step(f"/{section}", key),
                    code="missing_in_document",
                )

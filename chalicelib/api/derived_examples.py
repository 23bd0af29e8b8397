"""An example of any value, derived from its JSON Schema, since what a stranger reads first should look real. Pure.

In this order: what the type itself shows (`Meta(examples=[...])`), a constant, the first of an enumeration, what fields
of this name usually hold (`NAMED`, ids by what they name), and the simplest that the schema allows. A field that ends
up with what the schema refuses fails `tests/api/test_openapi.py`: give its type an example, or its name a row here.
"""

from __future__ import annotations

import re
from typing import Any

Schema = dict[str, Any]

PREFIX = "#/components/schemas/"
RANDOM = "mzxw6ytboi4dcmjs"  # the part of an id that means nothing
TIME = "2026-03-02T08:00:00.000Z"
NAMED: dict[str, Any] = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "contact_email": "ada@example.com",
    "contact_name": "Ada Lovelace",
    "company_name": "Acme Inc.",
    "subdomain": "acme",
    "locale": "en",
    "address": "support@example.com",
    "addresses": ["ada@example.com"],
    "participants": ["ada@example.com"],
    "from_name": "Ann Archer from Acme Inc.",
    "subject": "Where is my parcel?",
    "text": "It left us this morning.",
    "html": "<p>It left us this morning.</p>",
    "preview": "It left us this morning.",
    "reply_text": "It left us this morning.",
    "url": "https://example.com/signed-link",
    "raw_url": "/v1/messages/msg_mzxw6ytboi4dcmjs/raw",
    "body_url": "/v1/messages/msg_mzxw6ytboi4dcmjs/body",
    "next": None,
    "cursor": "eyJuIjowfQ",
    "version": 1,
    "limit": 25,
    "code": "everyone",
    "pointer": "/name",
    "action": "inbox.changed",
    "filename": "parcel.pdf",
    "content_type": "application/pdf",
    "time_zone": "Europe/Berlin",
    "domain": "example.com",
    "day": "2026-03-02",
    "date": "2026-03-02",
}
# What an id names, to the prefix of such ids; anything else has its first three letters.
KINDS = {
    "account": "acc",
    "assignee": "usr",
    "author": "usr",
    "channel": "chn",
    "contact": "ctc",
    "conversation": "cnv",
    "delivery": "dlv",
    "inbox": "inb",
    "message": "msg",
    "owner": "usr",
    "pipeline": "pip",
    "property": "tpr",
    "stage": "stg",
    "subject": "inb",
    "team": "tea",
    "ticket": "tck",
    "token": "tok",
    "upload": "upl",
    "user": "usr",
}
# What a text may be when neither type nor name say so: the first that its pattern and length allow.
TYPES = {"string": str, "integer": int, "number": int, "boolean": bool, "array": list}
TEXTS = ("Example", "example", "ada@example.com", "example.com", "2026-03-02", "08:00", "Europe/Berlin", "en", "1", "/")


def derive(schema: Schema, schemas: dict[str, Schema], name: str = "", *, whole: bool = True) -> Any:
    """An example of what a schema allows, in JSON values; not `whole`: without the fields that may be left out."""
    return _Deriving(schemas, whole).value(schema, name, "", ())


def id_of(kind: str) -> str:
    """An id as this kind of thing has it: `usr_…` for a user, an owner or an assignee."""
    return f"{KINDS.get(kind, kind[:3])}_{RANDOM}"


class _Deriving:
    def __init__(self, schemas: dict[str, Schema], whole: bool) -> None:
        self.schemas, self.whole = schemas, whole

    def value(self, schema: Schema, name: str, owner: str, above: tuple[str, ...]) -> Any:
        """`name`: of the field; `owner`: of the object it is in; `above`: the schemas around it, against recursion."""
        if "examples" in schema:
            return schema["examples"][0]
        if "$ref" in schema:
            title = schema["$ref"].removeprefix(PREFIX)
            return None if title in above else self.value(self.schemas[title], name, title, (*above, title))
        for key in ("const", "enum"):
            if key in schema:
                return schema[key] if key == "const" else schema[key][0]
        if "anyOf" in schema or "oneOf" in schema:
            return self._choice(schema.get("anyOf") or schema["oneOf"], name, owner, above)
        if schema.get("type") == "object":
            return self._object(schema, owner, above)
        if schema.get("type") == "array":
            return self._array(schema, name, owner, above)
        return self._scalar(schema, name, owner)

    def _choice(self, choices: list[Schema], name: str, owner: str, above: tuple[str, ...]) -> Any:
        if name in NAMED and NAMED[name] is None and {"type": "null"} in choices:
            return None
        real = [each for each in choices if each.get("type") != "null"]
        named = [each for each in real if name in NAMED and _fits(NAMED[name], each)]
        return self.value((named or real or choices)[0], name, owner, above)

    def _object(self, schema: Schema, owner: str, above: tuple[str, ...]) -> dict[str, Any]:
        fields = schema.get("properties", {})
        required = set(schema.get("required", ()))
        shown = {field: told for field, told in fields.items() if self.whole or field in required}
        made = {field: self.value(told, field, owner, above) for field, told in shown.items()}
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and more and not fields:
            made[id_of("property")] = self.value(more, "value", owner, above)
        return made

    def _array(self, schema: Schema, name: str, owner: str, above: tuple[str, ...]) -> list[Any]:
        if isinstance(NAMED.get(name), list):
            return list(NAMED[name])
        if "prefixItems" in schema:
            return [self.value(each, name, owner, above) for each in schema["prefixItems"]]
        items = schema.get("items")
        if not isinstance(items, dict) or items.get("$ref", "").removeprefix(PREFIX) in above:
            return []
        return [self.value(items, name.removesuffix("s"), owner, above)] * max(1, schema.get("minItems", 1))

    def _scalar(self, schema: Schema, name: str, owner: str) -> Any:
        if name in NAMED and _fits(NAMED[name], schema):
            return NAMED[name]
        kind = schema.get("type")
        if kind in ("integer", "number"):
            return max(schema.get("minimum", 1), min(1, schema.get("maximum", 1)))
        if kind == "boolean":
            return bool(schema.get("default", True))
        if kind == "null":
            return None
        if kind != "string":
            return schema.get("default", {})
        return self._text(schema, name, owner)

    def _text(self, schema: Schema, name: str, owner: str) -> str:
        if schema.get("format") == "date-time" or name == "at" or name.endswith("_at"):
            return TIME
        likely = []
        if name == "id" or name.endswith("_id"):
            words = re.findall("[A-Z][a-z]*", owner) or [owner]
            likely.append(id_of(name.removesuffix("_id") if name != "id" else words[0].lower()))
        if name.endswith("because"):
            likely.append("The contact's owner is available.")
        if name.endswith("_code"):
            likely.append("contact_owner")
        if schema.get("default"):
            likely.append(schema["default"])
        return next((each for each in (*likely, *TEXTS) if _fits(each, schema)), TEXTS[0])


def _fits(value: Any, schema: Schema) -> bool:
    """Whether a scalar is what a schema allows, as far as it matters here."""
    if type(value) is not TYPES.get(schema.get("type", "")):
        return False
    if not isinstance(value, str):
        return True
    long_enough = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
    return long_enough and re.search(schema.get("pattern", ""), value) is not None

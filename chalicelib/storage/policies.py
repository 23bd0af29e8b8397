"""Reading a resource policy: whether an AWS service may do something to a resource.

Only what our own policies say is understood (IAM user guide, "Policy evaluation logic"): an Allow for the service, the
action, and the resource. A Deny for everybody counts unless it has conditions, which are not evaluated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any


def allows(policy: str, *, service: str, action: str, on: str) -> bool:
    """Whether a policy (JSON text; empty: none) lets a service principal do an action on a resource, by its ARN."""
    statements = _as_list(json.loads(policy).get("Statement", [])) if policy.strip() else []
    speaking = [each for each in statements if _speaks_of(each, service, action, on)]
    if any(each.get("Effect") == "Deny" and not each.get("Condition") for each in speaking):
        return False
    return any(each.get("Effect") == "Allow" for each in speaking)


def _speaks_of(statement: dict[str, Any], service: str, action: str, on: str) -> bool:
    principal = statement.get("Principal")
    named = ["*"] if principal == "*" else _as_list((principal or {}).get("Service", (principal or {}).get("AWS", [])))
    return (
        (service in named or "*" in named)
        and _any(action.lower(), (each.lower() for each in _as_list(statement.get("Action", []))))
        and _any(_resource(on), map(_resource, _as_list(statement.get("Resource", []))))
    )


def _any(text: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def _resource(arn: str) -> str:
    """An ARN without its partition: `aws`, `aws-cn`, `aws-us-gov` are the same to us."""
    parts = arn.split(":", 2)
    return parts[2] if arn.startswith("arn:") and len(parts) > 2 else arn


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

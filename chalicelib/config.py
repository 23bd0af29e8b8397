"""The environment, read once and typed: no other module reads it.

`config()` reads at first use, so that importing a module never needs an environment. A missing or wrong value raises
`ConfigError` that lists every fault at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct


class ConfigError(Exception):
    """The environment does not say what the code needs; the message lists every fault."""


class Config(Struct, frozen=True):
    """Names of the resources this deployment works on. Holds no secret: `signing_secret_id` only names one."""

    table_name: str
    mail_bucket: str
    inbound_queue_url: str
    inbound_dead_letter_queue_url: str
    outbound_queue_url: str
    feedback_queue_url: str
    configuration_set: str
    event_bus: str
    inbound_domain: str
    free_inbound_domain: str
    signing_secret_id: str
    stage: str = "local"
    log_level: str = "INFO"
    dns_resolvers: str = "1.1.1.1,8.8.8.8,9.9.9.9"  # IPv4 addresses, each with a port or without; `none` asks nobody
    outbound_dead_letter_queue_url: str = ""
    feedback_dead_letter_queue_url: str = ""
    probe_after_hours: str = "24"  # without any mail through a forwarding; then a probe is sent
    receipt_rule_set: str = ""  # ours; without it and the topics nothing is compared with what SES has
    inbound_topic: str = ""  # ARNs
    feedback_topic: str = ""
    upload_megabytes_a_day: str = "5000"  # that one account may announce to upload, in 1,000,000 bytes
    repair_ses: str = "true"  # `false`: what differs is told, and left to the operator


def read_config(environment: Mapping[str, str]) -> Config:
    """Build a `Config` from environment variables of the same names in capitals."""
    values: dict[str, str] = {}
    for name in Config.__struct_fields__:
        value = environment.get(name.upper(), "").strip()
        if value:
            values[name] = value
    required = Config.__struct_fields__[: -len(Config.__struct_defaults__)]
    faults = [f"{name.upper()} is not set" for name in required if name not in values]
    for name in ("inbound_domain", "free_inbound_domain"):
        domain = values.get(name, "x.x")
        if "." not in domain or domain != domain.lower() or "@" in domain:
            faults.append(f"{name.upper()} must be a lower-case domain name, not {domain!r}")
    if not values.get("probe_after_hours", "1").isdecimal():
        faults.append("PROBE_AFTER_HOURS must be a whole number of hours")
    if not values.get("upload_megabytes_a_day", "1").isdecimal():
        faults.append("UPLOAD_MEGABYTES_A_DAY must be a whole number of megabytes")
    if values.get("repair_ses", "true") not in ("true", "false"):
        faults.append("REPAIR_SES must be true or false")
    if values.get("log_level", "INFO") not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        faults.append("LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR")
    if faults:
        raise ConfigError("; ".join(faults))
    return Config(**values)


@lru_cache(maxsize=1)
def config() -> Config:
    """The configuration of this process."""
    return read_config(os.environ)

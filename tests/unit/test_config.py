"""The environment, read whole: each bad one with the message it gives."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chalicelib.config import Config, ConfigError, read_config
from tests.post.cloud import ROOT

REQUIRED = Config.__struct_fields__[: -len(Config.__struct_defaults__)]
DOMAINS = {"INBOUND_DOMAIN": "in.postfach.test", "FREE_INBOUND_DOMAIN": "free.postfach.test"}
GOOD = {name.upper(): f"some {name}" for name in REQUIRED} | DOMAINS


def test_defaults() -> None:
    config = read_config({**GOOD, "UNRELATED": "x", "LOG_LEVEL": " "})
    assert {name.upper(): getattr(config, name) for name in REQUIRED} == GOOD
    assert (config.stage, config.log_level) == ("local", "INFO")


@pytest.mark.parametrize("name", list(GOOD))
@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_is_missing_is_named(name: str, value: str | None) -> None:
    environment = {**GOOD, name: value or ""}
    if value is None:
        del environment[name]
    with pytest.raises(ConfigError, match=f"^{name} is not set$"):
        read_config(environment)


@pytest.mark.parametrize("name", ["INBOUND_DOMAIN", "FREE_INBOUND_DOMAIN"])
@pytest.mark.parametrize("domain", ["localhost", "In.Postfach.test", "a@postfach.test"])
def test_domains(name: str, domain: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name} must be a lower-case domain name, not '{domain}'$"):
        read_config({**GOOD, name: domain})


def test_the_log_level() -> None:
    with pytest.raises(ConfigError, match=r"^LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR$"):
        read_config({**GOOD, "LOG_LEVEL": "chatty"})


@pytest.mark.parametrize("megabytes", ["-1", "1.5", "many"])
def test_the_uploads_of_a_day(megabytes: str) -> None:
    with pytest.raises(ConfigError, match=r"^UPLOAD_MEGABYTES_A_DAY must be a whole number of megabytes$"):
        read_config({**GOOD, "UPLOAD_MEGABYTES_A_DAY": megabytes})
    assert read_config(GOOD).upload_megabytes_a_day == "5000"


def test_every_fault_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        read_config({"INBOUND_DOMAIN": "X", "LOG_LEVEL": "x"})
    assert str(raised.value).count(";") == len(GOOD)  # all but one are missing, one is wrong, and so is the level
    assert [word for word in GOOD if word not in str(raised.value)] == []


def test_importing_the_functions_needs_no_environment() -> None:
    """Each Lambda imports app.py before anything is asked of it."""
    told = (
        "import app; from chalicelib.inbound import receive_mail; from chalicelib.reconcile import sweep; print('ok')"
    )
    done = subprocess.run([sys.executable, "-c", told], env={"PATH": ""}, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "ok\n", done.stderr

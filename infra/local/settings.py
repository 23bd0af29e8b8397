"""Where the local cloud keeps its data and listens: environment variables, each with a default.

    POSTFACH_DATA        folder of everything that must survive        .local/data
    POSTFACH_RUN_FILE    what a script needs to use it, as JSON        .local/run.json
    POSTFACH_HTTP_PORT   API, sent mail, start page                    8080
    POSTFACH_SMTP_PORT   incoming mail                                 2525
    POSTFACH_CLOUD_PORT  the emulated AWS                              the last one used, else any free one
    POSTFACH_SES_PORT    the SES endpoint of outgoing mail             the last one used, else any free one
    POSTFACH_RELAY       host:port of an SMTP server that sent mail    none: it stays here
                         goes on to (`relay.py`)

0 stands for any free port. Everything listens on the loopback interface alone: the emulator has no passwords.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.local.relay import read_relay

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
REGION = "eu-central-1"
STAGE = "local"
INBOUND_DOMAIN = "in.postfach.test"
FREE_INBOUND_DOMAIN = "free.postfach.test"
DEFAULT_PORTS = {"http": 8080, "smtp": 2525, "cloud": 0, "ses": 0}


class SettingsError(Exception):
    """The environment asks for something that cannot be; the message is one sentence."""


@dataclass(frozen=True)
class Settings:
    """One local cloud: its folder, its file for scripts, its ports."""

    data: Path
    run_file: Path
    ports: dict[str, int]
    relay: tuple[str, int] | None = None

    @property
    def cloud_url(self) -> str:
        """The emulator's endpoint."""
        return f"http://{HOST}:{self.ports['cloud']}"

    @property
    def origin(self) -> str:
        """The HTTP front's URL."""
        return f"http://{HOST}:{self.ports['http']}"

    def pid_file(self, name: str) -> Path:
        """The lock of one process."""
        return self.data / "pids" / name


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables; free ports are chosen but not yet taken. Raises SettingsError."""
    data = _path(environment.get("POSTFACH_DATA"), ROOT / ".local" / "data")
    run_file = _path(environment.get("POSTFACH_RUN_FILE"), ROOT / ".local" / "run.json")
    remembered = data / "ports.json"
    last: dict[str, int] = json.loads(remembered.read_text()) if remembered.exists() else {}
    ports: dict[str, int] = {}
    for name, default in DEFAULT_PORTS.items():
        variable = f"POSTFACH_{name.upper()}_PORT"
        text = environment.get(variable) or str(default)
        if not text.isdecimal() or int(text) > 65535:
            raise SettingsError(f"{variable} must be a port number, not {text!r}.")
        ports[name] = int(text) or (last[name] if name in last and is_free(last[name]) else free_port(ports.values()))
    try:
        relay = read_relay(environment.get("POSTFACH_RELAY", ""))
    except ValueError as error:
        raise SettingsError(f"POSTFACH_RELAY must be like localhost:1025; it is {error}.") from error
    return Settings(data, run_file, ports, relay)


def _path(text: str | None, default: Path) -> Path:
    return Path(text).expanduser().resolve() if text else default


def remember_ports(settings: Settings) -> None:
    """Note the ports, so that the next start takes the same."""
    settings.data.mkdir(parents=True, exist_ok=True)
    (settings.data / "ports.json").write_text(json.dumps(settings.ports))


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def is_taken(port: int) -> bool:
    """Whether something listens on the port."""
    return not is_free(port)


def free_port(but_not: object = ()) -> int:
    """A port that is free now and none of `but_not`."""
    taken = set(but_not) if hasattr(but_not, "__iter__") else set()
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        if port not in taken:
            return port

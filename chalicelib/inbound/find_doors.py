"""Where the envelope recipients of an arrival lead: one look-up, and the signatures of reply addresses checked."""

from __future__ import annotations

from msgspec.structs import replace

from chalicelib import clock
from chalicelib.config import config
from chalicelib.inbound.choose_channel import open_signed_door, take_apart
from chalicelib.model.delivery import Arrival
from chalicelib.model.filing import Door
from chalicelib.storage import filing as store
from chalicelib.storage.secrets import signing_keys


def find_doors(arrival: Arrival) -> list[Door]:
    """Where the envelope recipients lead, signed reply addresses checked."""
    domains = (config().inbound_domain, config().free_inbound_domain)
    recipients = [take_apart(each, domains) for each in arrival.recipients]
    found = store.find_doors(recipients)
    doors = []
    for recipient in recipients:
        door = found[recipient.address]
        if recipient.looks_signed and door.account_id is not None:
            door = open_signed_door(recipient, door.account_id, signing_keys(), clock.now())
        elif door.account_id is None and recipient.subdomain is not None:
            door = replace(door, account_id=store.account_of_subdomain(recipient.subdomain))
        doors.append(door)
    return doors

"""The story of a mail that could not be handled: it gets a row that says so, which admins see and have handled again.

Told at the last of the queue's tries, where the error is known (`give_up`), and by the sweep where no error could be
told, since the function died of the mail or its task never came (`record`). Whoever handles the mail after all takes
the row's place (`receive_mail.py`). Nothing of the mail but its first bytes is read: reading it may be what fails.
"""

from __future__ import annotations

from msgspec.structs import replace

from chalicelib import log
from chalicelib.config import config
from chalicelib.errors import Fault, LostRace
from chalicelib.inbound.arrivals import read_arrival
from chalicelib.inbound.choose_channel import visits
from chalicelib.inbound.decide import Case, decide_given_up
from chalicelib.inbound.find_doors import find_doors
from chalicelib.mail import read_mail
from chalicelib.mail.model import Address, ParsedMail
from chalicelib.model.conversation import Reason
from chalicelib.model.delivery import Arrival, Delivery, Source
from chalicelib.model.delivery_ids import locate_delivery
from chalicelib.storage import filing as store
from chalicelib.storage.raw_mail import fetch_head

DEAD_LETTER = "dead_letter"
KEPT = "Its raw form is kept. Have it handled again."


def give_up(body: str, error: Exception) -> tuple[Delivery, ...]:
    """Note that an inbound queue message failed for the last time; the deliveries that have a row of it now.

    Best effort: what cannot be noted here is found by the sweep. A replay leaves the delivery as it was.
    """
    try:
        arrival = read_arrival(body, bucket=config().mail_bucket)
        if arrival.source is Source.REPLAY:
            return ()
        because = f"The mail could not be handled, though it was tried several times ({type(error).__name__}). {KEPT}"
        return _record(arrival, because, is_final=arrival.gives_up)
    except Exception as failure:
        log.error("not_given_up", failure)
        return ()


def record(arrival: Arrival) -> tuple[Delivery, ...]:
    """The same for a mail that the sweep puts back no more (`arrival.gives_up`). Raises `errors.Fault`."""
    because = f"The mail was put back several times, and still could not be handled. {KEPT}"
    return _record(arrival, because, is_final=True)


def _record(arrival: Arrival, because: str, *, is_final: bool) -> tuple[Delivery, ...]:
    arrival = replace(arrival, gives_up=False)  # what is kept of it is what a replay brings back
    mail = _head_of(arrival)
    found: list[Delivery] = []
    todo = visits(find_doors(arrival))
    for number, visit in enumerate(todo, 1):
        case = Case(arrival, visit, completes=is_final and number == len(todo))
        filing = decide_given_up(case, mail, Reason(DEAD_LETTER, because))
        try:
            store.commit(filing)
        except LostRace:
            done = store.read_delivery(*locate_delivery(case.delivery_id))
            if done is None:
                raise
            if case.completes:  # it was handled, or given up before
                store.complete(done)
        else:
            found.append(filing.delivery)
    return tuple(found)


def _head_of(arrival: Arrival) -> ParsedMail:
    """Who wrote and about what, as far as the first bytes tell; else the envelope's sender."""
    try:
        mail = read_mail(fetch_head(arrival.raw_key))
    except Fault as error:
        log.warning("no_head_of_raw_mail", because=error.detail)
        mail = ParsedMail()
    if mail.from_ is None and arrival.mail_from is not None:
        return replace(mail, from_=Address(None, arrival.mail_from))
    return mail

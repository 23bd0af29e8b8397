"""A probe that comes back: noted as what proves the forwarding, and kept out of the inbox (§7.6).

What reaches the channel's own address with a token is the probe itself. What reaches the address that the probe came
from is an answer to it, of a person or a machine; a delivery report, wherever it comes, says that it was returned.
"""

from __future__ import annotations

from chalicelib import log
from chalicelib.inbound.judge import Judgement
from chalicelib.inbound.probe_words import changed_parts, read_token, token_in
from chalicelib.mail.model import ParsedMail
from chalicelib.model.conversation import Reason
from chalicelib.model.delivery import Arrival, Verdict
from chalicelib.model.filing import Door
from chalicelib.model.inbox import Channel
from chalicelib.model.probe import ProbeFate
from chalicelib.storage.probes import note_fate
from chalicelib.storage.secrets import signing_keys

REASONS = {
    ProbeFate.RETURNED: Reason("probe_returned", "A probe came back through the forwarding."),
    ProbeFate.ALTERED: Reason("probe_altered", "A probe came back through the forwarding, rewritten on its way."),
    ProbeFate.BOUNCED: Reason("probe_bounced", "A probe was returned as undeliverable."),
    ProbeFate.ANSWERED: Reason("probe_answered", "Somebody, or an automatic reply, answered a probe."),
}


def recognise_probe(mail: ParsedMail, arrival: Arrival, door: Door, channel: Channel) -> Judgement | None:
    """The verdict on a probe of this channel, or on an answer to it; None for any other mail.

    Handled twice it ends the same: a fate is noted the first time.
    """
    token = door.probe_token or token_in(mail)
    keys = signing_keys() if token is not None else ()
    found = next(filter(None, (read_token(key, token or "", channel.account_id) for key in keys)), None)
    if token is None or found is None or found.channel_id != channel.id:
        return None
    changed: tuple[str, ...] = ()
    if mail.bounce is not None:
        fate = ProbeFate.BOUNCED
    elif door.probe_token is not None:
        fate = ProbeFate.ANSWERED
    else:
        changed = changed_parts(mail, token, channel.address)
        fate = ProbeFate.ALTERED if changed else ProbeFate.RETURNED
    noted = note_fate(channel.account_id, channel.id, found.probe_id, fate, arrival.received_at, changed)
    log.info("probe", fate=fate, channel=channel.id, newest=noted)
    return Judgement(Verdict.PROBE, REASONS[fate])

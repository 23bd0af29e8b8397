"""A probe that comes back, or what became of it: noted as evidence of the forwarding (§7.6).

What reaches the channel's own address with a token is the probe itself. What reaches the address that the probe came
from is an answer to it; a delivery report, wherever it comes, says that it was returned. All of that is kept out of the
inbox; what a person wrote about a probe is not (`probe_words.sighting`).
"""

from __future__ import annotations

from chalicelib import log
from chalicelib.inbound.judge import Judgement
from chalicelib.inbound.mailed_report import cited_answer
from chalicelib.inbound.probe_words import Sighting, read_token, sighting, token_in
from chalicelib.mail.model import ParsedMail
from chalicelib.model.conversation import Reason
from chalicelib.model.delivery import Arrival, Verdict
from chalicelib.model.filing import Door, Evidence
from chalicelib.model.probe import ProbeFate
from chalicelib.storage.probes import note_fate
from chalicelib.storage.secrets import signing_keys

REASONS = {
    ProbeFate.RETURNED: Reason("probe_returned", "A probe came back through the forwarding."),
    ProbeFate.ALTERED: Reason("probe_altered", "A probe came back through the forwarding, rewritten on its way."),
    ProbeFate.BOUNCED: Reason("probe_bounced", "A probe was returned as undeliverable."),
    ProbeFate.ANSWERED: Reason("probe_answered", "Somebody, or an automatic reply, answered a probe."),
}


def recognise_probe(mail: ParsedMail, arrival: Arrival, door: Door, evidence: Evidence) -> Sighting | None:
    """What a mail tells of a probe of this channel, noted; None for mail that has nothing to do with one.

    Handled twice it ends the same: a fate is noted the first time.
    """
    channel = evidence.channel
    token = door.probe_token or token_in(mail)
    keys = signing_keys() if token is not None else ()
    found = next(filter(None, (read_token(key, token or "", channel.account_id) for key in keys)), None)
    if token is None or found is None or found.channel_id != channel.id:
        return None
    if cited_answer(mail, evidence) is not None:
        return None  # a report about an answer of ours, in which somebody quoted a probe
    seen = sighting(mail, token, channel.address, to_its_address=door.probe_token is not None)
    noted = note_fate(channel.account_id, channel.id, found.probe_id, seen.fate, arrival.received_at, seen.changed)
    log.info("probe", fate=seen.fate, channel=channel.id, newest=noted, by_person=seen.by_person)
    return seen


def judge_probe(seen: Sighting) -> Judgement:
    """The verdict on what is nothing but a probe, or a machine's answer to it."""
    return Judgement(Verdict.PROBE, REASONS[seen.fate])

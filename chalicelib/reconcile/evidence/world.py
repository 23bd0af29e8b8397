"""DNS as the world sees it, from what several resolvers answered. Pure.

One resolver that shows the right record suffices; wrong is only what at least two said, and none contradicted: one of
them alone may lie, or remember what was. What fewer answered is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chalicelib.model.health import ChannelStatus, Observation
from chalicelib.model.sending_domain import DnsRecord, RecordPurpose
from chalicelib.reconcile.evidence import DEGRADED, DISCONNECTED, good, unseen, wrong

Answers = Sequence[tuple[str, ...] | None]
AGREE = 2


def own_mail(domain: str, region: str, answers: Answers, at: str) -> Observation:
    """Whether mail for a domain of ours is sent to SES ("Publishing an MX record" in the SES developer guide)."""
    target = f"inbound-smtp.{region}.amazonaws.com"

    def is_right(records: tuple[str, ...]) -> bool:
        return any(each.split()[-1] == target for each in records)

    return _judged("mx", f"MX of {domain}", answers, is_right, DISCONNECTED, "mx_elsewhere", at)


def team_mail(domain: str, answers: Answers, at: str) -> Observation:
    """Whether anybody can write to the customer's domain; a null MX (RFC 7505) says no."""

    def is_right(records: tuple[str, ...]) -> bool:
        return any(each.split()[-1] != "0" for each in records)

    return _judged("mx", f"MX of {domain}", answers, is_right, DISCONNECTED, "team_domain_takes_no_mail", at)


def published(record: DnsRecord, answers: Answers, at: str) -> Observation:
    """Whether a record that the channel shows is to be seen: DKIM, MAIL FROM, SPF (RFC 7208), DMARC (RFC 7489)."""
    codes = {
        RecordPurpose.DKIM: "dkim_not_published",
        RecordPurpose.MAIL_FROM: "mail_from_failed",
        RecordPurpose.SPF: "spf_refuses",
        RecordPurpose.DMARC: "dmarc_broken",
    }
    rights: dict[RecordPurpose, Callable[[tuple[str, ...]], bool]] = {
        RecordPurpose.SPF: _allows_ses,
        RecordPurpose.DMARC: _is_one_policy,
    }
    is_right = rights.get(record.purpose, lambda records: _plain(record.value) in records)
    check = f"dns_{record.purpose.value}:{record.name}"
    return _judged(check, f"{record.type} of {record.name}", answers, is_right, DEGRADED, codes[record.purpose], at)


def _allows_ses(records: tuple[str, ...]) -> bool:
    policies = [each.lower().split() for each in records if each.lower().split()[:1] == ["v=spf1"]]
    return len(policies) == 1 and "include:amazonses.com" in policies[0]


def _is_one_policy(records: tuple[str, ...]) -> bool:
    """DMARC is suggested, so none is in order; more than one, or one without a policy, is not (RFC 7489 §6.6.3)."""
    policies = [each for each in records if each.lower().replace(" ", "").startswith("v=dmarc1")]
    return not policies or (len(policies) == 1 and ";p=" in policies[0].lower().replace(" ", ""))


def _plain(value: str) -> str:
    return value.strip('"').lower().rstrip(".")


def _judged(
    check: str,
    name: str,
    answers: Answers,
    is_right: Callable[[tuple[str, ...]], bool],
    status: ChannelStatus,
    code: str,
    at: str,
) -> Observation:
    told = [each for each in answers if each is not None]
    shown = "; ".join(sorted({", ".join(sorted(each)) or "nothing" for each in told}))[:500]
    saw = f"{len(told)} of {len(answers)} resolvers answered for {name}: {shown or 'nothing'}."
    if any(map(is_right, told)):
        return good(check, at, saw)
    if len(told) < AGREE:
        return unseen(check, at, saw)
    return wrong(check, at, status, code, saw)

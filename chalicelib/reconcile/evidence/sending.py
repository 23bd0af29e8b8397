"""Whether mail can leave: SES's account, the identity that is sent from, and what became of the last answers. Pure."""

from __future__ import annotations

from chalicelib.model.evidence import SendingAccount, Shared, Suppressed, Traffic
from chalicelib.model.health import Observation
from chalicelib.model.public_domains import is_public
from chalicelib.model.sending_domain import DomainState, RecordPurpose, SendingDomain
from chalicelib.reconcile.evidence import DEGRADED, DISCONNECTED, PENDING, good, unseen, wrong

ACCOUNT, IDENTITY, DKIM, MAIL_FROM = "sending_account", "identity", "dkim", "mail_from"
DELIVERIES, SUPPRESSION = "deliveries", "suppression"
NEARLY = 0.9  # of the quota
ENOUGH = 10  # recipients within the hour before their fate says anything
SOME, MOST = 0.2, 0.8  # of them failed


def observe(
    from_address: str, shared: Shared, domain: SendingDomain | None, traffic: Traffic | None
) -> tuple[Observation, ...]:
    """All that is known of mail from `from_address`. `domain`: what the account has claimed of it; None for our own."""
    at = shared.at
    return (
        _account(shared.account, at),
        _identity(from_address, shared.identities, at),
        *_claimed(domain, at),
        _deliveries(traffic, at),
    )


def suppression(address: str, suppressed: Suppressed | None, at: str) -> Observation:
    """Whether SES would send a probe to `address`."""
    if suppressed is None:
        return unseen(SUPPRESSION, at)
    if address.lower() in suppressed.addresses:
        return wrong(SUPPRESSION, at, DEGRADED, "address_suppressed", f"{address} is on the suppression list.")
    if not suppressed.whole:
        return unseen(SUPPRESSION, at, "The suppression list is longer than was read.")
    return good(SUPPRESSION, at, f"{address} is not on the suppression list.")


def _account(account: SendingAccount | None, at: str) -> Observation:
    if account is None:
        return unseen(ACCOUNT, at)
    used = f"{account.sent:.0f} of {account.quota:.0f} mails in 24 hours"
    if not account.may_send or account.enforcement == "SHUTDOWN":
        saw = f"Sending is disabled; the enforcement status is {account.enforcement}."
        return wrong(ACCOUNT, at, DISCONNECTED, "sending_paused", saw)
    if account.quota > 0 and account.sent >= account.quota:
        return wrong(ACCOUNT, at, DISCONNECTED, "quota_used", used)
    if not account.in_production:
        return wrong(ACCOUNT, at, DEGRADED, "sandbox", "The account is in the sandbox.")
    if account.quota > 0 and account.sent >= NEARLY * account.quota:
        return wrong(ACCOUNT, at, DEGRADED, "quota_nearly_used", used)
    if account.enforcement != "HEALTHY":
        return wrong(ACCOUNT, at, DEGRADED, "under_review", f"The enforcement status is {account.enforcement}.")
    return good(ACCOUNT, at, f"The account may send: {used}.")


def _identity(from_address: str, identities: dict[str, str] | None, at: str) -> Observation:
    """An address is sent from by its own identity, or by that of its domain or of one above ("Verified identities")."""
    if identities is None:
        return unseen(IDENTITY, at)
    labels = from_address.lower().rpartition("@")[2].split(".")
    if is_public(".".join(labels)):  # it is as it has to be, so it is no trouble that somebody could end
        saw = f"{'.'.join(labels)} is a public mail provider's domain: answers leave over the fallback address."
        return good(IDENTITY, at, saw)
    names = [from_address.lower(), *(".".join(labels[n:]) for n in range(len(labels) - 1))]
    told = {name: identities[name] for name in names if name in identities}
    if not told:
        saw = f"SES has no identity for {'.'.join(labels)}."
        return wrong(IDENTITY, at, DISCONNECTED, "identity_missing", saw)
    name = next((name for name, status in told.items() if status == "SUCCESS"), next(iter(told)))
    saw = f"SES's identity {name} is {told[name]}."
    if told[name] == "SUCCESS":
        return good(IDENTITY, at, saw)
    if told[name] == "FAILED":
        return wrong(IDENTITY, at, DISCONNECTED, "identity_failed", saw)
    if told[name] == "TEMPORARY_FAILURE":  # SES could not see the records just now: its own word for "unknown"
        return unseen(IDENTITY, at, saw)
    return wrong(IDENTITY, at, PENDING, "identity_pending", saw)


def _claimed(domain: SendingDomain | None, at: str) -> tuple[Observation, ...]:
    """DKIM and MAIL FROM as they were last seen of a domain of the customer's."""
    if domain is None or not domain.records:
        return ()
    when = domain.checked_at or at
    found = []
    for check, purpose, failed in (
        (DKIM, RecordPurpose.DKIM, "dkim_failed"),
        (MAIL_FROM, RecordPurpose.MAIL_FROM, "mail_from_failed"),
    ):
        states = {record.state for record in domain.records if record.purpose is purpose}
        saw = f"SES says of {domain.domain}: {', '.join(sorted(str(each) for each in states))}."
        if DomainState.FAILED in states:
            found.append(wrong(check, when, DEGRADED, failed, saw))
        elif states == {DomainState.VERIFIED}:
            found.append(good(check, when, saw))
        else:
            code = "dkim_pending" if check == DKIM else "identity_pending"
            found.append(wrong(check, when, PENDING, code, saw))
    return tuple(found)


def _deliveries(traffic: Traffic | None, at: str) -> Observation:
    if traffic is None:
        return unseen(DELIVERIES, at)
    total = traffic.delivered + traffic.failed
    saw = f"{traffic.failed} of {total} recipients of the last hour were not reached."
    if traffic.last_delivered_at:
        saw += f" The last one was reached at {traffic.last_delivered_at}."
    share = traffic.failed / total if total >= ENOUGH else 0.0
    if share >= MOST:
        return wrong(DELIVERIES, at, DISCONNECTED, "most_fail", saw)
    return wrong(DELIVERIES, at, DEGRADED, "some_fail", saw) if share >= SOME else good(DELIVERIES, at, saw)

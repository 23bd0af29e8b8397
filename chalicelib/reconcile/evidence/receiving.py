"""Whether mail for an address of ours is taken, stored and announced, and whether it is handled. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.model.evidence import ActiveRules, QueueState, ReceiptRule, ReceivingPolicies, Shared
from chalicelib.model.health import Observation
from chalicelib.reconcile.evidence import DEGRADED, DISCONNECTED, good, unseen, wrong

OLD = 15 * 60  # seconds that a message may wait before it is told
RULES, STORAGE, LETTERS, AGE = "receipt_rules", "receiving_policies", "dead_letters", "queue_age"
LAST_MAIL = "last_mail"
PROVES_FOR = timedelta(days=1)  # mail that came longer ago says nothing of today


def observe(address: str, bucket: str, shared: Shared) -> tuple[Observation, ...]:
    """All that the installation's own side says of mail for `address`."""
    at = shared.at
    return (
        _rules(address, bucket, shared.rules, at),
        _policies(shared.policies, at),
        *_queue(shared.queue, at),
    )


def last_mail(received_at: str | None, at: str) -> Observation:
    """Real mail that came lately proves that receiving works, whatever else can be seen; silence proves nothing."""
    if received_at is None:
        return unseen(LAST_MAIL, at, "Among the inbox's newest open conversations is none of this channel.")
    saw = f"The last mail came in at {received_at}."
    lately = datetime.fromisoformat(at) - datetime.fromisoformat(received_at) < PROVES_FOR
    return good(LAST_MAIL, received_at, saw) if lately else unseen(LAST_MAIL, at, saw)


def takes(patterns: tuple[str, ...], address: str) -> bool:
    """Whether a receipt rule with these recipients takes an address ("Receipt rules" in the SES developer guide).

    `example.com` is that domain, `.example.com` all below it, label by label; no recipients: everything.
    """
    domain = address.rpartition("@")[2]
    return not patterns or any(
        address == each or domain == each or (each.startswith(".") and domain.endswith(each)) for each in patterns
    )


def _rules(address: str, bucket: str, active: ActiveRules | None, at: str) -> Observation:
    if active is None:
        return unseen(RULES, at)
    if active.name is None:
        return wrong(RULES, at, DISCONNECTED, "no_active_rule_set", "SES has no active receipt rule set.")
    taking = [rule for rule in active.rules if takes(rule.recipients, address.lower())]
    if not taking:
        saw = f"No enabled rule of the active set {active.name} takes {address}."
        return wrong(RULES, at, DISCONNECTED, "rule_missing", saw)
    if not any(_stores(rule, bucket) for rule in taking):
        saw = f"No rule of the active set {active.name} stores mail for {address} in {bucket}/raw/ and announces it."
        return wrong(RULES, at, DISCONNECTED, "rule_changed", saw)
    return good(RULES, at, f"A rule of the active set {active.name} stores mail for {address}.")


def _stores(rule: ReceiptRule, bucket: str) -> bool:
    return any(where == bucket and prefix == "raw/" and topic for where, prefix, topic in rule.stores)


def _policies(policies: ReceivingPolicies | None, at: str) -> Observation:
    told = {} if policies is None else {"bucket": policies.bucket, "topic": policies.topic, "queue": policies.queue}
    refusing = [name for name, allowed in told.items() if allowed is False]
    if refusing:
        saw = f"The policy of the {', the '.join(refusing)} does not let mail through."
        return wrong(STORAGE, at, DISCONNECTED, "storage_refuses", saw)
    if not told or None in told.values():
        return unseen(STORAGE, at)
    return good(STORAGE, at, "The policies of bucket, topic and queue let mail through.")


def _queue(queue: QueueState | None, at: str) -> tuple[Observation, ...]:
    if queue is None:
        return unseen(LETTERS, at), unseen(AGE, at)
    letters = good(LETTERS, at, "There are no dead letters.")
    if queue.dead_letters:
        letters = wrong(LETTERS, at, DEGRADED, "dead_letters", f"There are {queue.dead_letters} dead letters.")
    if queue.oldest is None:
        return letters, unseen(AGE, at, "CloudWatch has no number.")
    waits = f"The oldest mail in the queue waits {round(queue.oldest)} seconds."
    return letters, wrong(AGE, at, DEGRADED, "mail_waits", waits) if queue.oldest > OLD else good(AGE, at, waits)

"""The story of mending SES: look at what it has, plan, and do the plan, a control call a second.

A step that fails is logged and keeps the others from nothing but what hangs on it, which then fails too; the next run
plans anew. A dry run, and an installation with `REPAIR_SES=false`, tell the plan and do nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from chalicelib import log
from chalicelib.config import Config, config
from chalicelib.errors import PostfachError
from chalicelib.model.sending_domain import DomainState, SendingDomain
from chalicelib.model.ses_setup import SetupPlan, SetupSeen, SetupStep, SetupWanted
from chalicelib.reconcile.gather import seen
from chalicelib.reconcile.plan import missing_identities, plan, wanted_destination, wanted_rules
from chalicelib.storage import ses_setup
from chalicelib.storage.observing import Pace
from chalicelib.storage.ses_identities import get_identity

MOST = 40  # steps of one run, each a second or a few


class MendingReport(Struct, frozen=True):
    """What was planned, done, and failed. `finished`: nothing is left but what an operator decides."""

    planned: tuple[str, ...] = ()
    done: int = 0
    failed: tuple[str, ...] = ()
    left_to_operator: tuple[str, ...] = ()
    finished: bool = True


def wanted_of(names: Config) -> SetupWanted:
    """What SES should have, by the environment. Pure."""
    receives = names.receipt_rule_set and names.inbound_topic
    domains = (names.inbound_domain, names.free_inbound_domain)
    return SetupWanted(
        rule_set=names.receipt_rule_set if receives else "",
        rules=wanted_rules(domains, names.mail_bucket, names.inbound_topic) if receives else (),
        configuration_set=names.configuration_set if names.feedback_topic else "",
        destination=wanted_destination(names.feedback_topic) if names.feedback_topic else None,
    )


def plan_now(pace: Pace) -> SetupPlan:
    """The plan for what SES has now."""
    wanted = wanted_of(config())
    return plan(
        SetupSeen(
            seen("our_receipt_rules", lambda: ses_setup.read_receiving(wanted.rule_set, pace))
            if wanted.rule_set
            else None,
            seen("configuration_set", lambda: ses_setup.read_sending(wanted.configuration_set, pace))
            if wanted.configuration_set
            else None,
        ),
        wanted,
    )


def mend_ses(now: datetime, deadline: float, pace: Pace, *, acts: bool | None = None) -> MendingReport:
    """Plan, and do it until `deadline` (`time.monotonic()`). `acts` false: tell it only."""
    made = plan_now(pace)
    for each in made.left_to_operator:
        log.warning("left_to_operator", what=each)
    if acts is None:
        acts = config().repair_ses == "true"
    return _report(made, *carry_out(made.steps if acts else (), deadline, pace))


def carry_out(steps: Sequence[SetupStep], deadline: float, pace: Pace) -> tuple[int, tuple[str, ...]]:
    """How many of the steps were done, and which failed."""
    done, failed = 0, []
    for step in steps[:MOST]:
        if time.monotonic() > deadline:
            break
        try:
            ses_setup.carry_out(step, pace)
            done += 1
            log.info("ses_mended", step=step.kind, name=step.name, because=step.because)
        except PostfachError as error:
            log.error("ses_not_mended", error, step=step.kind, name=step.name)
            failed.append(f"{told(step)} {error}")
    return done, tuple(failed)


def mend_identity(domain: SendingDomain, deadline: float, pace: Pace) -> bool:
    """Make an identity again that SES had verified and has no more; whether it was."""
    if config().repair_ses != "true" or domain.state is not DomainState.FAILED or domain.verified_at is None:
        return False
    pace.wait()
    known = {domain.domain.lower()} if get_identity(domain.domain) is not None else set()
    done, _ = carry_out(missing_identities([domain], known), deadline, pace)
    return done > 0


def told(step: SetupStep) -> str:
    """A step in one line."""
    return f"{step.kind.value} {step.name}: {step.because}"


def _report(made: SetupPlan, done: int, failed: tuple[str, ...]) -> MendingReport:
    return MendingReport(
        tuple(map(told, made.steps)), done, failed, made.left_to_operator, finished=done == len(made.steps)
    )

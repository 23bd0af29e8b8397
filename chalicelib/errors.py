"""Every error that leaves a function on purpose, as one family.

`Refused` is the caller's to mend (a 4xx with a problem document, RFC 9457); `Fault` is ours or the provider's:
`TemporaryFault` is worth a retry, `PermanentFault` is not. What is unknown counts as temporary.
The HTTP status of each lives in one table, `api/answers.py`.
"""

from __future__ import annotations


class PostfachError(Exception):
    """The root of the family. `code` is stable and machine-readable; the message is for people."""

    code = "error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Refused(PostfachError):
    """The caller asked for something that cannot be. `pointer` is the JSON pointer (RFC 6901) of the field at fault."""

    code = "refused"

    def __init__(self, detail: str, *, pointer: str | None = None, code: str | None = None) -> None:
        super().__init__(detail)
        self.pointer = pointer
        if code is not None:
            self.code = code


class InvalidInput(Refused):
    """The request is not of the documented form."""

    code = "invalid_input"


class Unauthenticated(Refused):
    """No token, or one that does not hold."""

    code = "unauthenticated"


class Forbidden(Refused):
    """The caller is known and may see the thing, but may not do this; the detail says which rule and how to mend it."""

    code = "forbidden"


class NotFound(Refused):
    """The thing does not exist, or not for this caller (S16): both look alike."""

    code = "not_found"


class Conflict(Refused):
    """The request does not fit what is stored now."""

    code = "conflict"


class ConversationMovedOn(Conflict):
    """Somebody wrote in the conversation after what the caller has seen; `newer` are the ids of those messages."""

    code = "conversation_moved_on"

    def __init__(self, detail: str, *, newer: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.newer = newer


class PreconditionFailed(Refused):
    """`If-Match` names another version than the stored one."""

    code = "precondition_failed"


class PreconditionRequired(Refused):
    """The request changes a versioned thing and says no version (RFC 6585 §3)."""

    code = "precondition_required"


class TooManyRequests(Refused):
    """A limit of what may be asked for in a time is reached; after `retry_after` seconds there is room again."""

    code = "too_many_requests"

    def __init__(self, detail: str, *, retry_after: int, pointer: str | None = None, code: str | None = None) -> None:
        super().__init__(detail, pointer=pointer, code=code)
        self.retry_after = retry_after


class PlanDoesNotAllow(Refused):
    """The account's plan does not include this (S6)."""

    code = "plan_does_not_allow"


class TooLarge(Refused):
    """The request is larger than what is taken."""

    code = "too_large"


class UnsupportedMediaType(Refused):
    """The request's body is not of a type that is read here."""

    code = "unsupported_media_type"


class Fault(PostfachError):
    """Something failed that the caller cannot mend."""

    code = "internal_error"


class TemporaryFault(Fault):
    """Worth a retry: throttled, unreachable, a lost race, or unknown."""

    code = "temporarily_unavailable"


class PermanentFault(Fault):
    """A retry will fail the same way."""


class NotANotification(PermanentFault):
    """A queue message that no part of Postfach sent: it goes to the dead letters."""

    code = "not_a_notification"


class RawMailMissing(TemporaryFault):
    """The raw mail is not (yet) where the notification says."""

    code = "raw_mail_missing"


class LostRace(TemporaryFault):
    """A conditional write met other data than it was decided on."""

    code = "lost_race"


class MailRefused(PermanentFault):
    """SES will never send this mail."""

    code = "mail_refused"


class MailNotTaken(TemporaryFault):
    """SES did not take the mail, but may later."""

    code = "mail_not_taken"


class MailThrottled(MailNotTaken):
    """SES did not take the mail, because it gets more than it takes."""

    code = "mail_throttled"


class MailUnconfirmed(Fault):
    """SES was asked to send the mail, and its answer was lost: it may have left, so it is not asked again."""

    code = "mail_unconfirmed"

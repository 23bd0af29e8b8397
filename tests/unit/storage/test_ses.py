"""What an answer of SES means: only what SES clearly did not take may be tried again."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from chalicelib.errors import Fault, MailNotTaken, MailRefused, MailThrottled, MailUnconfirmed
from chalicelib.storage.ses import judged


@pytest.mark.parametrize(
    ("status", "code", "means"),
    [
        (400, "MessageRejected", MailRefused),
        (400, "BadRequestException", MailRefused),
        (400, "MailFromDomainNotVerifiedException", MailRefused),
        (404, "NotFoundException", MailRefused),
        (429, "TooManyRequestsException", MailThrottled),
        (400, "LimitExceededException", MailThrottled),
        (400, "SendingPausedException", MailNotTaken),
        (400, "AccountSuspendedException", MailNotTaken),
        (400, "ThrottlingException", MailThrottled),
        (403, "AccessDeniedException", MailNotTaken),
        (403, "ExpiredTokenException", MailNotTaken),
        (503, "ServiceUnavailable", MailNotTaken),
        (400, "NeverHeardOf", MailNotTaken),
        (500, "InternalFailure", MailUnconfirmed),
        (502, "", MailUnconfirmed),
        (504, "NeverHeardOf", MailUnconfirmed),
    ],
)
def test_an_answer_is_judged_by_whether_the_mail_may_have_left(status: int, code: str, means: type[Fault]) -> None:
    error = ClientError(
        {"Error": {"Code": code, "Message": "told"}, "ResponseMetadata": {"HTTPStatusCode": status}},
        "SendEmail",
    )
    assert type(judged(error)) is means

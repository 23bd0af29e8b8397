"""What an account has once, and many ask for at the same moment: its settings document, and the bytes it may upload.

On the local cloud's table, since moto's transactions do not hold under threads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.api.visitor import Reply, admin_of
from tests.cloud.test_race_from_names import at_ministack, at_once
from tests.post import cloud
from tests.post.office import Office

__all__ = ["at_ministack"]  # the fixture
pytestmark = pytest.mark.cloud
PATH = "/v1/account/settings"


def statuses(found: list[Reply | object]) -> Counter[int]:
    return Counter(each.status for each in found if isinstance(each, Reply))


@pytest.mark.parametrize("number", range(4))
def test_of_many_documents_at_once_one_is_applied_whole(at_ministack: None, number: int) -> None:
    office = Office(f"documents{number}")
    admin = admin_of(office)
    etag = admin.get(PATH).headers["ETag"]

    def putting(name: str) -> Callable[[], Reply]:
        document = {
            "account": {**admin.get(PATH).json["account"], "locale": "de"},
            "channels": {office.address: {"signature": name}},
        }
        return lambda: admin.send("PUT", PATH, document, if_match=etag)

    found = at_once([putting(f"Company {each}") for each in range(4)])
    assert statuses(list(found)) == {200: 1, 412: 3}
    (winner,) = [each for each, reply in enumerate(found) if isinstance(reply, Reply) and reply.status == 200]
    told = admin.get(PATH).json
    assert told["account"]["locale"] == "de"
    assert told["channels"][office.address]["signature"] == f"Company {winner}"


def test_uploads_announced_at_once_do_not_pass_the_days_allowance(
    at_ministack: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPLOAD_MEGABYTES_A_DAY", "50")
    cloud.forget_clients()
    office = Office("uploads")
    admin = admin_of(office)
    told = {"filename": "a.txt", "content_type": "text/plain", "size": 20_000_000}
    found = at_once([lambda: admin.post("/v1/uploads", told)] * 5)
    assert statuses(list(found)) == {200: 2, 429: 3}
    assert {each.code for each in found if isinstance(each, Reply) and each.status == 429} == {"too_much_uploaded"}
    assert admin.post("/v1/uploads", told | {"size": 10_000_000}).status == 200
    cloud.forget_clients()  # and the configuration

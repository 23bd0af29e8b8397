"""What publishing a mail costs: exact requests and events (docs/budgets.md)."""

from __future__ import annotations

import pytest

from chalicelib.model.inbox import Sender
from tests.post.letters import letter
from tests.post.meter import metered
from tests.post.office import Office
from tests.post.stream import Listener, Stream, publish


def test_the_requests_of_publishing_a_mail(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.set_channel(sender=Sender(use_for_sending=True))
    stream, listener = Stream(), Listener(monkeypatch)
    office.deliver(letter())
    records = stream.take()
    with metered() as first:
        assert publish(office, records) == []
    assert first.calls == {
        "GetItem": 1,  # conversation
        "BatchGetItem": 1,  # account and channel
        "PutEvents": 1,
    }
    assert first.read <= 4
    assert len(listener.take()) == 3
    office.deliver(letter(message_id="two@customer.example", in_reply_to="first@customer.example"))
    records = stream.take()
    with metered() as further:
        assert publish(office, records) == []
    assert further.calls == {"GetItem": 1, "PutEvents": 1}
    assert further.read <= 1
    assert further.written == first.written == 0
    assert len(listener.take()) == 1

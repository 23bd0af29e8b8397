"""What goes wrong: one form, the right status, nothing of the inside, one line in the log."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from chalice import Chalice
from chalice.test import Client

from chalicelib import errors
from chalicelib.api import answers, dispatch
from chalicelib.api.auth import NEEDS, Permission
from chalicelib.api.dispatch import Route
from chalicelib.api.requests import Call
from chalicelib.api.routes import ROUTES
from chalicelib.model.limits import Budget, Window
from tests.api.visitor import Visitor
from tests.post.letters import letter
from tests.post.office import Office

SECRET = "what nobody outside may read"


def _subclasses(cls: type[Any]) -> set[type[Any]]:
    return {cls}.union(*map(_subclasses, cls.__subclasses__()))


def test_each_error_has_a_status() -> None:
    assert _subclasses(errors.PostfachError) == set(answers.STATUSES)


@pytest.mark.parametrize("error", sorted(answers.STATUSES, key=str))
def test_an_error_is_the_callers_to_mend_exactly_when_its_status_says_so(error: type[errors.PostfachError]) -> None:
    assert (answers.STATUSES[error] < 500) == issubclass(error, errors.Refused)


# What is asked with a secret of its own in the path, which is all that allows it.
BY_SECRET = {"/v1/from-address-proofs/{token}", "/v1/invitations/{token}"}


def test_each_route_has_a_permission_and_only_two_are_public_besides_those_with_a_secret() -> None:
    assert all(route.permission is Permission.PUBLIC or route.permission in NEEDS for route in ROUTES)
    public = {route.path for route in ROUTES if route.permission is Permission.PUBLIC}
    assert public == {"/v1/health", "/v1/openapi.json"} | BY_SECRET
    assert not [route for route in ROUTES if route.path in BY_SECRET and route.method == "GET"]  # GET never acts


# What needs a body to be read: these change nothing.
READ_BY_POST = {"/v1/channels/{channel_id}/preview"}


def test_routes_that_write_ask_for_more_than_reading() -> None:
    reading = {Permission.PUBLIC, Permission.READ, Permission.READ_AS_ADMIN}
    for route in ROUTES:
        reads = route.method == "GET" or route.path in READ_BY_POST | BY_SECRET
        assert reads or route.permission not in reading, route.path


def _answer_of(error: Exception) -> tuple[int, dict[str, str], str]:
    """What a caller gets of an error that a route's function raises."""

    def fail(call: Call) -> None:
        raise error

    app = Chalice(app_name="failing")
    route = Route(method="GET", path="/fail", permission=Permission.PUBLIC, function=fail, summary="Fails")

    @app.route("/fail", content_types=[])
    def view() -> Any:
        assert app.current_request is not None
        return dispatch.respond(route, app.current_request, "request-1")

    answer = Client(app).http.get("/fail")
    return answer.status_code, dict(answer.headers), answer.body.decode()


@pytest.mark.parametrize(
    "error",
    [
        ValueError(SECRET),
        errors.PermanentFault(SECRET),
        errors.TemporaryFault(SECRET),
        errors.LostRace(SECRET),
        errors.RawMailMissing(SECRET),
        errors.NotANotification(SECRET),
        KeyError(SECRET),
    ],
)
def test_a_fault_says_nothing_of_the_inside_and_everything_to_the_log(
    empty_cloud: None, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    status, headers, text = _answer_of(error)
    assert status == answers.status_of(error)
    assert status in (500, 503)
    assert (headers.get("Retry-After") is not None) == (status == 503)
    assert SECRET not in text
    (line,) = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert SECRET in line["traceback"]
    assert (line["trace"], line["status"], line["level"]) == ("request-1", status, "ERROR")
    assert json.loads(text)["request_id"] == "request-1"


def test_a_refusal_is_a_problem_document(empty_cloud: None) -> None:
    status, headers, text = _answer_of(errors.Refused("It cannot be.", pointer="/a/0", code="no_way"))
    assert (status, headers["Content-Type"]) == (422, "application/problem+json")
    assert json.loads(text) == {
        "type": "about:blank",
        "title": "A rule stands against this",
        "status": 422,
        "detail": "It cannot be.",
        "code": "no_way",
        "pointer": "/a/0",
        "request_id": "request-1",
    }


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b'{"name": "\\ud800"}', "application/json", 400),
        (b'{"name": "x"}', "text/plain", 415),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b'{"name": "' + b"x" * 300_000 + b'"}', "application/json", 413),
        (b'{"name": "A"}', "application/merge-patch+json", 200),
        (b'{"name": "A"}', "application/json; charset=utf-8", 200),
    ],
)
def test_bodies_that_are_no_json_are_refused(
    office: Office, admin: Visitor, body: bytes, content_type: str, status: int
) -> None:
    reply = admin.patch(f"/v1/inboxes/{office.inbox_id}", body, content_type=content_type)
    assert reply.status == status, reply.text
    if status != 200:
        assert reply.headers["Content-Type"] == "application/problem+json"


def test_each_request_logs_one_line_without_secrets_and_addresses(
    office: Office, admin: Visitor, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    office.deliver(letter())
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    from tests.post.cloud import forget_everything

    forget_everything()
    capsys.readouterr()
    paths = {
        "/v1/contacts?email=ada@customer.example": 200,
        "/v1/me": 200,
        "/v1/inboxes/inb_nothing": 404,
        f"/v1/inboxes/{office.inbox_id}/conversations?limit=1": 200,
    }
    for path in paths:
        admin.get(path)
    out = capsys.readouterr().out
    lines = [json.loads(each) for each in out.splitlines()]
    assert [line["status"] for line in lines] == list(paths.values())
    assert lines[2]["route"] == "/v1/inboxes/{inbox_id}"
    assert all(line["token"].startswith("tok_") and line["ms"] >= 0 for line in lines)
    assert "customer.example" not in out
    assert str(admin.token) not in out


def test_every_answer_forbids_caches_sniffing_and_frames(office: Office, admin: Visitor) -> None:
    for reply in (admin.get("/v1/me"), Visitor().get("/v1/me"), Visitor().get("/v1/health")):
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        assert reply.headers["X-Request-Id"]


def test_whoever_asks_too_often_is_told_when_to_come_again(empty_cloud: None) -> None:
    status, headers, _ = _answer_of(errors.TooManyRequests("Often.", retry_after=1800))
    assert (status, headers["Retry-After"]) == (429, "1800")


@pytest.mark.parametrize(
    ("window", "now", "seconds"),
    [
        (Window.HOUR, "2026-03-02T08:00:00+00:00", 3600),
        (Window.HOUR, "2026-03-02T08:59:59.900000+00:00", 1),
        (Window.DAY, "2026-03-02T23:00:00+00:00", 3600),
        (Window.DAY, "2026-12-31T00:00:00+00:00", 86400),
    ],
)
def test_a_budget_has_room_again_when_its_window_is_over(window: Window, now: str, seconds: int) -> None:
    assert Budget("b", 1, window).seconds_left(datetime.fromisoformat(now)) == seconds

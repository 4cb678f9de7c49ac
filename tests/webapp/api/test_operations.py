"""What every operation of the API keeps without having to remember it."""

from __future__ import annotations

import weakref
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings
from redis import Connection, ConnectionPool, Redis
from rest_framework.response import Response

from exports import locks
from exports.models import Export
from preferences.models import Batch
from tests import factories
from tests.clock import Clock
from tests.webapp.api.clients import program, refused
from tests.webapp.api.walking import WRITES, Found, operations
from webapp.accounts.models import Scope, User
from webapp.api import idempotency, throttle
from webapp.api.models import StoredAnswer
from webapp.api.operations import Operation
from webapp.api.schema import SHAPE
from webapp.api.v1.batches import Batches

pytestmark = pytest.mark.django_db
BATCHES = "/api/v1/batches/"
JSON = {"content_type": "application/json"}
COMMITS_AS_IT_GOES = {"ManyPrompts", "Heartbeat", "ManyComparisons"}  # and does no harm when it is done twice


@pytest.fixture
def user() -> User:
    return factories.manager(factories.campaign(slug="helpful"))


@pytest.fixture
def batch() -> Batch:
    return factories.batch()


def engineer(batch: Batch) -> Client:
    campaign = batch.items.first().comparison.campaign  # type: ignore[union-attr]
    return program(factories.manager(campaign))


def ask(client: Client, batch: Batch, key: str | None, **body: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"{BATCHES}{batch.pk}/exports/", {"format": "trl", **body}, headers=headers, **JSON)


def test_every_operation_is_made_of_the_one_base_and_names_its_scope() -> None:
    assert len(operations()) > 8
    for found in operations():
        assert issubclass(found.view, Operation), found
        assert found.view.scopes[found.method] in Scope.values, found
    names = {found.view.__name__ for found in operations() if not found.view.in_one_transaction}
    assert names == COMMITS_AS_IT_GOES


@pytest.mark.parametrize("found", [one for one in operations() if one.method in WRITES], ids=str)
def test_every_write_that_is_sent_again_is_done_once(user: User, found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []

    def act(view: Any, request: Any, **_kwargs: Any) -> Response:
        done.append(request)
        return Response({"number": len(done)}, status=201)

    monkeypatch.setattr(found.view, found.method.lower(), act)
    client = program(user)

    def send(body: str) -> Any:
        content = "application/x-ndjson" if found.view.reads_a_stream else "application/json"
        headers = {"Idempotency-Key": '"one"'}
        return client.generic(found.method, found.address, body, content_type=content, headers=headers)

    first, again = send('{"a": 1}'), send('{"a": 1}')
    assert (first.status_code, again.status_code, len(done)) == (201, 201, 1), first.content
    assert first.content == again.content and again["Idempotency-Replayed"] == "true"
    assert not first.has_header("Idempotency-Replayed")
    assert set(refused(send('{"a": 2}'), 422, "key_reused")) == {"Idempotency-Key"}
    assert len(done) == 1


def test_without_a_key_or_with_another_it_is_done_again(batch: Batch) -> None:
    client = engineer(batch)
    keys = [None, None, "one", "two", "one"]
    ids = [ask(client, batch, key).json()["id"] for key in keys]
    assert ids[2] == ids[4] and StoredAnswer.objects.count() == 2


def test_a_secret_that_is_told_once_is_stored_for_nobody_to_read(user: User, settings: Any) -> None:
    client, address = program(user), "/api/v1/campaigns/helpful/webhooks/"
    sent = {"url": "https://hooks.example/in", "kinds": ["batch.sealed"]}
    first, again = (client.post(address, sent, headers={"Idempotency-Key": "k"}, **JSON) for _ in range(2))
    assert first.status_code == 201 and again.content == first.content
    stored = bytes(StoredAnswer.objects.get().body)
    assert first.json()["secret"].encode() not in stored and b"hooks.example" not in stored
    settings.SECRET_KEY = "another"
    refused(client.post(address, sent, headers={"Idempotency-Key": "k"}, **JSON), 409, "conflict")


def test_a_key_is_of_its_person_alone(batch: Batch) -> None:
    one, other = engineer(batch), engineer(batch)
    assert ask(one, batch, "k").status_code == 202
    assert not ask(other, batch, "k").has_header("Idempotency-Replayed")


def test_what_was_refused_leaves_the_key_free(batch: Batch) -> None:
    client = engineer(batch)
    assert ask(client, batch, "k", margin="x").status_code == 400
    assert ask(client, batch, "k").status_code == 202


def test_the_work_and_its_answer_are_stored_together_or_not_at_all(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = engineer(batch)
    client.raise_request_exception = False

    def dies(*_args: Any) -> None:
        raise RuntimeError("the process ends here")

    with monkeypatch.context() as broken:
        broken.setattr(idempotency, "_keep", dies)
        refused(ask(client, batch, "k"), 500, "server_error")
    assert not Export.objects.exists() and not StoredAnswer.objects.exists()
    assert ask(client, batch, "k").status_code == 202 and Export.objects.count() == 1


def test_beside_the_first_request_the_second_is_told_to_wait_whichever_kind_each_is(batch: Batch) -> None:
    campaign = batch.items.first().comparison.campaign  # type: ignore[union-attr]
    user = factories.manager(campaign)
    client, beside = program(user), connection.copy()
    lines = {"data": "{}", "content_type": "application/x-ndjson", "headers": {"Idempotency-Key": "k"}}
    try:
        with beside.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [locks.number(f"idempotency {user.pk} k")])
        refused(ask(client, batch, "k"), 409, "in_flight")
        refused(client.post(f"/api/v1/campaigns/{campaign.slug}/comparisons/", **lines), 409, "in_flight")
    finally:
        beside.close()
    assert not Export.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "Schlüssel"])
def test_a_key_is_short_and_printable(batch: Batch, key: str) -> None:
    assert set(refused(ask(engineer(batch), batch, key), 400, "invalid")) == {"Idempotency-Key"}


def test_answers_are_kept_for_a_day(user: User, clock: Clock) -> None:
    StoredAnswer.objects.create(user=user, key="k", fingerprint="f", code=201, body=b"{}")
    with pytest.raises(IntegrityError, match="stored_answer_once"), transaction.atomic():
        StoredAnswer.objects.create(user=user, key="k", fingerprint="f", code=201, body=b"{}")
    clock.goes(hours=23)
    assert idempotency.purge() == 0
    clock.goes(hours=2)
    assert idempotency.purge() == 1


def test_what_was_not_changed_is_not_sent_again(user: User) -> None:
    client = program(user)
    first = client.get(BATCHES)
    etag = first["ETag"]
    assert etag.startswith('"') and client.head(BATCHES)["ETag"] == etag
    again = client.get(BATCHES, headers={"If-None-Match": etag})
    assert again.status_code == 304 and not again.content and again["ETag"] == etag
    assert client.get(BATCHES, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_change_is_refused_where_somebody_changed_it_first(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    state = {"number": 1}

    def change(_view: Any, _request: Any) -> Response:
        state["number"] += 1
        return Response(dict(state))

    monkeypatch.setattr(Batches, "get", lambda _view, _request: Response(dict(state)))
    monkeypatch.setattr(Batches, "patch", change, raising=False)
    monkeypatch.setattr(Batches, "scopes", {"GET": Scope.EXPORT, "PATCH": Scope.MANAGE})
    client = program(user)
    etag = client.get(BATCHES)["ETag"]
    changed = client.patch(BATCHES, headers={"If-Match": etag})
    assert changed.status_code == 200 and changed["ETag"] == client.get(BATCHES)["ETag"] != etag
    refused(client.patch(BATCHES, headers={"If-Match": etag}), 412, "changed")
    assert client.patch(BATCHES, headers={"If-Match": "*"}).status_code == 200 and state == {"number": 3}


def test_a_person_has_so_many_requests_a_minute_in_each_scope(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle.time, "time", lambda: 600_000_010.0)
    client, order = program(user), f"/api/v1/sealing-orders/{factories.batch().pk}/"
    with override_settings(API_RATES={**django_settings.API_RATES, "export": 2}):
        said = [client.get(BATCHES) for _ in range(3)]
        assert [one.status_code for one in said] == [200, 200, 429]
        assert said[0]["RateLimit-Policy"] == '"export";q=2;w=60' and said[0]["RateLimit"] == '"export";r=1;t=50'
        refused(said[2], 429, "throttled")
        assert said[2]["Retry-After"] == "51" and said[2]["RateLimit"] == '"export";r=0;t=50'
        assert client.get(order).status_code == 404, "another scope has its own count"
        assert program(user).get(BATCHES).status_code == 429, "another token of the same person does not"
        assert program(factories.user()).get(BATCHES).status_code == 403, "another person is not asked to wait"
        monkeypatch.setattr(throttle.time, "time", lambda: 600_000_060.0)
        assert client.get(BATCHES).status_code == 200


def test_without_redis_everything_is_answered(user: User) -> None:
    unreachable = {**django_settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    with override_settings(CACHES={**django_settings.CACHES, "default": unreachable}):
        answer = program(user).get(BATCHES)
    assert answer.status_code == 200 and not answer.has_header("RateLimit")


def test_a_counter_is_not_closed_by_a_thread_that_makes_another(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[weakref.ref[Redis]] = []

    class Beside(Connection):
        def connect(self) -> None:
            assert made[-1]() is not None, "nobody holds the client, so that its connections are closed under us"
            super().connect()

    def first(url: str) -> Redis:
        """As functools.cache of two threads that ask at once: it keeps the other's."""
        client = Redis(connection_pool=ConnectionPool.from_url(url, connection_class=Beside))
        made.append(weakref.ref(client))
        return client

    monkeypatch.setattr(throttle, "_redis", first)
    monkeypatch.setitem(django_settings.CACHES["default"], "LOCATION", "redis://127.0.0.1:1/0")
    assert program(user).get(BATCHES).status_code == 200 and made


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"path": "/api/v1/nothing/"}, 404, "not_found"),
        ({"path": "/api/"}, 404, "not_found"),
        ({"path": "/api/v1/nothing/", "method": "POST"}, 404, "not_found"),
        ({"path": f"{BATCHES}?colour=red", "method": "PUT"}, 405, "method_not_allowed"),
        ({"path": BATCHES, "method": "DELETE"}, 405, "method_not_allowed"),
        ({"path": BATCHES, "method": "OPTIONS"}, 405, "method_not_allowed"),
        ({"path": BATCHES, "headers": {"Accept": "text/html"}}, 406, "not_acceptable"),
        ({"path": BATCHES, "headers": {"Host": "elsewhere.example"}}, 400, "bad_request"),
        ({"path": f"{BATCHES}?colour=red"}, 400, "invalid"),
        ({"path": f"{BATCHES}?week__gt=2026-W01"}, 400, "invalid"),
        ({"path": f"{BATCHES}?format=xml"}, 404, "not_found"),
        (
            {"path": BATCHES, "method": "POST", "data": b"a=1", "content_type": "text/csv"},
            415,
            "unsupported_media_type",
        ),
        ({"path": BATCHES, "method": "POST", "data": b"{" + b" " * 6_000_000}, 413, "too_large"),
        ({"path": BATCHES, "method": "POST", "headers": {"Transfer-Encoding": "chunked"}}, 411, "length_required"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_every_refusal_has_the_one_shape(user: User, sent: dict[str, Any], status: int, code: str) -> None:
    method, path = sent.pop("method", "GET"), sent.pop("path")
    client = program(user)
    client.handler.enforce_csrf_checks = True
    refused(client.generic(method, path, **{"content_type": "application/json", **sent}), status, code)


def test_what_breaks_is_told_in_the_same_shape(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_args: Any) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(Batches, "get", breaks)
    client = program(user)
    client.raise_request_exception = False
    answer = client.get(BATCHES)
    refused(answer, 500, "server_error")
    assert "secret" not in answer.content.decode() and set(answer.json()) == set(SHAPE["required"])


@pytest.mark.parametrize(
    ("sent", "field"),
    [({"campaign": 7, "week": "2026-W47"}, "campaign"), ({"campaign": "helpful", "week": ["2026-W47"]}, "week")],
    ids=["a number", "a list"],
)
def test_what_is_of_another_kind_is_not_made_to_fit(user: User, sent: dict[str, Any], field: str) -> None:
    assert set(refused(program(user).post(BATCHES, sent, **JSON), 400, "invalid")) == {field}

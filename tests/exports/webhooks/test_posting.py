"""One POST: guarded, pinned to the address that was judged, within its limits."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest

from exports.webhooks.models import Failure
from exports.webhooks.posting import ANSWER_BYTES, Answer, post
from preferences import outbound
from preferences.outbound import Network, Refusal
from tests.exports.webhooks.certificates import contexts
from tests.exports.webhooks.receiver import LOOPBACK, Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def sent(url: str, allowed: list[Network] | None = None, whole: float = 10.0) -> Answer:
    return post(url, b"{}", {"webhook-id": "msg_1"}, allowed=LOOPBACK if allowed is None else allowed, whole=whole)


def resolver(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Each look-up gets the next answer; the names that were looked up."""
    asked: list[str] = []

    def looked_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    monkeypatch.setattr(outbound, "_looked_up", looked_up)
    return asked


@contextmanager
def saying(*parts: bytes, pause: threading.Event | None = None) -> Iterator[str]:
    """The URL of a server that says this to whoever connects, whatever they say, and then nothing more."""
    done = pause or threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _address = server.accept()
            with connection:
                for part in parts:
                    connection.sendall(part)
                connection.recv(65536)
                if pause:
                    done.wait(30)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        done.set()
        thread.join()


def test_what_is_posted_arrives_as_it_is_and_the_answer_comes_back(receiver: Receiver) -> None:
    receiver.answer(202, b"thank you")
    answer = sent(receiver.url)
    assert (answer.code, answer.failure, answer.body) == (202, None, "thank you")
    (got,) = receiver.received
    assert (got.path, got.body, got.headers["webhook-id"]) == ("/in?from=margin", b"{}", "msg_1")
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_a_host_inside_is_refused_before_anything_is_connected_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolver(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
    assert sent(f"https://hooks.example:{receiver.port}/", allowed=[]).failure is Failure.PRIVATE
    assert sent("https://metadata.example/", allowed=[]).failure is Failure.PRIVATE
    assert (asked, receiver.received) == (["hooks.example", "metadata.example"], [])


def test_a_name_is_looked_up_once_and_the_address_that_was_judged_is_the_one_that_is_dialled(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolver(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])  # the name turns inside after the first look
    dialled: list[str] = []
    connect = socket.create_connection

    def create_connection(address: tuple[str, int], *args: object, **kwargs: object) -> socket.socket:
        dialled.append(address[0])
        return connect(address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", create_connection)
    assert sent(f"http://hooks.example:{receiver.port}/in").code == 204
    assert (asked, dialled) == (["hooks.example"], ["127.0.0.1"])
    assert receiver.received[0].headers["host"] == f"hooks.example:{receiver.port}"
    assert sent(f"http://hooks.example:{receiver.port}/in").failure is Failure.PRIVATE
    assert len(receiver.received) == 1


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    receiver.answer(307, Location="http://169.254.169.254/latest/meta-data/")
    assert sent(receiver.url).code == 307
    assert len(receiver.received) == 1


def test_no_proxy_of_the_environment_is_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert sent(receiver.url).code == 204


def test_the_certificate_is_checked_against_the_name_though_an_address_is_dialled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, trusting = contexts("hooks.example", tmp_path)
    resolver(monkeypatch, *[["127.0.0.1"]] * 3)
    with receiving(server) as receiver:

        def code_or_failure(name: str, tls: bool = True) -> int | Failure | None:
            url = f"https://{name}:{receiver.port}/"
            answer = post(url, b"{}", {}, allowed=LOOPBACK, tls=trusting if tls else None)
            return answer.code or answer.failure

        assert code_or_failure("hooks.example") == 204
        assert code_or_failure("other.example") is Failure.TLS
        assert code_or_failure("hooks.example", tls=False) is Failure.TLS  # signed by nobody whom the system trusts
        assert len(receiver.received) == 1


def test_of_a_long_answer_the_beginning_is_read_and_no_more(receiver: Receiver) -> None:
    receiver.answer(500, b"<script>\x00\xff" + b"x" * 5_000_000)
    answer = sent(receiver.url)
    assert answer.code == 500
    assert answer.body == "<script>��" + "x" * (ANSWER_BYTES - 10)


def test_of_an_answer_that_has_no_end_the_beginning_is_read() -> None:
    with saying(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2 * ANSWER_BYTES, pause=threading.Event()) as url:
        answer = sent(url, whole=5.0)
    assert (answer.code, answer.failure, answer.body) == (200, None, "x" * ANSWER_BYTES)


def test_a_receiver_that_says_nothing_ends_with_the_time_that_it_has(receiver: Receiver) -> None:
    receiver.hold.clear()
    assert sent(receiver.url, whole=1.0).failure is Failure.TIME


def test_a_receiver_that_says_a_byte_at_a_time_does_not_get_more_time() -> None:
    with saying(b"HTTP/1.1 200 OK\r\nSlow: ", pause=threading.Event()) as url:
        assert sent(url, whole=1.0).failure is Failure.TIME


def test_what_is_no_http_or_too_much_of_it_is_a_broken_answer() -> None:
    with saying(b"SSH-2.0-OpenSSH\r\n\r\n") as url:
        assert sent(url).failure is Failure.BROKEN
    with saying(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 150_000) as url:
        assert sent(url).failure is Failure.BROKEN


def test_a_port_on_which_nobody_listens_and_a_name_that_nobody_has_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert sent(f"http://127.0.0.1:{port}/").failure is Failure.CONNECTION
    resolver(monkeypatch, [])
    assert sent("https://nowhere.example/").failure is Failure.UNKNOWN


def test_the_next_address_is_tried_where_the_first_does_not_answer(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver(monkeypatch, ["::1", "127.0.0.1"])
    allowed = [*LOOPBACK, ip_network("::1")]
    assert sent(f"http://hooks.example:{receiver.port}/", allowed).code == 204


def test_an_address_that_swallows_what_is_sent_is_no_connection_and_a_late_name_is_not_dialled(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sent(receiver.url, whole=0.0).failure is Failure.CONNECTION
    assert receiver.received == []

    def swallowed(*_args: object, **_kwargs: object) -> socket.socket:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", swallowed)
    assert sent(receiver.url).failure is Failure.CONNECTION


def test_every_refusal_is_a_failure_with_a_sentence() -> None:
    assert {refusal.value for refusal in Refusal} <= set(Failure.values)

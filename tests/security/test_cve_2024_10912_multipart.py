"""Bodies that are made to keep the server busy are refused, quickly and with a sentence.

FastChat could be stopped by the name of an uploaded file (CVE-2024-10912) and by a boundary without end
(CVE-2024-10907).
"""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories
from tests.webapp.api.clients import program

pytestmark = pytest.mark.django_db

MEGABYTE = 1024 * 1024


@pytest.fixture
def client() -> Client:
    made = Client()
    made.force_login(factories.manager(factories.campaign()))
    return made


def part(name: str, content: str = "x") -> str:
    return f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n{content}\r\n'


@pytest.mark.parametrize(
    "body, kind",
    [
        (part("x" * MEGABYTE + ".jsonl") + "--b--\r\n", "multipart/form-data; boundary=b"),
        (part("../" * 1000 + "etc/passwd") + "--b--\r\n", "multipart/form-data; boundary=b"),
        (part("x\0y\u202e.jsonl") + "--b--\r\n", "multipart/form-data; boundary=b"),
        ("--b\r\n" * 20_000, "multipart/form-data; boundary=b"),
        ("".join(part(f"{n}") for n in range(2_000)) + "--b--\r\n", "multipart/form-data; boundary=b"),
        ("-" * MEGABYTE, f"multipart/form-data; boundary={'-' * 5_000}"),
        ("&".join(f"x{n}=1" for n in range(5_000)), "application/x-www-form-urlencoded"),
    ],
    ids=["long name", "path", "odd name", "boundaries", "files", "long boundary", "fields"],
)
def test_a_form_like_that_is_a_sentence(client: Client, body: str, kind: str) -> None:
    response = client.generic("POST", "/evaluation-sets/", body.encode(), kind)
    assert 400 <= response.status_code < 500
    assert "<main" in response.content.decode()


@pytest.mark.parametrize(("depth", "said"), [(1_000, "nested deeper than"), (500_000, "is not JSON")])
def test_json_that_is_nested_without_end_is_a_sentence(depth: int, said: str) -> None:
    client = program(factories.user(is_superuser=True))
    body = '{"campaign": ' + "[" * depth + "]" * depth + "}"
    response = client.post("/api/v1/claims/", body.encode(), content_type="application/json")
    assert response.status_code == 400 and said in response.json()["message"]


def test_a_body_larger_than_any_operation_reads_is_told_so() -> None:
    client = program(factories.user(is_superuser=True))
    body = b'{"campaign": "' + b"x" * 6 * MEGABYTE + b'"}'
    assert client.post("/api/v1/claims/", body, content_type="application/json").status_code == 413

"""Addresses that somebody types, and what is sent to them."""

from __future__ import annotations

from bench.guarded.guard import Guard

GUARDS = [
    # networks that a typed address must not reach
    Guard(
        "an address that is not of the internet is refused",
        "preferences/outbound.py",
        "    if not all(is_public(address) for address in others):",
        "    if False:",
        "tests/preferences/test_outbound.py",
    ),
    Guard(
        "model servers are asked by the guard",
        "workers/engines/http_endpoint.py",
        "transport=Guarded(_sockets())",
        "transport=_sockets()",
        "tests/workers/engines/test_guard.py",
    ),
    Guard(
        "a model server is asked at the address that was judged",
        "workers/engines/http_guard.py",
        "request.url.copy_with(host=address)",
        "request.url",
        "tests/workers/engines/test_guard.py",
    ),
    Guard(
        "a webhook is sent to the address that was judged",
        "exports/webhooks/posting.py",
        "network_backend=backend, ",
        "",
        "tests/exports/webhooks/test_posting.py",
    ),
    Guard(
        "a key goes to its own server",
        "workers/engines/http_endpoint.py",
        'if origin.rstrip("/") == f"{parts.scheme}://{parts.netloc}":',
        "if origin:",
        "tests/workers/engines/test_openai.py::key",
    ),
    Guard(
        "a model server sends nobody on",
        "workers/engines/http_endpoint.py",
        "follow_redirects=False",
        "follow_redirects=True",
        "tests/workers/engines/test_openai.py::redirect",
    ),
    Guard(
        "of an answer to a webhook the beginning is read",
        "exports/webhooks/posting.py",
        "        if len(found) >= ANSWER_BYTES:",
        "        if False:",
        "tests/exports/webhooks/test_posting.py::has_no_end",
    ),
    Guard(
        "an answer to a webhook has its time",
        "exports/webhooks/posting.py",
        "self._stream.read(max_bytes, _left(self._deadline))",
        "self._stream.read(max_bytes, timeout)",
        "tests/exports/webhooks/test_posting.py::says_nothing",
    ),
    Guard(
        "a page leads to no other site",
        "webapp/pages/language.py",
        "    return address if here else",
        "    return address if address else",
        "tests/webapp/test_language.py::nowhere_else",
    ),
    Guard(
        "metrics are nothing to whoever comes through the proxy",
        "webapp/metrics.py",
        " or is_from_outside(request)",
        "",
        "tests/webapp/test_metrics.py::through_the_proxy",
    ),
    Guard(
        "probes are nothing to whoever comes through the proxy",
        "webapp/health.py",
        " or is_from_outside(request)",
        "",
        "tests/webapp/test_health.py::through_the_proxy",
    ),
    # secrets and what is signed by them
    Guard(
        "the log has no links that open something",
        "webapp/logs.py",
        "    return SECRET.sub(",
        "    return text or SECRET.sub(",
        "tests/security/test_secrets_in_logs.py",
    ),
    Guard(
        "a webhook is signed",
        "exports/webhooks/signing.py",
        "hmac.new(key, signed, hashlib.sha256)",
        "hmac.new(b'', signed, hashlib.sha256)",
        "tests/exports/webhooks/test_signing.py",
    ),
    Guard(
        "an answer that tells a secret is kept encrypted",
        "webapp/api/idempotency.py",
        "    body = signing.encrypted(made.body.decode()).encode()",
        "    body = made.body",
        "tests/webapp/api/test_operations.py::nobody_to_read",
    ),
]

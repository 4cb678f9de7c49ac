"""The guards: where each stands, what falls instead, and the test that must miss it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """`stands` is in the file once; `falls` takes its place. `test` is a file, or file::word of the tests' names."""

    what: str
    file: str
    stands: str
    falls: str
    test: str


DOORS = "tests/webapp/doors/test_every_door.py::everybody"
SIGNING_IN = "tests/webapp/test_signing_in.py"

GUARDS = [
    # 1, 2: scripts and images in what people and models wrote
    Guard(
        "markup of texts is cleaned",
        "webapp/rendering/page.py",
        "mark_safe(clean(hidden.shown(html)))",
        "mark_safe(hidden.shown(html))",
        "tests/webapp/test_rendering_is_harmless.py",
    ),
    Guard(
        "links lead to the web or to mail",
        "webapp/rendering/clean.py",
        "return value if pattern is None or pattern.fullmatch(value) else None",
        "return value",
        "tests/webapp/test_rendering_is_harmless.py",
    ),
    Guard(
        "names are escaped where a template shows them",
        "webapp/templates/people.html",
        "{{ who.vendor|truncatechars:30 }}",
        "{{ who.vendor|safe }}",
        "tests/security/test_cve_2026_22033_stored_xss.py",
    ),
    Guard(
        "scripts are files of ours alone",
        "webapp/settings.py",
        '"script-src": [SELF, NONCE]',
        '"script-src": [SELF, NONCE, "\'unsafe-inline\'"]',
        "tests/deployment/test_settings.py::guards",
    ),
    Guard(
        "no text becomes code (Trusted Types)",
        "webapp/settings.py",
        '"require-trusted-types-for": ["\'script\'"],',
        "",
        "tests/deployment/test_settings.py::guards",
    ),
    # 3: addresses that people type
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
    # 4: other people's objects
    Guard(
        "managers are those of the campaign",
        "annotation/permissions.py",
        "    if has_role(user, campaign, Role.MANAGER):",
        "    if is_manager(user):",
        DOORS,
    ),
    Guard(
        "a work item is its annotator's",
        "webapp/pages/compare.py",
        "Assignment.objects.filter(key=key, annotator=user)",
        "Assignment.objects.filter(key=key)",
        DOORS,
    ),
    Guard(
        "batches are for those who manage or engineer all their campaigns",
        "webapp/pages/batch_sight.py",
        "if _campaigns(pk) <= mine",
        "if True",
        DOORS,
    ),
    Guard(
        "a token is revoked by its person",
        "webapp/pages/tokens.py",
        "get_object_or_404(AccessToken, pk=pk, user=user)",
        "get_object_or_404(AccessToken, pk=pk)",
        DOORS,
    ),
    Guard(
        "a link of a download asks anew who may",
        "webapp/pages/downloads.py",
        "if user is None or not visible(user).filter(pk=export.batch_id).exists():",
        "if user is None:",
        "tests/webapp/test_downloads.py",
    ),
    Guard(
        "a link of a download ends",
        "webapp/pages/downloads.py",
        ", max_age=LINK_SECONDS)",
        ")",
        "tests/webapp/test_downloads.py",
    ),
    # 5, 6: filters and fields
    Guard(
        "an operation names its parameters",
        "webapp/api/operations.py",
        "if unknown := sorted(set(request.query_params) - known):",
        "if unknown := []:",
        "tests/security/test_cve_2023_47117_orm_leak.py",
    ),
    Guard(
        "an operation names its fields",
        "webapp/api/reading.py",
        "    if not reading.is_valid() or unknown:",
        "    if not reading.is_valid():",
        "tests/security/test_mass_assignment.py",
    ),
    # 7: leases and sides
    Guard(
        "a verdict is sent by who holds the lease",
        "annotation/leases.py",
        "if assignment is None or assignment.annotator_id != by.pk:",
        "if assignment is None:",
        DOORS,
    ),
    # 8: exports
    Guard(
        "a cell of a table is no formula",
        "preferences/spreadsheets.py",
        'return FORMULA.sub(r"\\1\'", cell)',
        "return cell",
        "tests/annotation/test_ledger.py::spreadsheet",
    ),
    # 9, 10: workers
    Guard(
        "a response is stored for who holds the request",
        "workers/recording.py",
        "rows.filter(pk__in=keys, holder=holder)",
        "rows.filter(pk__in=keys)",
        "tests/workers/test_runs.py",
    ),
    # 11: accounts
    Guard(
        "nothing starts with a secret that can be guessed",
        "webapp/environment.py",
        "if local_file is None and (len(value) < SECRET_LENGTH",
        "if False and (len(value) < SECRET_LENGTH",
        "tests/deployment/test_settings.py::guessed",
    ),
    Guard(
        "managers need a second step for their pages",
        "webapp/settings.py",
        '    "webapp.accounts.second_steps.SecondStepMiddleware",\n',
        "",
        "tests/webapp/doors/test_every_door.py::second_step_is_led",
    ),
    Guard(
        "managers need a second step for their programs",
        "webapp/api/authentication.py",
        "            second_steps.check(token.user)",
        "            pass",
        "tests/webapp/doors/test_every_door.py::second_step_is_led",
    ),
    Guard(
        "a token opens what its scopes name",
        "webapp/api/authentication.py",
        "if scope is not None and scope not in token.scopes:",
        "if False:",
        "tests/webapp/doors/test_every_door.py::without_the_scope",
    ),
    Guard(
        "a token that ended opens nothing",
        "webapp/accounts/tokens.py",
        "revoked_at=None, expires_at__gt=now, user__is_active=True)",
        "user__is_active=True)",
        "tests/webapp/api/test_tokens.py",
    ),
    Guard(
        "nobody signs up",
        "webapp/accounts/urls.py",
        '    path("sign-up/", nothing, ',
        '    path("sign-up/", sign_in, ',
        SIGNING_IN,
    ),
    Guard(
        "guesses are limited",
        "webapp/settings.py",
        'ACCOUNT_RATE_LIMITS = {"login": "120/m/ip"}',
        "ACCOUNT_RATE_LIMITS = False",
        f"{SIGNING_IN}::guesses",
    ),
    # 12: bodies
    Guard(
        "JSON has a depth",
        "webapp/api/reading.py",
        "        if _is_deeper(found, DEEPEST):",
        "        if False:",
        "tests/security/test_cve_2024_10912_multipart.py",
    ),
    Guard(
        "a page has a length",
        "webapp/api/paging.py",
        "1 <= int(limit[:9]) <= MOST",
        "1 <= int(limit[:9])",
        "tests/security/test_cve_2023_47117_orm_leak.py",
    ),
    # 15: secrets
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
]

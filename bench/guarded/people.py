"""Who may do what: roles, owners, leases, accounts."""

from __future__ import annotations

from bench.guarded.guard import Guard

SIGNING_IN = "tests/webapp/test_signing_in.py"

GUARDS = [
    # other people's objects
    Guard(
        "managers are those of the campaign",
        "annotation/permissions.py",
        "    if has_role(user, campaign, Role.MANAGER):",
        "    if is_manager(user):",
        "tests/webapp/test_webhooks.py::only_the_campaigns_managers",
    ),
    Guard(
        "a work item is its annotator's",
        "webapp/pages/compare.py",
        "Assignment.objects.filter(key=key, annotator=user)",
        "Assignment.objects.filter(key=key)",
        "tests/webapp/test_bad_input.py::elses_work_item",
    ),
    Guard(
        "batches are for those who manage or engineer all their campaigns",
        "webapp/pages/batch_sight.py",
        "if _campaigns(pk) <= mine",
        "if True",
        "tests/webapp/test_downloads.py::another_campaign",
    ),
    Guard(
        "a token is revoked by its person",
        "webapp/accounts/tokens.py",
        "    if held.user_id != by.pk and not by.is_superuser:",
        "    if False:",
        "tests/webapp/api/test_tokens.py::for_another",
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
    Guard(
        "nobody reviews their own work",
        "annotation/reviews.py",
        "    if rated.exists() or review.comparison.turn.dialogue.author_id == by.pk:",
        "    if False:",
        "tests/annotation/test_reviews.py::nobody_decides",
    ),
    # filters and fields that nobody offered
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
    # leases, sides and answers that come late or twice
    Guard(
        "a verdict is sent by who holds the lease",
        "annotation/leases.py",
        "if assignment is None or assignment.annotator_id != by.pk:",
        "if assignment is None:",
        "tests/annotation/test_queue.py::elses_key",
    ),
    Guard(
        "a verdict after its lease is late",
        "annotation/queue.py",
        " or assignment.leased_until < now:",
        ":",
        "tests/annotation/test_queue.py::late_submit",
    ),
    Guard(
        "a verdict that is sent again is stored once",
        "annotation/queue.py",
        "    if assignment.judgment_id is not None:",
        "    if False:",
        "tests/annotation/test_submit_and_claim.py::sent_twice",
    ),
    # accounts
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
        "tests/webapp/api/test_tokens.py::asked_for_by_name",
    ),
    Guard(
        "a token that ended opens nothing",
        "webapp/accounts/tokens.py",
        '        revoked_at=None,\n        expires_at__gt=Given("now", DateTimeField()),\n',
        "",
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
    Guard(
        "an invitation is taken once",
        "annotation/invitations.py",
        "    if invitation.accepted_at is not None:",
        "    if False:",
        "tests/webapp/test_invitations.py",
    ),
    Guard(
        "passwords are kept as argon2",
        "webapp/settings.py",
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "tests/webapp/test_passwords.py",
    ),
    Guard(
        "a form of another site changes nothing",
        "webapp/settings.py",
        '    "django.middleware.csrf.CsrfViewMiddleware",\n',
        "",
        "tests/webapp/test_logs.py::not_accepted_yet",
    ),
    # more than one person's share
    Guard(
        "a person has a share of a campaign",
        "annotation/caps.py",
        "    if sentence := reached(campaign, by):",
        '    if sentence := "":',
        "tests/annotation/test_caps.py",
    ),
    Guard(
        "a token has so many requests a minute",
        "webapp/api/throttle.py",
        "return used <= most",
        "return True",
        "tests/webapp/api/test_operations.py::requests_a_minute",
    ),
]

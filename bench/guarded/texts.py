"""What people and models wrote, and what it must not tell or do in a browser."""

from __future__ import annotations

from bench.guarded.guard import Guard

GUARDS = [
    # scripts in what people and models wrote
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
    # images that a text would have fetched
    Guard(
        "an image is words",
        "webapp/rendering/document.py",
        '        "image": _image,\n',
        "",
        "tests/webapp/test_rendering.py::image_is_words",
    ),
    Guard(
        "images are files of ours alone",
        "webapp/settings.py",
        '"img-src": [SELF]',
        '"img-src": [SELF, "data:"]',
        "tests/deployment/test_settings.py::guards",
    ),
    Guard(
        "what comes is what it is said to be",
        "webapp/settings.py",
        'X_FRAME_OPTIONS = "DENY"\n',
        'X_FRAME_OPTIONS = "DENY"\nSECURE_CONTENT_TYPE_NOSNIFF = False\n',
        "tests/deployment/test_settings.py::guards",
    ),
    # which variant wrote a response
    Guard(
        "a coin for each person and comparison says what stands on the left",
        "annotation/visibility.py",
        "return Position.A if digest[0] % 2 else Position.B",
        "return Position.A",
        "tests/annotation/test_left_and_right.py::about_as_often",
    ),
    Guard(
        "a name in an answer is found",
        "preferences/actions/responses.py",
        "    return _leak(text, turn, variant, hidden_names(turn.dialogue.campaign))",
        '    return ""',
        "tests/workers/test_identity_leaks.py::which_words_leak_the_variants_name",
    ),
    Guard(
        "an answer that says who wrote it is sampled again",
        "workers/recording.py",
        "    if campaign.resamples_identity_leaks and",
        "    if False and",
        "tests/workers/test_identity_leaks.py::stores_the_next",
    ),
]

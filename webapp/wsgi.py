"""The web process: gunicorn webapp.wsgi --preload.

All that a page may need is loaded here, once and before the first is asked for. Gunicorn's workers are forked after
that: they share its memory, and one that dies is replaced at once.

No statement of theirs runs for longer than STATEMENT_SECONDS, so that no request keeps a thread for ever. Commands and
workers, which may take long, begin elsewhere.
"""

from __future__ import annotations

import os
from importlib import import_module

# SciPy loads its parts only when they are asked for, which spares every command a third of a second.
import scipy.optimize
import scipy.sparse.csgraph
import scipy.special  # noqa: F401
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from webapp.environment import STATEMENT_SECONDS, limited

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
_database = settings.DATABASES["default"]
_database["OPTIONS"] = limited(_database["OPTIONS"], STATEMENT_SECONDS)  # before the first connection

application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)

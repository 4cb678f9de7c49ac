"""The web process: gunicorn webapp.wsgi."""

from __future__ import annotations

import os

# Scipy loads its parts when they are first asked for, which spares every command their third of a second. The web
# process takes that time at its start, not in the first page that counts.
import scipy.optimize
import scipy.sparse.csgraph
import scipy.special  # noqa: F401
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

application = get_wsgi_application()

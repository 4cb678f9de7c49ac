#!/usr/bin/env python
"""Django's command line, with one-line errors for what an operator can mend."""

from __future__ import annotations

import os
import re
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import connection
from django.db.utils import OperationalError

from preferences import origin


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    try:
        with origin.coming(door=f"command {' '.join(sys.argv[1:2])}"):
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError as error:
        if connection.connection is not None:
            raise
        # What stands in quotes may be a part of a password that was taken for the host.
        reason = re.sub(r'"[^"]*"', "…", str(error).strip().splitlines()[0])
        sys.exit(f"DATABASE_URL: the database cannot be reached: {reason}")


if __name__ == "__main__":
    main()

"""Lines of the log. An address that opens an account or a file is a secret: whoever reads the log is not to use it."""

from __future__ import annotations

import logging
import re

SECRET = re.compile(r"(/invitations/|/downloads/|/password/[0-9A-Za-z]+-)[^/\s?]+")


class Line(logging.Formatter):
    """Without the tokens of invitations, new passwords and downloads, which stand in the paths that Django logs."""

    def format(self, record: logging.LogRecord) -> str:
        return SECRET.sub(r"\1…", super().format(record))

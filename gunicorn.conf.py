"""Read by every gunicorn that starts in this directory."""

from __future__ import annotations

from webapp.logs import configuration

preload_app = True
logconfig_dict = configuration()
control_socket_disable = True  # it would be one for all servers of a user, in a home that may not be written to

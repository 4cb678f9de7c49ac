from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from webapp import stack
from webapp.demo.setting import accounts_file


class Command(BaseCommand):
    help = "Starts web, worker and scheduler, and says where; “make stop” ends them."

    def handle(self, **options: Any) -> None:
        with stack.lock():
            call_command("migrate", verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
            address = stack.start()
        self.stdout.write(f"Margin runs at {address} (logs in {settings.VAR_DIR / 'log'}; “make stop” ends it)")
        if accounts_file().exists():
            passwords = json.loads(accounts_file().read_text())
            for name in ("manager", "annotator"):
                self.stdout.write(f"  {name:<10} {passwords[name]}")
        else:
            self.stdout.write("There are no accounts yet: “make demo” makes them, with some work to look at.")

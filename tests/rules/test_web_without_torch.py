from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.rules.repository import ROOT

AT_START = {"pyarrow", "boto3", "babel"}  # nobody waits for these when a process starts; what needs them loads them
HEAVY = {"torch", "transformers", "tokenizers", "datasets", "trl", "accelerate"}
LOAD = """
import importlib, json, os, pkgutil, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"
import django
django.setup()
import webapp, webapp.urls, webapp.celery, webapp.wsgi, exports.tasks
at_start = list(sys.modules)
for module in pkgutil.walk_packages(webapp.__path__, "webapp."):
    importlib.import_module(module.name)
print(json.dumps([sorted({name.split(".")[0] for name in some}) for some in (at_start, sys.modules)]))
"""


def test_the_web_process_loads_no_model_library() -> None:
    run = subprocess.run([sys.executable, "-c", LOAD], cwd=ROOT, env=os.environ, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    at_start, loaded = (set(some) for some in json.loads(run.stdout.splitlines()[-1]))
    assert {"webapp", "preferences", "annotation", "workers", "exports", "django"} <= loaded
    assert (at_start & AT_START, loaded & HEAVY) == (set(), set())

"""No file is served but those that the site is made of, and the files of an export by their names.

Label Studio's nginx gave away what lay beside its static files (GHSA-cpmr-mw4j-99r7), its exports and Potato's
(GHSA-q9m2-fhv9-3jcf) followed `../`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from exports import actions
from tests import factories

pytestmark = pytest.mark.django_db

UPWARDS = [
    "..",
    "../settings.py",
    "..%2fsettings.py",
    "%2e%2e/%2e%2e/manage.py",
    "..\\..\\manage.py",
    "/etc/passwd",
]


@pytest.mark.parametrize("address", ["/static", "/static/webapp", "/media", "/downloads/x"])
@pytest.mark.parametrize("way", UPWARDS)
def test_nothing_lies_beside_the_static_files(address: str, way: str) -> None:
    for path in (f"{address}/{way}", f"{address}{way}"):
        assert Client().get(path).status_code in (301, 302, 400, 403, 404)


@pytest.mark.parametrize("way", [*UPWARDS, "../../secret", "README.md/../../secret", "./README.md", "README.md%00.txt"])
def test_an_export_gives_the_files_that_its_manifest_names(way: str, tmp_path: Path, settings: Any) -> None:
    settings.EXPORTS_DIR = tmp_path
    (tmp_path / "secret").write_text("not for you")
    campaign = factories.campaign()
    export = factories.export(factories.batch(campaign, comparisons=1))
    actions.write(export=export, out=tmp_path / "export")
    client = Client()
    client.force_login(factories.manager(campaign))
    assert client.get(f"/exports/{export.pk}/README.md").status_code == 200
    assert client.get(f"/exports/{export.pk}/{way}").status_code in (301, 302, 400, 404)

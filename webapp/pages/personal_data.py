"""A person takes with them all that is stored of them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from exports.locks import alone
from preferences.errors import Conflict
from webapp.pages.requests import person
from webapp.personal import files


@require_POST
@login_required
def take(request: HttpRequest) -> FileResponse:
    user = person(request)
    with alone(f"webapp.personal:{user.pk}") as nobody_else, TemporaryDirectory() as beside:
        if not nobody_else:
            raise Conflict(_("Your data are being gathered already. Wait until that download begins."))
        out = Path(beside) / f"margin-{user.pseudonym}"
        files.write(person=user, out=out, by=user)
        packed = out.with_suffix(".zip")
        with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            for path in sorted(out.iterdir()):
                archive.write(path, f"{out.name}/{path.name}")
        # Its name goes with the directory; what is open lasts as long as the answer, which closes it.
        return FileResponse(packed.open("rb"), as_attachment=True, filename=packed.name)

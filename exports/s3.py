"""Exports in a bucket that speaks S3. Loaded where EXPORTS_STORAGE names one and nowhere else: boto3 is heavy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.utils.translation import gettext as _
from storages.backends.s3 import S3Storage

from preferences.errors import Conflict


class Bucket(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """A folder of a bucket; with `path_style` for servers that have no name of their own for each bucket."""

    def __init__(self, *, path_style: bool, **options: Any) -> None:
        config = Config(
            connect_timeout=5,
            read_timeout=60,
            retries={"max_attempts": 3, "mode": "standard"},
            s3={"addressing_style": "path" if path_style else "auto"},
            request_checksum_calculation="when_required",  # not every server knows the newer ones
            response_checksum_validation="when_required",
        )
        super().__init__(client_config=config, file_overwrite=True, **options)

    def address(self, folder: str) -> str:
        return f"s3://{self.bucket_name}/{self._key(folder)}"

    def put(self, path: Path, name: str) -> None:
        with _told(), path.open("rb") as handle:
            self.save(name, File(handle))

    def sizes(self, folder: str) -> dict[str, int]:
        """Bytes of each object below the folder, by name relative to it."""
        start = f"{self._key(folder)}/"
        with _told():
            return {found.key.removeprefix(start): found.size for found in self.bucket.objects.filter(Prefix=start)}

    def remove(self, name: str) -> None:
        with _told():
            self.delete(name)

    def part(self, name: str, start: int, length: int, *, at_once: int) -> Iterator[bytes]:
        with _told():
            asked = f"bytes={start}-{start + length - 1}"
            yield from self.bucket.Object(self._key(name)).get(Range=asked)["Body"].iter_chunks(at_once)

    def _key(self, name: str) -> str:
        return f"{self.location}/{name}" if self.location else name


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, Boto3Error) as error:
        raise Conflict(
            _("The storage of exports refused or did not answer: %(error)s. Try again once it works.")
            % {"error": str(error).rstrip(".")}
        ) from None

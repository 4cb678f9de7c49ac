"""Files of exports as the client takes them: in parts, checked, and never out of their folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from margin_client import DownloadFailed, Export, ExportFile, Margin, Unreachable, transport
from margin_client.results import made

CONTENT = bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Breaking(httpx.SyncByteStream):
    """The first half of some bytes, and then the connection is gone."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content[: len(self._content) // 2]
        raise httpx.ReadError("the connection broke")


class Store:
    """Serves CONTENT by ranges; breaks off so often before a file is whole."""

    def __init__(self, breaks: int = 0, content: bytes = CONTENT) -> None:
        self.breaks, self.content, self.ranges = breaks, content, list[str | None]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = request.headers.get("Range")
        self.ranges.append(asked)
        assert asked is None or request.headers["If-Range"] == f'"{SHA256}"'
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        left = self.content[start:]
        if self.breaks:
            self.breaks -= 1
            return httpx.Response(206 if asked else 200, stream=Breaking(left))
        return httpx.Response(206 if asked else 200, content=left)


def export(*names: str) -> Export:
    told = {name: "" for name in ("id", "batch", "format", "margin", "mix", "status", "reason", "manifest_sha256")}
    files = [ExportFile(name, len(CONTENT), SHA256, None).__dict__ for name in names]
    row: dict[str, Any] = {**told, "rows": 1, "done": None, "requested_at": "2026-11-23T00:00:00Z", "archive": ""}
    return made(Export, {**row, "files": files})


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport.time, "sleep", lambda _seconds: None)


def taken(store: Store, folder: Path, *names: str) -> Path:
    with Margin("https://margin.example", "margin_x", transport=httpx.MockTransport(store)) as margin:
        return margin.download(export(*(names or ("data/train.parquet",))), folder)


def test_what_breaks_off_goes_on_where_it_was(tmp_path: Path) -> None:
    store = Store(breaks=2)
    taken(store, tmp_path)
    assert (tmp_path / "data" / "train.parquet").read_bytes() == CONTENT
    half = len(CONTENT) // 2
    assert store.ranges == [None, f"bytes={half}-", f"bytes={half + half // 2}-"]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["train.parquet"]


def test_what_came_is_kept_for_the_next_run(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        taken(Store(breaks=6), tmp_path)
    assert not (tmp_path / "data" / "train.parquet").exists()
    again = Store()
    taken(again, tmp_path)
    assert again.ranges[0] is not None and (tmp_path / "data" / "train.parquet").read_bytes() == CONTENT


def test_what_is_there_is_not_taken_again_and_the_manifest_comes_last(tmp_path: Path) -> None:
    order: list[str] = []

    class Noted(Store):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            order.append(request.url.path.rsplit("/", 1)[1])
            return super().__call__(request)

    for _ in range(2):
        taken(Noted(), tmp_path, "manifest.json", "README.md", "data/test.parquet")
    assert order == ["README.md", "test.parquet", "manifest.json"]


def test_what_is_not_what_margin_has_is_removed(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="another SHA-256"):
        taken(Store(content=CONTENT[:-1] + b"x"), tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "data/../../secret", "C:secret", "a\\..\\b"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(DownloadFailed, match="no name of a file"):
        taken(Store(), tmp_path / "folder", name)
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize("name", ["manifest.json", "data/train-00001-of-00002.parquet"])
def test_a_folder_of_another_export_stays_as_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / name).write_bytes(b"of another")
    with pytest.raises(DownloadFailed, match=f"has {name}, which is not of this export"):
        taken(Store(), tmp_path, "data/train-00000-of-00001.parquet", "manifest.json")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / name]
    assert (tmp_path / name).read_bytes() == b"of another"

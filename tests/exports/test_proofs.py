from __future__ import annotations

import hashlib
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command

from exports.proofs import FORMAT
from preferences.hashing import merkle_proof, merkle_root, row_hash
from preferences.models import Batch, Comparison
from tests import factories


@pytest.fixture
def batch(db: None) -> Batch:
    return factories.batch(comparisons=5)


def command(name: str, *given: str) -> str:
    out = StringIO()
    call_command(name, *given, stdout=out)
    return out.getvalue()


def made(place: int = 0) -> dict[str, Any]:
    """A proof of one of five rows, without a database."""
    rows = [{"comparison": f"{number:032x}", "judgments": [{"chosen": "a"}]} for number in range(5)]
    hashes = [row_hash(row) for row in rows]
    return {
        "format": FORMAT,
        "batch": {"name": "week", "version": 1, "week": "2026-W48", "sha256": merkle_root(hashes), "rows": 5},
        "place": place,
        "row_sha256": hashes[place],
        "path": merkle_proof(hashes, place),
        "row": rows[place],
    }


def written(content: Any, at: Path) -> str:
    at.write_bytes(orjson.dumps(content))
    return str(at)


@pytest.mark.django_db
def test_each_row_of_a_batch_is_written_and_verified(batch: Batch, tmp_path: Path) -> None:
    for item in batch.items.order_by("place").select_related("comparison"):
        key, file = str(item.comparison.key), tmp_path / f"{item.place}.json"
        assert str(file) in command("prove_row", "--batch", batch.name, "--comparison", key, "--out", str(file))
        told = command("verify_row", str(file), "--sha256", batch.sha256.upper())
        assert told == (
            f"The comparison {key} is row {item.place + 1} of 5 of batch {batch.name}, version 1, "
            f"whose SHA-256 is {batch.sha256}.\n"
        )


@pytest.mark.django_db
def test_a_proof_is_printed_where_no_file_is_named(batch: Batch) -> None:
    key = str(batch.items.get(place=2).comparison.key)
    told = orjson.loads(command("prove_row", "--batch", batch.name, "--comparison", key))
    assert (told["row"]["comparison"], told["place"], told["batch"]["rows"]) == (key, 2, 5)


def test_a_row_that_was_changed_is_not_proven(tmp_path: Path) -> None:
    content = made()
    content["row"]["judgments"][0]["chosen"] = "b"
    with pytest.raises(CommandError, match="The row was changed"):
        command("verify_row", written(content, tmp_path / "row.json"))


def test_a_row_of_another_place_or_batch_is_not_proven(tmp_path: Path) -> None:
    content, other = made(1), "ab" * 32
    assert "is row 2 of 5" in command("verify_row", written(content, tmp_path / "row.json"))
    with pytest.raises(CommandError, match="from place 0 of 5 the path does not lead to"):
        command("verify_row", written({**content, "place": 0}, tmp_path / "row.json"))
    with pytest.raises(CommandError, match="does not lead to"):
        command(
            "verify_row", written({**content, "batch": {**content["batch"], "sha256": other}}, tmp_path / "row.json")
        )
    with pytest.raises(CommandError, match="The proof is of another batch"):
        command("verify_row", written(content, tmp_path / "row.json"), "--sha256", other)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "another"},
        {"row": []},
        {"row": [], "row_sha256": hashlib.sha256(b"\x00[]").hexdigest()},
        {"row": None},
        {"path": ["xy"]},
        {"path": 3},
        {"batch": None},
        {"place": "x"},
        {"row_sha256": 7},
    ],
    ids=lambda change: "_".join(f"{name}-{type(value).__name__}" for name, value in change.items()),
)
def test_what_is_no_proof_is_refused_with_a_sentence(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(CommandError, match="no proof as prove_row writes it"):
        command("verify_row", written(made() | change, tmp_path / "row.json"))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff"])
def test_what_is_no_json_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "row.json"
    file.write_bytes(content)
    with pytest.raises(CommandError, match="no proof as prove_row writes it"):
        command("verify_row", str(file))


@pytest.mark.django_db
def test_a_row_that_is_not_in_the_batch_is_refused_with_a_sentence(batch: Batch) -> None:
    elsewhere = Comparison.objects.get(batch_items__batch=factories.batch(comparisons=1))
    with pytest.raises(CommandError, match=f"does not hold the comparison {elsewhere.key}"):
        command("prove_row", "--batch", batch.name, "--comparison", str(elsewhere.key))


@pytest.mark.django_db
def test_a_batch_or_a_comparison_that_is_not_there_is_refused_with_a_sentence(batch: Batch) -> None:
    key = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(CommandError, match="There is no batch “none”"):
        command("prove_row", "--batch", "none", "--comparison", key)
    with pytest.raises(CommandError, match=r"There is no batch “.*”, version 2"):
        command("prove_row", "--batch", batch.name, "--batch-version", "2", "--comparison", key)
    with pytest.raises(CommandError, match=f"There is no comparison {key}"):
        command("prove_row", "--batch", batch.name, "--comparison", key)

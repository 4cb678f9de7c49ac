"""Anthropic's HH in, sealed, and out again: every pair as it was published, character for character."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pytest
from django.core.management import call_command
from django.utils import timezone

from preferences.models import Campaign
from preferences.scales import Scale
from preferences.weeks import week_of
from tests import factories
from tests.exports.helpers import manifest_of

pytestmark = pytest.mark.django_db

PUBLISHED = [
    {"chosen": f"{shared}\n\nAssistant: Yes.\n ", "rejected": f"{shared}\n\nAssistant: \tNo, {number} 🦦"}
    for number in range(30)
    for shared in [f"\n\nHuman: Hi {number}?\n\nAssistant: Hello. \n\nHuman: Really — “so”?\n"]
]


def there_and_back(file: Path, folder: Path) -> list[dict[str, str]]:
    campaign: Campaign = factories.campaign(scale=Scale.TWO_POINT)
    call_command("convert_comparisons", "hh", str(file), out=folder / "lines.jsonl")
    call_command("import_comparisons", str(folder / "lines.jsonl"), campaign=campaign.slug)
    call_command("seal_batch", week=week_of(timezone.now()), campaign=[campaign.slug], name="hh")
    call_command("export_batch", batch="hh", format="hh", out=folder / "out")
    assert manifest_of(folder / "out")["excluded"] == {}
    files = [folder / "out" / "data" / f"{split}.jsonl" for split in ("train", "test")]
    return [orjson.loads(line) for path in files for line in path.read_bytes().splitlines()]


def in_order(pairs: list[dict[str, str]]) -> list[tuple[str, str]]:
    return sorted((pair["chosen"], pair["rejected"]) for pair in pairs)


def test_pairs_come_back_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "hh.jsonl"
    file.write_bytes(b"".join(orjson.dumps(pair) + b"\n" for pair in PUBLISHED))
    assert in_order(there_and_back(file, tmp_path)) == in_order(PUBLISHED)


@pytest.mark.realdata
def test_the_published_set_comes_back_whole(real_data: Path, tmp_path: Path) -> None:
    file = real_data / "hh_rlhf_harmless_base_test.jsonl.gz"
    with gzip.open(file) as lines:
        published = [orjson.loads(line) for line in lines]
    assert in_order(there_and_back(file, tmp_path)) == in_order(published)

"""import_comparisons and convert_comparisons: bad lines are reported, the rest kept, a second run adds nothing."""

from __future__ import annotations

import io
from pathlib import Path

import orjson
import pytest
from django.core.management import CommandError, call_command

from exports.sources import hh
from preferences.actions import imports
from preferences.agreement import agreement_of
from preferences.choices import ComparisonStatus
from preferences.counting import Scope
from preferences.models import Campaign, Comparison, Judgment
from preferences.scales import Scale
from tests import factories

pytestmark = pytest.mark.django_db

GOOD = {
    "id": "g1",
    "prompt": [{"role": "user", "content": "Hello?"}],
    "response_a": "Yes.",
    "response_b": "No.",
    "votes": [{"annotator": "ann", "chosen": "a", "degree": "better"}],
}


def run(file: Path, campaign: Campaign) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_comparisons", str(file), campaign=campaign.slug, stdout=out, stderr=err)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_a_bad_line_is_reported_with_its_number_and_the_rest_goes_on(tmp_path: Path) -> None:
    campaign = factories.campaign()
    lines = [GOOD, {**GOOD, "id": "g2", "response_b": "Yes."}, {**GOOD, "id": "g3"}]
    file = tmp_path / "in.jsonl"
    file.write_bytes(b"\n".join([*map(orjson.dumps, lines), b"{broken", b'"\xff"', b"", orjson.dumps({"id": "g4"})]))
    status, out, err = run(file, campaign)
    assert status == 1
    assert [line.split(":")[0] for line in err.splitlines()] == ["line 2", "line 4", "line 5", "line 7"]
    assert "line 2: the two responses are the same text" in err
    assert out.splitlines()[-1] == "Done: 2 stored, 0 already there, 4 failed."
    assert set(Comparison.objects.values_list("external_id", flat=True)) == {"g1", "g3"}


def test_a_second_run_skips_and_counts_what_is_there(tmp_path: Path) -> None:
    campaign = factories.campaign()
    file = tmp_path / "in.jsonl"
    file.write_bytes(b"\n".join(orjson.dumps({**GOOD, "id": f"g{number}"}) for number in range(5)))
    assert run(file, campaign)[:1] == (0,)
    status, out, _ = run(file, campaign)
    assert status == 0
    assert out.splitlines()[-1] == "Done: 0 stored, 5 already there, 0 failed."
    assert Comparison.objects.count() == Judgment.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_an_import_that_dies_between_chunks_is_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = factories.campaign()
    file = tmp_path / "in.jsonl"
    file.write_bytes(b"\n".join(orjson.dumps({**GOOD, "id": f"g{number}"}) for number in range(7)))
    monkeypatch.setattr("webapp.management.commands.import_comparisons.CHUNK", 3)
    real, calls = imports.add_chunk, []

    def dies(**arguments: object) -> imports.Imported:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(**arguments)  # type: ignore[arg-type]  # passed through as they are

    monkeypatch.setattr(imports, "add_chunk", dies)
    with pytest.raises(KeyboardInterrupt):
        run(file, campaign)
    assert Comparison.objects.count() == 3
    status, out, _ = run(file, campaign)
    assert (status, out.splitlines()[-1]) == (0, "Done: 4 stored, 3 already there, 0 failed.")


def test_a_tie_is_taken_only_where_the_scale_has_one(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_bytes(orjson.dumps({**GOOD, "votes": [{"annotator": "ann", "chosen": "tie"}]}))
    assert run(file, factories.campaign(scale=Scale.EIGHT_POINT))[0] == 1
    assert run(file, factories.campaign(scale=Scale.SEVEN_POINT))[0] == 0


def test_a_file_or_campaign_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no file"):
        call_command("import_comparisons", str(tmp_path / "none.jsonl"), "--campaign", "x")
    (tmp_path / "in.jsonl").touch()
    with pytest.raises(CommandError, match="There is no campaign “x”"):
        call_command("import_comparisons", str(tmp_path / "in.jsonl"), "--campaign", "x")


def test_an_hh_pair_comes_apart_and_together_again() -> None:
    shared = "\n\nHuman: Hi?\n\nAssistant: Hello.\n\nHuman: Really?"
    chosen, rejected = f"{shared}\n\nAssistant: Yes.", f"{shared}\n\nAssistant: No.\n\nHuman: Oh.\n\nAssistant: Oh."
    prompt, one, other = hh.split(chosen, rejected)
    assert [message["role"] for message in prompt] == ["user", "assistant", "user"]
    assert (one, other) == ("Yes.", "No.\n\nHuman: Oh.\n\nAssistant: Oh.")
    assert (hh.join(prompt, one), hh.join(prompt, other)) == (chosen, rejected)


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("source", "name", "scale", "raters", "rows"),
    [
        ("hh", "hh_rlhf_harmless_base_test.jsonl.gz", Scale.TWO_POINT, 1, 2312),
        ("pandalm", "pandalm_testset_v1.json", Scale.THREE_POINT, 3, 999),
    ],
)
def test_the_published_sets_land_whole_and_once(
    real_data: Path, tmp_path: Path, source: str, name: str, scale: Scale, raters: int, rows: int
) -> None:
    campaign = factories.campaign(scale=scale, raters_per_item=raters)
    file = tmp_path / "in.jsonl"
    call_command("convert_comparisons", source, str(real_data / name), out=file)
    assert run(file, campaign)[1].splitlines()[-1] == f"Done: {rows} stored, 0 already there, 0 failed."
    assert run(file, campaign)[1].splitlines()[-1] == f"Done: 0 stored, {rows} already there, 0 failed."
    assert Comparison.objects.filter(status=ComparisonStatus.JUDGED).count() == rows
    assert Judgment.objects.count() == rows * raters
    if raters > 1:
        found = agreement_of(Scope((campaign,)))
        assert (found.units, found.ratings) == (rows, rows * raters)
        assert found.low is not None and found.value is not None and 0.5 < found.low < found.value < 1
    first = Comparison.objects.order_by("pk").first()
    assert first is not None
    line = orjson.loads(file.read_bytes().split(b"\n")[0])
    assert first.turn.messages() == line["prompt"]

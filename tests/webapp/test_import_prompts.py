"""import_prompts: bad lines are reported with their number, the rest is kept, and a broken run is taken up."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command

from preferences.choices import Kind, TurnStatus
from preferences.models import Campaign, Prompt, Turn
from tests import factories
from workers import prompt_sets

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    made = factories.campaign(kind=Kind.EVALUATION, slug="eval")
    factories.sampling_plan(made)
    return made


def a_file(tmp_path: Path, lines: list[Any]) -> Path:
    file = tmp_path / "prompts.jsonl"
    file.write_bytes(b"\n".join(line if isinstance(line, bytes) else orjson.dumps(line) for line in lines))
    return file


def prompt(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": f"p{number}", "prompt": [{"role": "user", "content": f"Question {number}?"}], **fields}


def run(file: Path, slug: str = "eval") -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_prompts", str(file), campaign=slug, stdout=out, stderr=err)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue().splitlines()[-1], err.getvalue()
    return 0, out.getvalue().splitlines()[-1], err.getvalue()


def test_a_bad_line_is_reported_with_its_number_and_the_rest_goes_on(campaign: Campaign, tmp_path: Path) -> None:
    bad = [{"id": "x", "prompt": []}, b"{broken", b"", prompt(4, category="coding"), prompt(5, response="No.")]
    status, said, err = run(a_file(tmp_path, [prompt(1), *bad, prompt(6)]))
    assert (status, said) == (1, "Done: 2 stored, 0 already there, 0 of these asked for again, 4 failed.")
    assert [line.split(":")[0] for line in err.splitlines()] == ["line 2", "line 3", "line 5", "line 6"]
    assert set(Prompt.objects.values_list("external_id", flat=True)) == {"p1", "p6"}


def test_a_second_run_brings_nothing_in_twice(campaign: Campaign, tmp_path: Path) -> None:
    file = a_file(tmp_path, [prompt(number) for number in range(5)])
    assert run(file)[:2] == (0, "Done: 5 stored, 0 already there, 0 of these asked for again, 0 failed.")
    assert run(file)[:2] == (0, "Done: 0 stored, 5 already there, 0 of these asked for again, 0 failed.")
    assert Turn.objects.filter(status=TurnStatus.SAMPLING).count() == 5


@pytest.mark.django_db(transaction=True)
def test_a_run_that_dies_between_chunks_is_taken_up(
    campaign: Campaign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = a_file(tmp_path, [prompt(number) for number in range(5)])
    monkeypatch.setattr("webapp.management.commands.import_prompts.CHUNK", 2)
    real, calls = prompt_sets.bring_in, []

    def dies(**arguments: Any) -> prompt_sets.BroughtIn:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(**arguments)

    monkeypatch.setattr(prompt_sets, "bring_in", dies)
    with pytest.raises(KeyboardInterrupt):
        run(file)
    assert Prompt.objects.count() == 2
    assert run(file)[1] == "Done: 3 stored, 2 already there, 0 of these asked for again, 0 failed."


def test_a_campaign_that_is_not_there_or_cannot_sample_is_a_sentence(tmp_path: Path) -> None:
    file = a_file(tmp_path, [prompt(1)])
    with pytest.raises(CommandError, match="There is no campaign “eval”"):
        run(file)
    factories.campaign(kind=Kind.EVALUATION, slug="eval")
    with pytest.raises(CommandError, match=r"has no sampling plan .* 0 were stored before; the rest was not"):
        run(file)

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exports.contamination.errors import ContaminationError
from exports.contamination.texts import documents, samples, verbalised


def lines(path: Path, *rows: object) -> Path:
    content = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


SAID = [{"role": "user", "content": "Why is the sky blue?"}]


def test_a_row_is_verbalised_as_a_model_reads_it() -> None:
    answers = {"chosen": [{"role": "assistant", "content": "Air scatters blue light."}], "rejected": "It is not."}
    assert verbalised({"prompt": SAID, **answers}) == [
        "Why is the sky blue?\nAir scatters blue light.",
        "Why is the sky blue?\nIt is not.",
    ]
    assert verbalised({"messages": SAID}) == verbalised({"prompt": SAID}) == ["Why is the sky blue?"]
    assert verbalised({"text": "Whole.", "id": 3}) == ["Whole."]
    assert verbalised({"id": 3}) == []


def test_samples_have_their_ids_and_scores(tmp_path: Path) -> None:
    found = samples(
        lines(tmp_path / "e.jsonl", {"text": "One.", "score": 1}, {"text": "Two.", "id": "b", "score": 0.5})
    )
    assert [(one.id, one.text, one.score) for one in found] == [("1", "One.", 1), ("b", "Two.", 0.5)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"text": "One."}\n{"text": ', r"Entry 2 of .* cannot be read: not JSON"),
        (b"1\n", "Entry 1 of .* cannot be read: not a JSON object"),
        (b'{"question": "One?"}\n', "Entry 1 of .* has no text"),
        (b'{"text": "One.", "score": "high"}\n', "The score of entry 1 of .* is not a number"),
        (b'{"text": "One.", "score": true}\n', "The score of entry 1 of .* is not a number"),
        (b'{"text": "One.", "score": 1}\n{"text": "Two."}\n', "Some samples of .* have a score and others none"),
        (b"\n", "holds no sample"),
        (b"\xff\xfe\n", "Entry 1 of .* cannot be read: not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_line(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "e.jsonl").write_bytes(content)
    with pytest.raises(ContaminationError, match=sentence):
        samples(tmp_path / "e.jsonl")


def test_a_file_that_is_not_there_or_no_gzip_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "e.jsonl.gz").write_bytes(b"no gzip")
    for name in ("missing.jsonl", "e.jsonl.gz"):
        with pytest.raises(ContaminationError, match="cannot be read"):
            samples(tmp_path / name)


def test_a_folder_is_read_in_every_form_in_the_order_of_names(tmp_path: Path) -> None:
    lines(tmp_path / "a.jsonl", {"text": "One."})
    lines(tmp_path / "b.jsonl.gz", {"text": "Two."})
    (tmp_path / "data").mkdir()
    table = pa.Table.from_pylist([{"prompt": SAID, "chosen": [{"role": "assistant", "content": "Air."}]}])
    pq.write_table(table, tmp_path / "data" / "train.parquet")
    (tmp_path / "README.md").write_text("No data.")
    assert list(documents(tmp_path)) == ["One.", "Two.", "Why is the sky blue?\nAir."]


def test_a_folder_without_data_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ContaminationError, match=r"There are no \.jsonl"):
        list(documents(tmp_path))

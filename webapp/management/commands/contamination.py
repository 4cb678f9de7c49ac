from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from exports.contamination.counting import LENGTHS, Contamination, Measured, contamination, texts_of
from exports.contamination.errors import ContaminationError
from exports.contamination.texts import Sample, documents, samples
from exports.tokens import TokenizerError
from preferences.models import Batch
from webapp.management.files import existing_file


class Command(BaseCommand):
    help = (
        "How much of an evaluation set stands in training data, and whether the scores show it (Llama 2, section A.6): "
        "the shares of tokens that lie in matches of more than ten tokens of which up to four may differ."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--eval",
            dest="evaluation",
            type=existing_file,
            required=True,
            metavar="FILE",
            help="JSON lines (.gz too), a whole sample each: “text”, “messages”, or “prompt” with “answer”; “id” and "
            "“score” where there are any",
        )
        parser.add_argument(
            "--against",
            required=True,
            action="append",
            metavar="BATCH|DIR",
            help="the training part of a sealed batch, or a folder of .jsonl(.gz) and .parquet files; several times",
        )
        parser.add_argument(
            "--lengths", default=",".join(map(str, LENGTHS)), help="least lengths of a match, in tokens (%(default)s)"
        )
        parser.add_argument(
            "--tokenizer", type=Path, metavar="DIR", help="a folder with a tokenizer.json; without it, words"
        )
        parser.add_argument("--out", type=Path, metavar="FILE", help="each sample's shares, as JSON lines")
        parser.add_argument("--json", action="store_true", help="one JSON object, nothing rounded")

    def handle(
        self,
        *,
        evaluation: Path,
        against: list[str],
        lengths: str,
        tokenizer: Path | None,
        out: Path | None,
        json: bool,
        **options: Any,
    ) -> None:
        try:
            with _opened(out) as file:
                asked = samples(evaluation)
                found = contamination(asked, _texts(against), place=tokenizer, lengths=_lengths(lengths))
                if file is not None:
                    file.writelines(_shares(asked, found))
        except (ContaminationError, TokenizerError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(orjson.dumps(_object(found)).decode() if json else "\n".join(_table(asked, found)))


@contextmanager
def _opened(out: Path | None) -> Iterator[IO[bytes] | None]:
    """The file that the shares go to, found to be writable before anything is counted; gone where nothing was."""
    if out is None:
        yield None
        return
    try:
        file = out.open("xb")
    except FileExistsError:
        raise ContaminationError(f"{out} exists already; name another file. Nothing was counted.") from None
    except OSError as error:
        raise ContaminationError(f"{out} cannot be written: {error.strerror}. Nothing was counted.") from None
    try:
        with file:
            yield file
    except BaseException as error:
        out.unlink()
        if isinstance(error, OSError):
            raise ContaminationError(f"{out} cannot be written: {error.strerror}.") from None
        raise


def _lengths(typed: str) -> list[int]:
    try:
        return sorted({int(length) for length in typed.split(",")})
    except ValueError:
        raise ContaminationError(f"“{typed}” are no lengths; write them as 10,20,30.") from None


def _texts(against: Iterable[str]) -> Iterator[str]:
    for name in against:
        if Path(name).is_dir():
            yield from documents(Path(name))
        elif (batch := Batch.objects.filter(name=name).order_by("-version").first()) is not None:
            yield from texts_of(batch)
        else:
            raise ContaminationError(f"“{name}” is neither a folder nor the name of a sealed batch.")


def _shares(asked: Iterable[Sample], found: Contamination) -> Iterator[bytes]:
    for place, sample in enumerate(asked):
        shares = {str(each.length): float(each.shares[place]) for each in found.by_length}
        line = {"id": sample.id, "tokens": found.tokens[place], "contaminated": shares}
        yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _object(found: Contamination) -> dict[str, Any]:
    return {
        "tokenizer": found.tokenizer,
        "samples": len(found.tokens),
        "documents": found.documents,
        "affected_up_to": found.affected_up_to,
        "lengths": [
            {
                "length": each.length,
                "share": float(each.shares.mean()),
                "affected": each.affected,
                "subsets": [asdict(subset) for subset in each.subsets],
            }
            for each in found.by_length
        ],
    }


def _table(asked: list[Sample], found: Contamination) -> Iterator[str]:
    yield f"{len(asked):,} samples against {found.documents:,} documents; tokens: {found.tokenizer}"
    yield f"{'length':>6}  {'subset':<10}{'samples':>9}{'contaminated':>14}{'mean':>9}{'expected':>10}{'Z':>8}"
    for each in found.by_length:
        yield from _rows(each)
    if asked[0].score is None:
        yield "Without scores nothing can be said of their effect."
    elif found.affected_up_to is None:
        yield "At no length do all four subsets differ by |Z| > 2 in the direction of contamination."
    else:
        yield f"The scores show it up to a length of {found.affected_up_to}: all four |Z| > 2."


def _rows(measured: Measured) -> Iterator[str]:
    for place, subset in enumerate(measured.subsets):
        length = str(measured.length) if not place else ""
        share = _number(subset.contamination, "14.1%")
        mean, expected = _number(subset.mean, "9.3f"), _number(subset.expected, "10.3f")
        yield f"{length:>6}  {subset.name:<10}{subset.size:>9,}{share}{mean}{expected}{_number(subset.z, '8.2f')}"


def _number(value: float | None, form: str) -> str:
    return f"{value:{form}}" if value is not None else "–".rjust(int(form.split(".")[0]))

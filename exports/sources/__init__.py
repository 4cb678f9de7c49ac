"""Public preference sets in their published forms, as lines of Margin's import format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from exports.sources.reading import Broken, entries
from preferences.errors import InvalidInput

Line = dict[str, Any]
Convert = Callable[[Mapping[str, Any], str], Iterator[Line]]

_TEXTS = ("id", "response_a", "response_b")
_OTHER_TEXTS = ("variant_a", "variant_b", "system_prompt_a", "system_prompt_b")


@dataclass(frozen=True)
class Source:
    """`convert` is a dotted path to a function: one entry of the file and a name for it -> lines.

    `licence` is what the set was published under, as an SPDX word where there is one; it is not ours to give.
    """

    convert: str
    title: str
    licence: str


SOURCES: Mapping[str, Source] = {
    "hh": Source("exports.sources.hh.lines", "Anthropic HH", "MIT"),
    "pandalm": Source("exports.sources.pandalm.lines", "PandaLM test set", "Apache-2.0"),
    "shp": Source("exports.sources.shp.lines", "Stanford Human Preferences", "MIT"),
    "webgpt": Source("exports.sources.webgpt.lines", "OpenAI WebGPT comparisons", "not stated"),
    "summarize": Source("exports.sources.summarize.lines", "OpenAI Summarize from feedback", "not stated"),
    "stack-exchange": Source("exports.sources.stack_exchange.lines", "Stack Exchange preferences", "CC-BY-SA-4.0"),
    "helpsteer2": Source("exports.sources.helpsteer.preference_lines", "HelpSteer2-Preference", "CC-BY-4.0"),
    "helpsteer3": Source("exports.sources.helpsteer.third_lines", "HelpSteer3-Preference", "CC-BY-4.0"),
    "ultrafeedback": Source("exports.sources.ultrafeedback.lines", "UltraFeedback", "MIT"),
    "argilla": Source("exports.sources.labelling.argilla_lines", "records exported from Argilla", "their owner's"),
    "label-studio": Source(
        "exports.sources.labelling.label_studio_lines", "tasks exported from Label Studio", "their owner's"
    ),
}


def read(name: str, path: Path, file: BinaryIO | None = None) -> Iterator[Line | Broken]:
    """The lines of a file, streamed; an entry that cannot be read is told by its number, and the rest goes on.

    `file` is the one at `path` where it is open already.
    """
    convert = _convert(name)
    for number, entry in entries(path, file):
        if isinstance(entry, Broken):
            yield entry
            continue
        try:
            yield from [checked(line) for line in convert(entry, f"{path.name}:{number}")]
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
            yield Broken(number, _reason(error))


def checked(line: Line) -> Line:
    """The line, if it has texts where a text belongs: an entry may hold anything there. ValueError else."""
    said = [(f"{message['role']}'s message", message["content"]) for message in line["prompt"]]
    named = [(name, line[name]) for name in (*_TEXTS, *_OTHER_TEXTS) if name in _TEXTS or name in line]
    for name, value in (*said, *named):
        if not isinstance(value, str):
            raise ValueError(f"{name} is no text")
    return line


def _convert(name: str) -> Convert:
    if name not in SOURCES:
        raise InvalidInput(
            _("There is no source “%(name)s”; known are %(known)s.") % {"name": name, "known": ", ".join(SOURCES)}
        )
    module, function = SOURCES[name].convert.rsplit(".", 1)
    convert: Convert = getattr(import_module(module), function)
    return convert


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"it has no “{error.args[0]}”"
    return f"it is not of this form ({error})"

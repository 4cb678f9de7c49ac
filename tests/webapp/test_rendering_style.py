"""The style of rendered texts: readable in both themes, nothing from elsewhere, every colour one of the file's."""

from __future__ import annotations

import re

import pytest

from webapp.paths import BASE_DIR

CSS = (BASE_DIR / "webapp/static/webapp/prose.css").read_text(encoding="utf-8")
COLOURS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(r"--(code-[a-z]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", CSS)
}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_contrast_is_counted_as_wcag_counts_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_colour_of_code_is_read_from_the_file() -> None:
    assert set(COLOURS) == set(re.findall(r"var\(--(code-[a-z]+)\)", CSS))
    assert len(COLOURS) == 9


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", sorted(set(COLOURS) - {"code-paper"}))
def test_every_colour_of_code_stands_out_from_its_paper(name: str, theme: str) -> None:
    assert contrast(COLOURS[name][theme], COLOURS["code-paper"][theme]) >= 4.5


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert not re.search(r"url\(|@import|@font-face|https?:", CSS)

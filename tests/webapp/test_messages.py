"""`manage.py messages` on a small tree of its own, and what it must see."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from webapp.management import catalogues

SOURCE = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext

LAZY = gettext_lazy("Lazy")

def said(name, count):
    # Translators: after a verdict
    thanks = _("Thank you, %(name)s. "
               "Nothing was lost.") % {"name": name}
    plural = ngettext("%(count)d comparison", "%(count)d comparisons", count) % {"count": count}
    return thanks, plural, pgettext("verb", "Export"), pgettext("noun", "Export"), _(name)
"""
TEMPLATE = """
{% load i18n %}
  <h1 title="{% translate "A title" %}">{% translate 'My work' as work %}{{ work }}</h1>
      {# a note #}<p>{% blocktranslate trimmed count held=held %}
        {{ held }} comparison is held.
      {% plural %}
        {{ held }} comparisons are held.
      {% endblocktranslate %}</p>
    {% blocktranslate trimmed with percent=item.percent %}
      {{ percent }}% done
    {% endblocktranslate %}
  {% include "x.html" with title=_("Risk category") %}{{ name|default:_("Nobody") }}
  <b>{% translate "Open" context "status" %} it's "odd" (text # here</b>
"""
FROM_THE_SOURCE = {
    "Lazy",
    "Thank you, %(name)s. Nothing was lost.",
    "%(count)d comparison|%(count)d comparisons",
    "verb: Export",
    "noun: Export",
}
FROM_THE_TEMPLATE = {
    "A title",
    "My work",
    "%(held)s comparison is held.|%(held)s comparisons are held.",
    "%(percent)s%% done",
    "Risk category",
    "Nobody",
    "status: Open",
}
NOTE = "Nothing has been rated yet."


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in {
        "webapp/pages/page.py": SOURCE,
        "webapp/templates/page.html": TEMPLATE,
        "webapp/migrations/0001_initial.py": "_('In a migration')",
        "tests/test_page.py": "_('In a test')",
        "preferences/stats/gwet.py": f'NO_RATINGS = "{NOTE}"\nNAME = "AC1"\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def translated(tree: Path) -> Path:
    """The tree with a catalogue that is complete."""
    run(tree)
    po = po_of(tree)
    lines = po.read_text(encoding="utf-8").splitlines()
    source = ""
    for number, line in enumerate(lines):
        if line.startswith(("msgid ", "msgid_plural ")):
            source = line.partition(" ")[2]
        if line in {'msgstr ""', 'msgstr[0] ""'} and source != '""':
            lines[number] = line[:-1] + "译 " + source[1:]
    po.write_text("\n".join(lines) + "\n", encoding="utf-8")
    run(tree)
    return tree


def run(tree: Path) -> None:
    call_command("messages", root=tree)


def check(tree: Path) -> None:
    call_command("messages", "--check", root=tree)


def po_of(tree: Path) -> Path:
    return tree / "webapp" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_messages_are_found_in_python_templates_and_notes_of_statistics(tree: Path) -> None:
    found = {
        (f"{context}: " if context else "") + "|".join(texts)
        for context, texts in catalogues.extracted(tree).messages()
    }
    assert found == FROM_THE_SOURCE | FROM_THE_TEMPLATE | {NOTE}


def test_a_complete_catalogue_passes_and_is_not_written_anew(translated: Path) -> None:
    po = po_of(translated)
    before = po.read_bytes(), po.with_suffix(".mo").read_bytes()
    check(translated)
    run(translated)
    assert (po.read_bytes(), po.with_suffix(".mo").read_bytes()) == before


def test_the_catalogue_has_no_dates_versions_or_line_numbers_and_is_sorted(translated: Path) -> None:
    text = po_of(translated).read_text(encoding="utf-8")
    assert "Date" not in text and "Babel" not in text and "#:" not in text
    assert "#. Translators: after a verdict" in text
    ids = [line for line in text.splitlines() if line.startswith("msgid ")]
    assert ids == sorted(ids)


def test_what_is_compiled_is_what_python_reads(translated: Path) -> None:
    with po_of(translated).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("My work") == "译 My work"
    assert compiled.pgettext("noun", "Export") == "译 Export"
    for number in (1, 2):
        assert compiled.ngettext("%(count)d comparison", "%(count)d comparisons", number) == "译 %(count)d comparisons"


def test_nothing_is_written_by_a_check(tree: Path) -> None:
    with pytest.raises(CommandError, match="there is no catalogue"):
        check(tree)
    assert not po_of(tree).exists()


def test_a_new_message_is_missing_then_to_be_translated(translated: Path) -> None:
    change(translated / "webapp/pages/page.py", "LAZY =", '_("New here")\nLAZY =')
    with pytest.raises(CommandError, match="missing in the catalogue: “New here”"):
        check(translated)
    run(translated)
    with pytest.raises(CommandError, match="not translated: “New here”"):
        check(translated)


def test_a_message_that_is_gone_is_named_then_dropped_and_the_others_keep_their_translations(translated: Path) -> None:
    change(translated / "webapp/templates/page.html", "{% translate 'My work' as work %}", "")
    with pytest.raises(CommandError, match="no longer in the sources: “My work”"):
        check(translated)
    run(translated)
    check(translated)
    assert "My work" not in po_of(translated).read_text(encoding="utf-8")
    assert "译 Nobody" in po_of(translated).read_text(encoding="utf-8")


def test_a_changed_message_gets_no_guess(translated: Path) -> None:
    change(translated / "webapp/pages/page.py", "Nothing was lost.", "Nothing was lost!")
    run(translated)
    assert "fuzzy" not in po_of(translated).read_text(encoding="utf-8")
    with pytest.raises(CommandError, match="not translated: “Thank you"):
        check(translated)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('msgid "My work"', '#, fuzzy\nmsgid "My work"', "marked as fuzzy: “My work”"),
        ('"译 My work"', '""', "not translated: “My work”"),
        ('"译 %(count)d comparisons"', '""', "not translated: “%(count)d comparison”"),
        ("译 Thank you, %(name)s.", "译 Thank you, %(nome)s.", "other placeholders than in the source: “Thank you"),
        ("译 Thank you, %(name)s.", "译 Thank you.", "other placeholders than in the source: “Thank you"),
        ("译 Thank you, %(name)s.", "译 Thank you, %(name)d.", "other placeholders than in the source: “Thank you"),
        ("译 %(held)s comparisons", "译 comparisons", "other placeholders than in the source: “%(held)s comparison is"),
        ("译 Nobody", "译 {nobody}", "other placeholders than in the source: “Nobody”"),
        (
            "译 %(percent)s%% done",
            "译 %(percent)s% done",
            "a percent sign that should be doubled: “%(percent)s%% done”",
        ),
        (
            'msgstr "译 Nobody"',
            'msgstr "译 Nobody"\n\n#~ msgid "Old"\n#~ msgstr "旧"',
            "is not as “manage.py messages”",
        ),
    ],
)
def test_a_catalogue_with_a_mistake_is_refused(translated: Path, before: str, after: str, said: str) -> None:
    change(po_of(translated), before, after)
    with pytest.raises(CommandError) as refusal:
        check(translated)
    assert said in str(refusal.value)


def test_a_catalogue_that_cannot_be_read_is_left_as_it_is(translated: Path) -> None:
    change(po_of(translated), 'msgstr "译 Nobody"', "<<<<<<< HEAD")
    before = po_of(translated).read_bytes()
    for act in (check, run):
        with pytest.raises(CommandError, match=r"django.po cannot be read"):
            act(translated)
    assert po_of(translated).read_bytes() == before


def test_a_compiled_catalogue_that_is_stale_or_gone_is_refused(translated: Path) -> None:
    change(po_of(translated), '"译 My work"', '"我的工作"')
    with pytest.raises(CommandError, match=r"django.mo is not what django.po compiles to"):
        check(translated)
    run(translated)
    po_of(translated).with_suffix(".mo").unlink()
    with pytest.raises(CommandError, match=r"django.mo is not what django.po compiles to"):
        check(translated)

"""What a person reads goes through gettext and stands, translated, in every catalogue."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from tests.rules import untranslated_python, untranslated_templates
from tests.rules.repository import PACKAGES, ROOT, files, name
from webapp.management import catalogues
from webapp.management.commands import messages


@cache
def sources() -> dict[str, str]:
    """What commands print is for operators and stays English."""
    return {
        name(path): path.read_text(encoding="utf-8")
        for path in files(*(f"{package}/*.py" for package in PACKAGES))
        if "management" not in path.parts
    }


@cache
def bases() -> dict[str, set[str]]:
    return {cls: above for source in sources().values() for cls, above in untranslated_python.bases_in(source).items()}


def errors(source: str = "") -> set[str]:
    """The errors of the project and of one more module."""
    return untranslated_python.errors_among(bases() | untranslated_python.bases_in(source))


def test_every_error_and_label_in_python_is_translated() -> None:
    assert len(sources()) > 60 and {"Conflict", "InvalidInput", "InvalidTransition", "NotAllowed"} <= errors()
    known = errors()
    found = [
        f"{path}:{what}"
        for path, source in sources().items()
        for what in untranslated_python.untranslated(source, known)
    ]
    assert not found, "\n".join(found)


def test_every_word_in_a_template_is_translated() -> None:
    templates = {name(path): path.read_text(encoding="utf-8") for path in files("webapp/templates/*.html")}
    assert len(templates) > 15
    found = [f"{path}:{what}" for path, text in templates.items() for what in untranslated_templates.untranslated(text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", messages.translated())
def test_every_catalogue_is_complete(language: str) -> None:
    assert catalogues.problems(ROOT, Path(settings.LOCALE_PATHS[0]), language) == []


def test_there_is_a_language_to_translate_into() -> None:
    assert "zh-hans" in messages.translated()


IMPORTS = "from django.utils.translation import gettext as _, gettext_lazy, ngettext\n"


@pytest.mark.parametrize(
    "source",
    [
        "raise Conflict('It broke.')",
        "raise errors.Conflict('It broke.')",
        "raise NotAllowed(f'“{campaign}” is closed.')",
        "raise InvalidInput('a' 'b', field='text')",
        "raise InvalidInput('%s broke.' % name)",
        "raise InvalidInput('{} broke.'.format(name))",
        "raise InvalidInput('It ' + what)",
        "raise InvalidInput(_('It ') + 'broke.')",
        "raise InvalidInput('One' if x else _('Two'))",
        "raise InvalidInput(reason or 'It broke.')",
        "raise InvalidInput(sentence='It broke.')",
        "raise Late('It broke.')\nclass Late(Conflict): pass",
        "raise ValidationError('It broke.')",
        "return say(request, 'It broke.', 404)",
        "return say_without_database('It broke.', 500)",
        "texts.checked(text, what='The prompt', limit=1, field='text')",
        "class Kind(TextChoices):\n    A = 'a', 'Label'",
        "class Kind(models.TextChoices):\n    A = 'a', _('Label')",
        "class Kind(TextChoices):\n    A = 'a'",
        "_(f'{name} broke.')",
        "_('It ' + what)",
        "_('%s broke.' % name)",
        "_('{} broke.'.format(name))",
        "ngettext('One', f'{n} many', n)",
    ],
)
def test_the_rule_sees_what_is_not_translated_in_python(source: str) -> None:
    assert untranslated_python.untranslated(IMPORTS + source, errors(source))


@pytest.mark.parametrize(
    "source",
    [
        "raise Conflict(_('It broke.'))",
        "raise Conflict(_('%(name)s broke.') % {'name': f'“{name}”'})",
        "raise Conflict(ngettext('%(n)d broke', '%(n)d broke', n) % {'n': n})",
        "raise InvalidInput(sentence, field='verdict')",
        "raise InvalidInput(' '.join(said))",
        "raise InvalidInput(_('One') if x else _('Two'))",
        "raise ValueError('For programmers.')",
        "raise CommandError('For operators.')",
        "raise EngineError('For managers.')",
        "return say(request, _('It broke.'), 404)",
        "texts.checked(text, what=_('The prompt'), limit=1, field='text')",
        "class Kind(TextChoices):\n    '''A docstring.'''\n    A = 'a', gettext_lazy('Label')",
        "class Named(TypedDict):\n    A = 'a'",
        "_(found.note)",
    ],
)
def test_the_rule_lets_a_translated_sentence_pass_in_python(source: str) -> None:
    assert untranslated_python.untranslated(IMPORTS + source, errors()) == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>My work</p>",
        "{% block title %}Overview · Margin{% endblock %}",
        "{{ held }} held",
        "<p>{% translate 'My work' %} and more</p>",
        "<p>{% blocktranslate %}One{% endblocktranslate %} two</p>",
        "<p>{{ n }} row{{ n|pluralize }}</p>",
        "<b>{{ side|title }}</b>",
        "<b>{{ name|default:'Nobody' }}</b>",
        "<b>{{ done|yesno:'Yes,No' }}</b>",
        "<time>{{ at|timesince }}</time>",
        "{% include 'choice.html' with name='risk' title='Risk category' %}",
        "{% with title='Batches' %}{{ title }}{% endwith %}",
        "<img alt='A picture'>",
        "<a title='Leads on'>→</a>",
        "<nav aria-label='Main'></nav>",
        "<input placeholder='Your name'>",
        "<input type='submit' value='Send'>",
        "<input type=text placeholder='{{ hint }} or so'>",
        "<optgroup label='Languages'></optgroup>",
        "<button hx-confirm='Really?'></button>",
        "<p data-saved='Draft saved.'></p>",
        "<meta name='description' content='A platform'>",
        "<html lang='en'></html>",
        "<p>提示</p>",
        "<p>Caf&eacute;</p>",
        "<code>x</code> is read",
        "{% if a %}<p>{% else %}<p class='x'>{% endif %}Read me</p>",
    ],
)
def test_the_rule_sees_what_is_not_translated_in_a_template(template: str) -> None:
    assert untranslated_templates.untranslated("{% load i18n %}" + template)


@pytest.mark.parametrize(
    "template",
    [
        "<h1>{% translate 'My work' %}</h1>",
        "<h1>{% translate 'My work' as work %}{{ work }} · Margin</h1>",
        "<p>{% blocktranslate trimmed count n=n %}\n One row\n{% plural %}\n{{ n }} rows\n{% endblocktranslate %}</p>",
        "<p>{% blocktrans %}Old spelling{% endblocktrans %}</p>",
        "{# A note. #}{% comment %}Translators: a note{% endcomment %}<!-- a note -->",
        "<p>{{ n }} / {{ of }}, 95&nbsp;% · – → 3</p>",
        "<dt>SHA-256</dt>",
        "{% block width %}wide{% endblock %}",
        "{% block at_home %}aria-current='page'{% endblock %}",
        "<p data-saved='{% translate 'Draft saved.' %}' data-opens='help'></p>",
        "<kbd>Enter</kbd>",
        "<pre><code>datasets.load_dataset('x')</code></pre>",
        "<script>let sentence = 'For machines';</script><style>p { color: red }</style>",
        "<input type='text' name='week' value='{{ week }}' autocomplete='username' class='wide' required>",
        "<button name='language' value='en' lang='en'>{{ own_name }}</button>",
        "<label title=\"{{ meaning }}\">{{ name|default:'' }}{{ x|default:week }}</label>",
        "<b>{{ name|default:_('Nobody') }}</b>",
        "{% include 'choice.html' with name='risk_category' title=_('Risk category') %}",
        '{% include "choice.html" with name="risk" options=options %}',
        "{% if side == 'Left' %}{% url 'home' %}{% endif %}",
        "<time datetime='{{ at|date:'c' }}'>{{ at|date:'DATE_FORMAT' }}</time>",
        "<!doctype html><html lang='{{ LANGUAGE_CODE }}'></html>",
        "<div data-heartbeat='{% url 'heartbeat' key %}' hx-target='#main'></div>",
        "{% if a %}<p>{% else %}<p class='x'>{% endif %}{% translate 'Read me' %}</p>",
    ],
)
def test_the_rule_lets_a_translated_word_pass_in_a_template(template: str) -> None:
    assert untranslated_templates.untranslated("{% load i18n %}" + template) == []


def test_the_rule_names_the_line() -> None:
    template = "{% comment %}\n\n{% endcomment %}\n<p>{% blocktranslate %}\n{% endblocktranslate %}\n  Words </p>"
    assert untranslated_templates.untranslated("{% load i18n %}" + template) == ["6: the text “Words”"]

"""What strangers would like a browser to do, and a browser's reader that finds none of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.webapp.rendered_html import faults, page
from webapp.rendering import render
from webapp.rendering.clean import clean

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=java&#9;script:alert(1)>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<style>@import 'https://a.example'</style>",
    "<p style='position:fixed' id=main class=sheet onclick=alert(1)>x</p>",
    "<!-- --!><script>alert(1)</script> -->",
    "<!--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<math href='javascript:alert(1)' xlink:href='javascript:alert(1)'><mi>x</mi></math>",
    "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id='</style><img onerror=alert(1) src>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<meta http-equiv=refresh content='0;url=https://a.example'>",
    "<base href='https://a.example/'>",
    "<link rel=stylesheet href='https://a.example/a.css'>",
    "<button hx-get='/x' hx-trigger=load>x</button>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<span class='ctl' title='x' onmouseover=alert(1)>U+202E</span>",
]
IN_MARKDOWN = [
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT:alert(1))",
    "[x](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x]( javascript:alert(1) )",
    "[x](<java\nscript:alert(1)>)",
    "[x](https://a.example 'onmouseover=alert(1)')",
    '[x](https://a.example "\\" onmouseover=\\"alert(1)")',
    '[x](https://a.example/"onmouseover="alert(1))',
    "[![x](javascript:alert(1))](javascript:alert(1))",
    "[a](https://b.example/[c](javascript:alert(1)))",
    '![x"onerror="alert(1)](https://a.example)',
    "![x](https://a.example/`onerror=alert(1))",
    '<https://a.example/" onmouseover=alert(1)>',
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    '```"><script>alert(1)</script>\nx\n```',
    '``` " onload=alert(1)\nx\n```',
    "|<script>alert(1)</script>|\n|-|\n|<img src=x onerror=alert(1)>|",
    '|a|\n|:-:" onclick=alert(1)|\n|b|',
    "`<script>alert(1)</script>`",
    "$</math><script>alert(1)</script>$",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\<script>alert(1)\\</script>",
    "<scr\u200bipt>alert(1)</scr\u200bipt>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "# <script>alert(1)</script>",
]


@pytest.mark.parametrize("attack", ATTACKS + IN_MARKDOWN)
@pytest.mark.parametrize(
    "around", ["{}", "a {} b", "> {}", "- {}", "# {}", "**{}**", "|{}|\n|-|\n|{}|", "```html\n{}\n```"]
)
def test_an_attack_is_words(attack: str, around: str) -> None:
    html = render(around.replace("{}", attack))
    assert list(faults(html)) == []
    assert not page(around.replace("{}", attack)).tags() & {"script", "img", "svg", "form", "iframe", "style"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_last_step_alone_lets_none_of_it_pass(attack: str) -> None:
    assert list(faults(clean(attack))) == []
    assert list(faults(clean(clean(attack)))) == []


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ('<span class="k sheet">a</span>', '<span class="k">a</span>'),
        ('<span class="ctl" title="&lt;b&gt;">a</span>', '<span class="ctl">a</span>'),
        ('<pre data-language="a b" tabindex="1">a</pre>', "<pre>a</pre>"),
        ('<p dir="ltr" id="a">a</p>', "<p>a</p>"),
        ('<ol start="-1"><li>a</li></ol>', "<ol><li>a</li></ol>"),
        ('<math display="block" href="https://a.example"><mi>a</mi></math>', '<math display="block"><mi>a</mi></math>'),
        ('<math><mspace width="100em"></mspace></math>', "<math><mspace></mspace></math>"),
        ("<h1>a</h1>", "a"),
    ],
)
def test_the_last_step_knows_values_too(html: str, cleaned: str) -> None:
    assert clean(html) == cleaned


PIECES = st.sampled_from(
    [
        *ATTACKS,
        *IN_MARKDOWN,
        *(
            "\n",
            "\n\n",
            " ",
            "    ",
            "> ",
            "- ",
            "1. ",
            "# ",
            "|",
            "|-|",
            "```",
            "~~~",
            "`",
            "*",
            "**",
            "_",
            "~~",
            "[",
            "]",
        ),
        *(
            "](",
            ")",
            "![",
            "<",
            ">",
            "&",
            "&#x",
            ";",
            '"',
            "'",
            "\\",
            "$",
            "$$",
            "\\(",
            "\\)",
            "\\[",
            "\\]",
            "{",
            "}",
            "^",
        ),
        *(
            "\\frac",
            "\\text{",
            "\\left",
            "\\right",
            "\\begin{matrix}",
            "\\end{matrix}",
            "\\href",
            "\\over",
            "\\unicode",
        ),
        *("\u202e", "\u200b", "\ud800", "\x00", "\r", "\t", "مرحبا", "https://a.example", "javascript:", "python\n"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(st.characters()), st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=25).map("".join)))
def test_whatever_the_text_only_harmless_html_comes_of_it(text: str) -> None:
    html = render(text)
    assert list(faults(html)) == []
    assert clean(html) == html
    assert not any(character in html for character in "\u202e\u200b\ud800\x00\x1b")

"""Blinding: an answer that says which model gave it, recognised before anyone compares it.

Some words decide by themselves (a chat template's tag, the name of the campaign's own variant). A model's or maker's
name decides only where the sentence says it of the speaker: the name is found first, then what stands left and right
of it. "OpenAI was founded in 2015" is a fact about someone else.

Nothing here knows what is true. Where it is unsure it decides as follows:

- "As an AI language model, I can't ..." says what the speaker is, not who: no leak.
- A known name in a quotation is a leak, unless the prompt holds the name: a story was asked for. A name nobody knows
  in a quotation ("I am Sonny, an AI") is a character's, no leak.
- A statement outside quotations is a leak even where the prompt asks for it: "Are you ChatGPT?" must not unblind.
- "I am not Claude" is no leak. Nor is a role with a known name and a surname, "I am Claude Monet".

Every pattern is short and bounded, and windows of fixed width are looked at around names only, so that time grows
with the length of the text and with nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

from preferences import identity_patterns as say

SEARCHED = 200_000
LONGEST = 120

# How far left and right of a name its sentence is read; an introduction stands in the last part on the left.
_LEFT, _INTRODUCTION, _RIGHT = 140, 60, 80

Span = tuple[int, int]

_TWO_SCRIPTS = re.compile("[A-Za-z\u0370-\u03ff\u0400-\u04ff]+")
_OTHER_SCRIPT = re.compile("[\u0370-\u03ff\u0400-\u04ff]")
_ALIKE = str.maketrans("АВЕЅІЈКМНОРСТУХасеіјорѕухԁɡΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρ", "ABESIJKMHOPCTYXaceijopsyxdgABEZHIKMNOPTYXovp")
# Words of plain letters and the single spaces between them stand as they are; all else is looked at one by one.
_PLAIN_OR_NOT = re.compile(r"(?P<plain>(?:[!-)+-^a-}]++(?: (?=[!-)+-^a-}]))?+)++)|[\s\S]")
_UNSEEN = re.compile(r"</?(?:b|i|u|em|strong|code|span|mark)>", re.I)
_SPACED = re.compile(r"(?<![\w'])[^\W_](?P<gap>[ .\-])[^\W_](?:(?P=gap)[^\W_]){2,}(?!\w)")
_QUOTES = frozenset("\u201c\u201d\u201e\u201f\u00ab\u00bb\u300c\u300d\u300e\u300f\u2039\u203a")
_APOSTROPHES = frozenset("\u2018\u2019\u201b\u02bc\u00b4")


def identity_leak(text: str, *, names: Collection[str] = (), prompt: str = "") -> str:
    """The words of an answer that give its model away, as they stand in it, or "" if none do.

    Leaks are a chat template's tags and the campaign's own `names` (variants, iterations) as words, both unless the
    prompt holds them too; and sentences that name the speaker or its maker. Case, Markdown emphasis, invisible
    characters, letters of another alphabet inside a word and letters set apart do not hide a name.

    The first `SEARCHED` characters are read, and at most `LONGEST` returned. A name of one character or of digits only
    is not looked for. A name that is an ordinary word ("base") makes every answer with that word a leak.
    """
    read, places = _read(text[:SEARCHED])
    asked, _ = _read(prompt[:SEARCHED])
    for start, end in _leaks(read, names, asked):
        return text[places[start] : places[end - 1] + 1].lstrip(" \n.,!?")[-LONGEST:]
    return ""


def _leaks(read: str, names: Collection[str], asked: str) -> Iterator[Span]:
    tags = {found[0].casefold() for found in say.TEMPLATE.finditer(asked)}
    yield from (found.span() for found in say.TEMPLATE.finditer(read) if found[0].casefold() not in tags)
    if wanted := [word for word in map(_as_word, names) if word and not re.search(word, asked, re.I)]:
        yield from (found.span() for found in re.finditer("|".join(wanted), read, re.I))
    known = {_root(found) for found in say.NAME.finditer(asked)}
    for found in say.NAME.finditer(read):
        span = (
            _introduced(read, found) or _made(read, found) or (None if _root(found) in known else _policy(read, found))
        )
        if span and not (_root(found) in known and _quoted(read, span[0])):
            yield span
    for pattern in (say.UNKNOWN, say.UNKNOWN_HAN):
        yield from (found.span() for found in pattern.finditer(read) if not _quoted(read, found.start()))


def _introduced(read: str, found: re.Match[str]) -> Span | None:
    """Whether the name is what the speaker says it is or is called."""
    first, left, right = _around(read, found)
    first, left = max(first, found.start() - _INTRODUCTION), left[-_INTRODUCTION:]
    for before, after in say.INTRODUCTIONS:
        intro = before.search(left)
        if intro is None:
            continue
        if kind := say.OF_KIND.match(right):
            return first + intro.start(), found.end() + kind.end()
        if not after.match(right) or (not found["maker"] and say.SURNAME.match(right)):
            continue
        # "I am a Gemini", "I am Google certified"
        article = intro.groupdict().get("article") and not re.search("gpt|qwen|deepseek", found[0], re.I)
        if not article and (not found["maker"] or say.ENDS.match(right)):
            return first + intro.start(), found.end()
    return None


def _made(read: str, found: re.Match[str]) -> Span | None:
    """Whether the name is the speaker's maker, or what it says it is built on."""
    first, left, right = _around(read, found)
    if (owner := say.OWNER.search(left)) and found["maker"]:
        return first + owner.start(), found.end()
    if (after := say.ME_AFTER.match(right)) and found["maker"]:
        return found.start(), found.end() + after.end()
    made, made_after = say.MADE.search(left), say.MADE_AFTER.match(right)
    speaker = None
    if made and (made_after or made[0].strip() != "von"):
        head = left[: made.start()]
        speaker = say.DIRECT.search(head) or _says_it_is(head)
    if not speaker and made_after:
        speaker = say.DIRECT.search(left) or _says_it_is(left)
    if not speaker and (say.FROM.search(left) or (found["model"] and say.LISTED.search(left))):
        speaker = _says_it_is(left)
    if not speaker or (speaker[0][:2].lower() == "as" and say.SOMEONE_ELSE.match(right)):
        return None
    return first + speaker.start(), found.end()


def _policy(read: str, found: re.Match[str]) -> Span | None:
    """The policies of the two makers whose models bring them up as their own."""
    after = say.POLICY.match(read, found.end())
    if after and re.match("open ?ai|anthropic", found[0], re.I) and say.AGAINST.search(_around(read, found)[1]):
        return found.start(), after.end()
    return None


def _says_it_is(left: str) -> re.Match[str] | None:
    return (say.STRICT if say.ENGLISH.search(left) else say.LOOSE).search(left)


def _around(read: str, found: re.Match[str]) -> tuple[int, str, str]:
    """Where the sentence begins, and what stands left and right of the name."""
    first = max(0, found.start() - _LEFT)
    for stop in say.STOP.finditer(read, first, found.start()):
        first = stop.end()
    return first, read[first : found.start()], read[found.end() : found.end() + _RIGHT]


def _quoted(read: str, place: int) -> bool:
    before = read[max(0, place - 1000) : place]
    return before[before.rfind("\n") + 1 :].count('"') % 2 == 1


def _root(found: re.Match[str]) -> str:
    return re.split(r"[^\w]|\d|_", found[0].casefold())[0]


@lru_cache(maxsize=1000)  # a campaign's names are asked for with each of its answers
def _as_word(name: str) -> str:
    """A pattern for the name as a word, whatever joins its parts; "" for names that would be found everywhere."""
    plain, _ = _read(name)
    parts = [re.escape(part) for part in re.split(r"[\W_]+", plain) if part]
    if len(plain) < 2 or plain.isdigit() or not parts:
        return ""
    edge = [r"(?<![^\W_])" if plain[0] < "\u2e80" else "", r"(?![^\W_])" if plain[-1] < "\u2e80" else ""]
    return edge[0] + r"[\W_]?".join(parts) + edge[1]


def _read(text: str) -> tuple[str, list[int]]:
    """The text as a reader takes it in, and for each of its characters the place it came from."""
    letters: list[str] = []
    places: list[int] = []
    for part in _PLAIN_OR_NOT.finditer(text):
        # One character can stand for eighteen.
        if len(places) >= SEARCHED:
            break
        place, character = part.start(), part[0]
        if part["plain"]:
            plain = character[: SEARCHED - len(places)]
            letters.append(plain)
            places.extend(range(place, place + len(plain)))
            continue
        if character == "_" and not (text[place - 1 : place].isalnum() and text[place + 1 : place + 2].isalnum()):
            continue
        for letter in _seen(character):
            if letter in " \n" and letters and letters[-1] in " \n\r":
                # "\r" stands for one line break until a second makes it the end of a paragraph.
                if letter == "\n":
                    letters[-1] = "\n" if letters[-1] != " " else "\r"
                continue
            letters.append("\r" if letter == "\n" else letter)
            places.append(place)
    read = "".join(letters).replace("\r", " ")
    if _OTHER_SCRIPT.search(read):
        read = _TWO_SCRIPTS.sub(lambda word: _one_script(word[0]), read)
    gone: set[int] = set()
    for tag in _UNSEEN.finditer(read):
        gone.update(range(*tag.span()))
    for run in _SPACED.finditer(read):
        if say.NAME.fullmatch("".join(letter for letter in run[0] if letter.isalnum())):
            gone.update(place for place in range(*run.span()) if not read[place].isalnum())
    if gone:
        kept = [place for place in range(len(read)) if place not in gone]
        read, places = "".join(read[place] for place in kept), [places[place] for place in kept]
    return read, places


@lru_cache(maxsize=5000)
def _seen(character: str) -> str:
    if character in "*`~" or (unicodedata.category(character) in ("Cf", "Cc") and not character.isspace()):
        return ""
    if character in _QUOTES:
        return '"'
    if character in _APOSTROPHES:
        return "'"
    if character.isspace():
        return "\n" if character in "\n\u2028\u2029" else " "
    plain = unicodedata.normalize("NFKC", character)
    if plain < "\u0530" or "\u1e00" <= plain < "\u2000":
        plain = unicodedata.normalize("NFD", plain)
    kept = "".join(part for part in plain if not ("\u0300" <= part <= "\u036f" or "\u064b" <= part <= "\u0652"))
    return "-" if unicodedata.category(kept[:1] or "a") == "Pd" else kept.replace("\u0640", "")


def _one_script(word: str) -> str:
    return word.translate(_ALIKE) if re.search("[A-Za-z]", word) else word

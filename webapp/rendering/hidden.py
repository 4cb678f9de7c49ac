"""Characters that nobody sees but that reorder, split or carry text, each shown as a chip with its code point."""

from __future__ import annotations

import re
import unicodedata

# Every chip is some seventy bytes: a text of nothing else must not grow to that many times its size.
MOST_CHIPS = 2_000

# Marks that writing needs stay: ALM, LRM and RLM, the joiners of Arabic, Indic scripts and emoji, soft hyphens.
_HIDDEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0, DEL, C1
    r"\u202a-\u202e\u2066-\u2069"  # embeddings, overrides, isolates
    r"\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f"  # tags
)
# Variation selectors belong to one character before them; in rows, or after other letters, they carry hidden bytes.
_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_SMUGGLED = rf"(?<=[\ufe00-\ufe0f])[\ufe00-\ufe0f]|(?<![{_HAN}])[\U000e0100-\U000e01ef]"
# The flags of England, Scotland and Wales are a black flag and tags.
_FLAGS = "|".join(
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)
_ANY = re.compile(f"[{_HIDDEN}]|{_SMUGGLED}")
# In the parser's HTML no attribute holds a bare ">", so that this finds whole tags.
_IN_HTML = re.compile(rf"(?P<kept><[^>]*>|{_FLAGS})|(?P<one>[{_HIDDEN}]|{_SMUGGLED})(?P<more>(?P=one)*)")


def holds(text: str) -> bool:
    return _ANY.search(text) is not None


def shown(html: str) -> str:
    """The HTML with a chip for each run of a hidden character in its texts."""
    left = MOST_CHIPS

    def replace(match: re.Match[str]) -> str:
        nonlocal left
        if match["kept"]:
            return match["kept"]
        left -= 1
        return _chip(match["one"], 1 + len(match["more"])) if left >= 0 else "\ufffd"

    return _IN_HTML.sub(replace, html)


def _chip(character: str, times: int) -> str:
    name = unicodedata.name(character, "CONTROL CHARACTER")
    label = f"U+{ord(character):04X}" + (f" ×{times}" if times > 1 else "")
    return f'<span class="ctl" title="{name}">{label}</span>'

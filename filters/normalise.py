r"""Normalises text before a classifier or a language model sees it, as cc_net and OpenWebMath did.

Order of the steps and the table are those of `cc_net/text_normalizer.py` (facebookresearch/cc_net), with two that
`extract_from_cc/text_normalizer.py` (keirp/OpenWebMath) added: lower case, accents off, digits to 0, punctuation to
ASCII, formulas to `[EQUATION]`, code in backquotes to `[CODE]`, marks of sentence ends off, control characters off.

Faults of the published steps, mended under `corrected`: line ends and tabs are control characters too and vanish, so
that the last word of a line and the first of the next become one (`published` does so, and its language, math and
perplexity models all saw it); every second price in dollars opens a formula that ends at the next one.
"""

import re
import sys
import unicodedata
from functools import cache, lru_cache

from filters.formulas import without_formulas
from manifests.records import Rules

EQUATION = "[EQUATION]"
CODE = "[CODE]"

PUNCTUATION = str.maketrans(
    {
        "，": ",", "。": ".", "、": ",", "„": '"', "”": '"', "“": '"', "«": '"', "»": '"', "１": '"', "」": '"',
        "「": '"', "《": '"', "》": '"', "´": "'", "∶": ":", "：": ":", "？": "?", "！": "!", "（": "(", "）": ")",
        "；": ";", "–": "-", "—": " - ", "．": ". ", "～": "~", "’": "'", "…": "...", "━": "-", "〈": "<", "〉": ">",
        "【": "[", "】": "]", "％": "%", "►": "-",
    }
)  # fmt: skip
"""cc_net's table; the full-width 1 in it is never met, because digits have become 0 by then."""

_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"[0-9]+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]{1,64}")
_FORMULA = re.compile(r"(?<!\\)\$\$?.+?\$\$?", re.DOTALL)
_CODE = re.compile(r"`{1,3}.*?`{1,3}", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_COMMAND = re.compile(r"\\(?:[A-Za-z@]+\*?|.)", re.DOTALL)
_TEX_SIGNS = str.maketrans(dict.fromkeys("{}^_&~$", " "))


def normalise(text: str, rules: Rules = "corrected") -> str:
    """`text` normalised for a model of words. Linear in the text.

    Source: `normalize` of the two programs named above, with their default arguments.
    """
    text = text.strip()
    if not text:
        return text
    text = _DIGITS.sub(_zeros, _BEYOND_ASCII.sub(_plain, text.lower()))
    if rules == "published":
        text = _FORMULA.sub(EQUATION, text)
        text = _CODE.sub(CODE, text)
        text = text.replace("<s>", "").replace("</s>", "")
        return _CONTROL.sub("", text)
    text = _CODE.sub(f" {CODE} ", text)
    text = text.replace("<s>", "").replace("</s>", "")
    return " ".join(_CONTROL.sub(" ", text).split())


def prose(text: str) -> str:
    r"""What is left of `text` without formulas and without any other LaTeX command, sign or label.

    The math classifier learns from this, so that it cannot read its own label; the language model of pages reads
    the same. Linear in the text.
    """
    text = without_formulas(text)
    if "\\" in text:
        text = _COMMAND.sub(" ", text).translate(_TEX_SIGNS)
    return text


def strip_accents(text: str) -> str:
    """`text` decomposed (NFD) and without its combining marks (category Mn), as cc_net does it."""
    if text.isascii():
        return text
    return _marks().sub("", unicodedata.normalize("NFD", text))


def _zeros(match: re.Match[str]) -> str:
    return "0" * len(match[0])


def _plain(match: re.Match[str]) -> str:
    return _plain_run(match[0])


@lru_cache(maxsize=1 << 14)
def _plain_run(run: str) -> str:
    """Accents, digits and punctuation of a run of characters beyond ASCII; short runs come again and again."""
    return _DIGIT.sub("0", strip_accents(run)).translate(PUNCTUATION)


@cache
def _marks() -> re.Pattern[str]:
    ranges: list[list[int]] = []
    for point in range(0x300, sys.maxunicode + 1):
        if unicodedata.category(chr(point)) == "Mn":
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1][1] = point
            else:
                ranges.append([point, point])
    return re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges) + "]+")

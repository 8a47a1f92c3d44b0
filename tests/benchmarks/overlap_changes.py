"""Ways in which a benchmark item stands in a document: how it is set, saved, scanned or edited; for planted sets.

Each change takes the text of an item and a source of chance, and returns the text as a document would hold it.
"""

import html
import json
import random
import re
from collections.abc import Callable

Change = Callable[[str, random.Random], str]

_WORDS = "thing other quick garden market window yellow simple letter number maybe given large house".split()
_SIGNS = {
    "\\leq": "≤", "\\le": "≤", "\\geq": "≥", "\\ge": "≥", "\\neq": "≠", "\\cdot": "·", "\\times": "×", "\\pi": "π",
    "\\theta": "θ", "\\alpha": "α", "\\beta": "β", "\\infty": "∞", "\\circ": "°", "\\pm": "±", "\\sqrt": "√", "\\ldots":
    "…", "\\cdots": "⋯", "\\angle": "∠", "\\triangle": "△", "\\left": "", "\\right": "", "\\in": "∈", "\\%": "%", "\\$":
    "$", "\\dots": "…", "\\omega": "ω", "\\lfloor": "⌊", "\\rfloor": "⌋", "\\lceil": "⌈", "\\rceil": "⌉", "\\sum": "∑",
}  # fmt: skip
_SYNONYMS = {
    "Find": "Determine", "find": "determine", "Compute": "Calculate", "compute": "calculate", "Evaluate": "Work out",
    "Suppose": "Assume", "smallest": "least", "largest": "greatest", "Express": "Write", "express": "write", "such":
    "so", "total": "overall", "each": "every", "Simplify": "Reduce", "Determine": "Find", "common": "ordinary", "if":
    "when", "If": "When", "answer": "result", "value": "size", "buys": "purchases", "gives": "hands", "makes": "earns",
}  # fmt: skip
_RAISED = str.maketrans("0123456789n", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _words(share: float) -> Change:
    def change(text: str, draw: random.Random) -> str:
        pieces = text.split(" ")
        for at in draw.sample(range(len(pieces)), max(1, round(share * len(pieces)))):
            pieces[at] = draw.choice(_WORDS)
        return " ".join(pieces)

    return change


def _dropped(text: str, draw: random.Random) -> str:
    pieces = text.split(" ")
    gone = set(draw.sample(range(len(pieces)), max(1, len(pieces) // 8)))
    return " ".join(piece for at, piece in enumerate(pieces) if at not in gone)


def _inserted(text: str, draw: random.Random) -> str:
    pieces = text.split(" ")
    for _ in range(max(1, len(pieces) // 8)):
        pieces.insert(draw.randint(0, len(pieces)), draw.choice(_WORDS))
    return " ".join(pieces)


def _remark(text: str, draw: random.Random) -> str:
    pieces = text.split(" ")
    at = draw.randint(len(pieces) // 3, 2 * len(pieces) // 3)
    return " ".join([*pieces[:at], "(choose the best answer; no calculators)", *pieces[at:]])


def _page_break(text: str, draw: random.Random) -> str:
    pieces = text.split(" ")
    at = draw.randint(len(pieces) // 3, 2 * len(pieces) // 3)
    return " ".join([*pieces[:at], "\n\n17\n\nCHAPTER 4. FURTHER EXERCISES\n\n", *pieces[at:]])


def _scanned(text: str, draw: random.Random) -> str:
    """Every tenth word misread."""
    pieces = text.split(" ")
    for at in draw.sample(range(len(pieces)), max(1, len(pieces) // 10)):
        pieces[at] = pieces[at].translate(str.maketrans({"l": "1", "o": "0", "m": "rn", "e": "c"}))
    return " ".join(pieces)


def _shortened(text: str, _: random.Random) -> str:
    """Without its last sentence, which often says in what form to answer; a text stays of which that is the half: what
    is left would be a fragment.
    """
    sentences = re.split(r"(?<=[.?!])\s+(?=[A-Z])", text)
    rest = " ".join(sentences[:-1])
    return rest if 2 * len(rest) > len(text) else text


def _reworded(text: str, _: random.Random) -> str:
    return re.sub(r"(?<!\\)\b[A-Za-z]+\b", lambda found: _SYNONYMS.get(found[0], found[0]), text)


def _other_numbers(text: str, draw: random.Random) -> str:
    return re.sub(r"\d+", lambda found: str(int(found[0][:9]) + draw.randint(1, 7)), text)


def _variants(text: str, _: random.Random) -> str:
    text = text.replace("\\frac", "\\dfrac").replace("\\le ", "\\leq ").replace("\\cdot", "\\times")
    return text.replace("(", "\\left(").replace(")", "\\right)")


def _delimiters(text: str, _: random.Random) -> str:
    return re.sub(r"\$([^$]+)\$", r"\\(\1\\)", text.replace("\\[", "$$").replace("\\]", "$$"))


def _spaced(text: str, _: random.Random) -> str:
    return re.sub(r"([=+<>])", r"\\, \1 \\;", re.sub(r"\\frac\{(\d)\}\{(\d)\}", r"\\frac\1\2", text))


def _thousands(text: str, _: random.Random) -> str:
    return re.sub(r"(\d),\\!(\d{3})", r"\1\2", re.sub(r"(\d),(\d{3})\b", r"\1{,}\2", text))


def _unicode(text: str, _: random.Random) -> str:
    text = re.sub(r"\\[dt]?frac\{([^{}]+)\}\{([^{}]+)\}", r"(\1)/(\2)", text)
    for command, sign in _SIGNS.items():
        text = re.sub(re.escape(command) + r"(?![a-zA-Z])", sign, text)
    text = re.sub(r"\^\{?([0-9n]+)\}?", lambda found: found[1].translate(_RAISED), text)
    text = re.sub(r"_\{?([0-9]+)\}?", lambda found: found[1].translate(_LOWERED), text)
    return re.sub(r"\\(text|mathrm|mathbf|operatorname)|[${}]", "", text)


def _italic(text: str, _: random.Random) -> str:
    """Letters of formulas from the block of mathematical letters."""

    def change(found: re.Match[str]) -> str:
        return re.sub(r"(?<![\\a-zA-Z])[a-gi-z](?![a-zA-Z])", lambda one: chr(0x1D44E + ord(one[0]) - 97), found[0])

    return re.sub(r"\$[^$]+\$", change, text)


def _page(text: str, draw: random.Random) -> str:
    text = html.escape(text)
    return "<p>" + re.sub(r"\b(the|is|of|and) ", r"<em>\1</em>&nbsp;", text).replace("\n", "<br />\n") + "</p>"


def _raised_tags(text: str, draw: random.Random) -> str:
    text = re.sub(r"\^(?:\{(\w+)\}|(\w))", r"<sup>\1\2</sup>", _unicode_keep(text))
    text = re.sub(r"_(?:\{(\w+)\}|(\w))", r"<sub>\1\2</sub>", text)
    return re.sub(r"\$([^$]+)\$", r"<i>\1</i>", text)


def _unicode_keep(text: str) -> str:
    for command, sign in _SIGNS.items():
        text = re.sub(re.escape(command) + r"(?![a-zA-Z])", sign, text)
    return text


def _numeric_entities(text: str, _: random.Random) -> str:
    return "".join(one if one.isalnum() or one in " \n.\\{}$^_" else f"&#{ord(one)};" for one in text)


def _markdown(text: str, _: random.Random) -> str:
    text = re.sub(r"([_*#])", r"\\\1", text)
    return "> **Problem.** " + re.sub(r"\b(\w{6,})\b", r"**\1**", text, count=2).replace("\n", "\n> ")


def _links(text: str, _: random.Random) -> str:
    return re.sub(r"(?<![\\$\w])([a-z]{6,})(?!\w)", r"[\1](https://example.org/wiki/\1_page)", text, count=2)


def _math_page(text: str, _: random.Random) -> str:
    """MathML without its tags: each token apart."""
    return re.sub(
        r"\$([^$]+)\$", lambda found: " " + " ".join(re.findall(r"\\?[a-zA-Z]+|\d+|\S", found[1])) + " ", text
    )


CHANGES: dict[str, dict[str, Change]] = {
    "verbatim": {"verbatim": lambda text, _: text, "upper case": lambda text, _: re.sub(
        r"(?<!\\)\b[a-z]+\b", lambda found: found[0].upper(), text)},
    "edited": {"words 10 %": _words(0.1), "words 20 %": _words(0.2), "dropped": _dropped, "inserted": _inserted,
        "remark": _remark, "page break": _page_break, "scanned": _scanned},
    "reworded": {"shortened": _shortened, "synonyms": _reworded},
    "LaTeX": {"synonyms": _variants, "delimiters": _delimiters, "spacing": _spaced, "thousands": _thousands,
        "text": lambda text, _: re.sub(r"\$([^$]+)\$", r"$\\displaystyle \\mathrm{\1}$", text)},
    "converted": {"unicode": _unicode, "italic": _italic, "tokens": _math_page,
        "json": lambda text, _: json.dumps(text), "json ascii": lambda text, _: json.dumps("é " + text)[7:]},
    "HTML, Markdown": {"page": _page, "raised": _raised_tags, "numeric": _numeric_entities,
        "twice": lambda text, draw: html.escape(html.escape(text)), "markdown": _markdown, "links": _links},
    "characters": {
        "zero width": lambda text, _: re.sub(r"([a-z]{3})(?=[a-z])", "\\1\u200b", text),
        "soft hyphen": lambda text, _: re.sub(r"([a-z]{4})(?=[a-z]{2})", "\\1\u00ad", text),
        "wrapped": lambda text, _: re.sub(r"(?<!\\)\b([a-z]{4})([a-z]{3})", "\\1-\n\\2", text, count=3),
        "ligatures": lambda text, _: re.sub(r"(?<![\\a-zA-Z])([a-z]*)fi([a-z]+)", "\\1\ufb01\\2", text),
        "no-break": lambda text, _: text.replace(" ", "\u00a0").replace("'", "’")},
}  # fmt: skip
"""Changes by group. What they make is the item itself."""
OTHER_NUMBERS: Change = _other_numbers
"""Makes another problem of the same template."""

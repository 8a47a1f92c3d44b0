"""Further ways in which a benchmark item stands in a document, for the planted set that nothing was fitted to.

They were written without a look at what finds them, beside the ways of `overlap_changes`, and go into the same groups.
"""

import random
import re
import textwrap
from collections.abc import Callable

from tests.benchmarks.overlap_changes import Change

Other = Callable[[str, str, random.Random], str]
"""Makes another problem of a text with what a second text has."""

_NAMES = "Amara Bo Chidi Dagny Emre Freya Goran Hana Ilse Joaquin Kwame Lubov".split()
_SPELLED = "zero one two three four five six seven eight nine ten eleven twelve".split()
_BRITISH = {
    "color": "colour", "center": "centre", "meter": "metre", "meters": "metres", "liter": "litre", "labeled":
    "labelled", "gray": "grey", "favorite": "favourite", "neighbor": "neighbour", "modeled": "modelled", "fiber":
    "fibre", "program": "programme", "analyze": "analyse", "behavior": "behaviour",
}  # fmt: skip
_FORMULA = re.compile(r"\$[^$]+\$|\\\[.*?\\\]", re.DOTALL)
_ASKS = re.compile(r"\b(?:how|what|which|who|why|find|show|prove|compute|determine|evaluate)\b", re.IGNORECASE)
_PLAIN_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")


def _typed(text: str, draw: random.Random) -> str:
    """Two letters of every twelfth word exchanged, as by a hurried typist."""
    pieces = text.split(" ")
    for at in draw.sample(range(len(pieces)), max(1, len(pieces) // 12)):
        word = pieces[at]
        if word.isalpha() and len(word) > 3:
            place = draw.randint(1, len(word) - 3)
            pieces[at] = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return " ".join(pieces)


def _named(text: str, draw: random.Random) -> str:
    """Persons under other names: a capital letter within a sentence that is no command."""
    known: dict[str, str] = {}
    return re.sub(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b", lambda found: known.setdefault(found[0], draw.choice(_NAMES)), text)


def _without_beginning(text: str, _: random.Random) -> str:
    pieces = text.split(" ")
    return " ".join(pieces[max(1, len(pieces) // 7) :])


def _without_commas(text: str, _: random.Random) -> str:
    """In lower case and without stops, as in a forum."""
    return re.sub(r"[,.;:?!](?=\s|$)", "", re.sub(r"(?<!\\)\b[A-Z](?=[a-z])", lambda found: found[0].lower(), text))


def _introduced(text: str, _: random.Random) -> str:
    """Each sentence with a few words before it."""
    leads = ("Consider this: ", "Note also: ", "Moreover, ", "And: ")
    sentences = _PLAIN_SENTENCE.split(text)
    return " ".join(leads[at % len(leads)] + sentence for at, sentence in enumerate(sentences))


def _spelled(text: str, _: random.Random) -> str:
    return re.sub(r"(?<![\w\\.,^_{$])\d{1,2}(?![\w.,}^$])", lambda found: _in_words(int(found[0])), text)


def _in_words(value: int) -> str:
    return _SPELLED[value] if value < len(_SPELLED) else str(value)


def _british(text: str, _: random.Random) -> str:
    return re.sub(r"(?<!\\)\b[a-z]+\b", lambda found: _BRITISH.get(found[0], found[0]), text)


def _wiki(text: str, _: random.Random) -> str:
    text = re.sub(r"\$\$?([^$]+)\$\$?", r"<math>\1</math>", text)
    return re.sub(r"(?<![\\<>/\w])([a-z]{7,})(?![\w>])", r"[[\1]]", text, count=2)


def _calculator(text: str, _: random.Random) -> str:
    """As typed where no LaTeX is set: `(1)/(2)`, `sqrt(3)`, `x**2`."""
    text = re.sub(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}", r"(\1)/(\2)", text)
    text = re.sub(r"\\sqrt\{([^{}]*)\}", r"sqrt(\1)", text)
    text = re.sub(r"\^\{([^{}]*)\}|\^(\w)", lambda found: f"**{found[1] or found[2]}", text)
    return text.replace("\\cdot", "*").replace("\\times", "*").replace("\\le ", "<= ").replace("$", "")


def _set_in_lines(text: str, _: random.Random) -> str:
    return "\n".join(f"    {line}" for line in textwrap.wrap(text, 46, break_long_words=False, break_on_hyphens=False))


def _email(text: str, _: random.Random) -> str:
    lines = textwrap.wrap(text, 60, break_long_words=False, break_on_hyphens=False)
    return "On Tuesday someone wrote:\n" + "\n".join(f">> {line}" for line in lines)


def _python(text: str, _: random.Random) -> str:
    return "problem = " + repr(text) + "\nprint(problem)"


def _latex_source(text: str, _: random.Random) -> str:
    return "\\begin{exercise}\\label{ex:17}\n" + re.sub(r"%", r"\\%", text) + "\n\\end{exercise}"


def _spans(text: str, _: random.Random) -> str:
    """A page whose words stand in elements of their own."""
    return "<p>" + re.sub(r"(?<![\\$\w&])([A-Za-z]{4,})(?!\w)", r'<span class="w">\1</span>', text) + "</p>"


def _table(text: str, _: random.Random) -> str:
    return f"| 17 | {text.replace(chr(10), '<br>')} | easy |\n|---|---|---|"


def _byte_marks(text: str, _: random.Random) -> str:
    return re.sub(r"(?<=[.?!]) ", " \ufeff\u200e", text).replace(" ", " \u2061", 3)


def _apart(text: str, _: random.Random) -> str:
    """Combining and narrow forms: typographic quotes, thin spaces, decomposed letters."""
    return text.replace("'", "\u2019").replace('"', "\u201d").replace(", ", ",\u2009").replace("é", "e\u0301")


FURTHER: dict[str, dict[str, Change]] = {
    "edited": {"typed": _typed, "names": _named, "beginning cut": _without_beginning, "introduced": _introduced},
    "reworded": {"british": _british, "spelled": _spelled, "forum": _without_commas},
    "LaTeX": {"exercise": _latex_source},
    "converted": {"calculator": _calculator, "python": _python},
    "HTML, Markdown": {"wiki": _wiki, "spans": _spans, "table": _table},
    "characters": {"lines": _set_in_lines, "e-mail": _email, "marks": _byte_marks, "typographic": _apart},
}


def _other_question(text: str, other: str, draw: random.Random) -> str:
    """The same premises, and a question that begins as theirs and goes on as another's."""
    start, begin = (max((found.start() for found in _ASKS.finditer(one)), default=0) for one in (text, other))
    asked, theirs = text[start:].split(" "), other[begin:].split(" ")
    if not start or len(asked) < 4 or len(theirs) < 4:
        return ""
    return text[:start] + " ".join([*asked[: draw.randint(1, len(asked) // 2)], *theirs[len(theirs) // 2 :]])


def _other_formula(text: str, other: str, _: random.Random) -> str:
    """The same words, and another formula instead of the longest."""
    mine, theirs = (sorted(_FORMULA.findall(one), key=len)[-1:] for one in (text, other))
    if not mine or not theirs or len(mine[0]) < 6 or mine == theirs:
        return ""
    return text.replace(mine[0], theirs[0])


OTHER_PROBLEMS: dict[str, Other] = {"another question": _other_question, "another formula": _other_formula}
"""What they make is another problem of the same template; empty where that is not possible."""

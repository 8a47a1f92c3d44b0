"""Lifts formulas that stand in the page's text between delimiters, or as LaTeX environments.

Text is scanned run by run: a run is the text inside one element up to the next child element, where line breaks
(`br`, `wbr`) do not end it, as in MathJax. Inside a run an opening string is closed by the first closing string at
brace depth zero. Every search is remembered, so that a page of a million unclosed dollars costs one pass.

Dollars are money unless shown otherwise: see `is_formula`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pipelines.extraction.html.limits import HostilePageError
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.math.asciimath import asciimath_to_latex
from pipelines.extraction.math.candidates import Hints, delimited_rows
from pipelines.extraction.math.delimiters import TEX_COMMAND, Delimiters
from pipelines.extraction.math.formulas import Formulas

BREAK = "\ue000"
"""Stands for a line break element while a run is scanned (a private-use character)."""

GONE = "\ue001"
MAX_READ = 100_000_000
"""Characters read between delimiters of a page, rejected formulas included."""

_MAX_FORMULA = 20_000
_CLOSERS_TRIED = 4
_ENVIRONMENT = re.compile(
    r"\\begin\s{0,3}\{((?:equation|align|alignat|flalign|gather|multline|eqnarray|displaymath|math|aligned|gathered|split|"
    r"cases|array|subequations|IEEEeqnarray|dmath|empheq|CD|[pbBvV]?matrix|smallmatrix|tikzcd)\*?)\}"
)
_WORD = re.compile(r"(?<![\\a-zA-Z{])[a-zA-Z]{3,}(?![a-zA-Z}])")
_SIGN = re.compile(r"\\[a-zA-Z]+|\\[{}|,;:!\\]|[\^_]\s?[\w{\\(*+-]|[{}]")
_PRICE = re.compile(
    r"\s?\d[\d,.]{0,20}(?:\s?(?:million|billion|thousand|[kKmMbB]|USD|per|each|\+))?(?:[\s,.;:!?/)–—-]|$)"
)
_CURRENCY = re.compile(r"(?:^|[^A-Za-z])(?:A|AU|AUD|C|CA|CAD|HK|MX|NT|NZ|R|S|SG|US|USD)$")
"""What stands before the dollar of a country's money."""
_BETWEEN_PRICES = re.compile(r"\s(?:or|and|to|per|for|vs|a|an)\s")
_SINGLE = re.compile(r"[^\s]{1,60}$")
_SKIPPED = frozenset(
    {"script", "style", "pre", "code", "textarea", "kbd", "samp", "tt", "xmp", "title", "math"}
)  # fmt: skip
_BREAKS = frozenset({"br", "wbr"})


def is_formula(content: str, after: str, before: str = "") -> bool:
    """Whether what stands between two single dollars is mathematics rather than text between two prices.

    `after` is the character behind the closing dollar, `before` what stands before the opening one. A sum of money
    opens with a digit and goes on in words, its second dollar opens the next sum, or letters before it name a country.
    """
    inner = content.strip()
    if not inner or "\n\n" in content or not inner.strip(".,… "):
        return False
    marked = _SIGN.search(content) is not None
    if _PRICE.match(inner) and (after.isdigit() or (content[-1].isspace() and not marked)):
        return False
    if _CURRENCY.search(before) and content[0].isdigit():
        return False
    if not marked and _PRICE.match(inner) and _BETWEEN_PRICES.search(inner):
        return False
    words = len(_WORD.findall(content))
    if marked:
        return words <= 12 or TEX_COMMAND.search(content) is not None
    if content[0].isspace() != content[-1].isspace() and len(inner) > 3:
        return False
    if after.isdigit():
        return False
    if words >= 2 or (words == 1 and _PRICE.match(inner)):
        return False
    if words == 1 and not _SINGLE.match(inner):
        return any(sign in inner for sign in "=<>+*/|≤≥∈→")
    return len(inner) <= 200


class _Opening(NamedTuple):
    left: str
    right: str
    kind: str
    display: bool
    sure: bool


class _Patterns(NamedTuple):
    """How a page's delimiters are looked for; pages of one site have the same."""

    openings: Mapping[str, _Opening]
    any: re.Pattern[str]
    hints: Hints
    ignored: re.Pattern[str]


@lru_cache(maxsize=256)
def _patterns(delimiters: Delimiters) -> _Patterns:
    openings: dict[str, _Opening] = {}
    for pairs, kind, display in (
        (delimiters.display, "tex_display", True),
        (delimiters.inline, "tex_inline", False),
        (delimiters.ascii, "asciimath", False),
    ):
        for left, right in pairs:
            openings.setdefault(
                left, _Opening(left, right, kind, display, left in delimiters.explicit or left[0] == "[")
            )
    if delimiters.guess_dollars:
        openings.setdefault("$", _Opening("$", "$", "tex_inline", False, False))
    lefts = sorted(openings, key=len, reverse=True)
    environments = rf"|({_ENVIRONMENT.pattern})" if delimiters.environments else "|((?!))"
    sizes = {"[": 3, "<": 3, "\\": 2}
    hints = {left if left[0].isalpha() else left[: sizes.get(left[0], 1)] for left in lefts} | {"\\b"}
    escaped = "" if delimiters.strict and "\\$" in openings else r"|\\\$"
    return _Patterns(
        openings,
        re.compile(rf"\\\\(?![(\[]){escaped}|(" + "|".join(map(re.escape, lefts)) + ")" + environments),
        Hints(sorted(hints), _SKIPPED),
        re.compile(rf"(?:^|\s)(?:{delimiters.ignore_class})(?:\s|$)"),
    )


class TextLifter:
    """Replaces delimited formulas by marks, in strings and in the texts of a tree."""

    def __init__(self, delimiters: Delimiters, formulas: Formulas) -> None:
        self.formulas = formulas
        self._strict = delimiters.strict
        self._typeset = delimiters.typeset
        self._budget = MAX_READ
        self._openings, self._any, self._hints, self._ignored = _patterns(delimiters)

    def lift(self, text: str) -> str:
        """`text` with every delimited formula replaced by its mark; breaks inside formulas become `GONE`."""
        out: list[str] = []
        done = position = 0
        closers: dict[str, int] = {}
        while match := self._any.search(text, position):
            position = match.end()
            if match.group(1) is None and match.group(2) is None:
                continue
            if match.group(2) is not None:
                found = self._environment(text, match, closers)
            else:
                found = self._delimited(text, match, closers)
            if found is None:
                continue
            mark, end = found
            out += (text[done : match.start()], mark, GONE * text.count(BREAK, match.start(), end))
            done = position = end
        if not out:
            return text
        out.append(text[done:])
        return "".join(out)

    def _find(self, text: str, closer: str, start: int, closers: dict[str, int]) -> int:
        """The first `closer` at or after `start`, or -1; a search never goes over the same text twice."""
        known = closers.get(closer, -2)
        if known == -1 or known >= start:
            return known
        closers[closer] = known = text.find(closer, start)
        return known

    def _environment(self, text: str, match: re.Match[str], closers: dict[str, int]) -> tuple[str, int] | None:
        closer, end = f"\\end{{{match.group(3)}}}", -1
        for variant in (closer, f"\\end {{{match.group(3)}}}"):  # TeX4ht writes `\begin {align}`, `\end {align}`
            found = self._find(text, variant, match.end(), closers)
            if found >= 0 and (end < 0 or found < end):
                closer, end = variant, found
        if end < 0 or end - match.start() > _MAX_FORMULA:
            return None
        end += len(closer)
        latex = text[match.start() : end].replace(BREAK, "\n")
        mark = self.formulas.mark(latex, "environment", match.group(3) != "math")
        return (mark, end) if mark else None

    def _delimited(self, text: str, match: re.Match[str], closers: dict[str, int]) -> tuple[str, int] | None:
        opening = self._openings[match.group(1)]
        start = match.end()
        end = self._find(text, opening.right, start, closers)
        for _ in range(_CLOSERS_TRIED):
            if end < 0 or end - start > _MAX_FORMULA:
                return None
            self._budget -= end - start
            if self._budget < 0:
                raise HostilePageError(f"delimiters without end: more than {MAX_READ} characters to look at")
            if opening.right[0] != "\\" and text[end - 1] == "\\" and text[max(start, end - 2)] != "\\":
                pass
            elif text.count("{", start, end) - text.count("\\{", start, end) <= text.count(
                "}", start, end
            ) - text.count("\\}", start, end):
                break
            end = text.find(opening.right, end + 1)
        else:
            return None
        content = text[start:end]
        if (
            opening.left == opening.right == "$"
            and end + 1 < len(text)
            and text[end + 1] == "$"
            and not content.strip()
        ):
            return None
        content = content.replace(BREAK, "\n")
        end += len(opening.right)
        before = text[max(0, match.start() - 4) : match.start()]
        if self._strict and not self._accepted(opening, content, before, text[end : end + 1]):
            return None
        if opening.kind == "asciimath":
            content = asciimath_to_latex(content)
        mark = self.formulas.mark(content, opening.kind, opening.display)
        return (mark, end) if mark else None

    def _accepted(self, opening: _Opening, content: str, before: str, after: str) -> bool:
        if "⸨" in content:
            return False
        if opening.left == "$":
            return is_formula(content, after, before)
        if opening.left == "`":
            return len(content) <= 300
        if opening.sure or self._typeset:
            return True
        return _SIGN.search(content) is not None or (len(content.strip()) <= 40 and "\n" not in content)

    def lift_tree(self, tree: Tree, may_ignore: bool) -> None:
        """Lift formulas in all texts of the tree, outside code and ignored elements.

        `may_ignore`: whether the page may hold an element whose class says that formulas in it are none.
        """
        skipped: dict[Any, bool] = {}
        for row in delimited_rows(tree, self._hints):
            parent = Node(tree, row)
            if not (may_ignore and self._skips(parent, skipped)):
                self._lift_children(parent)

    def _skips(self, node: Any, known: dict[Any, bool]) -> bool:
        chain = []
        while node is not None and node not in known:
            tag = node.tag
            if tag in _SKIPPED or (self._ignored.search(node.get("class") or "") is not None):
                known[node] = True
                break
            chain.append(node)
            node = node.getparent()
        result = node is not None and known[node]
        known.update(dict.fromkeys(chain, result))
        return result

    def _lift_children(self, parent: Any) -> None:
        """Scan the runs of `parent`: its text and its children's tails, joined over line breaks."""
        run: list[Any] = [None]
        texts: list[str] = [parent.text or ""]
        for child in parent:
            if child.tag in _BREAKS:
                run.append(child)
                texts.append(child.tail or "")
            else:
                self._lift_run(parent, run, texts)
                run, texts = [child], [child.tail or ""]
        self._lift_run(parent, run, texts)

    def _lift_run(self, parent: Any, run: list[Any], texts: list[str]) -> None:
        joined = BREAK.join(texts) if len(texts) > 1 else texts[0]
        lifted = self.lift(joined)
        if lifted == joined:
            return
        pieces = re.split(f"([{BREAK}{GONE}])", lifted)
        for index, owner in enumerate(run):
            piece = pieces[2 * index]
            if owner is None:
                parent.text = piece
            else:
                if index and pieces[2 * index - 1] == GONE:
                    owner.tag = "span"
                owner.tail = piece

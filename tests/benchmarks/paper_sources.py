r"""What a paper's text should hold, read from its sources by cruder means than the product's, and sharing none.

Only what such means can tell for certain is asked for: words outside commands, comments and bibliographies; formulas
that hold no macro of the author's, and such whose macros are plain `\newcommand`, `\def` and `\DeclareMathOperator`.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

MOST_FORMULAS = 400
"""Formulas of a kind that are compared in one paper."""
LONGEST_FORMULA = 1500
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*\n?")
_COMMENT_BEHIND_NAME = re.compile(r"(?<!\\)((?:\\\\)*\\[a-zA-Z@]+)%[^\n]*\n?")
_CLASS = re.compile(r"^[^%\n]*\\document(?:class|style)\b", re.MULTILINE)
_INPUT = re.compile(r"\\(?:input|include|subfile)\s*\{\s*([^{}\s]+)\s*\}|\\input\s+([\w./-]+)")
_BODY = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|\Z)", re.DOTALL)
_BIBLIOGRAPHY = re.compile(r"\\begin\{thebibliography\}.*?(?:\\end\{thebibliography\}|\Z)", re.DOTALL)
_UNREAD = re.compile(
    r"\\begin\{(comment|tikzpicture|verbatim|lstlisting|filecontents\*?|tabular\*?)\}.*?\\end\{\1\}|\\iffalse.*?\\fi"
    r"|\\(?:label|ref|eqref|cite\w*|bibliography\w*|includegraphics|usepackage|begin|end|vspace|hspace|input|include|pageref|"
    r"cref|Cref|autoref|url|href|email|todo|index|hypersetup|bibitem|setlength|color|textcolor)\*?(?:\[[^\[\]]*\])*\{[^{}]*\}",
    re.DOTALL,
)
_WORD = re.compile(r"(?<![\\a-zA-Z@])[a-zA-Z]{4,}(?![a-zA-Z@])")
_FORMULA = re.compile(
    r"(?<![\\$])\$([^$]{1,1500})\$(?!\$)|\\begin\{(equation|align|gather|multline|eqnarray)(\*?)\}(.{2,1500}?)\\end\{\2\3\}"
    r"|(?<!\\)\\\[(.{2,1500}?)\\\]",
    re.DOTALL,
)
_PROSE = re.compile(
    r"\n\s*\n|\\(?:begin|end|item|section|subsection|cite\w*|ref|eqref|footnote|todo|emph|url|href|label|def|hbox|raise)(?![a-zA-Z])"
    r"|(?<![\\a-zA-Z])[a-zA-Z]{2,}\s+[a-zA-Z]{2,}\s+[a-zA-Z]{2,}(?![a-zA-Z])"
)
"""What shows that two dollar signs belong to two formulas, with text between them."""
_NEW = re.compile(r"\\(?:re|provide)?(?:new)?command\*?\s*\{?\s*\\([a-zA-Z]+)\s*\}?\s*(?:\[(\d)\])?\s*(?=\{)")
_DEF = re.compile(r"\\def\s*\\([a-zA-Z]+)((?:#\d)*)\s*(?=\{)")
_ANY_NEW = re.compile(
    r"\\(?:[a-zA-Z]*command|DeclareMathOperator|[A-Z]\w*DocumentCommand|newcommandx)\*?\s*\{?\s*\\([a-zA-Z]+)"
)
_ANY_DEF = re.compile(r"\\(?:[egx]?def|let)\s*\\([a-zA-Z]+)")
_LET = re.compile(r"\\let\s*\\([a-zA-Z]+)\s*=?\s*\\([a-zA-Z]+)(?![a-zA-Z@])")
_BOOKMARKS = re.compile(r"\\pdfstringdefDisableCommands\s*(?=\{)")
NEVER_FOLLOWED = frozenset({"left", "right", "frac", "sqrt", "sum", "int", "text", "mbox", "label"})
"""LaTeX's commands that the product never takes in another meaning, since readers of a text rely on them."""
_OPERATOR = re.compile(r"\\DeclareMathOperator(\*?)\s*\{?\s*\\([a-zA-Z]+)\s*\}?\s*(?=\{)")
_COMMAND = re.compile(r"\\([a-zA-Z]+)")
_SIMPLE = re.compile(
    r"\\(?:if|else|fi|def|let|ensuremath|xspace|@|newcommand|csname|expandafter|the|begin|end|label|text|mbox)"
)
_ABSTRACT = re.compile(r"\\begin\{abstract\}(.*?)\\end\{abstract\}|\\abstract\s*\{", re.DOTALL)
_TITLE = re.compile(r"\\(?:icml)?[tT]itle\*?\s*(?:\[[^\[\]]*\])?\s*(?=\{)")
_NOT_TITLE = re.compile(
    r"\\(?:thanks|footnote|tnoteref|label|url|href|vspace|hspace|begin|end)\*?\s*(?:\[[^\]]*\])?\{[^{}]*\}"
)
_ACCENT = re.compile(r"\\[\"'`^~=.]\s*(?:\{\s*\\?[a-zA-Z]\s*\}|\\?[a-zA-Z])|\\[cHuvkr]\s*\{[a-zA-Z]\}")
_LAYOUT = re.compile(r"\\(?:label|nonumber|notag|tag)\*?\s*(?:\{[^{}]*\})?")
_NORMAL = re.compile(r"(\\\\)|[\s{}~]+|\\[,;:!\s]")
_MOVE = (
    r"(?:\\(?:hbox|raise|lower|kern|rlap|llap|mathrel|vcenter|hss|hskip|vbox|mathbin)"
    r"|-?[\d.]+(?:ex|em|pt|truept)|\$){1,20}"
)
_DRAWN = re.compile(rf"{_MOVE}(?:[<>]{_MOVE}\\sim|\\sim{_MOVE}[<>])\$?")


class Expected(NamedTuple):
    """What a text should hold: see the module.

    `flat` is the whole source as one file, `macros` the author's names that no text should use: those of all papers in
    the submission, without commands of LaTeX's that get their own meaning back under another name.
    """

    main: str
    flat: str
    words: list[str]
    formulas: list[str]
    macro_formulas: list[str]
    title: str
    abstract: str
    macros: dict[str, tuple[int, str]]
    by_tex: bool = False
    """Whether the formulas with macros are as TeX itself expands them."""


def words_of(text: str) -> list[str]:
    """Words of four ASCII letters or more that are no commands, in small letters."""
    return [word.lower() for word in _WORD.findall(text)]


def plain_formula(formula: str) -> str:
    """A formula without spaces, braces and labels, so that two ways to write the same are equal."""
    return _DRAWN.sub(_named, _NORMAL.sub(r"\1", _LAYOUT.sub("", formula)))


def _named(drawn: "re.Match[str]") -> str:
    """A sign that is drawn by hand above a tilde, under the name that the product gives it."""
    if "\\raise" not in drawn[0] and "\\lower" not in drawn[0]:
        return drawn[0]
    return "\\lesssim" if "<" in drawn[0] else "\\gtrsim"


def expected_of(files: Mapping[str, bytes]) -> Expected:
    """What the text of these files should hold; without a main file everything is empty."""
    texts = {name: _without_comments(_decoded(raw)) for name, raw in files.items() if name.endswith((".tex", ".ltx"))}
    mains = [name for name in texts if _CLASS.search(texts[name]) and "\\begin{document}" in texts[name]]
    if not mains:
        return Expected("", "", [], [], [], "", "", {})
    read = {found for name in texts for found in _inputs(name, texts[name], texts)}
    main = max(
        (name for name in mains if name not in read or len(mains) == 1),
        key=lambda name: len(_flat(name, texts, ())),
        default=mains[0],
    )
    flat = _flat(main, texts, ())
    body = _BODY.search(flat)
    document = _BIBLIOGRAPHY.sub("", body[1] if body else flat)
    styles = "".join(_decoded(raw) for name, raw in files.items() if name.endswith(".sty") and len(raw) < 20_000)
    macros = _macros(flat)
    others = [_macros(_flat(name, texts, ())) for name in mains if name not in read and name != main]
    lasting = {name for name in macros if all(name in other for other in others) and not _comes_back(name, flat)}
    known = {name for pattern in (_ANY_NEW, _ANY_DEF) for name in pattern.findall(flat)} | set(_COMMAND.findall(styles))
    plain, with_macros = [], []
    for _, _, formula in formulas_in(document):
        names = set(_COMMAND.findall(formula))
        if not names & known:
            plain.append(plain_formula(formula))
        elif names & known <= macros.keys() and (expanded := _expanded(formula, macros)) is not None:
            with_macros.append(plain_formula(expanded))
    return Expected(
        main,
        flat,
        words_of(_UNREAD.sub(" ", document)),
        [formula for formula in plain if len(formula) > 2][:MOST_FORMULAS],
        [formula for formula in with_macros if len(formula) > 1][:MOST_FORMULAS],
        _title(flat),
        _abstract(flat),
        {name: macro for name, macro in macros.items() if name in lasting - NEVER_FOLLOWED},
    )


def _without_comments(text: str) -> str:
    """A text without comments, in which no command runs into the next line."""
    return _COMMENT.sub(r"\1", _COMMENT_BEHIND_NAME.sub(r"\1 ", text))


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _inputs(name: str, text: str, texts: Mapping[str, str]) -> list[str]:
    found = []
    for match in _INPUT.finditer(text):
        target = match[1] or match[2]
        for place in (posixpath.dirname(name), ""):
            path = posixpath.normpath(posixpath.join(place, target))
            found += [path_ for path_ in (path, path + ".tex") if path_ in texts][:1]
    return found


def _flat(name: str, texts: Mapping[str, str], active: tuple[str, ...]) -> str:
    if name in active or len(active) > 8:
        return ""

    def put(match: re.Match[str]) -> str:
        target = match[1] or match[2]
        for place in (posixpath.dirname(active[0] if active else name), posixpath.dirname(name)):
            path = posixpath.normpath(posixpath.join(place, target))
            for found in (path, path + ".tex"):
                if found in texts:
                    return _flat(found, texts, (*active, name))
        return match[0]

    return _INPUT.sub(put, texts[name])


def _group(text: str, at: int) -> tuple[str, int] | None:
    depth = 0
    for brace in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, at, at + 20_000):
        depth += (brace[0] == "{") - (brace[0] == "}")
        if depth == 0:
            return text[at + 1 : brace.start()], brace.end()
    return None


def _macros(text: str) -> dict[str, tuple[int, str]]:
    """Macros that are plain notation: number of arguments and value. A name that is defined twice is left out."""
    found: dict[str, tuple[int, str]] = {}
    twice: set[str] = set()
    for hidden in reversed(list(_BOOKMARKS.finditer(text))):
        if (group := _group(text, hidden.end())) is not None:
            text = text[: hidden.start()] + text[group[1] :]
    for pattern, kind in ((_NEW, "new"), (_DEF, "def"), (_OPERATOR, "operator")):
        for match in pattern.finditer(text):
            value = _group(text, match.end())
            name = match[2] if kind == "operator" else match[1]
            if value is None or _SIMPLE.search(value[0]) or len(value[0]) > 200 or name in found:
                twice.add(name)
                continue
            if kind == "operator":
                found[name] = (0, f"\\operatorname{match[1]}{{{value[0]}}}")
            else:
                found[name] = (int(match[2] or 0) if kind == "new" else len(match[2]) // 2, value[0])
    return {name: macro for name, macro in found.items() if name not in twice}


def formulas_in(text: str, since: int = 0) -> Iterator[tuple[int, int, str]]:
    """Where each formula begins and ends, and what stands in it; of signs that may not belong together none."""
    for match in _FORMULA.finditer(text, since):
        formula = match[1] or match[4] or match[5] or ""
        if not (match[1] and _PROSE.search(formula)):
            yield match.start(), match.end(), formula


def formulas_of_document(flat: str) -> Iterator[tuple[int, int, str]]:
    """The same for the document of a flat source, without its list of references."""
    body = _BODY.search(flat)
    if body is None:
        return
    lists = [match.span() for match in _BIBLIOGRAPHY.finditer(flat, body.start(1), body.end(1))]
    for start, end, formula in formulas_in(flat[: body.end(1)], body.start(1)):
        if not any(first <= start < last for first, last in lists):
            yield start, end, formula


def _comes_back(name: str, flat: str) -> bool:
    r"""Whether a command is kept under another name (`\let\old\x`), by which its new meaning calls it."""
    return any(original == name for _, original in _LET.findall(flat))


def _expanded(formula: str, macros: Mapping[str, tuple[int, str]]) -> str | None:
    for _ in range(40):
        use = next((match for match in _COMMAND.finditer(formula) if match[1] in macros), None)
        if use is None:
            return formula
        arguments, value = macros[use[1]]
        at, given = use.end(), []
        for _ in range(arguments):
            while formula[at : at + 1].isspace():
                at += 1
            group = _group(formula, at) if formula[at : at + 1] == "{" else None
            if group is None:
                return None
            given.append(group[0])
            at = group[1]
        for index, argument in enumerate(given):
            value = value.replace(f"#{index + 1}", argument)
        formula = f"{formula[: use.start()]}{{{value}}}{formula[at:]}"
        if len(formula) > LONGEST_FORMULA * 4:
            return None
    return None


def _title(flat: str) -> str:
    """The last title before the page of titles is made, which is the one that LaTeX prints."""
    title = ""
    made = flat.find("\\maketitle")
    for match in _TITLE.finditer(flat, 0, made if made > 0 else len(flat)):
        if (group := _group(flat, match.end())) and not flat[: match.start()].rstrip().endswith(
            ("command{", "command", "def")
        ):
            title = _ACCENT.sub("\u00e9", _NOT_TITLE.sub("", group[0]))
    return title


def _abstract(flat: str) -> str:
    match = _ABSTRACT.search(flat)
    if match is None or flat[: match.start()].endswith(("command{", "environment{")):
        return ""
    group = None if match[1] is not None else _group(flat, match.end() - 1)
    return _UNREAD.sub(" ", match[1] or (group[0] if group else ""))

"""The declarations of a Lean file, of Lean 3 and of Lean 4.

A command begins a line. A declaration goes on until a line, not further in than its own, begins with another command;
`begin … end` and `match … end` of Lean 3 are counted, so that their `end` closes no namespace. What stands right above
belongs to it: docstring, attributes, modifiers, `open … in`, and comments that no blank line parts from it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from filters.code.declarations.declaration import Declaration, end_of_line_comment
from filters.words import words_of

_DECLARES = words_of("""
    theorem lemma example def instance abbrev abbreviation corollary proposition axiom constant opaque
""")
THEOREMS = frozenset(("theorem", "lemma", "example", "corollary", "proposition"))
_MODIFIERS = words_of("""
    private protected noncomputable unsafe partial nonrec scoped local public meta
""")
_SCOPED = "set_option open variable variables omit include universe attribute unseal classical"
_COMMANDS = (
    _DECLARES
    | _MODIFIERS
    | frozenset(_SCOPED.split())
    | words_of("""
    structure class inductive coinductive namespace section end mutual import universes export deriving axioms
    constants notation infix infixl infixr prefix postfix macro macro_rules syntax elab elab_rules initialize
    builtin_initialize alias parameter parameters localized irreducible_def add_decl_doc library_note precedence
    declare_syntax_cat register_simp_attr run_cmd run_meta simproc dsimproc proof_wanted reserve precedence
    assert_not_exists assert_no_cycle suppress_compilation compile_inductive initialize_simps_projections
    add_tactic_doc mk_simp_attribute restate_axiom run_elab binder_predicate notation3 module prelude
    set_builtin_option register_option declare_aesop_rule_sets grind_pattern
""")
)
_CONTINUES = words_of("""
    begin by where with from have show using_well_founded termination_by decreasing_by calc let assume
""")
"""Words at the very left that go on with a declaration, even behind a blank line."""

_NOISE = re.compile(r"""--[^\n]*+|/-|"(?>(?:[^"\\]|\\.)*)"?|(?<![\w'.])'(?:\\[^\n]|[^\\'\n])'""", re.DOTALL)
_NESTED = re.compile(r"/-|-/")
_BLANKED = re.compile(r"[^\n]")
_LINE = re.compile(r"^(?P<indent>[ \t]*+)(?P<word>@\[|#?[A-Za-z_][\w!?']*+)", re.MULTILINE)
_LEAN3 = re.compile(r"\bbegin\b")
_BLOCK = re.compile(r"\b(?:begin|match|end)\b")
_SCOPE = re.compile(rf"(?:{'|'.join(_SCOPED.split())})\b[^\n]*?\bin\b\s*+")
_WORD = re.compile(r"[A-Za-z_]\w*+")
_NAME_PART = r"(?:«[^»\n]*+»|[^\s:(){}\[\]⦃⦄«».,@=|⟨⟩]++)"
_NAME = re.compile(rf"\s*+(?P<name>{_NAME_PART}(?>(?:\.{_NAME_PART})*))")
_STATEMENT_MARK = re.compile(r"[(\[{⦃⟨]|[)\]}⦄⟩]|:=")
_SECTION = re.compile(r"(?>(?:(?:noncomputable|public|@\[[^\]\n]*+\])[ \t]++)+)section\b")
_BRACKET = re.compile(r"[\[\]]")
_GAP = 4096
"""Characters looked back for a blank line."""
_SPACES = re.compile(r"\s*+")
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")


class _Comment(NamedTuple):
    start: int
    end: int


class _Open(NamedTuple):
    """A declaration whose end is not seen yet."""

    keyword: str
    name: str
    start: int
    indent: int
    body: int


def without_comments(text: str) -> str:
    """`text` with blanks in the place of every comment, string and character, lines kept."""
    return _blanked(text, strings=True)[0]


def _blanked(text: str, *, strings: bool) -> tuple[str, list[_Comment]]:
    kept: list[str] = []
    comments: list[_Comment] = []
    position = at = 0
    while found := _NOISE.search(text, at):
        start, end = found.span()
        if found[0] == "/-":
            depth = 1
            while depth:
                mark = _NESTED.search(text, end)
                if mark is None:
                    end = len(text)
                    break
                depth += 1 if mark[0] == "/-" else -1
                end = mark.end()
            comments.append(_Comment(start, end))
        elif found[0].startswith("--"):
            comments.append(_Comment(start, end))
        elif not strings:
            at = end
            continue
        kept += (text[position:start], _BLANKED.sub(" ", text[start:end]))
        position = at = end
    kept.append(text[position:])
    return "".join(kept), comments


def declarations(text: str) -> Iterator[Declaration]:
    """Every declaration of `text`, in order."""
    code, comments = _blanked(text, strings=True)
    stated = _blanked(text, strings=False)[0]
    lean3 = _LEAN3.search(code) is not None
    spaces: list[tuple[str, ...]] = []
    current: _Open | None = None
    depth = counted = 0  # of Lean 3's blocks in the declaration, up to where they are counted
    for line in _LINE.finditer(code):
        if current:
            if line.start("word") < current.body:
                continue
            if lean3 and line["word"] == "end":
                for mark in _BLOCK.finditer(code, max(counted, current.body), line.start()):
                    depth = max(0, depth - 1) if mark[0] == "end" else depth + 1
                counted = line.start()
            if not _begins(line, code, current, depth):
                continue
            yield _closed(current, text, code, stated, comments, line.start())
            current = None
        word = line["word"]
        if word in ("namespace", "section", "mutual"):
            name = _NAME.match(code, line.end()) if word == "namespace" else None
            spaces.append(tuple(name["name"].split(".")) if name else ())
        elif word == "end" and spaces:
            spaces.pop()
        elif word == "@[" or word in _COMMANDS:
            current = _opened(line, code, [part for space in spaces for part in space])
            depth = 0
            if current is None and _SECTION.match(code, line.start("word")):
                spaces.append(())
    if current:
        yield _closed(current, text, code, stated, comments, len(text))


def _begins(line: re.Match[str], code: str, current: _Open, depth: int) -> bool:
    """Whether a line begins a command behind `current`, in which `depth` blocks of Lean 3 are open."""
    if len(line["indent"]) > current.indent:
        return False
    word = line["word"]
    if word == "end" and depth:
        return False
    if word == "@[" or word in _COMMANDS or word.startswith("#"):
        return True
    if line["indent"] or word in _CONTINUES:
        return False
    gap = code[max(0, line.start() - _GAP) : line.start()]
    return _BLANK_LINE.search(gap, len(gap.rstrip())) is not None


def _opened(line: re.Match[str], code: str, spaces: list[str]) -> _Open | None:
    """The declaration that the command of a line begins, or None if it is another command."""
    at = line.start("word")
    while True:
        if code.startswith("@[", at):
            at = _behind_bracket(code, at + 1)
        elif scope := _SCOPE.match(code, at):
            at = scope.end()
        elif (word := _WORD.match(code, at)) and word[0] in _MODIFIERS:
            at = word.end()
        else:
            break
        at = _end(_SPACES, code, at)
    if word is None or word[0] not in _DECLARES:
        return None
    name = None if word[0] == "example" else _NAME.match(code, word.end())
    full = ""
    if name:
        given = name["name"]
        full = given.removeprefix("_root_.") if given.startswith("_root_.") else ".".join([*spaces, given])
    return _Open(word[0], full, line.start("word"), len(line["indent"]), name.end() if name else word.end())


def _end(pattern: re.Pattern[str], code: str, at: int) -> int:
    match = pattern.match(code, at)
    return match.end() if match else at


def _behind_bracket(code: str, at: int) -> int:
    depth = 0
    for mark in _BRACKET.finditer(code, at):
        depth += 1 if mark[0] == "[" else -1
        if not depth:
            return mark.end()
    return len(code)


def _closed(opened: _Open, text: str, code: str, stated: str, comments: list[_Comment], limit: int) -> Declaration:
    end = max(len(code[opened.body : limit].rstrip()) + opened.body, opened.body)
    # A string is blank in `code` too, but no declaration's last words may be left behind.
    end = max(end, len(stated[opened.body : limit].rstrip()) + opened.body)
    statement_end, depth = end, 0
    for mark in _STATEMENT_MARK.finditer(code, opened.body, end):
        if mark[0] == ":=":
            if depth <= 0:
                statement_end = mark.start()
                break
        else:
            depth += 1 if mark[0] in "([{⦃⟨" else -1
    return Declaration(
        opened.keyword,
        opened.name,
        stated[opened.body : statement_end].strip(),
        _with_comments_above(opened.start, text, code, comments),
        end_of_line_comment(text, stated, end),
    )


def _with_comments_above(start: int, text: str, code: str, comments: list[_Comment]) -> int:
    """`start`, or the start of the comments that stand right above it without a blank line between."""
    low, high = 0, len(comments)
    while low < high:
        middle = (low + high) // 2
        if comments[middle].end <= start:
            low = middle + 1
        else:
            high = middle
    for comment in reversed(comments[:low][-64:]):
        gap = text[comment.end : start]
        is_docstring = text.startswith("/--", comment.start) and not text.startswith("/---", comment.start)
        line_start = text.rfind("\n", 0, comment.start) + 1
        if (
            gap.strip()
            or text.startswith("/-!", comment.start)
            or (gap.count("\n") > 1 and not is_docstring)
            or code[line_start : comment.start].strip()
        ):
            break
        start = comment.start
    return start

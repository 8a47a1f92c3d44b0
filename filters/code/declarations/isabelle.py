"""The declarations of an Isabelle theory: its goals (`lemma`, `theorem` …) with their whole proofs.

Read as the outer syntax has it ("The Isabelle/Isar Reference Manual", chapters 3 and 6): comments, strings and
cartouches are single tokens; a statement goes on to its proof; a proof is followed through `proof … qed`,
`apply … done`, `subgoal`, `by` and the goals inside, to the token that closes the last goal. The proof language of
auto2 (`@proof … @qed`) is known too.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from filters.code.declarations.declaration import Declaration, end_of_line_comment
from filters.words import words_of

GOALS = frozenset(["lemma", "theorem", "corollary", "proposition", "schematic_goal"])
_THEORY = GOALS | words_of("""
    theory end context locale class instance instantiation interpretation global_interpretation sublocale
    subclass definition abbreviation fun function primrec primcorec primcorecursive corec corecursive datatype
    codatatype record typedef type_synonym typedecl consts axiomatization inductive coinductive inductive_set
    coinductive_set lemmas named_theorems declare declaration setup local_setup notation no_notation syntax
    no_syntax translations no_translations hide_const hide_fact hide_type hide_class nonterminal termination
    lift_definition setup_lifting lifting_forget lifting_update bundle unbundle experiment notepad overloading
    specification partial_function quotient_type quotient_definition nominal_datatype export_code code_printing
    code_reserved code_datatype code_identifier code_pred code_reflect method method_setup simproc_setup
    attribute_setup parse_translation print_translation oracle inductive_cases inductive_simps fun_cases chapter
    section subsection subsubsection paragraph subparagraph text_raw ML_file SML_file external_file
    free_constructors bnf functor derive value ML_val crunch crunches autocorres ML default_sort judgment
    private qualified nunchaku_params nitpick_params sepref_definition sepref_register type_notation
    no_type_notation unused_thms find_theorems thm_deps copy_bnf lift_bnf datatype_compat fixrec domain pcpodef
    cpodef recdef rep_datatype alias type_alias
""")
"""Commands of a theory, none of which stands inside a proof at the start of a line."""
_ANYWHERE = frozenset(
    ["text", "ML_val", "value", "section", "subsection", "subsubsection", "paragraph", "subparagraph"]
)
_CLOSES = frozenset(("by", "done", "sorry", ".", "..", "\\<proof>"))
_INNER_GOALS = frozenset(["have", "show", "hence", "thus", "obtain", "consider", "interpret", "subgoal", "guess"])
_PROVES = words_of(r"""
    by proof apply using unfolding supply including subgoal done sorry oops defer prefer back nitpick quickcheck
    sledgehammer try try0 solve_direct apply_end apply_trace . .. \<proof> including @proof
""")
_TOKEN = re.compile(
    r"""\(\*|(?:\\<comment>|—)\s*+(?:\\<open>|‹)|"(?>(?:[^"\\]|\\.)*)"?|`[^`\n]*+`?|\\<open>|‹|\{\*(?>(?:[^*]|\*(?!\}))*)(?:\*\})?|[({\[]|[)}\]]"""
    r"""|\\<proof>|\\<\^?\w++>|@\w++|\.\.|[.](?=\s|\Z)|[^\W\d][\w.']*+|[:;|,=+?-]""",
    re.DOTALL,
)
_COMMENT_MARK = re.compile(r"\(\*|\*\)")
_CARTOUCHE_MARK = re.compile(r"\\<open>|\\<close>|‹|›")
_BLANKED = re.compile(r"[^\n]")
_HEAD = re.compile(
    r"\s*+(?>(?:\(\s*+in\s++[\w.'\"]++\s*+\)\s*+)?)(?>(?P<name>(?:[^\W\d]|\\<)[\w.'\\<>^]*+|\"[\w.' ]++\")?)"
    r"\s*+(?>(?:\[[^\]]*+\]\s*+)?)(?>(?P<colon>:(?!:))?)"
)


class _Token(NamedTuple):
    """A word or mark; a comment as `(*`, a string or cartouche as `"`.

    `leads`: nothing stands before it in its line.
    """

    text: str
    start: int
    end: int
    column: int
    leads: bool


_NO_NAMES = words_of("""
    assumes shows fixes and obtains includes notes defines constrains if for when
""")


def without_comments(text: str) -> str:
    """`text` with blanks in the place of comments, lines kept."""
    return _without(text, _comments(text))


def _without(text: str, comments: list[tuple[int, int]]) -> str:
    kept: list[str] = []
    position = 0
    for start, end in comments:
        kept += (text[position:start], _BLANKED.sub(" ", text[start:end]))
        position = end
    kept.append(text[position:])
    return "".join(kept)


def _comments(text: str) -> list[tuple[int, int]]:
    """The comments, outside of strings and cartouches."""
    return [(word.start, word.end) for word in _tokens(text) if word.text == "(*"]


def _closing(text: str, at: int, marks: re.Pattern[str], opening: tuple[str, ...]) -> int:
    """Behind what closes the nesting that was opened right before `at`."""
    depth = 1
    for mark in marks.finditer(text, at):
        depth += 1 if mark[0] in opening else -1
        if not depth:
            return mark.end()
    return len(text)


def _tokens(text: str) -> Iterator[_Token]:
    """Words and marks as they stand."""
    at = line = 0
    while found := _TOKEN.search(text, at):
        word, start, end = found[0], found.start(), found.end()
        newline = text.rfind("\n", at, start)
        line = newline + 1 if newline >= 0 else line
        if word == "(*":
            end = _closing(text, end, _COMMENT_MARK, ("(*",))
        elif word.endswith(("\\<open>", "‹")):
            end = _closing(text, end, _CARTOUCHE_MARK, ("\\<open>", "‹"))
            word = "(*" if word.startswith(("\\<comment>", "—")) else '"'
        elif word[0] in '"`' or word.startswith("{*"):
            word = '"'
        yield _Token(word, start, end, start - line, newline >= 0 or at == 0)
        newline = text.rfind("\n", start, end)
        line = newline + 1 if newline >= 0 else line
        at = end


def declarations(text: str) -> Iterator[Declaration]:
    """Every goal of `text` with its proof, in order; definitions are passed over."""
    tokens = list(_tokens(text))
    comments = [(word.start, word.end) for word in tokens if word.text == "(*"]
    code = _without(text, comments)
    tokens = [word for word in tokens if word.text != "(*"]
    index = 0
    while index < len(tokens):
        keyword, start, end, column, _ = tokens[index]
        index += 1
        if keyword not in GOALS:
            continue
        index = _statement(tokens, index, column)
        statement_end = tokens[index].start if index < len(tokens) else len(text)
        index = _proof(tokens, index, column)
        proof_end = tokens[index - 1].end
        head = _HEAD.match(code, end)
        name, body = "", end
        if head and head["name"] and head["name"] not in _NO_NAMES and (head["colon"] or head["name"][0] != '"'):
            name, body = head["name"].strip('"'), head.end()
        elif head and head["colon"]:
            body = head.end()
        elif head and "[" in head[0]:
            body = head.end("name") if head["name"] else end + head[0].find("]") + 1
        lead = _with_comments_above(_modified(text, start), text, code, comments)
        yield Declaration(
            keyword, name, code[body:statement_end].strip(), lead, end_of_line_comment(text, code, proof_end)
        )


def _statement(tokens: list[_Token], index: int, column: int) -> int:
    """The first token of the proof, or of the next command where there is none."""
    depth = 0
    while index < len(tokens):
        word, _, _, place, leads = tokens[index]
        if word in "([{":
            depth += 1
        elif word in ")]}":
            depth = max(0, depth - 1)
        elif (depth == 0 and word in _PROVES) or (word in _THEORY and leads and place <= column + 2):
            return index
        elif leads and word in ("text", "txt") and tokens[index + 1 : index + 2] and tokens[index + 1].text == '"':
            return index  # words about the statement, before its proof
        index += 1
    return index


def _proof(tokens: list[_Token], index: int, column: int) -> int:
    """The token behind the proof that begins at `index`."""
    stack = ["goal"]
    depth = 0
    while index < len(tokens):
        word, _, _, place, leads = tokens[index]
        if word in "([":
            depth += 1
        elif word in ")]":
            depth = max(0, depth - 1)
        elif leads and word in _THEORY and (not stack or word not in _ANYWHERE) and place <= column + 2:
            return index
        elif depth:
            pass
        elif not stack:
            if word in _THEORY or word in _ANYWHERE or (leads and place <= column):
                return index
        elif word == "oops":
            stack.clear()
        elif word == "@proof":  # auto2's proofs are words of its own up to `@qed`
            stack.append("auto2")
        elif stack[-1] == "auto2":
            if word == "@qed":
                del stack[-2:]
        elif word == "proof":
            stack.append("block")
        elif word in _INNER_GOALS and (stack[-1] == "block" or word == "subgoal"):
            stack.append("goal")
        elif word in _CLOSES:
            if stack[-1] == "goal":
                stack.pop()
        elif word == "qed":
            while stack and stack.pop() != "block":
                pass
            if stack:
                stack.pop()
        index += 1
        if not stack and word in ("oops", "done", "sorry", ".", "..", "\\<proof>", "@qed"):
            return index
    return index


_MODIFIER = re.compile(r"(?:private|qualified)\s*+\Z")


def _modified(text: str, start: int) -> int:
    """`start`, or that of the modifier before it."""
    line = text.rfind("\n", 0, start) + 1
    found = _MODIFIER.search(text, max(line, start - 40), start)
    return found.start() if found else start


def _with_comments_above(start: int, text: str, code: str, comments: list[tuple[int, int]]) -> int:
    """`start`, or the start of the comments that stand right above it without a blank line between."""
    low, high = 0, len(comments)
    while low < high:
        middle = (low + high) // 2
        if comments[middle][1] <= start:
            low = middle + 1
        else:
            high = middle
    for begin, end in reversed(comments[:low][-64:]):
        gap = text[end:start]
        line_start = text.rfind("\n", 0, begin) + 1
        if gap.strip() or gap.count("\n") > 1 or code[line_start:begin].strip():
            break
        start = begin
    return start

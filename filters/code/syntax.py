"""What a file imports by its grammar, where a scan cannot tell: tree-sitter's parsers for C, C++ and Python.

A parser reads a few megabytes a second, a scan fifty. So the rules look for a library's name first, scan then
(`filters.code.imports`), and come here only for files in which a scan may err: branches that are never compiled
(`#if 0`), raw strings, and imports by a function's call.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from tree_sitter import Node, Parser
from tree_sitter_language_pack import get_parser

from filters.code.imports import macro_header

_CONDITION = re.compile(r"(?:#|%:|\?\?=)[ \t]*+(?:el)?if\b[ \t]*+(?P<condition>[^\n]*+)")
_DOUBTFUL_PYTHON = re.compile(r"\b(?:import_module|__import__|importorskip)\b")
_IMPORTERS = frozenset(("import_module", "__import__", "importorskip"))
_NOTHING, _SOMETHING = (
    r"(?:0[xX]?0*+[uUlL]*+|!\s*+[1-9]\d*+)",
    r"(?:[1-9]\d*+[uUlL]*+|0[xX]0*+[1-9a-fA-F][\da-fA-F]*+|!\s*+0)",
)
_ZERO = re.compile(rf"\(?\s*+{_NOTHING}\s*+(?:&&[^|]*+)?\)?|[^|]*?&&\s*+\(?{_NOTHING}\s*+\)?")
_ONE = re.compile(rf"\(?\s*+{_SOMETHING}\s*+(?:\|\|[^&]*+)?\)?|[^&]*?\|\|\s*+\(?{_SOMETHING}\s*+\)?")
GRAMMARS = ("python", "c", "julia")
SENSELESS = 0.5
"""Share of a file inside of errors of its grammar; of 150 real programs in these languages none had a tenth of it."""
_STRING = re.compile(r"[rRbBuUfF]{0,2}(?:\"{3}|'{3}|[\"'])(?P<name>\w++)")


def doubtful_includes(text: str) -> bool:
    """Whether a scan of a C or C++ file may take something for an include directive that the compiler never sees."""
    if 'R"' in text:
        return True
    conditions = (found["condition"].strip() for found in _CONDITION.finditer(text))
    return any(_ZERO.fullmatch(one) or _ONE.fullmatch(one) for one in conditions)


def doubtful_imports(text: str) -> bool:
    """Whether a Python file may import by calls."""
    return _DOUBTFUL_PYTHON.search(text) is not None


@lru_cache(maxsize=4)
def _parser(language: str) -> Parser:
    return get_parser(language)  # type: ignore[arg-type, no-any-return, unused-ignore]


def parsed_includes(text: str, language: str) -> Iterator[str]:
    """The headers of the include directives of a C or C++ file (`c`, `cpp`) outside of what is never compiled."""
    pending = [_parser(language).parse(text.encode("utf-8", "replace")).root_node]
    while pending:
        node = pending.pop()
        if node.type == "preproc_include":
            path = node.child_by_field_name("path")
            written = "" if path is None else _text(path)
            if header := written.strip('<>" \t') if written[:1] in '<"' else macro_header(text, written):
                yield header
        elif (
            node.type == "preproc_call" and node.children and _text(node.children[0])[1:] in ("include_next", "import")
        ):
            yield _text(node).partition(" ")[2].strip('<>" \t\n')
        elif node.type in ("preproc_if", "preproc_elif") and _condition(node, _ZERO):
            alternative = node.child_by_field_name("alternative")
            pending += [alternative] if alternative is not None else []
        elif node.type in ("preproc_if", "preproc_elif") and _condition(node, _ONE):
            alternative = node.child_by_field_name("alternative")
            pending += [child for child in reversed(node.children) if child != alternative]
        elif node.type in _HOLDS_DIRECTIVES or node.type.startswith("preproc_") or node.has_error:
            pending += reversed(node.children)


_HOLDS_DIRECTIVES = frozenset(
    ("translation_unit", "linkage_specification", "declaration_list", "namespace_definition", "compound_statement",
     "function_definition", "field_declaration_list", "class_specifier", "struct_specifier", "template_declaration")
)  # fmt: skip


def _condition(node: Node, pattern: re.Pattern[str]) -> bool:
    """Whether the condition of `#if` is one that always holds or never does."""
    condition = node.child_by_field_name("condition")
    return condition is not None and pattern.fullmatch(_text(condition)) is not None


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def is_unparsable(text: str, language: str) -> bool:
    """Whether the grammar of a language makes no sense of most of a file: a template, a fragment, another language.

    Only for the languages whose grammars read nearly everything (`GRAMMARS`); macros leave C++ and R less sure.
    """
    if language not in GRAMMARS:
        return False
    raw = text.encode("utf-8", "replace")
    pending, senseless = [_parser(language).parse(raw).root_node], 0
    while pending:
        node = pending.pop()
        if node.type == "ERROR":
            senseless += node.end_byte - node.start_byte
        elif node.has_error:
            pending += node.children
    return senseless > SENSELESS * len(raw)


def called_imports(text: str) -> Iterator[str]:
    """The first names of the modules that a Python program imports by calls with a string.

    `importlib.import_module("scipy.linalg")`, `__import__("numpy")`, `pytest.importorskip("sympy")`.
    """
    pending = [_parser("python").parse(text.encode("utf-8", "replace")).root_node]
    while pending:
        node = pending.pop()
        if node.type == "call" and (name := _imported(node)):
            yield name
        pending += reversed(node.children)


def _imported(call: Node) -> str | None:
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if function is None or arguments is None or not arguments.named_children:
        return None
    first = arguments.named_children[0]
    if first.type == "keyword_argument":
        first = first.child_by_field_name("value") or first
    if _text(function).rpartition(".")[2].strip() not in _IMPORTERS or first.type != "string":
        return None
    named = _STRING.match(_text(first))
    return named["name"] if named else None

r"""Tests whose branches are arguments: ifthen's, etoolbox's, xparse's and LaTeX's own.

Sources: the manuals of ifthen, etoolbox, ifmtarg, xparse and changes; source2e (`\@ifundefined`, `\IfFileExists`).
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipelines.extraction.latex import numbers
from pipelines.extraction.latex.conditionals import TOGGLE, flag_of, is_defined
from pipelines.extraction.latex.expansion import command_name
from pipelines.extraction.latex.frames import closing
from pipelines.extraction.latex.meanings import NO_VALUE

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

_TOKEN = re.compile(r"\\[a-zA-Z@]+")
_VALUE = re.compile(r"\\value\s*\{(\w{1,40})\}")
_TEST = re.compile(
    r"\s*(?:\\(not|NOT|and|AND|or|OR|\(|\))(?![a-zA-Z@])|\\(boolean|equal|isodd|isundefined|isnamedefined|isempty|isin|endswith|lengthtest)"
    r"(?![a-zA-Z@])"
    r"|(-?\d+|\\[a-zA-Z@]+)\s*([<>=])\s*(-?\d+|\\[a-zA-Z@]+))",
)
_DEFINED = {"ifdef": True, "ifundef": False, "ifcsdef": True, "ifcsundef": False, "@ifundefined": False,
            "ifdefmacro": True, "ifcsmacro": True}  # fmt: skip
_OF_TEXTS: Mapping[str, Callable[[str, str], bool]] = {
    "IfStrEq": str.__eq__,
    "IfEq": str.__eq__,
    "IfSubStr": str.__contains__,
    "IfBeginWith": str.startswith,
    "IfEndWith": str.endswith,
}
"""Tests of xstring's, of two texts."""
_EXPRESSION = re.compile(r"(?<![\\a-zA-Z@{])(bool|not|and|or)(?![a-zA-Z@}])|toggle\s{0,9}\{|[()]")
_OF_IFTHEN = {
    "bool": "\\boolean", "not": "\\not ", "and": "\\and ", "or": "\\or ", "(": "\\(", ")": "\\)",
}  # fmt: skip
"""What the words of etoolbox's expressions are in ifthen's."""
_SIGNS = {"ifnumequal": "=", "ifnumless": "<", "ifnumgreater": ">"}


def two_branches(engine: "Engine", name: str) -> None:
    r"""Tests whose branches are arguments: `\ifthenelse`, `\ifbool`, `\iftoggle`, `\ifstrequal`, `\IfNoValueTF`…"""
    mouth = engine.mouth
    frame = mouth.here()
    at = frame.at if frame is not None else 0
    if name in _OF_TEXTS:  # xstring's may be told how to look
        mouth.take("*")
        mouth.option()
    test = mouth.argument()
    decided = test is not None and "#" not in test  # what is said of an argument holds where it is given
    truth = _truth_of(engine, name, test or "") if decided else None
    first = second = ""
    if truth is not None:
        first = (mouth.argument() or "") if not name.endswith("F") or name.endswith("TF") else ""
        second = (mouth.argument() or "") if not name.endswith("T") else ""
    if truth is None:
        if frame is not None:
            frame.at = at
        engine.keep_command(name)
        return
    chosen = first if truth else second
    if name == "InputIfFileExists" and truth and test is not None:
        chosen += f"\\input{{{test}}}"
    engine.push(chosen)


def cases(engine: "Engine", _: str) -> None:
    r"""xstring's `\IfStrEqCase{x}{{a}{first}{b}{second}}[other]`: what stands behind the text that `x` is."""
    engine.mouth.take("*")
    given, listed = engine.mouth.argument(), engine.mouth.argument()
    other = engine.mouth.option() or ""
    if given is None or listed is None or "#" in given:
        engine.out.add(engine.written())
        return
    value, at = engine.expanded(given), 0
    found: list[str] = []
    while (at := listed.find("{", at)) >= 0 and (end := closing(listed, at)) > 0:
        found.append(listed[at + 1 : end - 1])
        at = end
    engine.push(next((text for case, text in zip(found[::2], found[1::2], strict=False) if case == value), other))


def _truth_of(engine: "Engine", name: str, test: str) -> bool | None:
    mouth, word = engine.mouth, test.strip()
    if name == "ifthenelse":
        return _test(engine, test)
    if name in ("ifbool", "iftoggle", "notbool", "nottoggle"):
        found = flag_of(engine, f"{TOGGLE}{word}" if name.endswith("toggle") else word)
        return not found if found is not None and name.startswith("not") else found
    if name in _DEFINED:
        return is_defined(engine, command_name(word.removeprefix("\\"))) == _DEFINED[name]
    if name in ("ifboolexpr", "ifboolexpe"):
        return _test(
            engine, _EXPRESSION.sub(lambda found: _OF_IFTHEN.get(found[1] or found[0], f"\\boolean{{{TOGGLE}"), test)
        )
    if name in _OF_TEXTS:
        left, right = engine.expanded(test), engine.expanded(mouth.argument() or "")
        return _OF_TEXTS[name](left, right)
    if name == "IfInteger":
        return numbers.evaluated(engine, test) is not None
    if name in ("@ifpackageloaded", "@ifclassloaded", "IfPackageLoadedTF", "IfClassLoadedTF"):
        return word in engine.loaded
    if name in ("ifstrequal", "ifdefstring", "ifdefequal", "ifdefstrequal", "ifcsstring"):
        other = mouth.argument()
        if other is None:
            return None
        left = engine.expanded(f"\\{word}" if name == "ifcsstring" else test) if name != "ifstrequal" else test
        return left == (engine.expanded(other) if name in ("ifdefequal", "ifdefstrequal") else other)
    if name in ("ifnumequal", "ifnumless", "ifnumgreater", "ifnumcomp"):
        sign = (mouth.argument() or "").strip() if name == "ifnumcomp" else _SIGNS[name]
        first, second = numbers.evaluated(engine, test), numbers.evaluated(engine, mouth.argument() or "")
        return None if first is None or second is None or sign not in "<=>" else numbers.compare(first, sign, second)
    if name in ("ifstrempty", "ifblank", "ifdefempty", "@ifmtarg", "notblank", "ifnotempty", "@ifnotmtarg", "ifempty"):
        return (not (engine.expanded(test) if name == "ifdefempty" else test).strip()) != ("not" in name)
    if name.startswith(("IfNoValue", "IfValue")):
        return (word == NO_VALUE) == name.startswith("IfNo")
    if name.startswith("IfBoolean"):
        return word == "*"
    return engine.find(test, engine.file, None) is not None  # \IfFileExists and \InputIfFileExists


def _test(engine: "Engine", text: str) -> bool | None:
    r"""ifthen's tests: `\boolean`, `\equal`, `\isodd`, comparisons of numbers, `\not`, `\AND`, `\OR`, `\(`, `\)`."""
    at, join, negate = 0, "", False
    result: bool | None = None
    outer: list[tuple[bool | None, str, bool]] = []
    text = _VALUE.sub(lambda value: str(engine.counters.get(f"c@{value[1]}", value[0])), text)
    while text[at:].strip():
        match = _TEST.match(text, at)
        if match is None:
            return None
        at = match.end()
        word, function = match[1], match[2]
        if word in ("not", "NOT"):
            negate = not negate
            continue
        if word in ("and", "AND", "or", "OR"):
            join = word.lower()
            continue
        if word == "(":
            outer.append((result, join, negate))
            result, join, negate = None, "", False
            continue
        if word is not None and (result is None or not outer):
            return None
        arguments = []
        if function is not None:
            for _ in range(2 if function in ("equal", "isin", "endswith") else 1):
                while text[at : at + 1].isspace():
                    at += 1
                token = _TOKEN.match(text, at)
                end = token.end() if token is not None else closing(text, at)
                if end < 0:
                    return None
                arguments.append(text[at:end] if token is not None else text[at + 1 : end - 1])
                at = end
        value: bool | None
        if word is not None:
            value, (result, join, negate) = result, outer.pop()
        elif function == "boolean":
            value = flag_of(engine, arguments[0].strip())
        elif function == "equal":
            value = engine.expanded(arguments[0]) == engine.expanded(arguments[1])
        elif function == "isodd":
            number = numbers.evaluated(engine, arguments[0])
            value = None if number is None else number % 2 == 1
        elif function == "isundefined":
            value = not is_defined(engine, arguments[0].strip().removeprefix("\\"))
        elif function == "isnamedefined":
            value = is_defined(engine, command_name(arguments[0].strip()))
        elif function == "isempty":
            value = not arguments[0].strip()
        elif function == "isin":
            value = arguments[0] in arguments[1]
        elif function == "endswith":
            value = arguments[0].endswith(arguments[1])
        elif function is None:
            left, right = numbers.evaluated(engine, match[3]), numbers.evaluated(engine, match[5])
            value = None if left is None or right is None else numbers.compare(left, match[4], right)
        else:
            value = None
        if value is None:
            return None
        value, negate = value != negate, False
        result = value if result is None or not join else (result and value) if join == "and" else (result or value)
    return None if outer else result


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    **dict.fromkeys(
        (
            "ifthenelse",
            "ifbool",
            "iftoggle",
            "notbool",
            "nottoggle",
            *_DEFINED,
            *_SIGNS,
            "ifnumcomp",
            "ifstrequal",
            "ifdefstring",
            "ifdefequal",
            "ifdefstrequal",
            "ifcsstring",
            "ifstrempty",
            "ifblank",
            "ifdefempty",
            "notblank",
            "@ifmtarg",
            "@ifnotmtarg",
            "ifempty",
            "ifnotempty",
            "@ifpackageloaded",
            "@ifclassloaded",
            "IfPackageLoadedTF",
            "IfClassLoadedTF",
            "IfNoValueTF",
            "IfNoValueT",
            "IfNoValueF",
            "IfValueTF",
            "IfValueT",
            "IfValueF",
            "IfBooleanTF",
            "IfBooleanT",
            "IfBooleanF",
            "IfFileExists",
            "InputIfFileExists",
            "ifboolexpr",
            "ifboolexpe",
            "IfInteger",
            *_OF_TEXTS,
        ),
        two_branches,
    ),
    **dict.fromkeys(("IfStrEqCase", "IfEqCase"), cases),
}
"""The commands of this room."""

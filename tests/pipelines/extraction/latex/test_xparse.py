r"""The arguments that xparse's letters describe, and how they are read."""

import pytest

from pipelines.extraction.latex.xparse import xparse
from tests.pipelines.extraction.latex.written import written


@pytest.mark.parametrize(
    ("definition", "used", "shown"),
    [
        ("{m m}{(#1,#2)}", "\\f{a}{b}", "(a,b)"),
        ("{O{x} m}{(#1,#2)}", "\\f{b}\\f[a]{b}", "(x,b)(a,b)"),
        ("{O{{a}} m}{(#1,#2)}", "\\f{b}", "({a},b)"),
        ("{s m}{\\IfBooleanTF{#1}{S}{N}#2}", "\\f{a}\\f*{b}", "NaSb"),
        ("{t+ m}{\\IfBooleanTF{#1}{S}{N}#2}", "\\f{a}\\f+{b}", "NaSb"),
        ("{d() m}{\\IfNoValueTF{#1}{-}{#1}#2}", "\\f{a}\\f(x){b}", "-axb"),
        ("{D<>{z} m}{#1#2}", "\\f{a}\\f<x>{b}", "zaxb"),
        ("{r()}{[#1]}", "\\f(a)", "[a]"),
        ("{m g}{#1\\IfNoValueTF{#2}{!}{(#2)}}", "\\f{a}{b}\\f{c} d", "a(b)c! d"),
        ("{m G{z}}{#1#2}", "\\f{a}{b}\\f{c}.", "abcz."),
        ("{e{_^} m}{E\\IfValueT{#1}{_{#1}}\\IfValueT{#2}{^{#2}}(#3)}", "\\f_a^b{x}\\f^b_a{y}\\f{z}",
         "E_{a}^{b}(x)E_{a}^{b}(y)E(z)"),
        ("{E{_}{{0}} m}{#1#2}", "\\f{a}\\f_1{b}", "0a1b"),
        ("{+m !o}{[#1]}", "\\f{a} end", "[a] end"),
        ("{>{\\TrimSpaces}m}{[#1]}", "\\f{ a b }", "[a b]"),
        ("{>{\\TrimSpaces}o m}{\\IfNoValueTF{#1}{-}{#1}#2}", "\\f[ a ]{b}\\f{c}", "ab-c"),
        ("{>{\\ReverseBoolean}s m}{\\IfBooleanTF{#1}{S}{N}#2}", "\\f{a}\\f*{b}", "SaNb"),
        ("{>{\\SplitArgument{1}{,}}m}{\\g#1}\\NewDocumentCommand{\\g}{mm}{(#1;\\IfNoValueTF{#2}{-}{#2})}",
         "\\f{a, {b,c}}\\f{d}", "(a;{b,c})(d;-)"),
        ("{>{\\SplitArgument{2}{/}}>{\\TrimSpaces}m}{\\g#1}\\NewDocumentCommand{\\g}{mmm}{#3#2#1}",
         "\\f{ a/b/c }", "cba"),
        ("{>{\\SplitList{;}}m}{\\ProcessList{#1}{\\g}}\\newcommand{\\g}[1]{<#1>}", "\\f{a; b;c}", "<a><b><c>"),
        ("{>{\\mine{x}}m}{[#1]}", "\\f{a}", "[a]"),
    ],
)  # fmt: skip
def test_each_letter_takes_its_argument(definition: str, used: str, shown: str) -> None:
    assert written(f"\\NewDocumentCommand{{\\f}}{definition}{used}") == shown


def test_an_unknown_letter_is_no_pattern() -> None:
    assert xparse("m Q") is None

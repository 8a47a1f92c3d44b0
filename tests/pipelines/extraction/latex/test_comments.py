r"""Taking out comments without losing a character."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extraction.latex.comments import drop_dead_branches, strip_comments, without


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("one % two\nthree", "one \nthree"),
        ("one% two\n\nthree", "one\n\nthree"),
        ("% alone\n  % indented\nthree", "three"),
        ("at the end %", "at the end "),
        ("50\\% of them % half\n", "50\\% of them \n"),
        ("a line\\\\% break\nnext", "a line\\\\\nnext"),
        ("\\verb|50%| and \\verb*!%! % c\n", "\\verb|50%| and \\verb*!%! \n"),
        ("\\url{a%20b} \\href{x%y}{z} % c\n", "\\url{a%20b} \\href{x%y}{z} \n"),
        ("\\lstinline[language=C]{a % b} % c\n", "\\lstinline[language=C]{a % b} \n"),
        ("\\begin{verbatim}\n% kept\n\\end{verbatim}\n% gone\n", "\\begin{verbatim}\n% kept\n\\end{verbatim}\n"),
        (
            '\\begin{lstlisting}[x]\nprintf("%d")\n\\end{lstlisting}%\n',
            '\\begin{lstlisting}[x]\nprintf("%d")\n\\end{lstlisting}\n',
        ),
        ("% \\begin{verbatim}\nx % y\n", "x \n"),
        ("\\begin{comment}\nhidden % x\n\\end{comment}\nshown", "shown"),
        ("a \\begin{comment} b \\end{comment} c", "a  c"),
        ("\\begin{comment} never closed % c\nx", "\\begin{comment} never closed \nx"),
    ],
)
def test_comments_go_and_the_text_stays(text: str, kept: str) -> None:
    assert strip_comments(text) == kept


def test_a_word_broken_by_a_comment_is_one_word_again() -> None:
    assert strip_comments("exam%\n  ple and 12%\n34") == "example and 1234"


def test_a_command_does_not_run_into_the_next_line() -> None:
    assert strip_comments("\\alpha%\nbeta") == "\\alpha\nbeta"


def test_a_paragraph_does_not_end_at_a_comment_line() -> None:
    assert strip_comments("one\n%\ntwo\n\nthree") == "one\ntwo\n\nthree"


@given(st.text(alphabet="ab \n\\{}$", max_size=200))
def test_text_without_a_percent_sign_is_left_alone(text: str) -> None:
    assert strip_comments(text) == text


@given(st.lists(st.sampled_from(["a", " ", "\n", "\\%", "%c", "\\\\", "\\verb|%|", "\\url{%}"]), max_size=40))
def test_stripping_twice_is_stripping_once(pieces: list[str]) -> None:
    once = strip_comments("".join(pieces))
    assert strip_comments(once) == once


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\n\\iffalse\nhidden\n\\fi\nb", "a\nb"),
        ("\\iffalse x\\else y\\fi z", " y z"),
        ("\\iftrue x\\else y\\fi z", " x z"),
        ("\\iffalse \\ifx\\a\\b 1\\else 2\\fi 3\\fi 4", " 4"),
        ("\\iffalse $a \\iff b$ \\ifthenelse{a}{b}{c} \\fi d", " d"),
        ("\\newif\\ifdraft \\iffalse \\ifdraft x\\fi y\\fi z", "\\newif\\ifdraft  z"),
        ("\\iffalse never closed", "\\iffalse never closed"),
        ("\\let\\hide\\iffalse x \\fi", "\\let\\hide\\iffalse x \\fi"),
        ("\\begin{verbatim}\\iffalse\\end{verbatim} x \\fi", "\\begin{verbatim}\\iffalse\\end{verbatim} x \\fi"),
        ("\\ifnum1<2 a\\fi", "\\ifnum1<2 a\\fi"),
    ],
)
def test_dead_branches_go(text: str, kept: str) -> None:
    assert drop_dead_branches(text) == kept


def test_overlapping_spans_are_taken_out_once() -> None:
    assert without("0123456789", [(2, 5), (3, 4), (4, 7)]) == "01789"


HOSTILE = [
    "%\n", "a%\n", "%", "\\verb|", "\\url{", "\\begin{verbatim}", "\\begin{comment}", "\\iffalse ", "\\iffalse\\fi ",
    "\\lstinline[", "\\", "{", "\\mintinline[x]{", "\\begin", " %", "\\iftrue\\else ",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    started = time.process_time()
    drop_dead_branches(strip_comments(text))
    assert time.process_time() - started < 15

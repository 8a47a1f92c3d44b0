"""Text as cc_net and OpenWebMath normalised it, and where we differ."""

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.normalise import PUNCTUATION, normalise, prose, strip_accents


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("  Émile Borel, 1871–1956  ", "emile borel, 0000-0000"),
        ("„Satz“ — «Beweis»…", '"satz"  -  "beweis"...'),
        ("Let $x^2$ be, and $$y$$ too", "let [EQUATION] be, and [EQUATION] too"),
        ("run `ls -l` or ```make```", "run [CODE] or [CODE]"),
        ("a <s> b </s>", "a  b "),
        ("price \\$5 stays", "price \\$0 stays"),
        ("Ångström", "angstrom"),
        ("（１２）", "(00)"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_published_is_what_the_published_programs_give(text: str, published: str) -> None:
    assert normalise(text, "published") == published


def test_published_glues_lines_together_and_corrected_does_not() -> None:
    assert normalise("one\ntwo\tthree", "published") == "onetwothree"
    assert normalise("one\ntwo\tthree") == "one two three"


def test_published_takes_two_prices_for_a_formula_and_corrected_does_not() -> None:
    assert normalise("from $5 to $10 a day", "published") == "from [EQUATION]00 a day"
    assert normalise("from $5 to $10 a day") == "from $0 to $00 a day"


@given(st.text())
def test_accents_go_as_by_the_definition(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    assert strip_accents(text) == "".join(c for c in decomposed if unicodedata.category(c) != "Mn")


@given(st.text())
def test_corrected_is_one_line_of_words_parted_by_one_space(text: str) -> None:
    line = normalise(text)
    assert line == " ".join(line.split())


def test_prose_holds_no_latex() -> None:
    text = r"Let \emph{group} $G$ act; \begin{proof} by \Cref{thm:a}, G_1 is \textbf{finite}. \end{proof} Done\\ now"
    assert " ".join(prose(text).split()) == "Let group act; proof by thm:a , G 1 is finite . proof Done now"


def test_prose_without_a_backslash_keeps_its_signs() -> None:
    assert prose("a_b & {c}") == "a_b & {c}"


@pytest.mark.parametrize("unit", ["$", "`", "` x", "\\", "é", "<s>", "\n", "x"])
def test_hostile_text_is_linear(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    started = time.process_time()
    normalise(text)
    normalise(text, "published")
    prose(text)
    assert time.process_time() - started < 5


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("éÅ１٣–“»ﬁ가\u0301\u0338$`\n <s>/"))))
def test_published_does_the_published_steps_one_after_the_other(text: str) -> None:
    expected = text.strip().lower()
    decomposed = unicodedata.normalize("NFD", expected)
    expected = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    expected = re.sub(r"\d", "0", expected)
    expected = "".join(PUNCTUATION.get(ord(c), c) for c in expected)
    expected = re.sub(r"(?<!\\)(\$\$?.+?\$\$?)", "[EQUATION]", expected, flags=re.DOTALL)
    expected = re.sub(r"\`{1,3}.*?\`{1,3}", "[CODE]", expected, flags=re.DOTALL)
    expected = expected.replace("<s>", "").replace("</s>", "")
    assert normalise(text, "published") == "".join(c for c in expected if not (c < " " or "\x7f" <= c < "\xa0"))

r"""What RedPajama v1 made of LaTeX, faults and all.

The expected texts were made by the original functions; `test_equal_to_the_original_on_real_papers` holds digests of
what they made of real files.
"""

import hashlib
import itertools
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extraction.latex import published as published_module
from pipelines.extraction.latex.published import CannotExpand, clean, clean_file, first_heading, macros_of


def test_cuts_what_stands_before_the_first_heading() -> None:
    assert clean(["\\title{T}\n\\section{One}\nText"]) == "\\section{One}\nText"
    assert clean(["\\begin{document}\nText without any heading\n"]) == ""


@pytest.mark.parametrize("heading", ["chapter", "part", "section*", "subsection", "subsubsection[short]"])
def test_every_heading_but_paragraphs_counts(heading: str) -> None:
    assert clean([f"x\\{heading}{{A}} y"]) == f"\\{heading}{{A}} y"


def test_a_paragraph_is_a_heading_only_before_a_subparagraph() -> None:
    assert clean(["x\\paragraph{A} text"]) == ""
    assert clean(["x\\subparagraph{A} text"]) == ""
    assert clean(["x\\paragraph{A}\\subparagraph{B} text"]) == "\\paragraph{A}\\subparagraph{B} text"
    assert clean(["x\\paragraph{A} much {later}\\subparagraph{B}"]) == "\\paragraph{A} much {later}\\subparagraph{B}"


def test_a_heading_needs_a_closing_brace_somewhere_later() -> None:
    assert first_heading("\\section{never closed") == -1
    assert first_heading("\\section[a{b} \\section[c]{d}") == 0, "the bracket closes before any later brace"
    assert first_heading("\\sectionmark{a}") == -1


def test_a_trailing_comment_takes_the_character_before_it() -> None:
    assert clean(["\\section{A}\none % two\nthree% four\n% five\n50\\% six\nlast%\n"]) == (
        "\\section{A}\none\nthre\n50\\% six\nlast%\n"
    )


def test_the_text_ends_at_the_first_appendix_or_bibliography() -> None:
    for end in (
        "\\appendix",
        "\\begin{references}",
        "\\begin{REFERENCES}",
        "\\begin{thebibliography}",
        "\\bibliography{x}",
    ):
        assert clean([f"\\section{{A}}\nText\n{end}\nmore }}"]) == "\\section{A}\nText\n"
    assert clean(["\\section{A}\n\\bibliography{never closed"]) == "\\section{A}\n\\bibliography{never closed"


def test_a_macro_must_end_where_its_line_ends() -> None:
    text = (
        "\\newcommand{\\R}{\\mathbb{R}}\n\\newcommand*{\\C}{C} % complex\n"
        "\\def\\eps {\\varepsilon}\n\\newcommand\\N{N}\n"
        "\\newcommand{\\x}[1]{#1}\n\\newcommand{\\a}{1}\\newcommand{\\b}{2}\n"
    )
    assert macros_of(text) == {"\\R": "\\mathbb{R}", "\\eps": "\\varepsilon", "\\a": "1}\\newcommand{\\b}{2"}


def test_of_two_uses_in_a_row_only_the_first_is_expanded() -> None:
    assert clean(["\\def\\R{X}\n\\section{A}\n\\R\\R \\Rx \\R"]) == "\\section{A}\nX\\R \\Rx \\R"


def test_files_are_joined_in_archive_order_and_share_their_macros() -> None:
    assert clean(["\\section{B} \\a.", "\\def\\a{x}\n", "\\section{A} \\a!"]) == "\\section{B} x.\n\n\\section{A} x!"


def test_a_macro_with_a_letter_outside_ascii_costs_the_paper() -> None:
    with pytest.raises(CannotExpand) as caught:
        clean(["\\def\\name{Erdős}\n\\section{A} \\name"])
    assert caught.value.reason == "macro_not_ascii"
    assert clean(["\\def\\name{Erdős}\nno heading"]) == ""


def test_input_is_not_followed() -> None:
    assert clean(["\\section{A}\\input{b}"]) == "\\section{A}\\input{b}"


def test_equal_to_the_original_on_real_papers() -> None:
    folder = os.environ.get("PROOFPILE_REAL_DATA")
    if not folder:
        pytest.skip("PROOFPILE_REAL_DATA is not set")
    digest = hashlib.sha256()
    kept = 0
    for path in sorted((Path(folder) / "latex").rglob("*.tex")):
        try:
            text = clean([path.read_text(encoding="utf-8")])
        except UnicodeDecodeError:
            continue
        kept += bool(text)
        digest.update(text.encode() + b"\0")
    assert (kept, digest.hexdigest()) == (EXPECTED_KEPT, EXPECTED_DIGEST)


EXPECTED_KEPT = 14
EXPECTED_DIGEST = "e934d8720cc180c58deec106a1cc2f19c7ae8cf92d664858ac04aede0fcb3314"

HOSTILE = {
    "headings that never close": "\\section{" * 110_000,
    "options that never close": "\\section[" * 110_000,
    "paragraphs": "\\paragraph{" * 90_000,
    "joins": "}\\subparagraph{" * 70_000,
    "bibliographies": "\\section{A}" + "\\bibliography{" * 70_000,
    "definitions in one line": "\\section{A}" + "\\newcommand{\\a}{" * 60_000 + "x",
    "definitions in many lines": "\\section{A}" + "\\def\\a{b}\n" * 100_000,
    "spaces after def": "\\section{A}" + "\\def" + " " * 1_000_000,
    "comments": "\\section{A}\n" + "a%b\n" * 250_000,
    "percents": "\\section{A}" + "%" * 1_000_000,
    "braces": "{" * 1_000_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_megabyte_of_hostile_text_takes_seconds(case: str) -> None:
    started = time.process_time()
    clean([HOSTILE[case]])
    assert time.process_time() - started < 10


def test_macros_that_double_end_as_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published_module, "MOST_TEXT", 1 << 20)
    names = [f"\\m{chr(97 + index)}" for index in range(26)]
    bomb = "".join(f"\\def{name}{{{after} {after} }}\n" for name, after in itertools.pairwise(names))
    with pytest.raises(CannotExpand) as caught:
        clean([f"{bomb}\\section{{A}}" + "\\ma " * 50])
    assert caught.value.reason == "macro_bomb"


@given(
    st.lists(st.sampled_from(["\\section{a}", "\\def\\x{y}\n", "\\x", "%c\n", "{", "}", " ", "\\%", "t"]), max_size=30)
)
def test_what_is_kept_starts_with_a_heading_or_is_nothing(pieces: list[str]) -> None:
    text = clean_file("".join(pieces), {})
    assert text == "" or text.startswith("\\section{a")

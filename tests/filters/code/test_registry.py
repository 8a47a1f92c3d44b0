"""Every language has its rule, and the fused languages are what `all` skips."""

import pytest

from filters.code.detection import LANGUAGES
from filters.code.general import SourceFile
from filters.code.registry import judge, languages


def test_the_published_corpus_and_the_corrected_one_hold_all_seventeen() -> None:
    assert languages("published") == languages("corrected") == LANGUAGES


def test_the_published_scripts_skip_haskell_python_and_matlab_when_asked_for_all() -> None:
    assert set(LANGUAGES) - set(languages("published", as_scripts=True)) == {"haskell", "python", "matlab"}
    assert languages("corrected", as_scripts=True) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("origin", ["stack", "github"])
def test_every_language_can_be_judged_whatever_the_origin(language: str, origin: str) -> None:
    refused = judge(language, SourceFile("x" * 10_000_001), "corrected", origin, lambda _: True)  # type: ignore[arg-type]
    assert refused is not None
    assert refused.reason in {"too_large", "no_mathematics"}


def test_lean_and_isabelle_differ_by_origin() -> None:
    file = SourceFile("def x := y")
    assert judge("lean", file, "published", "stack") is None
    assert judge("lean", file, "published", "github") is not None
    assert judge("isabelle", file, "published", "stack") is None
    assert judge("isabelle", file, "published", "github") is not None


def test_tex_needs_to_be_told_what_english_is() -> None:
    with pytest.raises(ValueError, match="English"):
        judge("tex", SourceFile("x"), "published")

"""The perplexity of a text under a KenLM model, as published and as meant."""

from pathlib import Path

import pytest

from filters.perplexity import PerplexityScorer, features, load
from manifests.errors import UserError

pytest.importorskip("kenlm", reason="the extra `perplexity` is not installed")

ARPA = """\\data\\
ngram 1=5
ngram 2=1

\\1-grams:
-2.0\t<unk>\t0
-99\t<s>\t-0.5
-1.0\t</s>\t0
-1.0\tgroup\t0
-1.5\tring\t0

\\2-grams:
-0.25\t<s> group

\\end\\
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "toy.arpa"
    path.write_text(ARPA)
    return path


def test_published_divides_by_the_words_and_corrected_counts_the_end_too(model: Path) -> None:
    # <s> group: -0.25, ring: -1.5, </s>: -1.0
    assert PerplexityScorer(model, "published").score("Group ring") == {
        "perplexity": pytest.approx(10 ** (2.75 / 2), rel=1e-5)
    }
    assert PerplexityScorer(model).score("Group ring") == {"perplexity": pytest.approx(10 ** (2.75 / 3), rel=1e-5)}


def test_the_score_is_the_same_every_time(model: Path) -> None:
    text = "Group ring, group\nring " * 500
    assert PerplexityScorer(model).score(text) == PerplexityScorer(model).score(text)


@pytest.mark.parametrize("text", ["", "\n", " ", "$$x$$"])
def test_a_text_without_words_has_no_score(model: Path, text: str) -> None:
    assert PerplexityScorer(model).score(text) == {}


def test_loading_says_nothing(model: Path, capfd: pytest.CaptureFixture[str]) -> None:
    load.cache_clear()
    load(model)
    assert capfd.readouterr() == ("", "")


def test_unknown_words_are_far(model: Path) -> None:
    near = PerplexityScorer(model).score("group ring group")["perplexity"]
    far = PerplexityScorer(model).score("buy cheap watches")["perplexity"]
    assert float(far) > float(near)


def test_the_published_model_sees_a_mark_for_a_formula_and_ours_none() -> None:
    assert features("Let $x$ be\nreal", "published") == "let [EQUATION] bereal"
    assert features("Let $x$ be\nreal") == "let be real"


def test_a_lone_surrogate_does_no_harm(model: Path) -> None:
    assert PerplexityScorer(model).score("group \ud800 \0 ring")["perplexity"]


def test_a_missing_or_bad_model_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"absent\.arpa: no such model"):
        PerplexityScorer(tmp_path / "absent.arpa").score("group")
    (tmp_path / "bad.arpa").write_text("no model\n")
    with pytest.raises(UserError, match=r"bad\.arpa: not a KenLM model"):
        PerplexityScorer(tmp_path / "bad.arpa").score("group")

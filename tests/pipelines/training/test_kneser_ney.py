"""The estimate of the language model: its probabilities sum to one, agree with a hand count, and KenLM reads them."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifests.errors import UserError
from pipelines.training.kneser_ney import FALLBACK, estimate

SENTENCES = [
    "every group of prime order is cyclic",
    "every group of order four is abelian",
    "every cyclic group is abelian",
    "a subgroup of a cyclic group is cyclic",
    "the order of a subgroup divides the order of the group",
    "every field is a ring",
    "a ring is a group",
]


def probability(model: Path, context: list[str], word: str) -> float:
    kenlm = pytest.importorskip("kenlm")
    loaded = kenlm.Model(str(model))
    state, other = kenlm.State(), kenlm.State()
    loaded.BeginSentenceWrite(state)
    for known in context:
        loaded.BaseScore(state, known, other)
        state, other = other, state
    return float(10 ** loaded.BaseScore(state, word, other))


@pytest.mark.parametrize("order", [2, 3, 5])
@pytest.mark.parametrize("context", [[], ["every"], ["every", "group"], ["never", "seen"], ["a", "cyclic", "group"]])
def test_probabilities_after_any_words_sum_to_one(tmp_path: Path, order: int, context: list[str]) -> None:
    estimate(SENTENCES, order, tmp_path / "m.arpa")
    words = {word for line in SENTENCES for word in line.split()} | {"</s>", "<unk>"}
    assert sum(probability(tmp_path / "m.arpa", context, word) for word in words) == pytest.approx(1, abs=1e-4)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.lists(st.sampled_from("abcde"), min_size=1, max_size=8).map(" ".join), min_size=1, max_size=20)
)
def test_sums_to_one_on_any_corpus(tmp_path: Path, lines: list[str]) -> None:
    estimate(lines, 3, tmp_path / "m.arpa")
    words = {word for line in lines for word in line.split()} | {"</s>", "<unk>"}
    for context in ([], lines[0].split()[:2], ["z"]):
        assert sum(probability(tmp_path / "m.arpa", context, word) for word in words) == pytest.approx(1, abs=1e-4)


def test_agrees_with_a_count_by_hand(tmp_path: Path) -> None:
    # a b / a b: every bigram once in the second order's eyes; counts too few, so the fallback discounts hold.
    estimate(["a b", "a b"], 2, tmp_path / "m.arpa")
    d1, d2, _ = FALLBACK
    # Unigrams: a, b and </s> each stand behind one word: adjusted counts 1, 1, 1 of 3; <unk> none; 4 words in all.
    unigram = (1 - d1) / 3 + (3 * d1 / 3) / 4
    # Behind <s> stands a, twice: discounted by d2 of 2.
    assert probability(tmp_path / "m.arpa", [], "a") == pytest.approx((2 - d2) / 2 + d2 / 2 * unigram, rel=1e-4)
    assert probability(tmp_path / "m.arpa", [], "b") == pytest.approx(d2 / 2 * unigram, rel=1e-4)


def test_agrees_with_lmplz(tmp_path: Path) -> None:
    """Values that `lmplz -o 3 --discount_fallback` of KenLM 0.3.0 writes for these sentences.

    On 168 articles and 90 chapters in LaTeX (223,314 n-grams up to order 5, discounts estimated) the two files held the
    same n-grams, and no logarithm differed by more than 1e-6.
    """
    reference = {
        "<unk>": [-1.5826315, 0], "<s>": [-0.36797678], "</s>": [-1.0195955, 0], "group": [-1.0195955, -0.30103],
        "is": [-0.9088045, -0.30103], "cyclic": [-1.1687033, -0.30103], "group </s>": [-0.5260839, 0],
        "cyclic group": [-0.41892976, -0.30103], "<s> every": [-0.4267805, -0.30103],
        "of order": [-0.87320244, -0.30103], "group is": [-0.72889525, -0.30103], "a group </s>": [-0.1878242],
        "<s> every group": [-0.44705158], "group is cyclic": [-0.4555773], "<s> every field": [-0.6608637],
    }  # fmt: skip
    estimate(SENTENCES, 3, tmp_path / "m.arpa")
    told = {}
    for line in (tmp_path / "m.arpa").read_text().splitlines():
        probability, tab, rest = line.partition("\t")
        if tab:
            ngram, _, backoff = rest.partition("\t")
            told[ngram] = [*([] if ngram == "<s>" else [float(probability)]), *([float(backoff)] if backoff else [])]
    for ngram, numbers in reference.items():
        assert told[ngram] == pytest.approx(numbers, abs=1e-6), ngram
    assert len(told) == 18 + 36 + 42


def test_the_file_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    estimate(SENTENCES, 4, tmp_path / "a.arpa")
    estimate(list(reversed(SENTENCES)), 4, tmp_path / "b.arpa")
    assert (tmp_path / "a.arpa").read_bytes() == (tmp_path / "b.arpa").read_bytes()


def test_marks_of_the_format_in_a_text_are_no_words(tmp_path: Path) -> None:
    counts = estimate(["<s> a <unk> </s>"], 2, tmp_path / "m.arpa")
    assert counts == [4, 2]


@pytest.mark.parametrize("order", [0, 1, 7])
def test_an_order_that_cannot_be_is_refused(tmp_path: Path, order: int) -> None:
    with pytest.raises(UserError, match="from 2 to 6"):
        estimate(SENTENCES, order, tmp_path / "m.arpa")


def test_no_words_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no words"):
        estimate(["", "  "], 3, tmp_path / "m.arpa")

"""What trains the judge of lines: labels from marked texts, trees and weights that learn, the same file again."""

from pathlib import Path

import numpy as np

from pipelines.extraction.pages.line_features import BUCKETS, FEATURES, MEAN_WEIGHT, WEIGHT, look_at
from pipelines.extraction.pages.line_judge import LEAVES, NODES, Model, model, read_model, scores
from tests.benchmarks import web_lines
from tests.benchmarks.line_boosting import Growth, Words, grow, learn_words, weigh

PAGE = b"<html><body><div class=one><p>Some words of a text</p><p>and more of them.</p></div><p>Share</p></body></html>"


def test_a_line_is_right_if_most_of_its_runs_are_in_the_text() -> None:
    truth = web_lines.Truth("The bridge was built by the people of the valley")
    assert truth.holds("The bridge was built by the people of the valley, they say")
    assert truth.holds("The bridge was built long ago by others, as they say") is False
    assert truth.holds("the valley")
    assert truth.holds("valley of") is False
    assert truth.holds("—") is None


def test_trees_learn_what_two_numbers_say_together() -> None:
    chance = np.random.default_rng(1)
    numbers = chance.integers(0, 100, (4000, 4), dtype=np.int32)
    right = (numbers[:, 0] > 50) ^ (numbers[:, 2] > 30)
    trees = grow(numbers, right, np.ones(4000), Growth(trees=30, rate=0.3))
    wide = np.zeros((4000, FEATURES), np.int32)
    wide[:, :4] = numbers
    said = scores(Model(np.zeros(1, np.int16), *trees, 0, 0), wide)
    assert ((said > 0) == right).mean() > 0.97


def test_words_weigh_what_they_tell() -> None:
    words = Words(np.array([0, 1, 0, 2, 1, 2], np.int32), np.array([0, 1, 2, 4, 6]))
    weights = learn_words(words, np.array([True, False, True, False]), np.ones(4), 4)
    assert weights[0] > 0 > weights[1]
    assert weights[3] == 0
    assert weigh(words, weights).tolist()[0] == weights[0]


def test_weights_are_put_where_the_judge_puts_them() -> None:
    weights = np.arange(2 * BUCKETS, dtype=np.int16) % 97
    tree, row, sure, data, lines = web_lines.written(PAGE)
    wanted = look_at(tree, row, sure, data, lines, weights)[0]
    wanted = wanted[wanted[:, WEIGHT] != 0]
    bare = look_at(tree, row, sure, data, lines, np.zeros(2 * BUCKETS, np.int16))[0]
    bare = bare[bare[:, 2] > 0]
    web_lines.fill(bare, wanted[:, WEIGHT].astype(np.int64))
    assert (bare == wanted).all()
    assert wanted[0, MEAN_WEIGHT] > 0


def test_a_model_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    chance = np.random.default_rng(2)
    one = Model(
        chance.integers(-9, 9, 2 * BUCKETS).astype(np.int16),
        chance.integers(0, FEATURES, (3, NODES)).astype(np.uint8),
        chance.integers(0, 99, (3, NODES)).astype(np.int32),
        chance.integers(-99, 99, (3, LEAVES)).astype(np.int16),
        -5,
        -9,
    )
    for name in ("a", "b"):
        web_lines.save(one, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with (tmp_path / "a").open("rb") as stream:
        back = read_model(stream)
    assert all(np.array_equal(x, y) for x, y in zip(one, back, strict=True))
    assert model().leaves.shape[1] == LEAVES

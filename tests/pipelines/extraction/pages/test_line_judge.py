"""The judge of lines: what stands beside an article goes, whatever its classes are called; formulas and code never."""

import io
from importlib.resources import files

import numpy as np
import pytest

from pipelines.extraction.html.names import TAGS
from pipelines.extraction.pages import blocks, page
from pipelines.extraction.pages.line_features import (
    BUCKETS,
    CODE,
    COMMON,
    FEATURES,
    FORMULA,
    LIKE_NEXT,
    LIKE_PREVIOUS,
    LINKED,
    MARKER,
    PLAIN,
    SIGN,
    WEIGHT,
    WORDS,
    look_at,
)
from pipelines.extraction.pages.line_judge import LEAVES, NODES, Model, _keep_headings, model, read_model, scores

pytestmark = pytest.mark.kernel

SENTENCES = "".join(
    f"<p>In the chapter of year {number} the committee says that the bridge was built by the people of the valley, "
    "and that it was paid for with what the mills had earned in the years before.</p>"
    for number in range(1700, 1712)
)
OTHERS = "".join(
    f"<div class=k{number}><a href=/{number}>Ten Things About Bridges</a> <span>3 min · Jane Doe, Culture</span></div>"
    for number in range(8)
)
SITE = f"<html><body><main>{SENTENCES}<div class=k>{OTHERS}</div></main></body></html>"


def text_of(html: str, rules: str = "corrected") -> str:
    """The text of a page."""
    return page.extract(html, rules=rules).text  # type: ignore[arg-type]


def looked_at(html: str, weights: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Numbers and kinds of the lines of a page's body, and the lines."""
    tree = page.parse(html.encode())
    page.lift_formulas(tree, "corrected")
    verdicts = page.judge(tree)
    row = page.body_of(tree)
    data, lines = blocks.write_lines(tree, verdicts, row, False)
    weights = np.zeros(2 * BUCKETS, np.int16) if weights is None else weights
    numbers, kinds, _ = look_at(tree, row, False, data, lines, weights)
    return numbers, kinds, data.tobytes().decode().split("\n")[:-1]


def test_drops_lists_of_other_articles_under_classes_that_say_nothing() -> None:
    text = text_of(SITE)
    assert text.count("In the chapter of year") == 12
    assert "Ten Things" not in text


def test_published_rules_keep_every_line() -> None:
    assert text_of(SITE, "published").count("Ten Things") == 8


def test_keeps_a_line_with_a_formula_among_those_that_go() -> None:
    text = text_of(SITE.replace("3 min", "3 min <math><mi>x</mi><mo>=</mo><mn>2</mn></math>", 1))
    assert text.count("Ten Things") >= 1
    assert "$x=2$" in text.replace(" ", "")


def test_keeps_code_among_lines_that_go() -> None:
    text = text_of(SITE.replace("<div class=k3>", "<pre>share = 3\nlike = 4</pre><div class=k3>"))
    assert "Ten Things" not in text
    assert "share = 3\nlike = 4" in text


def test_leaves_a_page_of_few_lines_alone() -> None:
    short = "<html><body><p>One line of text.</p><p><a href=/>Share</a></p><p>TICKETS</p></body></html>"
    assert "TICKETS" in text_of(short)


def test_keeps_the_paragraphs_of_a_manual() -> None:
    manual = "".join(f"<h2>Option {n}</h2><p>Sets it.</p><ul><li>on<li>off</ul>" for n in range(9))
    text = text_of(f"<html><body><main>{SENTENCES}{manual}</main></body></html>")
    assert text.count("Sets it.") == 9
    assert text.count("- on") == 9


def test_counts_words_links_and_signs_of_a_line() -> None:
    numbers, kinds, lines = looked_at("<body><p>The cat and <a href=/>the dog</a>.</p><ul><li>One</ul><pre>x</pre>")
    first = lines.index("The cat and the dog.")
    assert numbers[first, WORDS] == 5
    assert numbers[first, LINKED] == 7, "7 of 16 characters, the blank in the link among them"
    assert numbers[first, COMMON] == 16 * 3 // 5
    assert numbers[first, SIGN] == 1
    assert numbers[lines.index("- One"), MARKER] == 7
    assert numbers[first, MARKER] == 0
    assert kinds[first] == PLAIN
    assert kinds[lines.index("x")] == CODE


def test_tells_headings_by_rank_numbered_lines_and_rows_of_tables() -> None:
    page = "<h1>One</h1><h3>Two</h3><h6>Three</h6><ol><li>Four</ol><table><tr><td>a<td>b<tr><td>c<td>d</table>"
    numbers, _, lines = looked_at(f"<body>{page}")
    found = {line: int(number) for line, number in zip(lines, numbers[:, MARKER], strict=True) if line}
    assert list(found.values()) == [1, 3, 6, 8, 9, 9], found


def test_tells_lines_that_stand_in_one_element_with_their_neighbours() -> None:
    numbers, _, lines = looked_at("<body><div><p>One.</p><p>Two.</p></div><ul><li>Three.</ul><div><p>Four.</p></div>")
    found = {line: (row[LIKE_PREVIOUS], row[LIKE_NEXT]) for line, row in zip(lines, numbers, strict=False) if line}
    assert found == {"One.": (0, 1), "Two.": (1, 0), "- Three.": (0, 0), "Four.": (0, 0)}


def test_a_heading_goes_with_the_first_line_of_text_behind_it() -> None:
    plain, code = int(PLAIN), int(CODE)
    lines = [(1, plain, 1), (0, plain, 0), (2, plain, 1), (0, code, 0), (0, plain, 1), (7, plain, 0), (3, plain, 1)]
    markers, kinds, goes = (np.array(column) for column in zip(*lines, strict=True))
    goes = goes.astype(np.bool_)
    _keep_headings(markers, kinds, goes)
    # The first heading has text that stays; code is no text; a list's mark is no heading; at the end it goes.
    assert goes.tolist() == [False, False, True, False, True, False, True]


def test_a_line_may_stand_in_any_tag() -> None:
    for tag in [*TAGS, "x-own"]:
        _, kinds, lines = looked_at(f"<body><p>One.</p><{tag}>Two.</{tag}><p>Three.</p>")
        assert "One." in lines and len(kinds) >= len(lines), tag


def test_knows_lines_with_formulas() -> None:
    _, kinds, lines = looked_at("<body><p>Let <math><mi>x</mi></math> be.</p><p>So it is.</p>")
    assert [kinds[at] for at, line in enumerate(lines) if line] == [FORMULA, PLAIN]


def test_words_weigh_by_the_line_and_by_the_names_around_it() -> None:
    weights = np.zeros(2 * BUCKETS, np.int16)
    plain = looked_at("<body><div class=shareBar><p>Hello there</p></div>", weights)[0]
    weights[:BUCKETS] = 1
    words = looked_at("<body><div class=shareBar><p>Hello there</p></div>", weights)[0]
    weights[:] = 0
    weights[BUCKETS:] = 1
    names = looked_at("<body><div class=shareBar><p>Hello there</p></div>", weights)[0]
    assert plain[0, WEIGHT] == 0
    assert words[0, WEIGHT] == 2
    assert names[0, WEIGHT] == 2, "share and bar"


def test_trees_go_right_above_their_thresholds() -> None:
    features, thresholds = np.full((1, NODES), WORDS, np.uint8), np.full((1, NODES), 10**6, np.int32)
    thresholds[0, 0] = 3
    leaves = np.zeros((1, LEAVES), np.int16)
    leaves[0, 0], leaves[0, LEAVES // 2] = -7, 9
    numbers = np.zeros((2, FEATURES), np.int32)
    numbers[:, WORDS] = 3, 4
    judge = Model(np.zeros(2 * BUCKETS, np.int16), features, thresholds, leaves, 0, 0)
    assert scores(judge, numbers).tolist() == [-7, 9]


def test_model_is_small_and_asks_more_of_pages_without_formulas() -> None:
    assert files("manifests").joinpath("models/lines.npz").read_bytes().__len__() < 64_000
    assert model().least > model().least_with_formulas


def test_refuses_a_model_of_another_shape() -> None:
    buffer = io.BytesIO()
    one = model()._asdict()
    np.savez(buffer, **{**one, "leaves": one["leaves"][:, :-1], "least": np.array([0, 0])})
    buffer.seek(0)
    with pytest.raises(ValueError, match="expected a model of"):
        read_model(buffer)

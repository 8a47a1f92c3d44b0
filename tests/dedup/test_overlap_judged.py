"""What a passage is taken for: whole, edited, a template, boilerplate, or nothing; and what makes it count."""

import numpy as np
import pytest

from dedup.benchmarks import Item
from dedup.overlap.company import in_company
from dedup.overlap.contrasts import contrary, contrasts
from dedup.overlap.words import words_of
from manifests.records import Hit
from tests.dedup.overlap_search import find, item

PEARS = "A farmer sells seven crates of pears and keeps two crates. How many pears are left if a crate holds forty?"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Evaluate $\\frac{3}{4} + \\frac56$.", "Evaluate $\\dfrac34 + \\tfrac{5}{6}$."),
        ("Find all integers $n$ with $\\left(3\\right) \\le n^2 \\neq 40$.", "Find all integers n with (3) ≤ n² ≠ 40."),
        ("Compute $17 \\cdot 23 \\cdot \\alpha$ exactly.", "Compute $17 \\times 23 \\times α$ exactly."),
        ("Anna's garden is long & wide", "Anna&#39;s <b>garden</b>&nbsp;is long &amp; wide"),
        ("Lukáš has nine apples", "Luk\\u00e1\\u0161 has nine apples"),
        ("the perpendicular bisector", "the perpen-\ndicular bisector"),
    ],
)
def test_notation_does_not_hide_an_item(one, other):
    text = f"Words before. {other} Words after."
    hits = find([item(one)], text)
    assert {(hit.method, hit.kind, hit.score) for hit in hits} == {("exact", "whole", 1.0)}
    assert other.rstrip(".$}") in text[hits[0].document_start : hits[0].document_end + 1]


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (
            "The numbers 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 are erased.",
            "See [1], [2], [3], [4], [5], [6], [7], [8], [9], [10]",
        ),
        ("Let $A = [[1,0,0,0],[0,0,0,0],[0,0,1,0]]$. Find its rank.", "M = [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 2, 0]]"),
        ("Solve for y: 5y", "we solve for y: 5y as before"),
    ],
)
def test_what_says_nothing_is_no_hit(problem, text):
    assert find([item(problem)], text) == []
    assert find([item(problem)], text, evident=False) != []


def test_an_edited_item_is_found_and_its_words_stand_in_the_hit():
    text = "Before. " + PEARS.replace("of pears", "of plums").replace("are left", "remain") + " After."
    (hit,) = find([item(PEARS)], text)
    assert (hit.method, hit.n, hit.counted) == ("fuzzy", 0, True)
    assert text[hit.document_start : hit.document_end] == text[len("Before. ") : -len("? After.")]
    assert "plums" in hit.document_text
    assert "pears" in hit.item_text


def test_changed_numbers_are_a_template():
    text = PEARS.replace("seven", "nine").replace("two", "six").replace("forty", "fifty")
    assert {hit.kind for hit in find([item(PEARS)], text) if hit.method == "fuzzy"} == {"template"}


@pytest.mark.parametrize(
    "text",
    [
        PEARS.replace("seven", "7").replace("two", "2").replace("forty", "40"),
        PEARS.replace("seven", "7").replace("two", "2").replace("forty", "40").replace("pears are", "plums are"),
    ],
)
def test_numbers_in_words_and_in_digits_are_the_same(text):
    hits = find([item(PEARS)], f"Before.\n\n{text}\n\nAfter.")
    assert any(hit.counted for hit in hits)
    assert {hit.kind for hit in hits} <= {"whole", "part"}


SEATS = "Six friends sit around a table so that Paula has the {} number of neighbours who {}. Where does she sit?"


@pytest.mark.parametrize(
    ("own", "other", "kind"),
    [
        (("largest", "wear hats"), ("smallest", "wear hats"), "template"),
        (("minimum", "wear hats"), ("maximum", "wear hats"), "template"),
        (("largest", "wear hats"), ("greatest", "wear hats"), None),
        (("largest", "wear hats"), ("usual", "wear hats"), None),
    ],
)
def test_a_word_that_excludes_the_items_makes_another_problem(own, other, kind):
    hits = find([item(SEATS.format(*own))], f"Before.\n\n{SEATS.format(*other)}\n\nAfter.")
    edited = [hit for hit in hits if hit.method == "fuzzy"]
    assert [hit.counted for hit in edited] == [kind is None]
    assert kind is None or edited[0].kind == kind


def test_words_of_a_list_exclude_each_other_and_synonyms_do_not():
    known = contrasts()
    value = {word: np.uint32(words_of(word, "exact").hashes[0] >> np.uint64(32)) for word in CONTRARY}
    excluding = {(one, other) for one in CONTRARY for other in CONTRARY if contrary(value[one], value[other], known)}
    pairs = {("altitude", "median"), ("mean", "median"), ("average", "median")}
    assert excluding == pairs | {(other, one) for one, other in pairs}


CONTRARY = ("altitude", "median", "mean", "average", "table")


def test_words_behind_the_item_that_stand_there_by_chance_are_no_part_of_it():
    ending = "Express your answer as a common fraction in the lowest terms that you can find in one of the books."
    text = f"{PEARS}\n\nAnother chapter tells of harvests and of the weather in the north of the country."
    (hit,) = [hit for hit in find([item(f"{PEARS} {ending}")], text) if hit.method == "fuzzy" or hit.n == 10]
    assert hit.document_end <= len(PEARS) + 1


def test_a_hit_that_ends_within_a_fraction_of_one_character_has_the_whole_of_it():
    own = "A quarter of the marbles in Hannah's purple jar are green and another share of them is yellow, namely 2"
    text = "Before. " + own[:-1] + "⅔. Après."
    hits = find([item(own)], text)
    assert hits
    assert all(text[hit.document_start : hit.document_end] in text for hit in hits)
    assert max(hit.document_end for hit in hits) == text.index("⅔") + 1


def test_a_misread_letter_is_no_other_number():
    text = PEARS.replace("two", "tw0").replace("forty", "f0rty").replace("seven", "sevcn")
    assert {hit.kind for hit in find([item(PEARS)], text) if hit.method == "fuzzy"} <= {"whole", "part"}


DRAWING = '[asy] pair A, B, C; draw(A--B--C--cycle); label("%s", A, W); dot((%s, 17)); dot((3, %s)); [/asy]'


def test_where_a_drawing_is_the_content_it_is_compared_too():
    question = "What is the area that is shown in the diagram? "
    own = item(question + DRAWING % ("12", "5", "9"))
    same = find([own], f"See below.\n\n{question}\n{DRAWING % ('12', '5', '9')}\n\nThe end.")
    other = find([own], f"See below.\n\n{question}\n[asy] draw(circle((0, 0), 4)); fill(box((1, 1), (2, 2))); [/asy]")
    assert any(hit.counted for hit in same)
    assert other
    assert not any(hit.counted for hit in other)


def test_words_of_a_drawing_alone_support_nothing():
    drawing = " ".join(f'label("{letter}", (0, -{at})); add(graf[{at}]);' for at, letter in enumerate("ABCDEFGH", 1))
    problem = f"The graph of a quintic polynomial is shown there. [asy] {drawing} [/asy] Which one is its inverse?"
    assert not any(
        hit.counted for hit in find([item(problem)], f"A photograph of five penguins. [asy] {drawing} [/asy]")
    )


@pytest.mark.parametrize("problem", [r"Evaluate $\left\lceil -\frac{7}{4}\right\rceil$.", "Simplify $7 \\cdot 242$."])
def test_a_short_item_that_stands_alone_counts(problem):
    assert any(hit.counted for hit in find([item(problem)], f"See the notes.\n\n{problem}\n\nMore of them."))


def test_a_passage_of_many_items_is_boilerplate():
    opening = "Express your answer in simplest radical form and enter the ordered pair of coordinates below."
    items = [item(f"{opening} Question {word} regards something.", word) for word in "abcdef"]
    hits = [hit for hit in find(items, f"Instructions. {opening} Thanks.") if hit.method == "exact"]
    assert {hit.kind for hit in hits} == {"boilerplate"}
    assert not any(hit.counted for hit in hits)


def test_of_two_items_the_nearer_one_counts():
    other = PEARS.replace("pears", "plums").replace("market", "harbour")
    assert other != PEARS
    hits = find([item(PEARS, "pears"), item(other, "plums")], f"Exercise. {PEARS}")
    assert {hit.item_id for hit in hits if hit.counted} == {"pears"}
    assert {hit.item_id for hit in hits} == {"pears", "plums"}
    assert max(hit.probability for hit in hits if hit.item_id == "plums") <= 0.1


def test_a_problem_and_its_solution_support_each_other():
    def hit(field, start, probability):
        return Hit(
            "d", "math", "1", field, "fuzzy", 0, start, start + 100, 0, 100, 0.7, "part", probability, False, "", ""
        )

    apart = in_company([hit("problem", 0, 0.5), hit("solution", 100_000, 0.5)])
    assert [one.probability for one in apart] == [0.5, 0.5]
    together = in_company([hit("problem", 0, 0.6), hit("solution", 200, 0.6)])
    assert [(one.probability, one.counted) for one in together] == [(0.84, True), (0.84, True)]
    weak = in_company([hit("problem", 0, 0.1), hit("solution", 200, 0.6)])
    assert [one.counted for one in weak] == [False, False]


def test_a_short_question_of_multiple_choice_counts_with_its_options_only():
    stem = "An outlier is an observation that"
    options = "lies far from the others\nis largest of them\nwas measured twice\nhas no meaning"
    own = Item("quiz", "1", (("problem", stem), ("options", options)))
    assert any(hit.counted for hit in find([Item("quiz", "1", (("problem", stem),))], f"{stem} deviates markedly."))
    assert not any(hit.counted for hit in find([own], f"{stem} deviates markedly from the rest of a sample."))
    assert any(hit.counted for hit in find([own], f"7. {stem}\n" + options))
    assert find([own], f"{stem} deviates markedly from the rest of a sample.")


QUIZ = Item("quiz", "1", (("problem", "How many diagonals are in a regular octagon?"), ("options", "8\n16\n17\n20")))


@pytest.mark.parametrize(
    ("behind", "counted"),
    [
        ("\n8\n16\n17\n20", True),
        ("\n(A) 8 (B) 16 (C) 17 (D) 20", True),
        ("\nA. 20\nB. 17\nC. 16\nD. 8", True),
        (" We draw them one by one and count twice as many as there are.", False),
        ("\n(A) 3 (B) 16 (C) 9 (D) 27", False),
    ],
)
def test_options_of_a_few_numbers_tell_by_standing_behind_their_question(behind, counted):
    hits = find([QUIZ], f"Quiz.\n\n{QUIZ.fields[0][1]}{behind}\n\nThe next one.")
    assert any(hit.counted for hit in hits) is counted


def test_other_options_make_an_edited_question_another_one():
    stem = "Compared with the siren of a resting fire engine, the sound of one that approaches you has an increased"
    own = Item("quiz", "1", (("problem", stem), ("options", "speed\nfrequency\nBoth of these\nNeither of these")))
    edited = stem.replace("approaches you has", "is coming near has got")
    same, other = (
        max(hit.probability for hit in find([own], f"Quiz.\n\n{edited}\n{options}\n\nThe end."))
        for options in ("speed\nfrequency\nboth of these\nneither of these", "pitch\nfrequency\nvolume\nall of these")
    )
    assert same > other


def test_options_that_many_items_have_are_boilerplate():
    options = "True, True\nFalse, False\nTrue, False\nFalse, True"
    items = [
        Item("quiz", word, (("problem", f"Statement 1 | Every {word} is closed. Statement 2 | No {word} is finite."),
                            ("options", options)))
        for word in ("lattice", "carpet", "sponge", "dendrite", "cactus", "gasket")
    ]  # fmt: skip
    hits = find(items, f"Statement 1 | Every horse is grey. Statement 2 | No horse can fly.\n{options}")
    assert not any(hit.counted for hit in hits)


@pytest.mark.parametrize("text", ["What is the mean?", "Prove the lemma."])
def test_a_few_plain_words_are_no_item(text):
    assert not any(hit.counted for hit in find([item(text)], f"He asked.\n\n{text}\n\nNobody knew."))


def test_a_first_sentence_or_a_formula_alone_is_no_copy():
    problem = (
        r"Let $f(x) = \frac{2x + 5}{x - 3}$ for all real numbers other than three. Find every point at which the graph "
        r"of the inverse of this function meets the graph of its derivative."
    )
    for part in (r"$f(x) = \frac{2x + 5}{x - 3}$", r"Let $f(x) = \frac{2x + 5}{x - 3}$ for all real numbers."):
        assert not any(hit.counted for hit in find([item(problem)], f"Recall the rule.\n\n{part}\n\nIt has a pole."))
    assert any(hit.counted for hit in find([item(problem)], problem))


@pytest.mark.parametrize("field", ["answer", "solution"])
def test_an_answer_counts_with_its_question_only(field):
    own = Item("b", "1", (("problem", PEARS), (field, "The answer is 23 pieces of candy.")))
    assert not any(
        hit.counted for hit in find([own], "One of them says:\n\nThe answer is 23 pieces of candy.\n\nTrue.")
    )
    hits = find([own], f"{PEARS}\n\nThe answer is 23 pieces of candy.\n\nTrue.")
    assert {hit.field for hit in hits if hit.counted} == {"problem", field}


def test_less_than_half_of_the_words_is_no_copy_whatever_it_says():
    primes = "2, 3, 5, 7, 11, 13, 17, 19, 23, 29"
    solution = (
        "A number below a thousand has exactly three positive divisors when it is the square of a prime, so the prime "
        f"itself is below thirty-two. Counting them gives eleven such primes: {primes}, and 31, of which the last is "
        "the largest whose square still has three digits, as a glance at the squares of its neighbours shows."
    )
    hits = find([Item("b", "1", (("solution", solution),))], f"gap> primes:= [{primes}];\n[{primes}]\nThe next is 31.")
    assert not any(hit.counted for hit in hits)

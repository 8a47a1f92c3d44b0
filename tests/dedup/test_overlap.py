"""What counts as benchmark overlap, on the published hits first and then on laws that hold for any text."""

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import dedup.overlap.splitting
import dedup.overlap.words
from dedup.benchmarks import Item, read_benchmark
from dedup.overlap import Overlap
from dedup.overlap.company import in_company
from dedup.overlap.contrasts import contrary, contrasts
from dedup.overlap.splitting import (
    ALONE,
    IGNORED,
    LETTER,
    MARK,
    SEPARATOR,
    Method,
    encode,
    first_byte,
    last_byte,
    letters,
)
from dedup.overlap.words import words_of, words_of_text
from manifests.records import Hit

REAL = os.environ.get("PROOFPILE_REAL_DATA")
needs_real_data = pytest.mark.skipif(not REAL, reason="PROOFPILE_REAL_DATA is not set")
PROBLEM = (
    "A group of $N$ students, where $N < 50$, is on a field trip. If their teacher puts them in groups of 8, the last "
    "group has 5 students. If their teacher instead puts them in groups of 6, the last group has 3 students."
)


def item(text: str, identifier: str = "0", field: str = "problem") -> Item:
    return Item("math", identifier, ((field, text),))


def words(text: str, method: Method) -> list[str]:
    """Each word as it is written."""
    found = words_of(text, method)
    raw = encode(text)
    return [raw[first_byte(at) : last_byte(at)].decode("utf-8", "surrogatepass") for at in found.places.tolist()]


def folded(text: str) -> list[str]:
    """The rule of splitting `exact` words in plain Python: a word is a run of characters of one kind."""
    table = letters("exact")
    found: list[str] = []
    before = SEPARATOR
    for character in text:
        kind, unit = int(table[ord(character)]) >> 21, int(table[ord(character)]) & 0x1FFFFF
        if kind == IGNORED:
            continue
        if kind == MARK:
            kind = before or LETTER
        if kind != SEPARATOR:
            if kind != before or kind == ALONE:
                found.append("")
            found[-1] += chr(unit)
        before = kind
    return found


def find(items: list[Item], text: str, method: Method = "exact", **options: object) -> list[Hit]:
    return list(Overlap(items, method, **options).find([("d", text)]))  # type: ignore[arg-type] # keywords vary


@pytest.fixture(scope="module")
def math_and_gsm8k() -> dict[Method, Overlap]:
    folder = Path(str(REAL)) / "benchmarks"
    items = [
        *read_benchmark("math", folder / "math_test.jsonl"),
        *read_benchmark("gsm8k", folder / "gsm8k_test.jsonl"),
    ]
    return {"published": Overlap(items, "published"), "exact": Overlap(items, "exact")}


def published_documents() -> list[tuple[str, str, dict[str, object]]]:
    """Benchmark, field and row of each document in which the Llemma authors found a hit."""
    if not REAL:
        return []
    found = []
    for path in sorted((Path(REAL) / "overlap").iterdir()):
        benchmark = "gsm8k" if "gsm8k" in path.name else "math"
        field = "problem" if "_input_" in path.name else "solution"
        found += [(benchmark, field, json.loads(line)) for line in path.read_text().splitlines()]
    return found


@needs_real_data
@pytest.mark.parametrize(("benchmark", "field", "row"), published_documents())
def test_finds_exactly_the_30_grams_that_were_published(math_and_gsm8k, benchmark, field, row):
    overlap = math_and_gsm8k["published"]
    text = row["text"]
    grams = set()
    for hit in overlap.find([("d", text)]):
        if (hit.benchmark, hit.field, hit.n) == (benchmark, field, 30):
            span = text[hit.document_start : hit.document_end].split()
            grams |= {(int(hit.item_id), " ".join(span[at : at + 30])) for at in range(len(span) - 29)}
    assert grams == {(hit["test_id"], hit["ngram"]) for hit in row["hits"] if hit["test_id"] >= 0}


@needs_real_data
def test_exact_finds_the_published_items_too(math_and_gsm8k):
    for benchmark, field, row in published_documents():
        hits = math_and_gsm8k["exact"].find([("d", row["text"])])
        found = {(hit.benchmark, hit.field, hit.item_id, hit.n) for hit in hits}
        published = {str(hit["test_id"]) for hit in row["hits"] if hit["test_id"] >= 0}
        assert {(benchmark, field, one, n) for one in published for n in (10, 13, 20, 30)} <= found


@needs_real_data
def test_says_how_many_items_are_too_short_to_see(math_and_gsm8k):
    short = {(row.benchmark, row.field, row.n): row.short for row in math_and_gsm8k["published"].coverage()}
    assert short["math", "problem", 30] == 2929  # 58.6 % of 5,000
    assert short["math", "problem", 20] == 1757  # 35.1 %
    assert short["gsm8k", "problem", 30] == 216  # 16.4 % of 1,319
    exact = [row for row in math_and_gsm8k["exact"].coverage() if row.field == "problem"]
    assert 0 < max(row.unseen for row in exact) < 150  # formulas without words: what they say is too little
    assert sum(row.short for row in exact) > 0


def test_positions_are_characters_on_both_sides():
    text = "Früher 🦙: " + PROBLEM.replace("A group", "The group") + " – Ende"
    (hit,) = find([item(PROBLEM)], text, "published", lengths=(30,))
    assert text[hit.document_start : hit.document_end] == PROBLEM[2:]
    assert PROBLEM[hit.item_start : hit.item_end] == PROBLEM[2:]
    assert hit.score == pytest.approx((len(PROBLEM.split()) - 1) / len(PROBLEM.split()))


def test_published_is_blind_to_a_change_of_punctuation_and_exact_is_not():
    changed = PROBLEM.replace("$N$", "\\(N\\)").replace(" of 8,", " of 8 ,").replace("If", "if")
    assert find([item(PROBLEM)], changed, "published") == []
    assert {hit.n for hit in find([item(PROBLEM)], changed)} == {10, 13, 20, 30}


def test_published_sees_no_text_shorter_than_n_and_exact_finds_it_whole():
    short = "What is the positive difference between $120\\%$ of 30 and $130\\%$ of 20?"
    page = f"Exercise 7. {short.upper()} Answer: 10."
    assert find([item(short)], page.replace(short.upper(), short), "published") == []
    hits = find([item(short)], page)
    assert {hit.n for hit in hits} == {10, 13, 20, 30}
    assert {page[hit.document_start : hit.document_end] for hit in hits} == {short.upper()[:-1]}
    assert all(hit.score == 1.0 for hit in hits)
    (other,) = find([item(short)], page.replace("30", "31").upper(), lengths=(20,))
    assert (other.method, other.kind) == ("fuzzy", "template")


def test_a_text_below_the_stated_minimum_is_not_looked_for():
    assert find([item("Evaluate $7!$")], "Evaluate 7! now") == []
    assert find([item("Evaluate $|7-24i|$.")], "To evaluate |7-24i| note", evident=False) != []
    assert Overlap([item("Evaluate $7!$")], "exact").coverage()[0].unseen == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$x^2 + y^2$", "x² + y²"),
        ("Janet’s ducks", "JANET'S DUCKS"),
        ("cafe\u0301 Gödel", "café GÖDEL"),
        ("𝑥 + 𝑦", "x + y"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a\u00a0b\u2028c", "a b c"),
        ("\\(a_1\\)", "a₁"),
    ],
)
def test_exact_words_are_the_same_however_they_are_set(one, other):
    assert folded(one) == folded(other)
    rest = "old wooden bridges carry green lanterns over the quiet river"
    (hit, *_) = find([item(f"{one} {rest}")], f"… {other}\t{rest}")
    assert (hit.method, hit.score) == ("exact", 1.0)


@settings(deadline=None)  # the first example waits for the compiler
@given(st.text())
def test_published_words_are_those_of_str_split(text):
    assert words(text, "published") == text.split()


@settings(deadline=None)
@example("𠀀\x800º")
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("aB9 .²é\u0301ß中ｱ𝑥\u00ad\u0903\ud800"))))
def test_exact_words_follow_the_rule(text):
    assume(
        not set(text) & set("\\&<-,{]}(#/\x7f½¼¾\u2010\xad") and not any(0x2150 <= ord(one) < 0x2160 for one in text)
    )
    assume(not any(0xFB00 <= ord(one) <= 0xFB06 for one in text))
    assert words_of_text(text) == [word.encode("utf-8", "replace").decode() for word in folded(text)]


LETTERS = st.lists(st.sampled_from("ab"), max_size=14).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(LETTERS.filter(bool), min_size=1, max_size=4), LETTERS, st.sampled_from(["published", "exact"]))
def test_equals_a_search_for_every_n_gram(texts, text, method):
    lengths = (3, 5)
    overlap = Overlap(
        [item(one, str(at)) for at, one in enumerate(texts)], method, lengths, shortest_whole=2, evident=False
    )
    hits = list(overlap.find([("d", text)]))
    there = text.split()
    expected = set()
    for number, one in enumerate(texts):
        looked_for = one.split()
        for n in lengths:
            need = min(n, len(looked_for)) if method == "exact" else n
            if need >= 2 and any(
                looked_for[at : at + need] == there[start : start + need]
                for at in range(len(looked_for) - need + 1)
                for start in range(len(there) - need + 1)
            ):
                expected.add((str(number), n))
    assert {(hit.item_id, hit.n) for hit in hits} == expected
    assert len(hits) == len(set(hits))
    for hit in hits:
        one = texts[int(hit.item_id)]
        assert text[hit.document_start : hit.document_end] == one[hit.item_start : hit.item_end]
        left = text[: hit.document_start].split()[-1:] == one[: hit.item_start].split()[-1:]
        right = text[hit.document_end :].split()[:1] == one[hit.item_end :].split()[:1]
        assert not (left and one[: hit.item_start]), "the match can be longer"
        assert not (right and one[hit.item_end :]), "the match can be longer"


def test_a_collision_of_hashes_is_no_hit(monkeypatch):
    monkeypatch.setattr(dedup.overlap.splitting, "_CONSTANTS", np.zeros(64, dtype=np.uint64))
    dedup.overlap.words.reading.cache_clear()
    overlap = Overlap([item(PROBLEM), item("one two three", "1")], "exact", evident=False)
    assert not overlap._index.hashes.any()
    assert list(overlap.find([("d", PROBLEM.replace("e", "o"))])) == []
    assert {hit.item_id for hit in overlap.find([("d", PROBLEM), ("e", "One, two, three!")])} == {"0", "1"}
    monkeypatch.undo()
    dedup.overlap.words.reading.cache_clear()


def test_lists_problem_and_solution_apart_and_each_span_once():
    solution = "Call the number of students N and write N as five more than a multiple of eight."
    both = Item("math", "7", (("problem", PROBLEM), ("solution", solution)))
    text = f"{solution} Some other words. {PROBLEM} Some other words. {solution}"
    hits = find([both], text, lengths=(10,))
    assert [(hit.field, text[hit.document_start : hit.document_start + 4]) for hit in hits] == [
        ("problem", "A gr"),
        ("solution", "Call"),
        ("solution", "Call"),
    ]


def test_the_answer_does_not_depend_on_the_company_a_document_keeps(monkeypatch):
    documents = [(str(number), f"{number} {PROBLEM[number:]}") for number in range(9)]
    overlap = Overlap([item(PROBLEM)], "exact")
    together = sorted(overlap.find(documents))
    monkeypatch.setattr("dedup.overlap.search.BATCH_CHARACTERS", 1)
    assert sorted(overlap.find(reversed(documents))) == together
    assert len({hit.document_id for hit in together}) == 9


def test_endless_repetition_costs_neither_time_nor_rows():
    zeros = "0 & " * 250_000
    items = [item(f"{number} " + "0 & " * 40 + "end", str(number)) for number in range(200)]
    overlap = Overlap([*items, item("0 0 0", "short")], "exact", evident=False)
    list(overlap.find([("warm", "x")]))
    started = time.process_time()
    hits = list(overlap.find([("d", zeros)]))
    assert time.process_time() - started < 10
    assert {hit.item_id for hit in hits} == {*(str(number) for number in range(200)), "short"}
    assert len(hits) <= 201 * 4 * 64


def test_an_n_below_two_words_is_refused():
    with pytest.raises(ValueError, match="two words"):
        Overlap([item(PROBLEM)], "exact", lengths=(1, 10))


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

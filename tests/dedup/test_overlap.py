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
from tests.dedup.overlap_search import find, item

REAL = os.environ.get("PROOFPILE_REAL_DATA")
needs_real_data = pytest.mark.skipif(not REAL, reason="PROOFPILE_REAL_DATA is not set")
PROBLEM = (
    "A group of $N$ students, where $N < 50$, is on a field trip. If their teacher puts them in groups of 8, the last "
    "group has 5 students. If their teacher instead puts them in groups of 6, the last group has 3 students."
)


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

"""A model's results joined to the hits of an audit."""

import json
from pathlib import Path

import pytest

from manifests.errors import UserError
from pipelines.commands.cli import main
from pipelines.report.audit.generated import written
from pipelines.report.audit.memorisation import Chosen, Item, by_level, gains, joined, memorisation
from pipelines.report.audit.results import read_results
from tests.pipelines.report.audit.made_audit import PROBLEMS, made_audit

LLEMMA_34B = {
    # Level: right and all of the hit problems, right and all of the others; MATH has 437, 894, 1131, 1214, 1324.
    "1": (8, 11, 262, 426),
    "2": (10, 28, 348, 866),
    "3": (17, 56, 289, 1075),
    "4": (14, 94, 186, 1120),
    "5": (11, 181, 73, 1143),
}
PUBLISHED = {"1": (72.73, 61.50), "2": (35.71, 40.18), "3": (30.36, 26.88), "4": (14.89, 16.61), "5": (6.08, 6.39)}
"""Percentages of the Llemma paper, section 3.5."""


def test_the_table_of_the_llemma_paper() -> None:
    items = [
        Item(level, number < right, found)
        for level, (hit_right, hit, other_right, other) in LLEMMA_34B.items()
        for right, count, found in ((hit_right, hit, 1.0), (other_right, other, 0.0))
        for number in range(count)
    ]
    lines = {line.level: line for line in by_level(items)}
    shown = {
        level: (round(100 * lines[level].hit.value, 2), round(100 * lines[level].other.value, 2)) for level in PUBLISHED
    }
    assert shown == PUBLISHED
    assert lines["all"].hit.trials == 370 and lines["all"].other.trials == 4630
    assert all(lines[level].chance > 0.3 for level in PUBLISHED), "no level differs more than by chance"


def test_the_gain_is_what_found_items_add() -> None:
    items = [Item("", True, 1.0), Item("", True, 0.5), Item("", False, 0.0), Item("", False, 0.0)]
    found = {gain.threshold: (gain.items, gain.gain) for gain in gains(items)}
    assert found[0.1] == (2, 0.5)
    assert found[1.0] == (1, pytest.approx(0.5 - 1 / 3))


def write(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    "rows",
    [
        [{"id": "i0", "correct": True}, {"id": "i1", "correct": 0}],
        [{"problem": f" {PROBLEMS[0]}\n", "acc": 1.0}, {"problem": PROBLEMS[1], "acc": 0.0}],
        [
            {"doc_id": 0, "doc": {"id": "i0", "problem": PROBLEMS[0]}, "filter": name, "exact_match": right}
            for name, right in (("strict", 1.0), ("flexible", 0.0))
        ]
        + [{"doc_id": 1, "doc": {"id": "i1", "problem": PROBLEMS[1]}, "filter": "strict", "exact_match": 0.0}],
        [
            {
                "results": {},
                "cache": {"task": [{"problem": PROBLEMS[0], "acc": 1}, {"problem": PROBLEMS[1], "acc": 0}]},
            }
        ],
    ],
)
def test_results_of_all_forms_are_joined_by_problem_or_id(tmp_path: Path, rows: list[dict]) -> None:
    root = made_audit(tmp_path)
    found = memorisation(root, "mine", joined(root, "mine", read_results(write(tmp_path / "r.jsonl", rows))), Chosen())
    assert found.unknown == 0
    (everything,) = [line for line in found.lines if line.level == "all"]
    assert (everything.hit.hits, everything.hit.trials) == (1, 2)


def test_tasks_of_one_file_may_say_by_other_columns_what_is_right(tmp_path: Path) -> None:
    tasks = {"sums": [{"input": "?", "exact_match": True}], "ours": [{"problem": PROBLEMS[0], "acc": 1}]}
    whole = {"results": {"sums": {"exact_match": 1.0}}, "versions": {"sums": 0, "ours": 1}, "cache": tasks}
    (tmp_path / "r.json").write_text(json.dumps(whole, indent=2))
    found = read_results(tmp_path / "r.json")
    assert [one.correct for one in found] == [1, 1]


def test_what_a_model_wrote_is_looked_for_in_the_corpus(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = made_audit(tmp_path)
    read = "Three tiles leave six free squares, and the gaps between them are shared out like marbles among four boxes."
    rows = [
        {"id": "i0", "correct": True, "resps": [[read]]},
        {
            "id": "i1",
            "correct": False,
            "metadata": {"candidates": "They meet when the first one stands still at dusk."},
        },
        {"id": "i2", "correct": False},
    ]
    results = write(tmp_path / "r.jsonl", rows)
    texts = [f"Solution. {read} Done.", "Nothing of it."]
    corpus = write(tmp_path / "corpus.jsonl", [{"text": text} for text in texts])
    known = joined(root, "mine", read_results(results))
    seen = written(known, texts, Chosen())
    assert (seen.documents, seen.documents_hit) == (2, 1)
    lines = {line.level: line for line in seen.lines}
    assert (lines["all"].found.hits, lines["all"].found.trials) == (1, 2), "one of two that wrote something"
    assert (lines["Level 0"].right.hits, lines["Level 0"].right.trials) == (1, 1)
    assert lines["Level 1"].found.hits == 0
    assert written(known, texts, Chosen("published", 30)).documents_hit == 0, "it has fewer than 30 words"
    arguments = ["memorisation", str(root), "--results", f"mine={results}", "--corpus", str(corpus)]
    assert main(arguments) == 0
    assert "2 documents: 1 of them hold a solution" in capsys.readouterr().out
    assert main([*arguments[:-1], str(tmp_path / "none.jsonl")]) == 2
    silent = write(tmp_path / "s.jsonl", [{"id": "i0", "correct": True}])
    with pytest.raises(UserError, match="nothing that the model wrote"):
        written(joined(root, "mine", read_results(silent)), texts, Chosen())


def test_results_that_fit_nothing_or_say_nothing_are_named(tmp_path: Path) -> None:
    root = made_audit(tmp_path)
    with pytest.raises(UserError, match="none of the 1 results fits an item of `mine`"):
        joined(root, "mine", read_results(write(tmp_path / "r.jsonl", [{"id": "zz", "correct": True}])))
    with pytest.raises(UserError, match="the audit has no benchmark `math`; it has mine"):
        joined(root, "math", [])
    with pytest.raises(UserError, match="no column `correct` that says what is right; there are id"):
        read_results(write(tmp_path / "r.jsonl", [{"id": "i0"}]))
    with pytest.raises(UserError, match="result 0: `score` is 7; expected true, false or 0 to 1"):
        read_results(write(tmp_path / "r.jsonl", [{"id": "i0", "score": 7}]))


def test_the_commands_print_the_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = write(tmp_path / "r.jsonl", [{"id": f"i{number}", "correct": number == 0} for number in range(3)])
    root = made_audit(tmp_path, "--results", f"mine={results}")
    assert main(["memorisation", str(root), "--results", f"mine={results}"]) == 0
    shown = capsys.readouterr().out
    assert "hit items" in shown and "Level 0" in shown and "gain in points" in shown
    assert main(["memorisation", str(root), "--results", f"mine={results}", "--method", "exact", "--n", "10"]) == 0
    assert main(["memorisation", str(root), "--results", f"mine={results}", "--method", "exact"]) == 2
    assert main(["memorisation", str(root), "--results", str(results)]) == 2

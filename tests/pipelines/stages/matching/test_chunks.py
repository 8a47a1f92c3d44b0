"""The rule of 2,048-character chunks as a recipe selects it: who goes, by which order, and what the lists say."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from filters.code.chunks import CHUNK_CHARACTERS, ChunkedFile, chunk_duplicates, chunk_hashes
from manifests import ledger
from manifests.errors import UserError
from manifests.recipe import recipe_from
from manifests.records import Document, Rules, order_key
from pipelines.corpus.verify import verify
from pipelines.engine.engine import Engine
from tests.pipelines.corpus.made_corpus import document, make
from tests.pipelines.stages.test_dedup import duplicates, outputs, run

PARTS = ["".join(random.Random(seed).choices("lemma :=é\n", k=CHUNK_CHARACTERS)) for seed in range(30)]
FOLDERS = ("chunks", "signatures", "duplicates", "clusters", "ledger")


def in_order(names: Sequence[str]) -> list[str]:
    """Names as the rule takes documents: by the hash of their ids."""
    return sorted(names, key=order_key)


def made(root: Path, files: dict[str, list[Document]], rules: Rules, **more: object) -> Path:
    settings = {"chunks": ["code"], "rules": rules, **more}
    sources = ("code", "web")
    build = make(root, files, {key: value for key, value in settings.items() if key != "rules"}, sources=sources)
    return run(build.__class__(**{**vars(build), "recipe": build.recipe.model_copy(update={"rules": rules})}))


FIRST, SECOND, THIRD = in_order(["code:1", "code:2", "code:3"])


def code(identifier: str, text: str, language: str = "coq") -> Document:
    return document(identifier, text, "code")._replace(subset=language)


def test_a_document_with_a_chunk_seen_before_goes_and_names_its_first_holder(tmp_path: Path) -> None:
    files = {"code/x": [code(THIRD, PARTS[2] + PARTS[1]), code(FIRST, PARTS[0] + PARTS[1])]}
    files["code/y"] = [code(SECOND, PARTS[2])]
    root = made(tmp_path, files, "published")
    assert duplicates(root) == {THIRD: (SECOND, "chunks", 1.0, SECOND)}
    assert ledger.totals(ledger.read_entries(root))["dedup"]["code"].rejected == {"duplicate_chunks": 1}
    assert [finding for finding in verify(root) if finding.path != "manifest.json"] == []


def test_half_of_a_document_is_enough_for_corrected_and_less_is_not(tmp_path: Path) -> None:
    files = {"code/x": [code(FIRST, PARTS[0]), code(SECOND, PARTS[0] + PARTS[1]), code(THIRD, "".join(PARTS[:3]))]}
    assert set(duplicates(made(tmp_path / "p", files, "published"))) == {SECOND, THIRD}
    assert duplicates(made(tmp_path / "c", files, "corrected")) == {SECOND: (FIRST, "chunks", 0.5, FIRST)}


def test_published_leaves_no_copy_of_a_file_that_repeats_itself_and_ignores_the_tail(tmp_path: Path) -> None:
    files = {"code/x": [code(FIRST, PARTS[0] * 2), code(SECOND, PARTS[1] + "tail"), code(THIRD, PARTS[2] + "tail")]}
    assert duplicates(made(tmp_path / "p", files, "published")) == {FIRST: (FIRST, "chunks", 0.5, FIRST)}
    assert duplicates(made(tmp_path / "c", files, "corrected")) == {}


def test_languages_and_sources_that_are_not_named_are_left_alone(tmp_path: Path) -> None:
    files = {"code/x": [code(FIRST, PARTS[0] + PARTS[1]), code(SECOND, PARTS[0] + PARTS[2], "lean")]}
    files["web/x"] = [document("web:1", PARTS[3] + PARTS[4], "web"), document("web:2", PARTS[3] + PARTS[5], "web")]
    assert duplicates(made(tmp_path, files, "published")) == {}


def test_a_dropped_document_stands_for_no_other(tmp_path: Path) -> None:
    # SECOND shares a chunk with FIRST and all its text with the page, which must then not go because of it.
    shared = PARTS[0] + PARTS[1]
    files = {
        "code/x": [code(FIRST, PARTS[0] + PARTS[2]), code(SECOND, shared)],
        "web/x": [document("w", shared, "web")],
    }
    assert duplicates(made(tmp_path, files, "published")) == {SECOND: (FIRST, "chunks", 0.5, FIRST)}


def test_the_cluster_is_that_of_what_stands_for_the_first_holder(tmp_path: Path) -> None:
    files = {"code/x": [code(FIRST, PARTS[0]), code(SECOND, PARTS[0] + PARTS[1])]}
    files["web/x"] = [document("w", PARTS[0], "web")]
    found = duplicates(made(tmp_path, files, "published", priority=["web"]))
    assert found == {FIRST: ("w", "exact", 1.0, "w"), SECOND: (FIRST, "chunks", 0.5, "w")}


@pytest.mark.parametrize("rules", ["published", "corrected"])
def test_the_answer_is_the_rules_own_however_documents_lie_in_files_and_on_any_number_of_workers(
    tmp_path: Path, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = random.Random(5)
    texts = {f"code:{n}": "".join(generator.choices(PARTS, k=generator.randint(1, 6))) for n in range(60)}
    expected = {
        one.id: (one.kept_id, one.shared)
        for one in chunk_duplicates(
            [ChunkedFile(name, chunk_hashes(texts[name], rules)) for name in in_order(list(texts))], rules
        )
    }
    assert 5 < len(expected) < 60
    names = sorted(texts)
    one = made(tmp_path / "one", {"code/x": [code(name, texts[name]) for name in names]}, rules)
    found = {name: (row[0], row[2]) for name, row in duplicates(one).items() if row[1] == "chunks"}
    assert found == expected
    monkeypatch.setattr("pipelines.stages.matching.repeats.ranges_of", lambda size, most: 64)
    parts = {f"code/{part}": [code(name, texts[name]) for name in names[part::7]] for part in range(7)}
    many = made(tmp_path / "many", parts, rules)
    assert duplicates(many) == duplicates(one)
    build = make(tmp_path / "again", parts, {"chunks": ["code"]}, Engine(workers=2), ("code", "web"))
    build = build.__class__(**{**vars(build), "recipe": build.recipe.model_copy(update={"rules": rules})})
    assert outputs(run(build), *FOLDERS) == outputs(many, *FOLDERS)


def test_a_second_run_does_nothing_and_a_recipe_without_the_rule_takes_it_back(tmp_path: Path) -> None:
    files = {"code/x": [code(FIRST, PARTS[0]), code(SECOND, PARTS[0] + PARTS[1])]}
    root = made(tmp_path, files, "published")
    times = {path: path.stat().st_mtime_ns for path in root.rglob("*.parquet")}
    assert made(tmp_path, {}, "published") == root
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*.parquet")} == times
    made(tmp_path, {}, "published", chunks=[])
    assert duplicates(root) == {}
    assert not list((root / "chunks").rglob("*.parquet"))


def test_a_source_that_is_not_there_is_one_line() -> None:
    data = {"name": "x", "sources": [{"name": "a", "kind": "dataset", "inputs": ["x"]}], "dedup": {"chunks": ["b"]}}
    with pytest.raises(UserError, match=r"dedup\.chunks: no source is called `b`; sources: a"):
        recipe_from(data, "recipe")

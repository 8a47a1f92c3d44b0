"""The dedup stage: what is dropped, what stays for it, and that the answer does not depend on how it was computed."""

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dedup.shingles import Shingler, as_bytes
from manifests import ledger, machine
from manifests.errors import Fault, UserError
from manifests.records import Document
from manifests.writing import sha256_of
from pipelines.engine.engine import Engine
from pipelines.stages import dedup
from pipelines.stages.build import Build
from pipelines.stages.matching import listing, shuffle
from tests.pipelines.corpus.made_corpus import document, make

WORDS = [f"word{number}" for number in range(500)] + [r"\frac", r"\int", "Größe", "証明"]


def text(seed: int, words: int = 200) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def edited(original: str, seed: int, share: float) -> str:
    generator = random.Random(seed)
    return " ".join(f"new{seed}x{i}" if generator.random() < share else word for i, word in enumerate(original.split()))


def true_similarity(left: str, right: str) -> float:
    sets = [set(Shingler(5)(as_bytes(one))[0].tolist()) for one in (left, right)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def duplicates(root: Path) -> dict[str, tuple[str, str, float, str]]:
    rows = {}
    for path in sorted(root.glob("duplicates/**/*.parquet")):
        for row in pq.read_table(path).to_pylist():
            rows[row["id"]] = (row["kept_id"], row["method"], row["similarity"], row["cluster"])
    return rows


def outputs(root: Path, *folders: str) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders or ("signatures", "duplicates", "clusters", "ledger")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    }


def run(build: Build) -> Path:
    dedup.run(build)
    return build.root


def mixed(seed: int = 0) -> dict[str, list[Document]]:
    """Three sources with exact copies, near copies and texts of their own."""
    files: dict[str, list[Document]] = {"a/one": [], "a/two": [], "b/one": [], "c/one": []}
    names = sorted(files)
    for number in range(60):
        original = text(number)
        name = names[number % 4]
        files[name].append(document(f"{name}:{number}", original, name[0]))
        if number % 3 == 0:
            other = names[(number + 1) % 4]
            near = edited(original, number + seed, 0.01)
            files[other].append(document(f"{other}:near{number}", near, other[0]))
        if number % 5 == 0:
            other = names[(number + 2) % 4]
            files[other].append(document(f"{other}:copy{number}", original, other[0]))
    return files


def test_equal_bytes_equal_words_and_near_copies_are_told_apart(tmp_path: Path) -> None:
    original = text(1)
    near = edited(original, 2, 0.01)
    files = {
        "a/x": [document("a:0", original), document("a:1", text(2))],
        "b/x": [
            document("b:0", original, "b"),
            document("b:1", original.upper() + " !", "b"),
            document("b:2", near, "b"),
        ],
    }
    found = duplicates(run(make(tmp_path, files)))
    assert found["b:0"] == ("a:0", "exact", 1.0, "a:0")
    # Upper case changes a LaTeX command, so the words differ there and only the near match remains.
    assert found["b:1"][:2] == ("a:0", "minhash")
    assert found["b:2"] == ("a:0", "minhash", true_similarity(original, near), "a:0")
    assert set(found) == {"b:0", "b:1", "b:2"}


def test_words_without_commands_are_equal_after_normalisation(tmp_path: Path) -> None:
    files = {"a/x": [document("a:0", "One proof, two PROOFS"), document("a:1", "one proof two proofs!!!!")]}
    assert duplicates(run(make(tmp_path, files)))["a:0"] == ("a:1", "normalised", 1.0, "a:1")


def test_the_ledger_balances_and_every_signature_is_listed(tmp_path: Path) -> None:
    root = run(make(tmp_path, mixed()))
    sums = ledger.totals(ledger.read_entries(root))
    dropped = duplicates(root)
    assert sum(part.read for part in sums["dedup"].values()) == sum(len(rows) for rows in mixed().values())
    assert sum(sum(part.rejected.values()) for part in sums["dedup"].values()) == len(dropped) > 25
    assert {reason for part in sums["dedup"].values() for reason in part.rejected} == {
        "duplicate_exact",
        "duplicate_minhash",
    }
    clusters = pq.read_table(root / "clusters/clusters.parquet").to_pylist()
    assert sum(row["dropped"] for row in clusters) == len(dropped)
    assert [row["size"] for row in clusters] == sorted((row["size"] for row in clusters), reverse=True)
    assert all(sum(count for _, count in row["sources"]) == row["size"] for row in clusters)


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({}, "a:short"),
        ({"priority": ["b"]}, "b:long"),
        ({"priority": ["c", "b"]}, "c:worse"),
        ({"priority": ["c", "b"], "quality": "q"}, "c:best"),
    ],
)
def test_sources_survive_in_the_stated_order(tmp_path: Path, settings: dict[str, object], kept: str) -> None:
    files = {
        "a/x": [document("a:short", "one two three")],
        "b/x": [document("b:long", "one two three ...", "b")],
        "c/x": [document("c:best", "one two three", "c", q=0.9), document("c:worse", "one, two, three", "c", q=0.1)],
    }
    found = duplicates(run(make(tmp_path, files, settings)))
    assert {row[0] for row in found.values()} == {kept}
    assert len(found) == 3


def test_within_a_source_quality_then_length_then_id_decide(tmp_path: Path) -> None:
    same = [
        document("a:b", "x y z"),
        document("a:a", "x y z"),
        document("a:long", "x, y, z"),
        document("a:q", "x y z", q=1.0),
    ]
    assert {row[0] for row in duplicates(run(make(tmp_path / "1", {"a/x": same}, {"quality": "q"}))).values()} == {
        "a:q"
    }
    assert {row[0] for row in duplicates(run(make(tmp_path / "2", {"a/x": same}))).values()} == {"a:long"}
    assert {row[0] for row in duplicates(run(make(tmp_path / "3", {"a/x": same[:2]}))).values()} == {"a:a"}


def test_large_buckets_led_give_the_same_lists(tmp_path: Path) -> None:
    plain = run(make(tmp_path / "plain", mixed()))
    led = run(make(tmp_path / "led", mixed(), {"compare_all_to": 2}))
    assert outputs(plain, "duplicates", "signatures") == outputs(led, "duplicates", "signatures")
    assert duplicates(plain)


def test_stars_on_the_runner_and_many_small_ranges_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = run(make(tmp_path / "plain", mixed()))
    cut_into: list[int] = []
    few = shuffle.ranges_of

    def many(size: int, most: int) -> int:
        cut_into.append(few(size, most // 40_000))
        return cut_into[-1]

    for module in ("shuffle", "connected"):
        monkeypatch.setattr(f"pipelines.stages.matching.{module}.ranges_of", many)
    said: list[str] = []
    build = make(tmp_path / "stars", mixed(), {"graph_mb": 0})
    monkeypatch.setattr(type(build.progress), "say", lambda progress, line: said.append(line))
    assert outputs(run(build)) == outputs(plain)
    assert any("rounds of stars" in line for line in said)
    assert len(cut_into) == 3
    assert min(cut_into) > 1


@pytest.mark.parametrize("mode", ["threads", pytest.param("processes", marks=pytest.mark.slow)])
def test_workers_do_not_change_a_byte(tmp_path: Path, mode: str) -> None:
    one = run(make(tmp_path / "one", mixed()))
    two = run(make(tmp_path / "two", mixed(), engine=Engine(workers=2, mode=mode)))
    assert outputs(one) == outputs(two)


def test_a_runner_that_loses_rows_is_noticed_and_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = run(make(tmp_path / "plain", mixed()))
    kept = shuffle.cut
    calls = []

    def losing(path: Path, batches: Iterable[Sequence[shuffle.U64]], ranges: int) -> Iterator[Any]:
        calls.append(path.name)
        taken = list(kept(path, batches, ranges))
        return iter(taken[:-1] if calls.count(path.name) == 1 and path.name in ("equal-1", "bands-0") else taken)

    monkeypatch.setattr("pipelines.stages.matching.equal.cut", losing)
    monkeypatch.setattr("pipelines.stages.matching.similar.cut", losing)
    said: list[str] = []
    build = make(tmp_path / "lossy", mixed())
    monkeypatch.setattr(type(build.progress), "say", lambda progress, line: said.append(line))
    assert outputs(run(build)) == outputs(plain)
    assert any("lost rows" in line for line in said)


def test_a_runner_that_always_loses_rows_fails_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = shuffle.cut
    monkeypatch.setattr("pipelines.stages.matching.equal.cut", lambda *some: list(kept(*some))[1:])
    with pytest.raises(Fault, match=r"lost rows of a shuffle 3 times over \(equal: "):
        run(make(tmp_path, mixed()))


def test_what_was_matched_before_the_system_started_anew_is_matched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that lost its power may have left files of the matching cut, and the mark that it is done whole."""
    expected = outputs(run(make(tmp_path / "whole", mixed())))
    build = make(tmp_path / "cut", mixed())
    do, stops = Build.do, True

    def stopped(self: Build, stage: str, plan: Any) -> None:
        if stops and stage == listing.STAGE:
            raise KeyboardInterrupt
        do(self, stage, plan)

    monkeypatch.setattr(Build, "do", stopped)
    with pytest.raises(KeyboardInterrupt):
        dedup.run(build)
    [done] = build.root.glob(".work/matching/*/done")
    for path in done.parent.glob("chosen-*.parquet"):
        path.write_bytes(b"")
    monkeypatch.setattr(machine, "started", lambda: "another start")
    stops = False
    assert outputs(run(build)) == expected


def test_a_second_run_does_nothing_and_a_lost_file_is_made_again(tmp_path: Path) -> None:
    build = make(tmp_path, mixed())
    root = run(build)
    before = outputs(root)
    times = {path: path.stat().st_mtime_ns for path in root.rglob("*.parquet")}
    run(build)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*.parquet")} == times
    cut = root / "signatures/a/one.parquet"
    cut.write_bytes(cut.read_bytes()[:-100])
    (root / "signatures/b/one.records").write_bytes(b"")
    (root / "duplicates/a/two.parquet").unlink(missing_ok=True)
    run(build)
    assert outputs(root) == before


def test_an_id_that_occurs_twice_is_refused_with_both_places(tmp_path: Path) -> None:
    files = {"a/one": [document("a:1", "x")], "b/two": [document("a:1", "y", "b")]}
    with pytest.raises(UserError, match=r"id 'a:1' occurs twice, in a/one \(text 1\) and in b/two \(text 1\)"):
        run(make(tmp_path, files))


def test_odd_texts_pass_through(tmp_path: Path) -> None:
    texts = ["", "", "---", "...", "one", "ONE!", "na " * 100_000, "na " * 99_000, "ที่นี่", "\u0301", "𝑥² " * 50]
    found = duplicates(run(make(tmp_path, {"a/x": [document(f"a:{i:02d}", one) for i, one in enumerate(texts)]})))
    assert found["a:01"][:3] == ("a:00", "exact", 1.0)
    assert found["a:04"][:2] == ("a:05", "normalised")
    assert found["a:07"] == ("a:06", "minhash", 1.0, "a:06")
    assert set(found) == {"a:01", "a:04", "a:07"}


def test_lone_surrogates_in_a_file_are_bytes_like_others(tmp_path: Path) -> None:
    build = make(tmp_path, {"a/x": [document("a:0", "abc \ufffd def"), document("a:1", "abc xx def")]})
    path = tmp_path / "documents/a/x.parquet"
    table = pq.read_table(path)
    data = table.column("text").combine_chunks().buffers()[2].to_pybytes().replace("\ufffd".encode(), b"\xed\xa0\x80")
    column = pa.LargeStringArray.from_buffers(2, table.column("text").combine_chunks().buffers()[1], pa.py_buffer(data))
    pq.write_table(table.set_column(3, table.schema.field("text"), column), path)
    [entry] = ledger.read_entries(tmp_path, "extract")
    [fact] = entry.outputs
    written = fact._replace(bytes=path.stat().st_size, sha256=sha256_of(path))
    ledger.write_entry(tmp_path, replace(entry, outputs=(written,)))
    assert duplicates(run(build)) == {}


def test_what_the_filter_rejected_takes_no_part(tmp_path: Path) -> None:
    build = make(tmp_path, {"a/x": [document("a:0", text(1)), document("a:1", text(1))]})
    listed = tmp_path / "rejected/filter/a/x.parquet"
    listed.parent.mkdir(parents=True)
    pq.write_table(pa.table({"id": ["a:0"]}), listed)
    assert duplicates(run(build)) == {}
    assert ledger.totals(ledger.read_entries(tmp_path))["dedup"]["a"].read == 1


def test_a_bucket_of_thousands_of_equal_and_equally_worded_texts(tmp_path: Path) -> None:
    rows = [document(f"a:{i}", "na " * (6 + i)) for i in range(3000)]
    found = duplicates(run(make(tmp_path, {"a/x": rows})))
    assert len(found) == 2999
    assert {row[:3] for row in found.values()} == {("a:2999", "minhash", 1.0)}


def chain(length: int, seed: int = 5) -> list[Document]:
    """Texts of which each is nearly the one before it, and the last nothing like the first."""
    generator = random.Random(1000 + seed)
    words, rows = text(seed, 400).split(), []
    for number in range(length):
        rows.append(document(f"a:{number:02}", " ".join(words)))
        start = number * 14 % 386
        words[start : start + 14] = generator.choices(WORDS, k=14)
    return rows


def test_what_goes_is_alike_to_what_stays_also_in_a_chain(tmp_path: Path) -> None:
    rows = chain(60)
    texts = {row.id: row.text for row in rows}
    assert true_similarity(rows[0].text, rows[-1].text) < 0.05
    root = run(make(tmp_path, {"a/x": rows}))
    found = duplicates(root)
    assert 30 <= len(found) < 59
    for name, (kept, _, similarity, _) in found.items():
        assert kept not in found
        assert similarity == true_similarity(texts[name], texts[kept]) >= 0.8
    (entry,) = ledger.read_entries(root, "clusters")
    assert entry.numbers["clusters_cut"] == 1


def test_one_of_a_cluster_stays_where_the_recipe_says_so(tmp_path: Path) -> None:
    found = duplicates(run(make(tmp_path, {"a/x": chain(60)}, {"survivors": "one"})))
    assert len(found) == 59
    assert len({kept for kept, *_ in found.values()}) == 1


def test_of_a_large_bucket_whose_first_is_not_the_best_one_stays(tmp_path: Path) -> None:
    # All pairs are alike, but only those of the first document are measured; the longest is the best.
    base = text(8, 300)
    rows = [document(f"a:{i:03}", f"{base} end{i} " + "tail " * (i % 7)) for i in range(200)]
    found = duplicates(run(make(tmp_path, {"a/x": rows}, {"compare_all_to": 4})))
    assert len(found) == 199


def test_simhash_finds_copies_that_differ_in_a_few_characters(tmp_path: Path) -> None:
    original = text(3, 2000)
    files = {"a/x": [document("a:0", original), document("a:1", original + " end"), document("a:2", text(4, 2000))]}
    found = duplicates(run(make(tmp_path, files, {"method": "simhash"})))
    assert found["a:0"][:2] == ("a:1", "simhash")
    assert 1 - 3 / 64 <= found["a:0"][2] <= 1
    assert set(found) == {"a:0"}


def test_an_estimate_is_allowed_where_the_recipe_says_so_and_tells_its_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = text(5, 2000)
    near = edited(original, 6, 0.01)
    files = {"a/x": [document("a:0", original), document("a:1", near)]}
    settings = {"verification": "estimate", "permutations": 256}
    said: list[str] = []
    build = make(tmp_path, files, settings)
    monkeypatch.setattr(type(build.progress), "say", lambda progress, line: said.append(line))
    (row,) = duplicates(run(build)).values()
    assert "dedup: similarities are estimates; their standard error is 0.025 at 0.8" in said
    assert abs(row[2] - true_similarity(original, near)) < 0.1
    assert row[2] * 256 == int(row[2] * 256)


class TestAgainstAnEarlierCorpus:
    def old(self, folder: Path, **settings: object) -> Path:
        files = {"a/old": [document("old:1", text(1)), document("old:2", text(2)), document("old:2b", text(2) + " x")]}
        return run(make(folder / "old", files, settings))

    def new(self, folder: Path, **settings: object) -> Build:
        rows = [
            document("new:1", edited(text(1), 1, 0.005), "b"),
            document("new:2", text(2), "b"),
            document("new:3", text(3), "b"),
        ]
        rows.append(document("new:3b", text(3) + " y", "b"))
        return make(folder / "new", {"b/new": rows}, {"against": [str(folder / "old")], **settings})

    def test_what_it_has_is_dropped_and_named_and_it_is_not_touched(self, tmp_path: Path) -> None:
        old = self.old(tmp_path)
        before = outputs(old, "signatures", "duplicates", "ledger", "documents", "clusters")
        found = duplicates(run(self.new(tmp_path)))
        assert found["new:1"][0] == "old:1"
        assert found["new:2"][:3] == ("old:2", "exact", 1.0)
        # The earlier corpus had dropped old:2 for its longer copy, which is what stands for both.
        assert found["new:2"][3] == "old:2b"
        assert found["new:3"][0] == "new:3b"
        assert set(found) == {"new:1", "new:2", "new:3"}
        assert outputs(old, "signatures", "duplicates", "ledger", "documents", "clusters") == before

    def test_what_it_dropped_itself_is_no_reason_to_drop_more(self, tmp_path: Path) -> None:
        best, middle, far = (row.text for row in chain(5)[::2])
        assert (
            min(true_similarity(best, middle), true_similarity(middle, far)) >= 0.8 > true_similarity(best + " z", far)
        )
        old = run(make(tmp_path / "old", {"a/old": [document("best", best + " z z z"), document("middle", middle)]}))
        assert set(duplicates(old)) == {"middle"}
        news = [document("far", far, "b"), document("same", middle, "b")]
        found = duplicates(run(make(tmp_path / "new", {"b/new": news}, {"against": [str(old)]})))
        assert set(found) == {"same"}
        assert found["same"][3] == "best"

    def test_other_parameters_are_refused(self, tmp_path: Path) -> None:
        self.old(tmp_path)
        with pytest.raises(UserError, match="other parameters"):
            run(self.new(tmp_path, shingle_words=3))

    def test_another_threshold_is_no_other_parameter(self, tmp_path: Path) -> None:
        self.old(tmp_path)
        assert "new:2" in duplicates(run(self.new(tmp_path, threshold=0.5)))

    def test_a_signature_file_cut_short_is_named(self, tmp_path: Path) -> None:
        path = self.old(tmp_path) / "signatures/a/old.parquet"
        path.write_bytes(path.read_bytes()[:-50])
        with pytest.raises(UserError, match=r"old\.parquet: .* bytes where the ledger has"):
            run(self.new(tmp_path))

    @pytest.mark.parametrize("settings", [{}, {"method": "simhash"}], ids=["minhash", "simhash"])
    def test_the_keys_that_it_kept_and_its_signatures_give_the_same_answer(
        self, tmp_path: Path, settings: dict[str, object]
    ) -> None:
        texts = [text(number) for number in range(40)]
        olds = [document(f"old:{number}", one) for number, one in enumerate([*texts, "", "!?"])]
        old = run(make(tmp_path / "old", {"a/old": olds}, settings))
        (entry,) = ledger.read_entries(old, "keys")
        (keys,) = entry.outputs
        assert keys.path.startswith(f"signatures/a/old.{settings.get('method', 'minhash')}-")
        rows = np.load(old / keys.path, allow_pickle=False)
        assert (len(rows), int(rows.any(axis=(1, 2)).sum())) == (42, 40)
        news = [document(f"new:{n}", edited(one, n, n / 1000), "b") for n, one in enumerate([*texts, text(99), ""])]
        build = make(tmp_path / "new", {"b/new": news}, {"against": [str(old)], **settings})
        before = outputs(run(build))
        assert len(duplicates(build.root)) > 5
        # As in a corpus that was made before there were such files, or with other bands.
        ledger.withdraw(old, "keys", entry.unit)
        again = make(tmp_path / "again/new", {"b/new": news}, {"against": [str(old)], **settings})
        assert outputs(run(again)) == before

    def test_a_file_of_keys_cut_short_is_named(self, tmp_path: Path) -> None:
        (path,) = self.old(tmp_path).glob("signatures/a/old.*.keys")
        path.write_bytes(path.read_bytes()[:-8])
        with pytest.raises(UserError, match=r"old\.minhash-15x7\.keys: .* bytes where the ledger has"):
            run(self.new(tmp_path))

    def test_a_corpus_that_is_not_finished_is_refused(self, tmp_path: Path) -> None:
        ledger.withdraw(self.old(tmp_path), "dedup", "a-old")
        with pytest.raises(UserError, match="old: its deduplication has not ended"):
            run(self.new(tmp_path))

    def test_a_folder_without_signatures_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "old").mkdir()
        with pytest.raises(UserError, match="has no signatures"):
            run(self.new(tmp_path))

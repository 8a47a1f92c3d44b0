"""Tokenized shards: what goes in, what the lists of earlier stages keep out, and that every token is there."""

import argparse
import hashlib
import io
import json
import re
import struct
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from manifests import ledger
from manifests.errors import UserError
from manifests.records import DUPLICATE, HIT, REJECTED, SEQUENCE, Document, Duplicate, Hit, Rejected
from pipelines.commands import shard as command
from pipelines.corpus.rows import read_rows
from pipelines.engine.engine import Engine
from pipelines.report import report
from pipelines.shards.choices import split_of
from pipelines.shards.tokenizer import load_tokenizer
from pipelines.stages import shard
from pipelines.stages.build import Build
from tests.pipelines.engine.inline_engine import InlineEngine
from tests.pipelines.stages.shard_corpora import (
    EOS,
    corpus_of,
    documents,
    expected,
    listed,
    model,
    rows,
    tokens_by_document,
)

__all__ = ["model"]


@pytest.mark.parametrize("layout", ["documents", "packed"])
def test_every_token_of_every_document_is_in_the_shards(tmp_path: Path, model: Path, layout: str) -> None:
    build = corpus_of(tmp_path / "c", model, documents(50), f"layout: {layout}, sequence_length: 16", parts=3)
    shard.run(build)
    found = rows(build.root)
    whole = expected(model, documents(50))
    if layout == "packed":  # the pieces of a document that lies in two rows are shuffled apart
        assert {name: sorted(ids) for name, ids in tokens_by_document(found).items()} == {
            name: sorted(ids) for name, ids in whole.items()
        }
    else:
        assert tokens_by_document(found) == whole
    assert all(pq.read_schema(path).equals(SEQUENCE) for path in build.root.glob("shards/**/*.parquet"))
    if layout == "packed":
        assert [len(row["input_ids"]) for row in found] == [16] * len(found)
        assert sum(sum(row["lengths"]) < 16 for row in found) <= 1
    else:
        assert len(found) == 50
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert (sums.read, sums.kept, sums.failed) == (50, 50, 0)
    assert sums.numbers["tokens"] == sum(sum(row["lengths"]) for row in found)
    assert sums.numbers["bytes"] == sum(len(one.text) for one in documents(50))
    assert sums.licences == {"CC0-1.0": 50}


def test_documents_that_fit_a_row_are_whole_where_that_is_asked(tmp_path: Path, model: Path) -> None:
    chosen = [Document(f"toy:{n}", "toy", "", "the " * (n % 11 + 1) + "1" * (n % 3 * 20)) for n in range(60)]
    settings = "packing: best_fit, sequence_length: 32"
    build = corpus_of(tmp_path / "c", model, chosen, settings, parts=3)
    shard.run(build)
    found = rows(build.root)
    whole = expected(model, chosen)
    places: dict[str, list[tuple[int, list[int]]]] = {}
    for row in found:
        assert len(row["input_ids"]) == 32
        at = 0
        for name, size, position in zip(row["ids"], row["lengths"], row["positions"], strict=True):
            places.setdefault(name, []).append((position, row["input_ids"][at : at + size]))
            at += size
    for name, ids in whole.items():
        assert [one for _, part in sorted(places[name]) for one in part] == ids
        assert len(places[name]) == -(-len(ids) // 32)
    stated = json.loads((build.root / "mixture.json").read_text())
    assert (stated["cut"], stated["cut_that_fit"]) == (sum(len(ids) > 32 for ids in whole.values()), 0)
    assert stated["padding"] == 32 * len(found) - sum(map(len, whole.values()))


def test_documents_that_are_cut_are_counted(tmp_path: Path, model: Path) -> None:
    build = corpus_of(tmp_path / "c", model, documents(50), "sequence_length: 16", parts=3)
    shard.run(build)
    names = [name for row in rows(build.root) for name in row["ids"]]
    whole = expected(model, documents(50))
    several = {name for name in names if names.count(name) > 1}
    stated = json.loads((build.root / "mixture.json").read_text())
    assert stated["cut"] == len(several)
    assert stated["cut_that_fit"] == sum(len(whole[name]) <= 16 for name in several) > 0


def test_what_earlier_stages_listed_stays_out_and_is_counted(tmp_path: Path, model: Path) -> None:
    policy = "{method: exact, n: 13, fields: [problem], score: 0.5}"
    build = corpus_of(tmp_path / "c", model, documents(10), remove=policy)
    hit = Hit("toy:3", "math", "7", "problem", "exact", 13, 0, 9, 0, 9, 0.6)
    listed(build, "rejected/filter/toy/u0", REJECTED, [Rejected("toy:1", "toy", "filter", "short")])
    listed(build, "duplicates/toy/u0", DUPLICATE, [Duplicate("toy:2", "toy:9", "minhash", 0.9, "toy:9")])
    others = [
        hit._replace(document_id="toy:4", field="solution"),
        hit._replace(document_id="toy:5", n=10),
        hit._replace(document_id="toy:6", score=0.4),
        hit._replace(document_id="toy:7", method="published"),
    ]
    listed(build, "hits/toy/u0", HIT, [hit, *others], "document_id")
    shard.run(build)
    assert sorted(tokens_by_document(rows(build.root))) == [f"toy:{one}" for one in (0, 4, 5, 6, 7, 8, 9)]
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert sums.rejected == {"filter": 1, "duplicate": 1, "overlap": 1}
    assert (sums.read, sums.kept) == (10, 7)


def test_passages_are_cut_and_what_is_taken_out_is_listed(tmp_path: Path, model: Path) -> None:
    policies = (
        "{action: report, benchmarks: [other]}, {action: cut, fields: [problem], least_left: 4}, "
        "{probability: 0.9, sources: [toy]}"
    )
    build = corpus_of(tmp_path / "c", model, documents(10), "layout: documents, jsonl: true", remove=policies)
    hit = Hit("toy:6", "math", "7", "problem", "exact", 13, 0, 6, 0, 6, 0.6, counted=True, probability=0.95)
    hits = [
        hit,
        hit._replace(n=20, document_end=12),
        hit._replace(document_id="toy:5", benchmark="other"),
        hit._replace(document_id="toy:4", field="solution"),
        hit._replace(document_id="toy:7"),
        hit._replace(document_id="toy:3", counted=False),
    ]
    listed(build, "hits/toy/u0", HIT, hits, "document_id")
    shard.run(build)
    texts = {
        row["meta"]["id"]: row["text"] for path in build.root.glob("jsonl/train/**/*.jsonl*") for row in read_rows(path)
    }
    assert texts["toy:6"] == "the 6 " * 5, "two hits at one place are one cut"
    assert texts["toy:5"] == documents(10)[5].text and texts["toy:3"] == documents(10)[3].text
    assert {"toy:4", "toy:7"} & set(texts) == set(), "one goes whole, of the other too little would be left"
    (path,) = build.root.glob("removed/toy/*.parquet")
    gone = {row["document_id"]: row for row in pq.read_table(path, partitioning=None).to_pylist()}
    assert (gone["toy:6"]["action"], gone["toy:6"]["start"], gone["toy:6"]["end"]) == ("cut", 0, 12)
    assert {name: row["action"] for name, row in gone.items()} == {"toy:4": "remove", "toy:6": "cut", "toy:7": "remove"}
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert (sums.rejected, sums.kept) == ({"overlap": 2}, 8)
    assert (sums.numbers["cut_documents"], sums.numbers["cut_characters"]) == (1, 12)


def test_near_copies_never_straddle_a_split(tmp_path: Path, model: Path) -> None:
    build = corpus_of(
        tmp_path / "c", model, documents(60), "validation: 0.3, test: 0.3, duplicates: keep, layout: documents"
    )
    pairs = [Duplicate(f"toy:{one}", "toy:0", "minhash", 0.9, f"toy:{one % 5}") for one in range(5, 60)]
    listed(build, "duplicates/toy/u0", DUPLICATE, pairs)
    shard.run(build)
    where = {row["ids"][0]: split for split in ("train", "validation", "test") for row in rows(build.root, split)}
    assert len(where) == 60
    assert len(set(where.values())) > 1
    assert all(where[f"toy:{one}"] == where[f"toy:{one % 5}"] for one in range(60))
    assert all(where[f"toy:{one}"] == split_of(f"toy:{one}", 0, 0.3, 0.3) for one in range(5))


def test_every_shard_tells_what_it_was_made_with(tmp_path: Path, model: Path) -> None:
    build = corpus_of(tmp_path / "c", model, documents(9), "sequence_length: 16")
    shard.run(build)
    for path in (build.root / "shards").rglob("*.parquet"):
        about = json.loads(pq.read_schema(path).metadata[b"proofpile"])
        assert about["tokenizer_sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()
        assert (about["begin"], about["end"], about["sequence_length"]) == (None, EOS, 16)
        assert about["vocabulary_size"] == load_tokenizer(model).vocabulary_size


def test_the_same_bytes_whatever_the_workers_and_other_shards_when_a_list_changes(tmp_path: Path, model: Path) -> None:
    settings = "shard_mb: 0.0001, sequence_length: 8, jsonl: true, megatron: true"
    digests = []
    for name, engine in (("one", InlineEngine()), ("two", Engine(workers=2))):
        build = corpus_of(tmp_path / name, model, documents(40), settings, parts=4)
        shard.run(Build(**{**build.__dict__, "engine": engine}))
        outputs = sorted(
            path
            for folder in ("shards", "tokens", "jsonl", "megatron")
            for path in (build.root / folder).rglob("*")
            if path.is_file()
        )
        digests.append(
            [(path.relative_to(build.root), hashlib.sha256(path.read_bytes()).hexdigest()) for path in outputs]
        )
    assert digests[0] == digests[1]
    # Whole rows, short ones, jsonl, bin and idx of four units; the rest packed together; the stream; the pair.
    assert len(digests[0]) == 5 * 4 + 4
    listed(build, "rejected/filter/toy/u0", REJECTED, [Rejected("toy:4", "toy", "filter", "short")])
    shard.run(build)
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert sums.rejected == {"filter": 1}


def test_json_lines_in_the_form_of_proof_pile_2(tmp_path: Path, model: Path) -> None:
    one = Document("toy:1", "toy", "sub", "the é\n", "http://x/", "CC0-1.0", None, '{"path":"a.py"}')
    build = corpus_of(tmp_path / "c", model, [one], "jsonl: true")
    shard.run(build)
    (path,) = build.root.rglob("*.jsonl.zst")
    text = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(path.read_bytes())).read().decode()
    assert json.loads(text) == {
        "text": "the é\n",
        "meta": {
            "id": "toy:1",
            "license": "CC0-1.0",
            "path": "a.py",
            "source": "toy",
            "subset": "sub",
            "url": "http://x/",
        },
    }


def test_megatron_files_hold_the_documents(tmp_path: Path, model: Path) -> None:
    build = corpus_of(tmp_path / "c", model, documents(9), "megatron: true")
    shard.run(build)
    (index,) = build.root.glob("megatron/**/*.idx")
    data = index.read_bytes()
    assert data[:9] == b"MMIDIDX\x00\x00"
    version, code, sequences, entries = struct.unpack_from("<QBQQ", data, 9)
    assert (version, code, sequences, entries) == (1, 8, 9, 10)
    lengths = np.frombuffer(data, "<i4", 9, 34)
    offsets = np.frombuffer(data, "<i8", 9, 34 + 36)
    assert np.frombuffer(data, "<i8", 10, 34 + 36 + 72).tolist() == list(range(10))
    assert len(data) == 34 + 36 + 72 + 80
    binary = index.with_suffix(".bin").read_bytes()
    found = sorted(
        np.frombuffer(binary, "<u2", length, offset).tolist() for length, offset in zip(lengths, offsets, strict=True)
    )
    assert found == sorted(expected(model, documents(9)).values())


def test_units_are_of_so_much_text_however_well_it_packs(tmp_path: Path) -> None:
    from pipelines.corpus.texts import TextFile

    files = []
    for number in range(4):
        path = tmp_path / f"{number}.parquet"
        pq.write_table(
            pa.table({"text": ["the same line again\n" * 30_000]}), path, compression="zstd", use_dictionary=False
        )
        assert path.stat().st_size < 60_000
        files.append(
            TextFile(f"a-{number}", "a", f"a/{number}", str(path), (path.name, path.stat().st_size, "x"), True)
        )
    plain = tmp_path / "b.jsonl"
    plain.write_text("x" * 100)
    files.append(TextFile("b-0", "b", "b/0", str(plain), ("b.jsonl", 100, "y"), False))
    assert [len(group) for group in shard.groups(files, 9.6)] == [2, 2, 1]  # an eighth of it is 1.2
    assert [len(group) for group in shard.groups(files, 32)] == [4, 1]


def test_a_text_that_cannot_be_encoded_is_one_failed_record(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.shards.tokenizer import SentencePieceTokenizer, shared_tokenizer
    from pipelines.shards.writing import work

    build = corpus_of(tmp_path / "c", model, documents(5))
    assert build.recipe.shards is not None
    marks = shard.marks_of(build, build.recipe.shards)
    from pipelines.corpus.texts import of_corpus

    (unit,) = [
        shard.unit_of(build, g, build.recipe.shards, marks, {}) for g in shard.groups(of_corpus(build.corpus), 1)
    ]
    tokenizer = shared_tokenizer(model, marks.sha256, marks.probed)
    assert isinstance(tokenizer, SentencePieceTokenizer)
    sound = tokenizer.encode

    def planted(texts):
        if "3" in texts[0]:
            raise ValueError("planted")
        return sound(texts)

    monkeypatch.setattr(tokenizer, "encode", planted)
    work(unit)
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert (sums.read, sums.kept, sums.failed) == (5, 4, 1)
    (failure,) = pq.read_table(next((build.root / "failed").rglob("*.parquet"))).to_pylist()
    assert (failure["id"], failure["error"]) == ("toy:3", "ValueError: planted")


def test_a_text_that_holds_the_end_mark_is_one_failed_record(tmp_path: Path, model: Path) -> None:
    texts = [Document("toy:a", "toy", "", "the the"), Document("toy:b", "toy", "", "x y")]
    build = corpus_of(tmp_path / "c", model, texts, 'end_token: "▁the"')
    shard.run(build)
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert (sums.kept, sums.failed) == (1, 1)
    (failure,) = pq.read_table(next((build.root / "failed").rglob("*.parquet"))).to_pylist()
    assert failure["id"] == "toy:a"
    assert "the text holds the end mark, id" in failure["error"]


def test_an_end_mark_that_the_tokenizer_lacks_is_one_line(tmp_path: Path, model: Path) -> None:
    build = corpus_of(tmp_path / "c", model, documents(2), "end_token: <|none|>")
    with pytest.raises(UserError, match=re.escape("toy.yaml: shards.end_token: small.model has no token `<|none|>`")):
        shard.run(build)


def test_the_command_takes_any_json_lines(tmp_path: Path, model: Path) -> None:
    lines = [{"content": f"the {one}", "meta": {"n": one}} for one in range(20)]
    path = tmp_path / "x.jsonl.zst"
    path.write_bytes(zstandard.compress("".join(json.dumps(line) + "\n" for line in lines).encode() + b"broken\n"))
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())
    arguments = ["shard", "--input", str(path), "--tokenizer", str(model), "--output", str(tmp_path / "out"), "--quiet"]
    parsed = parser.parse_args([*arguments, "--text-key", "content", "--id-key", "meta.n", "--test", "0.2"])
    parsed.beam_args = ()
    assert parsed.run(parsed) == 0
    found = [*tokens_by_document(rows(tmp_path / "out")), *tokens_by_document(rows(tmp_path / "out", "test"))]
    assert sorted(found, key=int) == [str(one) for one in range(20)]
    sums = ledger.totals(ledger.read_entries(tmp_path / "out", "shard"))["shard"]["input"]
    assert (sums.read, sums.kept, sums.failed) == (21, 20, 1)


def test_a_split_without_rows_is_explained(tmp_path: Path, model: Path) -> None:
    build = corpus_of(tmp_path / "c", model, documents(5), "validation: 0.001, test: 0")
    shard.run(build)
    (remark,) = json.loads((build.root / "mixture.json").read_text())["remarks"]
    assert remark == "toy: nothing in validation: 0.001 of 5 documents is 0.0, and none was drawn"
    assert f"<li>{remark}</li>" in report.page(build.corpus)


@pytest.mark.parametrize("moment", ["manifests.output.write_entry", "manifests.writing.Workspace.discard"])
def test_after_a_crash_the_same_command_ends_with_the_same_bytes(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def outputs(root: Path) -> dict[str, bytes]:
        files = (path for path in root.rglob("*") if path.is_file() and ".work" not in path.parts)
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}

    settings = "shard_mb: 0.0001, sequence_length: 8, jsonl: true, test: 0.2"
    undisturbed, build = (corpus_of(tmp_path / name, model, documents(30), settings, parts=3) for name in ("a", "b"))
    shard.run(undisturbed)
    left = 4

    def crash(*_: object) -> None:
        nonlocal left
        left -= 1
        if left % 2 == 0:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(moment, crash)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                shard.run(build)
    shard.run(build)
    assert outputs(build.root) == outputs(undisturbed.root)

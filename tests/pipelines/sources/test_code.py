"""The code source: archives, trees and rows become documents, refusals and failures, one record each."""

import io
import json
import os
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.errors import UserError
from manifests.records import BadRecord, Document, stable_id
from pipelines.extraction.archives import packed_files
from pipelines.extraction.archives.packed_files import DamagedArchive
from pipelines.sources import code_archives
from pipelines.sources.base import RawFile, Record, Refusal
from tests.pipelines.sources.code_files import outcomes, packed, raw_file, reasons, source

MIT = "Permission is hereby granted, free of charge, to any person obtaining a copy\n"
NOTEBOOK = json.dumps(
    {
        "nbformat": 4, "nbformat_minor": 4, "metadata": {"language_info": {"name": "python"}},
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# Sums\n", "\\begin{equation}1+1\\end{equation}"]},
            {"cell_type": "code", "metadata": {}, "source": "from sympy import S", "outputs": [], "execution_count": 1},
        ],
    }
)  # fmt: skip
COQ = "Require Import Arith.\nLemma a : forall n, n = n.\nProof. reflexivity. Qed.\n"
VERILOG = "module top(input clk, output q);\nwire w;\nendmodule\n"
FILES = {
    "pkg-1.0/PKG-INFO": "Metadata-Version: 2.1\nName: pkg\nLicense: BSD-3-Clause\n",
    "pkg-1.0/README.md": "import numpy",
    "pkg-1.0/pkg/a.py": "import numpy as np\n",
    "pkg-1.0/pkg/b.py": "# SPDX-License-Identifier: MIT\nimport sympy\n",
    "pkg-1.0/pkg/setup.py": "import setuptools\n",
    "pkg-1.0/proofs/a.v": COQ,
    "pkg-1.0/proofs/top.v": VERILOG,
    "pkg-1.0/doc/n.ipynb": NOTEBOOK,
    "pkg-1.0/doc/bad.ipynb": '{"cells": "\\\\begin{equation}"}',
    "pkg-1.0/m/f.m": "function y = f(x)\r\ny = x;\r\nend\r\n",
    "pkg-1.0/pkg/empty.py": "",
}


class TestArchives:
    def test_every_source_file_has_one_outcome_and_the_rest_is_passed_over(self, tmp_path: Path) -> None:
        found = outcomes(source(), raw_file(tmp_path, "pkg-1.0.tar.gz", packed(FILES)))
        assert reasons(found) == {
            "a.py": "kept", "b.py": "kept", "setup.py": "no_math_import", "a.v": "kept", "top.v": "other_language",
            "n.ipynb": "kept", "bad.ipynb": "bad_notebook", "f.m": "kept", "empty.py": "empty",
        }  # fmt: skip

    def test_what_is_no_file_and_tables_of_data_are_listed(self, tmp_path: Path) -> None:
        buffer = io.BytesIO()
        kinds = {"link.py": tarfile.SYMTYPE, "same.py": tarfile.LNKTYPE, "pipe.py": tarfile.FIFOTYPE}
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for name, kind in (kinds | {"null": tarfile.CHRTYPE}).items():
                info = tarfile.TarInfo(f"pkg/{name}")
                info.type, info.linkname = kind, "a.py"
                tar.addfile(info)
            for name, text in {"a.py": b"import numpy\n", "d.parquet": b"PAR1", "README.md": b"no"}.items():
                info = tarfile.TarInfo(f"pkg/{name}")
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text))
        found = outcomes(source(), raw_file(tmp_path, "pkg.tar", buffer.getvalue()))
        assert reasons(found) == {
            "link.py": "link", "same.py": "link", "pipe.py": "pipe", "null": "device", "a.py": "kept",
            "d.parquet": "data_file",
        }  # fmt: skip
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            link = zipfile.ZipInfo("pkg/link.py")
            link.external_attr = 0o120777 << 16
            archive.writestr(link, "a.py")
            archive.writestr("pkg/a.py", "import numpy\n")
        found = outcomes(source(), raw_file(tmp_path, "pkg.zip", buffer.getvalue()))
        assert reasons(found) == {"link.py": "link", "a.py": "kept"}

    def test_an_archive_is_read_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        opened: list[Path] = []
        read = packed_files.members

        def counting(path: Path, *arguments: Any, **named: Any) -> Iterator[packed_files.Member]:
            opened.append(path)
            return read(path, *arguments, **named)

        monkeypatch.setattr(packed_files, "members", counting)
        assert len(outcomes(source(), raw_file(tmp_path, "pkg-1.0.tar.gz", packed(FILES)))) == 9
        assert len(opened) == 1

    def test_a_licence_behind_the_files_it_is_about_counts_for_them(self, tmp_path: Path) -> None:
        files: dict[str, str | bytes] = {"p/a.py": "import numpy\n", "p/z/LICENSE": MIT, "p/z/b.py": "import numpy\n"}
        found = outcomes(source(), raw_file(tmp_path, "p.tar.gz", packed(files | {"p/LICENSE": MIT})))
        assert {one.license for one in found.values()} == {"MIT"}  # type: ignore[union-attr]

    def test_of_an_archive_too_long_to_hold_back_the_licences_met_so_far_count(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(code_archives, "HELD_BYTES", 20)
        files: dict[str, str | bytes] = {
            "p/a.py": "import numpy\n", "p/b.py": "import numpy\n", "p/LICENSE": MIT, "p/z.py": "import numpy\n",
        }  # fmt: skip
        found = outcomes(source(), raw_file(tmp_path, "p.tar.gz", packed(files)))
        assert [one.license for one in found.values()] == [None, None, "MIT"]  # type: ignore[union-attr]

    def test_a_document_knows_where_it_came_from(self, tmp_path: Path) -> None:
        made = source()
        found = outcomes(made, raw_file(tmp_path, "pkg-1.0.tar.gz", packed(FILES)))
        document = found["pkg-1.0.tar.gz/pkg-1.0/pkg/a.py"]
        assert isinstance(document, Document)
        assert document.id == stable_id("code", "pkg-1.0.tar.gz/pkg-1.0/pkg/a.py")
        assert document.subset == "python"
        assert json.loads(document.meta) == {"path": "pkg-1.0/pkg/a.py", "repository": "pkg-1.0"}
        assert document.license == "BSD-3-Clause"

    def test_a_files_own_licence_comes_before_its_archives(self, tmp_path: Path) -> None:
        found = outcomes(source(), raw_file(tmp_path, "pkg-1.0.tar.gz", packed(FILES)))
        assert found["pkg-1.0.tar.gz/pkg-1.0/pkg/b.py"].license == "MIT"  # type: ignore[union-attr]

    def test_the_same_files_in_another_packing_give_the_same_texts(self, tmp_path: Path) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, text in reversed(FILES.items()):
                archive.writestr(name, text)
        first = outcomes(source(), raw_file(tmp_path, "p.tar.gz", packed(FILES)))
        second = outcomes(source(), raw_file(tmp_path, "p.zip", buffer.getvalue()))
        texts = [{d.text for d in found.values() if isinstance(d, Document)} for found in (first, second)]
        assert texts[0] == texts[1]
        assert len(texts[0]) == 5

    def test_a_notebook_becomes_markdown(self, tmp_path: Path) -> None:
        for rules, text in (
            ("published", "# Sums\n\\begin{equation}1+1\\end{equation}\n\n\n```python\nfrom sympy import S\n```\n"),
            ("corrected", "# Sums\n\\begin{equation}1+1\\end{equation}\n\n```python\nfrom sympy import S\n```\n"),
        ):
            found = outcomes(source(rules), raw_file(tmp_path, "n.ipynb", NOTEBOOK))  # type: ignore[arg-type]
            document = found["n.ipynb"]
            assert isinstance(document, Document)
            assert (document.text, document.subset) == (text, "jupyter-notebook")

    def test_published_keeps_verilog_out_by_the_rule_and_corrected_by_its_syntax(self, tmp_path: Path) -> None:
        clever = "// Definition of the bus\n" + VERILOG + "\nDefinition x\n"
        for text, published, corrected in (
            (VERILOG, "no_prover_keyword", "other_language"),
            (clever, "verilog", "other_language"),
            (COQ + "(* rewire *)", "verilog", "kept"),
        ):
            file = raw_file(tmp_path, "top.v", text)
            assert reasons(outcomes(source("published"), file)) == {"top.v": published}
            assert reasons(outcomes(source("corrected"), file)) == {"top.v": corrected}

    def test_a_blank_file_on_which_the_published_program_crashes_is_rejected_as_such(self, tmp_path: Path) -> None:
        file = raw_file(tmp_path, "a.py", "\n")
        assert reasons(outcomes(source("published"), file)) == {"a.py": "published_crash"}
        assert reasons(outcomes(source("corrected"), file)) == {"a.py": "empty"}

    def test_a_truncated_archive_keeps_what_came_before(self, tmp_path: Path) -> None:
        files: dict[str, str | bytes] = {f"{n}.py": f"import numpy # {os.urandom(2000).hex()}\n" for n in range(50)}
        file = raw_file(tmp_path, "p.tar.gz", packed(files)[: 100_000 // 2])
        made = source()
        kept = []
        with pytest.raises(DamagedArchive):
            for record in made.records(file):
                kept.append(record)
        assert 10 < len(kept) < 50

    def test_a_member_named_twice_is_seen_twice(self, tmp_path: Path) -> None:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for text in (b"import numpy\n", b"import sympy\n"):
                info = tarfile.TarInfo("a.py")
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text))
        made = source()
        records = list(made.records(raw_file(tmp_path, "p.tar", buffer.getvalue())))
        assert [record.key for record in records] == ["p.tar/a.py"] * 2

    def test_text_that_is_no_utf8(self, tmp_path: Path) -> None:
        latin = "# -*- coding: latin-1 -*-\nimport numpy # é\n".encode("latin-1")
        assert reasons(outcomes(source("published"), raw_file(tmp_path, "a.py", latin))) == {"a.py": "not_utf8"}
        assert reasons(outcomes(source("corrected"), raw_file(tmp_path, "a.py", latin))) == {"a.py": "kept"}
        binary = b"import numpy\0\0"
        assert reasons(outcomes(source("corrected"), raw_file(tmp_path, "a.py", binary))) == {"a.py": "binary"}

    def test_line_ends_are_those_of_unix_where_the_published_program_reads_files(self, tmp_path: Path) -> None:
        for rules in ("published", "corrected"):
            found = outcomes(source(rules), raw_file(tmp_path, "f.m", FILES["pkg-1.0/m/f.m"]))  # type: ignore[arg-type]
            assert found["f.m"].text == "function y = f(x)\ny = x;\nend\n"  # type: ignore[union-attr]

    def test_a_file_beyond_the_limit_is_rejected_unread(self, tmp_path: Path) -> None:
        made = source(max_file_bytes=20)
        assert reasons(outcomes(made, raw_file(tmp_path, "p.tar.gz", packed(FILES))))["b.py"] == "too_large"
        assert reasons(outcomes(made, raw_file(tmp_path, "a.py", "import numpy\n" * 9))) == {"a.py": "too_large"}


class TestRows:
    def rows(self, folder: Path, *rows: dict[str, Any]) -> RawFile:
        path = folder / "stack.parquet"
        pq.write_table(pa.Table.from_pylist(list(rows)), path)
        return RawFile(path, "stack.parquet")

    def row(self, **values: Any) -> dict[str, Any]:
        return {
            "content": "import numpy\n", "lang": "Python", "ext": "py", "size": 13, "hexsha": "abc",
            "max_stars_repo_path": "src/a.py", "max_stars_repo_name": "o/r", "max_stars_repo_head_hexsha": "def",
            "max_stars_repo_licenses": ["MIT", "BSD-3-Clause"],
        } | values  # fmt: skip

    def test_a_row_of_the_stack(self, tmp_path: Path) -> None:
        (document,) = outcomes(source(), self.rows(tmp_path, self.row())).values()
        assert isinstance(document, Document)
        assert document.id == stable_id("code", "o/r/src/a.py/abc")
        assert document.url == "https://github.com/o/r/blob/def/src/a.py"
        assert document.license == "MIT, BSD-3-Clause"
        assert json.loads(document.meta) == {"path": "src/a.py", "repository": "o/r"}

    def test_the_language_is_the_columns_and_others_are_refused(self, tmp_path: Path) -> None:
        rows = [
            self.row(lang="Jupyter Notebook", content=NOTEBOOK, hexsha="1"),
            self.row(lang="C++", content="#include <Eigen/Dense>\n", hexsha="2"),
            self.row(lang="Rust", hexsha="3"),
            self.row(lang="R", content="x <- y\n", hexsha="4"),
        ]
        found = list(outcomes(source(), self.rows(tmp_path, *rows)).values())
        assert [one.subset if isinstance(one, Document) else one.reason for one in found] == [  # type: ignore[union-attr]
            "jupyter-notebook", "cpp", "other_language", "r",
        ]  # fmt: skip

    def test_lean_and_isabelle_of_the_stack_have_the_general_rule_unless_asked_otherwise(self, tmp_path: Path) -> None:
        file = self.rows(tmp_path, self.row(lang="Lean", content="def x := y\n"))
        assert [type(one) for one in outcomes(source("published"), file).values()] == [Document]
        assert [type(one) for one in outcomes(source("published", origin="github"), file).values()] == [Refusal]

    def test_size_is_the_columns(self, tmp_path: Path) -> None:
        file = self.rows(tmp_path, self.row(lang="Julia", content="x = y\n", size=200_000))
        assert list(outcomes(source("published"), file).values()) == [Refusal("large_not_test")]

    def test_a_row_without_text_fails_alone(self, tmp_path: Path) -> None:
        found = outcomes(source(), self.rows(tmp_path, self.row(content=None), self.row(hexsha="x")))
        assert sorted(type(one).__name__ for one in found.values()) == ["BadRecord", "Document"]

    def test_a_table_without_text_is_the_users_mistake(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match=r"stack\.parquet: no column `content`"):
            outcomes(source(), self.rows(tmp_path, {"code": "x"}))

    def test_json_lines_will_do(self, tmp_path: Path) -> None:
        file = raw_file(tmp_path, "stack.jsonl", json.dumps(self.row()) + "\n")
        assert [one.subset for one in outcomes(source(), file).values()] == ["python"]  # type: ignore[union-attr]


class TestLanguages:
    def test_only_the_languages_asked_for(self, tmp_path: Path) -> None:
        found = outcomes(source(languages=("coq",)), raw_file(tmp_path, "pkg-1.0.tar.gz", packed(FILES)))
        assert Counter(reasons(found).values())["kept"] == 1
        assert reasons(found)["a.py"] == "language_not_asked_for"

    def test_the_missing_comma_loses_python_when_the_scripts_are_asked_for_all(self, tmp_path: Path) -> None:
        file = raw_file(tmp_path, "a.py", "import numpy\n")
        for rules, kept in (("published", False), ("corrected", True)):
            (outcome,) = outcomes(source(rules, languages="as_scripts"), file).values()  # type: ignore[arg-type]
            assert isinstance(outcome, Document) == kept


class TestTestTheorems:
    def test_theorems_of_leandojo_are_cut_out_of_lean_files(self, tmp_path: Path) -> None:
        item = [{"file_path": "src/a.lean", "full_name": "x.foo"}]
        asset = raw_file(
            tmp_path, "dojo.tar.gz", packed({"d/random/val.json": json.dumps(item), "d/random/train.json": "no"})
        )
        made = source(assets={"dojo": asset.path}, lean_tests=("dojo",))
        lean = "theorem foo : a\n := b\n\nlemma bar : c := d\n"
        (document,) = outcomes(made, raw_file(tmp_path, "m/src/a.lean", lean)).values()
        assert isinstance(document, Document)
        assert document.text == "\n\nlemma bar : c := d\n"
        assert json.loads(document.meta)["test_theorems_removed"] == 1

    def test_theorems_of_pisa_are_cut_out_of_isabelle_files(self, tmp_path: Path) -> None:
        asset = raw_file(tmp_path, "pisa.tar.gz", packed({"t/1.json": json.dumps([["a.thy", 'lemma foo: "x"']])}))
        made = source("published", assets={"pisa": asset.path}, isabelle_tests="pisa")
        (document,) = outcomes(made, raw_file(tmp_path, "a.thy", 'lemma foo: "x"\n by simp\n\nlemma bar: "y"')).values()
        assert document.text == '\n\nlemma bar: "y"'  # type: ignore[union-attr]

    def test_the_published_program_leaves_the_stacks_files_alone(self, tmp_path: Path) -> None:
        asset = raw_file(tmp_path, "val.json", json.dumps([{"file_path": "a.lean", "full_name": "x.foo"}]))
        for rules, removed in (("published", False), ("corrected", True)):
            made = source(rules, {"dojo": asset.path}, lean_tests=("dojo",), origin="stack")  # type: ignore[arg-type]
            (document,) = outcomes(
                made, raw_file(tmp_path, "a.lean", "lemma foo : x := y\n\nlemma z : y := x")
            ).values()
            assert ("foo" not in document.text) == removed  # type: ignore[union-attr]

    def test_an_asset_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        made = source(isabelle_tests="pisa")
        (record,) = made.records(raw_file(tmp_path, "a.thy", "lemma x"))
        with pytest.raises(UserError, match="isabelle_tests: no asset is called `pisa`"):
            made.document(record)  # type: ignore[arg-type]


def test_a_folder_gives_archives_and_source_files_in_order_and_leaves_links_and_data_alone(tmp_path: Path) -> None:
    for name in ("b.py", "a.tar.gz", "c.parquet", "README.md", "sub/d.lean", "x.whl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    found = [path.relative_to(tmp_path).as_posix() for path in source().files(tmp_path)]
    assert found == ["a.tar.gz", "b.py", "sub/d.lean", "x.whl"]


def test_what_is_neither_archive_nor_rows_nor_source_is_one_failed_record(tmp_path: Path) -> None:
    (outcome,) = outcomes(source(), raw_file(tmp_path, "x.bin", b"\0\1\2")).values()
    assert isinstance(outcome, BadRecord)


@pytest.mark.skipif("PROOFPILE_REAL_DATA" not in os.environ, reason="PROOFPILE_REAL_DATA is not set")
def test_real_tex_articles_pass_and_fragments_do_not() -> None:
    folder = Path(os.environ["PROOFPILE_REAL_DATA"]) / "latex"
    made = source("published")
    counts: Counter[str] = Counter()
    for path in made.files(folder):
        name = path.relative_to(folder).as_posix()
        for record in made.records(RawFile(path, name)):
            assert isinstance(record, Record)
            outcome = made.document(record)
            counts["kept" if isinstance(outcome, Document) else outcome.reason] += 1
    assert counts["kept"] >= 10
    assert set(counts) <= {"kept", "no_sectioning", "digits", "not_utf8"}


class TestTags:
    def test_a_file_is_tagged_and_dropped_where_that_is_asked(self, tmp_path: Path) -> None:
        text = "# Code generated by protoc. DO NOT EDIT.\nimport numpy\n"
        file = raw_file(tmp_path, "p/node_modules/x/gen.py", text)
        (document,) = outcomes(source(), file).values()
        assert json.loads(document.meta)["tags"] == ["generated", "vendored"]  # type: ignore[union-attr]
        assert list(outcomes(source(drop=("vendored",)), file).values()) == [Refusal("vendored")]
        (document,) = outcomes(source("published"), file).values()
        assert "tags" not in json.loads(document.meta)  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("tag", "name", "text"),
        [
            ("generated", "p/api.py", "# This file was automatically generated by SWIG.\nimport numpy\n"),
            ("vendored", "p/third_party/a.py", "import numpy\n"),
            ("minified", "p/a.py", "import numpy;" + "x = numpy.zeros(3);" * 400),
            ("merge_conflict", "p/a.py", "import numpy\n<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> topic\n"),
            ("data", "p/a.py", "import numpy\nx = [\n" + "  'aa', 'bb', 'cc', 'dd', 'ee', 1,\n" * 100 + "]\n"),
            ("unparsable", "p/a.py", "import numpy\n" + "{% for x in ][ %} the <<name>> of ((it && so on\n" * 20),
        ],
    )
    def test_each_tag_rejects_where_it_is_dropped_and_stays_elsewhere(
        self, tmp_path: Path, tag: str, name: str, text: str
    ) -> None:
        file = raw_file(tmp_path, name, text)
        assert list(outcomes(source(drop=(tag,)), file).values()) == [Refusal(tag)]
        (document,) = outcomes(source(), file).values()
        assert isinstance(document, Document)


def test_benchmark_items_are_cut_from_any_repository(tmp_path: Path) -> None:
    asset = raw_file(
        tmp_path, "set.jsonl", json.dumps({"formal_statement": "theorem z (a b : ℕ) (less : a < b) : ¬ b < a := sorry"})
    )
    made = source(assets={"set": asset.path}, benchmark_tests=("set",))
    text = "theorem mathd_algebra_1 : p := q\n\ntheorem y (a b : ℕ)\n  (less : a < b) : ¬ b < a :=\n  h.asymm\n"
    text += "\ntheorem k : p := q\n"
    (document,) = outcomes(made, raw_file(tmp_path, "x/b.lean", text)).values()
    assert document.text == "\n\n\n\ntheorem k : p := q\n"  # type: ignore[union-attr]
    assert json.loads(document.meta)["test_theorems"] == [  # type: ignore[union-attr]
        {"line": 1, "name": "mathd_algebra_1"}, {"line": 3, "name": "y"}
    ]  # fmt: skip

"""Trees of source files: what is read, what is listed and never opened, and under which licence a file stands."""

import gzip
import io
import json
import os
import socket
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.records import BadRecord, Document
from pipelines.sources.base import RawFile, Refusal
from pipelines.sources.code import CodeSource
from tests.pipelines.sources.code_files import outcomes, packed, raw_file, reasons, source


def outcomes_of_tree(folder: Path, files: dict[str, str | bytes]) -> dict[str, Document | Refusal | BadRecord]:
    made = source()
    for name, content in files.items():
        path = folder / "proj" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    found: dict[str, Document | Refusal | BadRecord] = {}
    for path in made.files(folder / "proj"):
        name = path.relative_to(folder).as_posix()
        found |= outcomes(made, RawFile(path, name))
    return found


def test_tables_of_a_repository_are_its_data(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"x": [1]}), buffer)
    files: dict[str, str | bytes] = {
        "a.py": "import numpy\n", "d.parquet": buffer.getvalue(), "e.json.gz": gzip.compress(b'{"x": 1}\n'),
        "f.jsonl": "{}\n", "broken.parquet": "no",
    }  # fmt: skip
    assert list(outcomes_of_tree(tmp_path, files)) == ["proj/a.py"]


def test_what_is_no_file_is_listed_and_never_opened(tmp_path: Path) -> None:
    tree = tmp_path / "proj"
    (tree / "sub").mkdir(parents=True)
    (tree / "a.py").write_text("import numpy\n")
    (tree / "link.py").symlink_to("a.py")
    (tree / "away").symlink_to("/")
    (tree / "sub" / "loop").symlink_to("..")
    (tree / "nowhere.py").symlink_to("gone")
    os.mkfifo(tree / "sub" / "pipe.py")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(tree / "sock"))
        found = {path.relative_to(tree).as_posix(): reason for path, reason in source().left_out(tree)}
    assert found == {
        "away": "link", "link.py": "link", "nowhere.py": "link", "sock": "socket", "sub/loop": "link",
        "sub/pipe.py": "pipe",
    }  # fmt: skip
    assert [path.name for path in source().files(tree)] == ["a.py"]


def test_tables_that_are_data_are_listed(tmp_path: Path) -> None:
    for name in ("a.py", "d.parquet", "e.json.gz", "README.md"):
        (tmp_path / name).write_bytes(b"")
    found = {path.name: reason for path, reason in source().left_out(tmp_path)}
    assert found == {"d.parquet": "data_file", "e.json.gz": "data_file"}
    (tmp_path / "a.py").unlink()
    assert list(source().left_out(tmp_path)) == []


def test_control_characters_in_names_turn_a_file_away_and_other_odd_names_do_not(tmp_path: Path) -> None:
    found = outcomes_of_tree(tmp_path, {"new\nline.py": "import numpy\n", "größe.py": "import numpy\n"})
    assert reasons(found) == {"new\nline.py": "bad_name", "größe.py": "kept"}
    made = source(repository="two\nlines")
    assert reasons(outcomes(made, raw_file(tmp_path, "a.py", "import numpy\n"))) == {"a.py": "bad_name"}


def test_rows_of_the_stack_beside_source_files_are_read(tmp_path: Path) -> None:
    row = json.dumps({"content": "import numpy\n", "lang": "Python", "max_stars_repo_path": "b.py"})
    assert len(outcomes_of_tree(tmp_path, {"a.py": "import numpy\n", "s.jsonl": row + "\n"})) == 2


def test_a_tree_tells_its_licences_as_its_archive_does(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "LICENSE": "Permission is hereby granted, free of charge, to any person obtaining a copy\n",
        "a.py": "import numpy\n", "b.py": "import numpy\n", "sub/c.py": "import numpy\n",
        "sub/deep/d.py": "import numpy\n",
        "b.py.license": "SPDX-License-Identifier: Apache-2.0\n",
        "sub/REUSE.toml": '[[annotations]]\npath = "deep/**"\nSPDX-License-Identifier = "GPL-3.0-only"\n',
        "e.py": "# This is free software under the GNU Affero General Public License version 3.\nimport numpy\n",
    }  # fmt: skip
    expected = {"a.py": "MIT", "b.py": "Apache-2.0", "c.py": "MIT", "d.py": "GPL-3.0-only", "e.py": "AGPL-3.0-only"}
    found = outcomes_of_tree(tmp_path, files)
    assert {key.rsplit("/", 1)[-1]: one.license for key, one in found.items()} == expected  # type: ignore[union-attr]
    archive = packed({f"proj/{name}": content for name, content in files.items()})
    found = outcomes(source(), raw_file(tmp_path, "p.tar.gz", archive))
    assert {key.rsplit("/", 1)[-1]: one.license for key, one in found.items()} == expected  # type: ignore[union-attr]


def test_a_changed_licence_file_makes_other_documents(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import numpy\n")
    file = RawFile(tmp_path / "a.py", "proj/a.py")
    digests = [CodeSource.beside([file])]
    for text in ("MIT", "BSD", "MIT"):
        (tmp_path / "LICENSE").write_text(text)
        digests.append(CodeSource.beside([file]))
    assert len(set(digests)) == 3
    assert digests[1] == digests[3]
    (tmp_path / "a.py.license").write_text("SPDX-License-Identifier: MIT\n")
    assert CodeSource.beside([file]) not in digests
    assert CodeSource.beside([]) == CodeSource.beside([RawFile(tmp_path / "a.tar.gz", "a.tar.gz")])


def test_only_permissive_files_where_that_is_asked(tmp_path: Path) -> None:
    made = source(licences="permissive")
    for header, kept in (
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("", False),
    ):
        text = f"# SPDX-License-Identifier: {header}\nimport numpy\n" if header else "import numpy\n"
        (outcome,) = outcomes(made, raw_file(tmp_path, "a.py", text)).values()
        assert isinstance(outcome, Document) == kept, header
        assert kept or outcome.reason == "licence"  # type: ignore[union-attr]

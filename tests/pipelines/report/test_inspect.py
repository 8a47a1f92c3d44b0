"""Looking into a corpus: rows by what they are, draws that a seed repeats, texts that cannot play with a terminal."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.errors import UserError
from manifests.ledger import LEDGER_FOLDER
from manifests.records import DOCUMENT, DUPLICATE, HIT, REJECTED, Document, Duplicate, Hit, Rejected
from manifests.writing import PartWriter, Workspace
from pipelines.commands.cli import main
from pipelines.report import inspect
from pipelines.report.inspect import Choice


def put(root: Path, stem: str, schema: object, rows: list[tuple[object, ...]], identifier: str = "id") -> None:
    workspace = Workspace(root, "made", "unit")
    writer = PartWriter(workspace, stem, schema, identifier=identifier)
    for row in rows:
        writer.add(row)
    workspace.publish(writer.close())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / LEDGER_FOLDER).mkdir()
    for source in ("code", "web"):
        rows = [
            Document(
                f"{source}:{n}", source, "", f"{source} text {n}\nand more", scores={"s": n}, meta='{"path":"a/b"}'
            )
            for n in range(30)
        ]
        put(tmp_path, f"documents/{source}/0", DOCUMENT, list(rows[:20]))
        put(tmp_path, f"documents/{source}/1", DOCUMENT, list(rows[20:]))
        turned = [
            Rejected(f"{source}:r{n}", source, "extract", "empty" if n % 2 else "digits", "a\x1b[31m") for n in range(6)
        ]
        put(tmp_path, f"rejected/extract/{source}/0", REJECTED, list(turned))
    put(tmp_path, "duplicates/web/0", DUPLICATE, [Duplicate("web:1", "web:2", "minhash", 0.93, "web:2")])
    put(
        tmp_path, "hits/web/0", HIT, [Hit("web:3", "math", "i1", "problem", "exact", 2, 4, 8, 0, 4, 1.0)], "document_id"
    )  # fmt: skip
    return tmp_path


def ids(root: Path, kind: str, **choice: object) -> list[str]:
    found = inspect.rows(root, kind, Choice(**choice))  # type: ignore[arg-type]
    return [row.get("id") or row["document_id"] for row in found]


def test_rows_are_chosen_by_what_is_set_and_never_carry_the_text(root: Path) -> None:
    assert ids(root, "documents", identifier="web:7") == ["web:7"]
    assert all(name.startswith("code:") for name in ids(root, "documents", source="code", count=99))
    assert len(ids(root, "documents", source="code", count=99)) == 30
    assert sorted(ids(root, "rejected", source="web", reason="empty")) == ["web:r1", "web:r3", "web:r5"]
    assert ids(root, "rejected", stage="filter") == []
    assert ids(root, "hits", identifier="web:3") == ["web:3"]
    assert ids(root, "duplicates", source="web") == ["web:1"] and ids(root, "duplicates", source="code") == []
    assert "text" not in inspect.rows(root, "documents", Choice(count=1))[0]


def test_a_seed_draws_the_same_rows_however_they_lie_in_files(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    drawn = ids(root, "documents", count=5, seed=7)
    assert drawn == ids(root, "documents", count=5, seed=7)
    assert drawn == ids(root, "documents", count=60, seed=7)[:5]
    assert drawn != ids(root, "documents", count=5, seed=8)
    other = tmp_path_factory.mktemp("other")
    put(other, "documents/x/9", DOCUMENT, [Document(f"{s}:{n}", s, "", "") for n in range(30) for s in ("web", "code")])
    assert ids(other, "documents", count=5, seed=7) == drawn


def test_a_text_is_found_in_any_file(root: Path) -> None:
    assert inspect.require_text(root, "web:25") == "web text 25\nand more"
    with pytest.raises(UserError, match="no document has the id `web:99`"):
        inspect.require_text(root, "web:99")


def test_control_characters_are_shown_as_signs() -> None:
    assert inspect.visible("a\x1b[2J\x07\x9b\u202eb\n\tä") == "a␛[2J␇\ufffd\ufffdb\n\tä"
    row = {"detail": "\x1b]0;title", "meta": '{"k\\u001b": "\\u001b"}', "empty": "", "none": None, "similarity": 0.93}
    assert dict(inspect.shown(row)) == {"detail": "␛]0;title", "meta": "k␛=␛", "similarity": "0.9300"}


def test_whatever_moves_the_cursor_or_turns_a_line_is_a_sign_and_nothing_else_is() -> None:
    moving = {*range(32), 0x7F, *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)} - {0x09, 0x0A}
    assert {code for code in range(0x3000) if inspect.visible(chr(code)) != chr(code)} == moving


def test_what_differs_between_two_texts_stands_side_by_side() -> None:
    found = list(inspect.beside("a\nlet x be 1\nc\nd\ne\nf\ng", "a\nlet y be 1\nc\nd\ne\nf\ng\nh"))
    assert [(line.left, line.right) for line in found] == [
        ((("a", False),), (("a", False),)),
        (
            (("let ", False), ("x", True), (" be 1", False)),
            (("let ", False), ("y", True), (" be 1", False)),
        ),
        ((("c", False),), (("c", False),)),
        (None, None),
        ((("g", False),), (("g", False),)),
        (None, (("h", True),)),
    ]


def test_a_long_line_shows_what_differs_and_little_around_it() -> None:
    words = [f"word{number}" for number in range(1500)]
    (line,) = inspect.beside(" ".join(words), " ".join([*words[:700], "other", *words[701:]]))
    assert line.left is not None and line.right is not None
    assert [part for part, differs in line.right if differs] == ["other"]
    assert [part for part, differs in line.left if differs] == ["word700"]
    assert sum(len(part) for part, _ in line.left) < 300


def test_texts_that_have_nothing_in_common_are_compared_in_bounded_time() -> None:
    many = " ".join(f"a{number}" for number in range(200_000))
    lines = "\n".join(f"b{number}" for number in range(200_000))
    assert len(list(inspect.beside(many, lines))) <= inspect.MOST_COMPARED


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--id", "web:3"], "web text 3"),
        (["rejected", "--reason", "digits", "--count", "1"], "a␛[31m"),
        (["duplicates", "--id", "web:1"], "this duplicate"),
        (["hits", "--id", "web:3"], "web text 3"),
    ],
)
def test_the_command_shows_what_was_asked_for(
    root: Path, words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(root), *words]) == 0
    out = capsys.readouterr().out
    assert expected in out and "\x1b[31m" not in out


@pytest.mark.parametrize("name", ["--count", "--random", "--width"])
def test_numbers_begin_at_one(root: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(root), name, "0"]) == 2
    assert f"{name} 0: expected a whole number from 1" in capsys.readouterr().err


def test_clusters_come_by_size(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = pa.array([[("web", 3), ("code", 1)], [("web", 2)]], pa.map_(pa.string(), pa.int64()))
    (root / "clusters").mkdir()
    table = {"cluster": ["web:5", "web:2"], "size": [4, 2], "dropped": [3, 1], "sources": sources}
    pq.write_table(pa.table(table), root / "clusters/clusters.parquet")
    assert main(["inspect", str(root), "clusters"]) == 0
    out = capsys.readouterr().out
    assert "web 3, code 1" in out and out.index("web:5") < out.index("web:2")
    assert main(["inspect", str(root), "clusters", "--id", "web:2"]) == 0
    assert "web:5" not in capsys.readouterr().out


def test_a_duplicate_is_shown_beside_what_was_kept_wherever_the_texts_lie(
    root: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(root), "duplicates", "--id", "web:1"]) == 0
    assert any("web text 2" in line and "web text 1" in line for line in capsys.readouterr().out.splitlines())
    bare = tmp_path_factory.mktemp("bare")
    (bare / LEDGER_FOLDER).mkdir()
    put(bare, "duplicates/input/0", DUPLICATE, [Duplicate("new", "web:2", "minhash", 0.93, "web:2")])
    (bare / "rows.jsonl").write_text('{"name": "new", "body": "web text two"}\n')
    words = ["inspect", str(bare), "duplicates", "--random", "1"]
    assert main(words) == 0
    assert "the text of web:2 is not here" in capsys.readouterr().out
    more = ["--texts", str(root), "--texts", str(bare / "rows.jsonl"), "--id-key", "name", "--text-key", "body"]
    assert main([*words, *more]) == 0
    assert any("web text 2" in line and "web text two" in line for line in capsys.readouterr().out.splitlines())
    assert main([*words, "--texts", str(bare / "nowhere")]) == 2

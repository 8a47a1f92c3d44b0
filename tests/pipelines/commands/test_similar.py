"""`proofpile similar`: the nearest documents first, with the similarity that they truly have."""

from pathlib import Path

import pytest
from datasketch import MinHashLSH

from pipelines.commands.cli import main
from pipelines.stages.matching.nearest import minhashes, nearest
from tests.pipelines.corpus.made_corpus import document, make
from tests.pipelines.stages.test_dedup import edited, run, text, true_similarity

FILES = {
    "a/x": [document(f"a:{seed}", text(seed)) for seed in range(30)],
    "b/y": [document("b:near", edited(text(3), 1, 0.02), "b"), document("b:far", edited(text(3), 2, 0.2), "b")],
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(make(tmp_path_factory.mktemp("corpus"), FILES))


def test_the_nearest_come_first_with_their_true_similarity(corpus: Path) -> None:
    found = nearest(corpus, text(3), 3)
    assert [one.id for one in found] == ["a:3", "b:near", "b:far"]
    near, far = (row.text for row in FILES["b/y"])
    assert [one.similarity for one in found] == [1.0, true_similarity(text(3), near), true_similarity(text(3), far)]
    assert found[1].stem == "b/y"


def test_a_text_that_shares_nothing_has_no_neighbours(corpus: Path) -> None:
    assert nearest(corpus, "nothing of this stands in any of the other texts at all", 5) == []
    assert nearest(corpus, "", 5) == []


@pytest.mark.parametrize("settings", [{"method": "simhash"}, {"method": "exact"}, {"verification": "estimate"}])
def test_it_asks_whatever_signed_the_corpus(tmp_path: Path, settings: dict[str, object]) -> None:
    root = run(make(tmp_path, FILES, settings))
    assert [one.id for one in nearest(root, text(7), 1)] == ["a:7"]


def test_signatures_are_datasketchs_and_serve_its_indexes(corpus: Path) -> None:
    index = MinHashLSH(threshold=0.5, num_perm=128)
    sketches = dict(minhashes(corpus))
    for name, sketch in sketches.items():
        index.insert(name, sketch)
    assert set(index.query(sketches["b:near"])) >= {"a:3", "b:near"}


def test_the_command_takes_a_file_a_text_or_an_id(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "paper.txt"
    path.write_text(text(5))
    for arguments in ([str(path)], [text(5)]):
        assert main(["similar", str(corpus), *arguments, "--count", "1"]) == 0
        assert capsys.readouterr().out == "1.0000  a  a:5  documents/a/x.parquet\n"
    assert main(["similar", str(corpus), "--id", "b:near", "--count", "1", "--text"]) == 0
    assert "a:3" in (out := capsys.readouterr().out)
    assert text(3)[:50] in out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "expected a file or a text, or --id, and not both"),
        (["x", "--id", "a:1"], "expected a file or a text, or --id, and not both"),
        (["x", "--count", "0"], "--count 0: expected at least 1"),
        (["--id", "nobody"], "no document has the id `nobody`"),
    ],
)
def test_wrong_questions_get_one_line(
    corpus: Path, arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["similar", str(corpus), *arguments]) == 2
    assert line in capsys.readouterr().err


def test_a_folder_that_was_never_signed_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["similar", str(tmp_path), "x y z"]) == 2
    assert "has no signatures" in capsys.readouterr().err

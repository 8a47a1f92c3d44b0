"""Papers from arXiv's archives in every form they come in."""

import gzip
import io
import json
import os
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from manifests.errors import UserError
from manifests.records import BadRecord, Document, stable_id
from pipelines.extraction.archives import packed_files as archives
from pipelines.extraction.latex.parts import KEPT
from pipelines.sources import submission
from pipelines.sources.arxiv import ArxivOptions, ArxivSource
from pipelines.sources.arxiv_id import parse_arxiv_id
from pipelines.sources.base import RawFile, Record, Refusal
from pipelines.sources.submission import TooLarge, unpack

MAIN = b"\\documentclass{article}\\begin{document}\\section{One}\nText $x$. \\input{two}\\end{document}"
TWO = b"More % comment\ntext.\n"
WITHDRAWN = b"%auto-ignore\r\nThis paper has been withdrawn by the author due to an error.\r\n"


def tar(files: dict[str, bytes], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]  # the mode varies
        for name, raw in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(raw), 1_500_000_000
            archive.addfile(info, io.BytesIO(raw))
    return buffer.getvalue()


SUBMISSION = tar({"main.tex": MAIN, "two.tex": TWO, "fig.pdf": b"%PDF"}, "w:gz")
MONTH = {
    "1707/1707.00001.gz": SUBMISSION,
    "1707/1707.00002.gz": gzip.compress(MAIN),
    "1707/1707.00003.pdf": b"%PDF-1.5",
    "1707/1707.00004.gz": gzip.compress(WITHDRAWN),
    "1707/math0309136.gz": gzip.compress("\\section{Un} Théorème.".encode("latin-1")),
}


def outcomes(
    path: Path, rules: Any = "corrected", name: str | None = None, **options: Any
) -> dict[str, Document | Refusal | str]:
    source = ArxivSource("papers", ArxivOptions(**options), rules)
    found: dict[str, Document | Refusal | str] = {}
    for record in source.records(RawFile(path, name or path.name)):
        if isinstance(record, BadRecord):
            found[record.key] = record.error
            continue
        try:
            found[record.key] = source.document(record)
        except Exception as error:
            found[record.key] = f"{type(error).__name__}: {error}"
    return found


def put(folder: Path, name: str, raw: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    return path


def text_of(outcome: Document | Refusal | str) -> str:
    assert isinstance(outcome, Document), outcome
    return outcome.text


def test_a_monthly_tar_by_the_corrected_rules(tmp_path: Path) -> None:
    found = outcomes(put(tmp_path, "arXiv_src_1707_001.tar", tar(MONTH)))
    assert list(found) == ["1707.00001", "1707.00002", "1707.00003", "1707.00004", "math/0309136"]
    assert text_of(found["1707.00001"]) == "\\section{One}\nText $x$. More text."
    assert text_of(found["1707.00002"]) == "\\section{One}\nText $x$. \\input{two}"
    assert found["1707.00003"] == Refusal("pdf_only")
    assert found["1707.00004"] == Refusal("withdrawn")
    assert text_of(found["math/0309136"]) == "\\section{Un} Théorème."


def test_a_monthly_tar_by_the_published_rules(tmp_path: Path) -> None:
    found = outcomes(put(tmp_path, "arXiv_src_1707_001.tar", tar(MONTH)), "published")
    assert text_of(found["1707.00001"]) == "\\section{One}\nText $x$. \\input{two}\\end{document}\n"
    assert found["1707.00003"] == Refusal("pdf_only")
    assert found["1707.00004"] == Refusal("empty")
    refusal = found["math/0309136"]
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "not_utf8"


def test_one_file_that_is_not_utf8_drops_a_published_paper(tmp_path: Path) -> None:
    raw = tar({"a.tex": MAIN, "b.tex": b"G\xf6del"}, "w:gz")
    (outcome,) = outcomes(put(tmp_path, "1707.00001.tar.gz", raw), "published").values()
    assert isinstance(outcome, Refusal)
    assert outcome.reason == "not_utf8"
    (corrected,) = outcomes(tmp_path / "1707.00001.tar.gz").values()
    assert isinstance(corrected, Document)


def test_what_a_document_tells(tmp_path: Path) -> None:
    found = outcomes(put(tmp_path, "arXiv_src_1707_001.tar", tar(MONTH)))
    document = found["1707.00001"]
    assert isinstance(document, Document)
    assert document.id == stable_id("papers", "1707.00001")
    assert document.url == "https://arxiv.org/abs/1707.00001"
    assert document.created == "2017-07"
    assert json.loads(document.meta) == {
        "arxiv_id": "1707.00001",
        "macros_expanded": 0,
        "timestamp": "2017-07-14T02:40:00",
        "yymm": "1707",
    }


def test_metadata_gives_categories_licence_and_date(tmp_path: Path) -> None:
    rows = [
        {
            "id": "1707.00002",
            "categories": "math.CO cs.DM",
            "license": "http://creativecommons.org/licenses/by/4.0/",
            "versions": [{"version": "v1", "created": "Sat, 1 Jul 2017 20:14:58 GMT"}],
            "update_date": "2018-01-02",
            "comments": "12 pages",
        },
        {"id": "1707.00001", "categories": "math.AG", "comments": "This paper has been withdrawn by the author"},
        {"id": "math/0309136", "categories": "math.GT"},
    ]
    asset = put(tmp_path, "metadata.json", "\n".join(json.dumps(row) for row in rows).encode() + b"\n{broken\n")
    path = put(tmp_path, "arXiv_src_1707_001.tar", tar(MONTH))
    source = ArxivSource("papers", ArxivOptions(metadata="known"), assets={"known": asset})
    found = {
        record.key: source.document(record)
        for record in source.records(RawFile(path, path.name))
        if isinstance(record, Record)
    }
    document = found["1707.00002"]
    assert isinstance(document, Document)
    assert document.license == "http://creativecommons.org/licenses/by/4.0/"
    assert document.created == "2017-07-01T20:14:58Z"
    assert json.loads(document.meta)["categories"] == ["math.CO", "cs.DM"]
    assert json.loads(document.meta)["updated"] == "2018-01-02"
    assert found["1707.00001"] == Refusal("withdrawn")
    old = found["math/0309136"]
    assert isinstance(old, Document)
    assert json.loads(old.meta)["categories"] == ["math.GT"]


def test_a_metadata_asset_that_the_recipe_lacks_is_named(tmp_path: Path) -> None:
    path = put(tmp_path, "1707.00001.tar.gz", SUBMISSION)
    source = ArxivSource("papers", ArxivOptions(metadata="known"))
    (record,) = source.records(RawFile(path, path.name))
    assert isinstance(record, Record)
    with pytest.raises(UserError, match=r"papers\.options\.metadata: no asset is called `known`"):
        source.document(record)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("1707.00001v2.tar.gz", SUBMISSION),
        ("1707.00001v2.tgz", SUBMISSION),
        ("1707.00001v2", SUBMISSION),
        ("1707.00001v2.tar", tar({"main.tex": MAIN, "two.tex": TWO})),
    ],
)
def test_a_submission_in_any_packing(tmp_path: Path, name: str, raw: bytes) -> None:
    found = outcomes(put(tmp_path, name, raw))
    assert list(found) == ["1707.00001v2"]
    document = found["1707.00001v2"]
    assert text_of(document).endswith("More text.")
    assert isinstance(document, Document)
    assert json.loads(document.meta)["version"] == "v2"
    assert document.url == "https://arxiv.org/abs/1707.00001v2"


def test_a_zip_is_a_submission_too(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.tex", MAIN)
    (document,) = outcomes(put(tmp_path, "paper.zip", buffer.getvalue())).values()
    assert text_of(document).startswith("\\section{One}")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (gzip.compress(b"%PDF-1.4"), "pdf_only"),
        (gzip.compress(b"%!PS-Adobe-2.0"), "ps_only"),
        (gzip.compress(b"<html></html>"), "html_only"),
        (gzip.compress(b""), "empty"),
        (gzip.compress(b"Withdrawn."), "withdrawn"),
        (gzip.compress(b"words"), "no_tex"),
        (tar({"a.pdf": b"%PDF", "anc/data.csv": b"1"}, "w:gz"), "pdf_only"),
        (tar({"data.csv": b"1"}, "w:gz"), "no_tex"),
        (tar({"paper.ps.gz": b"%!PS"}, "w:gz"), "ps_only"),
        (tar({"index.html": b"<html>", "a.png": b""}, "w:gz"), "html_only"),
        (
            gzip.compress(b"%auto-ignore\nThis paper has been withdrawn by the author due to a crucial error."),
            "withdrawn",
        ),
    ],
    ids=[
        "pdf",
        "ps",
        "html",
        "empty",
        "withdrawn",
        "words",
        "tar of a pdf",
        "tar of data",
        "tar of ps",
        "tar of html",
        "auto-ignore",
    ],  # gzip notes the time
)
def test_what_is_no_paper_is_turned_away_with_a_reason(tmp_path: Path, raw: bytes, reason: str) -> None:
    assert outcomes(put(tmp_path, "1707.00001.gz", raw)) == {"1707.00001": Refusal(reason)}


def test_a_cut_monthly_tar_keeps_what_came_before(tmp_path: Path) -> None:
    raw = tar(MONTH)
    path = put(tmp_path, "arXiv_src_1707_001.tar", raw[: raw.index(b"1707/1707.00003.pdf") + 100])
    source, keys = ArxivSource("papers"), []
    with pytest.raises(archives.DamagedArchive):
        for record in source.records(RawFile(path, path.name)):
            keys.append(record.key)
    assert keys == ["1707.00001", "1707.00002"]


def test_a_cut_submission_costs_that_paper(tmp_path: Path) -> None:
    month = MONTH | {"1707/1707.00001.gz": SUBMISSION[:-30], "1707/1707.00002.gz": gzip.compress(MAIN)[:-9]}
    found = outcomes(put(tmp_path, "arXiv_src_1707_001.tar", tar(month)))
    assert "DamagedArchive" in str(found["1707.00001"])
    assert "EOFError" in str(found["1707.00002"])
    assert found["1707.00003"] == Refusal("pdf_only")


def test_hostile_archives_cost_one_paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "LIMITS", archives.Limits(member=1 << 20, unpacked=4 << 20))
    monkeypatch.setattr(submission, "MOST_TEXT", 2 << 20)
    monkeypatch.setattr(submission, "MOST_FILES", 100)
    with pytest.raises(TooLarge):
        unpack(gzip.compress(b"a" * (8 << 20)))
    with pytest.raises(TooLarge):
        unpack(tar({f"{index}.tex": b"a" * (1 << 20) for index in range(4)}, "w:gz"))
    with pytest.raises(TooLarge):
        unpack(tar({f"{index}": b"" for index in range(200)}, "w:gz"))
    with pytest.raises(archives.DamagedArchive):
        unpack(tar({f"{index}.png": b"\0" * (2 << 20) for index in range(8)}, "w:gz"))
    path = put(tmp_path, "1707.00001.gz", gzip.compress(b"a" * (8 << 20)))
    (outcome,) = outcomes(path).values()
    assert isinstance(outcome, Refusal)
    assert outcome.reason == "too_large"


def test_links_and_escaping_names_reach_nothing(tmp_path: Path) -> None:
    put(tmp_path, "secret.tex", b"secret")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, target in {"link.tex": str(tmp_path / "secret.tex"), "up.tex": "../secret.tex"}.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
        raw = b"\\documentclass{article}x\\input{link}\\input{up}\\input{../secret}\\input{/etc/passwd}"
        for name in ("main.tex", "../../evil.tex", "/abs.tex"):
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    (document,) = outcomes(put(tmp_path, "sub/paper.tar.gz", buffer.getvalue())).values()
    assert "secret" not in text_of(document).replace("\\input{../secret}", "")
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["paper.tar.gz", "secret.tex"]


def test_a_folder_gives_main_files_and_the_newest_versions(tmp_path: Path) -> None:
    put(tmp_path, "1707.00001v1.tar.gz", SUBMISSION)
    put(tmp_path, "1707.00001v10.tar.gz", SUBMISSION)
    put(tmp_path, "1707.00001v2.tar.gz", SUBMISSION)
    put(tmp_path, "paper/main.tex", MAIN)
    put(tmp_path, "paper/two.tex", TWO)
    put(tmp_path, "paper/parts/three.tex", TWO)
    put(tmp_path, "chapters/four.tex", b"\\section{Four}")
    put(tmp_path, "notes.txt", b"x")
    found = [path.relative_to(tmp_path).as_posix() for path in ArxivSource("papers").files(tmp_path)]
    assert found == ["1707.00001v10.tar.gz", "chapters/four.tex", "paper/main.tex"]


def test_a_lone_file_reads_its_neighbours(tmp_path: Path) -> None:
    path = put(tmp_path, "paper/main.tex", MAIN)
    put(tmp_path, "paper/two.tex", TWO)
    found = outcomes(path, name="paper/main.tex")
    assert text_of(found["paper/main.tex"]).endswith("More text.")
    put(tmp_path, "secret.tex", b"secret")
    (tmp_path / "paper/two.tex").unlink()
    (tmp_path / "paper/two.tex").symlink_to(tmp_path / "secret.tex")
    assert "secret" not in text_of(outcomes(path, name="paper/main.tex")["paper/main.tex"])


def test_a_lone_file_that_a_main_file_reads_is_no_paper(tmp_path: Path) -> None:
    put(tmp_path, "paper/main.tex", MAIN.replace(b"two", b"parts/two"))
    part = put(tmp_path, "paper/parts/two.tex", b"Text \\input{parts/three}")
    inner = put(tmp_path, "paper/parts/three.tex", TWO)
    alone = put(tmp_path, "paper/parts/four.tex", TWO)
    assert outcomes(part, name="paper/parts/two.tex") == {"paper/parts/two.tex": Refusal("part_of_another")}
    assert outcomes(inner, name="paper/parts/three.tex") == {"paper/parts/three.tex": Refusal("part_of_another")}
    assert text_of(outcomes(alone, name="paper/parts/four.tex")["paper/parts/four.tex"])


def test_an_archive_of_software_gives_a_document_for_each_paper(tmp_path: Path) -> None:
    raw = tar(
        {
            "pkg-1.0/setup.py": b"",
            "pkg-1.0/paper/paper.tex": MAIN,
            "pkg-1.0/paper/two.tex": TWO,
            "pkg-1.0/doc/manual.tex": MAIN,
            "pkg-1.0/tests/broken.tex": MAIN,
        },
        "w:gz",
    )
    path = put(tmp_path, "pkg-1.0.tar.gz", raw)
    found = outcomes(path, papers="main_files", members=("*/paper/*", "*/doc/*"))
    assert list(found) == ["pkg-1.0.tar.gz/pkg-1.0/doc/manual.tex", "pkg-1.0.tar.gz/pkg-1.0/paper/paper.tex"]
    paper = found["pkg-1.0.tar.gz/pkg-1.0/paper/paper.tex"]
    assert text_of(paper).endswith("More text.")
    assert isinstance(paper, Document)
    assert json.loads(paper.meta)["path"] == "pkg-1.0.tar.gz/pkg-1.0/paper/paper.tex"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1707.08043.gz", ("1707.08043", "", "1707")),
        ("0704.0001v3.tar.gz", ("0704.0001", "v3", "0704")),
        ("hep-th9901001.gz", ("hep-th/9901001", "", "9901")),
        ("math.GT_0309136v1.pdf", ("math.GT/0309136", "v1", "0309")),
        ("math/0309136", ("math/0309136", "", "0309")),
        ("1713.08043.gz", None),
        ("paper.tex", None),
        ("17070.8043", None),
    ],
)
def test_identifiers_are_read_from_names(name: str, expected: tuple[str, str, str] | None) -> None:
    found = parse_arxiv_id(name)
    assert (None if found is None else tuple(found)) == expected


def test_the_month_of_an_identifier() -> None:
    months = [parse_arxiv_id(name) for name in ("hep-th9108001", "math0001001", "1707.08043")]
    assert [identifier.month for identifier in months if identifier] == ["1991-08", "2000-01", "2017-07"]


def test_a_hostile_paper_ends_in_time(tmp_path: Path) -> None:
    bomb = b"\\documentclass{article}\\def\\a{\\b\\b}\\def\\b{\\a\\a}\\begin{document}" + b"{" * 2_000_000 + b"\\a"
    started = time.process_time()
    outcomes(put(tmp_path, "1707.00001.gz", gzip.compress(bomb)))
    assert time.process_time() - started < 30


def test_real_folders_of_latex() -> None:
    folder = os.environ.get("PROOFPILE_REAL_DATA")
    if not folder:
        pytest.skip("PROOFPILE_REAL_DATA is not set")
    root = Path(folder) / "latex"
    source = ArxivSource("papers")
    ids = set()
    for path in source.files(root):
        for record in source.records(RawFile(path, path.relative_to(root).as_posix())):
            assert isinstance(record, Record)
            document = source.document(record)
            assert isinstance(document, Document)
            ids.add(document.id)
    assert len(ids) == 259


def test_a_recipe_says_which_parts_of_papers_are_text() -> None:
    assert ArxivOptions().kept_parts() == KEPT
    chosen = ArxivOptions(figures="drop", bibliography="keep", appendix="drop").kept_parts()
    assert chosen == (KEPT - {"figures", "appendix"}) | {"bibliography"}

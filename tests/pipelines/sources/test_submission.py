"""The forms in which submissions were packed, and what the published program made of each."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import pytest

from manifests.records import Document
from pipelines.extraction.archives.packed_files import DamagedArchive
from pipelines.sources import published_submission
from pipelines.sources.arxiv import ArxivOptions, ArxivSource
from pipelines.sources.base import RawFile, Record, Refusal
from pipelines.sources.published_submission import Unreadable, published_files
from pipelines.sources.submission import TooLarge, unpack

A, B = b"\\section{A}\nText A.\n", b"\\section{B}\nText B.\n"


class Entry(NamedTuple):
    name: str
    raw: bytes = b""
    kind: bytes = tarfile.REGTYPE
    target: str = ""


def tar(*entries: Entry) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for entry in entries:
            info = tarfile.TarInfo(entry.name)
            info.type, info.linkname, info.size = entry.kind, entry.target, len(entry.raw)
            archive.addfile(info, io.BytesIO(entry.raw))
    return buffer.getvalue()


PLAIN_TAR = gzip.decompress(tar(Entry("a.tex", A)))


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.tex", A)
    return buffer.getvalue()


def outcome(folder: Path, raw: bytes, rules: str = "corrected", **options: object) -> Document | Refusal:
    path = folder / "1707.00001.gz"
    path.write_bytes(raw)
    source = ArxivSource("papers", ArxivOptions(**options), rules)  # type: ignore[arg-type]  # as a recipe gives them
    (record,) = source.records(RawFile(path, path.name))
    assert isinstance(record, Record)
    return source.document(record)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([Entry(".hidden.tex", A), Entry("b.tex", B)], [A, B]),
        ([Entry("a.tex", A), Entry("._a.tex", b"\0\x05\x16\x07\xff")], [A, b"\0\x05\x16\x07\xff"]),
        ([Entry("a.tex", A), Entry("a.tex", B)], [A, B]),
        ([Entry("a.tex", A), Entry("l.tex", kind=tarfile.SYMTYPE, target="a.tex")], [A, A]),
        ([Entry("d/l.tex", kind=tarfile.SYMTYPE, target="../a.tex"), Entry("a.tex", A)], [A, A]),
        ([Entry("a.txt", A), Entry("l.tex", kind=tarfile.SYMTYPE, target="a.txt")], [A]),
        ([Entry("a.tex", A), Entry("l.tex", kind=tarfile.LNKTYPE, target="a.tex"), Entry("a.tex", B)], [A, A, B]),
        ([Entry("b.tex", B), Entry("l.tex", kind=tarfile.SYMTYPE, target="a.tex"), Entry("a.tex", A)], [B, A, A]),
        ([Entry("a.TEX", A), Entry("b.tex", B)], [B]),
    ],
    ids="hidden mac twice link upwards to-text hard later capital".split(),
)
def test_what_the_published_program_took(entries: list[Entry], expected: list[bytes]) -> None:
    assert published_files(tar(*entries)) == expected


@pytest.mark.parametrize(
    "raw",
    [
        tar(Entry("a.tex", A), Entry("d.tex", kind=tarfile.DIRTYPE)),
        tar(Entry("a.tex", A), Entry("l.tex", kind=tarfile.SYMTYPE, target="nowhere.tex")),
        tar(Entry("a.tex", A), Entry("l.tex", kind=tarfile.SYMTYPE, target="/etc/passwd")),
        tar(Entry("l.tex", kind=tarfile.LNKTYPE, target="a.tex"), Entry("a.tex", A)),
        tar(Entry("l.tex", kind=tarfile.SYMTYPE, target="m.tex"), Entry("m.tex", kind=tarfile.SYMTYPE, target="l.tex")),
        zipped(),
        A,
    ],
    ids="folder dangling outside hard-later circle zip plain".split(),
)
def test_what_the_published_program_gave_up(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(Unreadable):
        published_files(raw)
    refusal = outcome(tmp_path, raw, "published")
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "unreadable"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (gzip.compress(PLAIN_TAR.rstrip(b"\0") + b"\0" * 100), [PLAIN_TAR.rstrip(b"\0") + b"\0" * 100]),
        (gzip.compress(PLAIN_TAR[:1024]), [A]),
        (gzip.compress(PLAIN_TAR) + b"junk", [A]),
        (gzip.compress(PLAIN_TAR)[:-4], [A]),
        (gzip.compress(b"\0" * 10240), []),
        (bz2.compress(PLAIN_TAR), [A]),
        (lzma.compress(PLAIN_TAR), [A]),
        (PLAIN_TAR, [A]),
        (gzip.compress(A), [A]),
        (b"", [b""]),
    ],
    ids="cut-in-member no-end junk-behind gzip-cut-at-end zeros bzip2 xz plain-tar gzip nothing".split(),
)
def test_what_the_published_program_made_of_damage(raw: bytes, expected: list[bytes]) -> None:
    assert published_files(raw) == expected


def test_a_published_submission_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published_submission, "MOST_UNPACKED", 1 << 20)
    with pytest.raises(TooLarge):
        published_files(gzip.compress(b"a" * (2 << 20)))
    monkeypatch.setattr(published_submission, "MOST_FILES", 5)
    with pytest.raises(TooLarge):
        published_files(tar(*[Entry(f"{index}", b"") for index in range(10)]))


def test_a_resource_fork_costs_a_published_paper_and_no_corrected_one(tmp_path: Path) -> None:
    raw = tar(Entry("a.tex", A), Entry("._a.tex", b"\0\x05\x16\x07\xff"))
    published = outcome(tmp_path, raw, "published")
    assert isinstance(published, Refusal)
    assert published.reason == "not_utf8"
    corrected = outcome(tmp_path, raw)
    assert isinstance(corrected, Document)
    assert corrected.text == A.decode().strip()


SHAPES = {
    "gzipped tar": tar(Entry("a.tex", A * 30), Entry("b.tex", B * 30), Entry("fig.eps", bytes(range(256)) * 20)),
    "gzipped file": gzip.compress(A * 50),
    "tar": gzip.decompress(tar(Entry("a.tex", A), Entry("b.tex", B))),
    "zip": zipped(),
    "xz": lzma.compress(PLAIN_TAR),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rules", ["corrected", "published"])
def test_a_submission_cut_anywhere_is_whole_refused_or_one_failure(tmp_path: Path, shape: str, rules: str) -> None:
    raw = SHAPES[shape]
    whole = outcome(tmp_path, raw, rules)
    for cut in range(0, len(raw), max(1, len(raw) // 150)):
        try:
            found = outcome(tmp_path, raw[:cut], rules)
        except (DamagedArchive, EOFError, OSError, zlib.error, lzma.LZMAError):
            continue  # one failed record with this error
        if isinstance(found, Document) and rules == "corrected":
            assert found == whole
        else:
            assert isinstance(found, Document | Refusal)


def test_a_monthly_tar_cut_anywhere_gives_what_came_before(tmp_path: Path) -> None:
    members = [Entry(f"1707/1707.0000{index}.gz", gzip.compress(A * index)) for index in range(1, 6)]
    raw = gzip.decompress(tar(*members))
    path = tmp_path / "arXiv_src_1707_001.tar"
    for cut in range(0, len(raw), 131):
        path.write_bytes(raw[:cut])
        found: list[bytes] = []
        try:
            for record in ArxivSource("papers").records(RawFile(path, path.name)):
                assert isinstance(record, Record)
                found.append(record.payload)
        except DamagedArchive:
            pass
        else:
            assert len(found) == len(members)
        assert found == [member.raw for member in members[: len(found)]]


def test_a_zip_inside_gzip_is_read() -> None:
    assert unpack(gzip.compress(zipped())).files == {"a.tex": A}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (tar(Entry("../../x.tex", A)), "unsafe_name"),
        (tar(Entry("a.tex", A + b"\0\0" + B)), "nul_bytes"),
        (gzip.compress(A + b"\0\0" + B), "nul_bytes"),
        (gzip.compress(b"\\end{document}\n"), "empty"),
        (gzip.compress(b"\\begin{document}\n\\end{document}\n"), "empty"),
    ],
    ids="escaping nul single-nul end frame".split(),
)
def test_what_is_no_text_is_turned_away_with_a_reason(tmp_path: Path, raw: bytes, reason: str) -> None:
    refusal = outcome(tmp_path, raw)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason


def test_a_bad_file_beside_a_paper_is_counted(tmp_path: Path) -> None:
    document = outcome(tmp_path, tar(Entry("a.tex", A), Entry("../b.tex", B), Entry("c.tex", b"\0" + B)))
    assert isinstance(document, Document)
    assert document.text == A.decode().strip()
    assert json.loads(document.meta)["files_refused"] == 2


def test_padding_at_the_end_of_a_file_is_no_fault(tmp_path: Path) -> None:
    document = outcome(tmp_path, gzip.compress(A + b"\x1a" + b"\0" * 100))
    assert isinstance(document, Document)
    assert document.text == A.decode().strip()


@pytest.mark.parametrize("rules", ["published", "corrected"])
def test_papers_are_chosen_by_category_and_date(tmp_path: Path, rules: str) -> None:
    asset = tmp_path / "metadata.json"
    row = {
        "id": "1707.00001",
        "title": "A\n  title",
        "categories": "math.CO cs.DM",
        "versions": [
            {"version": "v1", "created": "Sat, 1 Jul 2017 20:14:58 GMT"},
            {"version": "v2", "created": "Tue, 2 Jan 2018 01:00:00 GMT"},
        ],
    }
    asset.write_text(json.dumps(row) + "\n")

    def chosen(**options: object) -> Document | Refusal:
        source = ArxivSource("papers", ArxivOptions(**options), rules, assets={"known": asset})  # type: ignore[arg-type]
        return source.document(Record("1707.00001", gzip.compress(A), {"name": "1707.00001.gz"}))

    document = chosen(metadata="known", categories=("cs.DM",), cutoff="2017-07-01")
    assert isinstance(document, Document)
    meta = json.loads(document.meta)
    assert meta["versions"] == ["2017-07-01T20:14:58Z", "2018-01-02T01:00:00Z"]
    assert meta["title"] == "A title"
    assert isinstance(chosen(metadata="known", categories=("math.*",), cutoff="2017-07"), Document)
    assert chosen(metadata="known", categories=("hep-th",)) == Refusal("other_category", "math.CO cs.DM")
    assert chosen(metadata="known", cutoff="2017-06") == Refusal("after_cutoff", "2017-07-01T20:14:58Z")
    assert chosen(cutoff="2017-06") == Refusal("after_cutoff", "2017-07")
    assert chosen(categories=("math.*",)) == Refusal("category_unknown")


CC_BY = "http://creativecommons.org/licenses/by/4.0/"
ROWS = (
    {"id": "1707.00001", "license": CC_BY},
    {"id": "1707.00002", "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/"},
    {"id": "1707.00003", "license": None},
)


@pytest.mark.parametrize("rules", ["published", "corrected"])
@pytest.mark.parametrize(
    ("number", "licences", "refusal"),
    [
        ("1707.00001", ("creativecommons.org/licenses/by/*",), None),
        ("1707.00001", ("creativecommons.org/licenses/by/4.0",), None),
        ("1707.00001", ("creativecommons.org/licenses/by-sa/*", "creativecommons.org/*"), None),
        ("1707.00001", ("creativecommons.org/licenses/by-nc/*",), Refusal("licence", CC_BY)),
        ("1707.00002", ("creativecommons.org/*",), Refusal("licence", str(ROWS[1]["license"]))),
        ("1707.00002", ("arxiv.org/licenses/*",), None),
        ("1707.00003", ("*",), Refusal("licence_unknown")),
        ("1707.00009", ("*",), Refusal("licence_unknown")),
    ],
)
def test_papers_are_chosen_by_licence(
    tmp_path: Path, rules: str, number: str, licences: tuple[str, ...], refusal: Refusal | None
) -> None:
    asset = tmp_path / "metadata.json"
    asset.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    options = ArxivOptions(metadata="known", licences=licences)
    source = ArxivSource("papers", options, rules, assets={"known": asset})  # type: ignore[arg-type]
    found = source.document(Record(number, gzip.compress(A), {"name": f"{number}.gz"}))
    assert isinstance(found, Document) if refusal is None else found == refusal


@pytest.mark.parametrize(
    ("name", "cutoff", "refusal"),
    [
        ("1707.00001v1.gz", "2017-07-01", None),
        ("1707.00001v2.gz", "2017-12", Refusal("after_cutoff", "2018-01-02T01:00:00Z")),
        ("1707.00001v2.gz", "2018-01", None),
        ("1707.00001.gz", "2018-01-01", Refusal("after_cutoff", "2018-01-02T01:00:00Z")),
        ("1707.00001v3.gz", "2030-01", Refusal("date_unknown")),
        ("1707.00002v1.gz", "2030-01", Refusal("date_unknown")),
    ],
)
def test_a_cutoff_may_be_held_against_the_version_that_was_submitted(
    tmp_path: Path, name: str, cutoff: str, refusal: Refusal | None
) -> None:
    asset = tmp_path / "metadata.json"
    dates = ("Sat, 1 Jul 2017 20:14:58 GMT", "Tue, 2 Jan 2018 01:00:00 GMT")
    asset.write_text(json.dumps({"id": "1707.00001", "versions": [{"created": date} for date in dates]}) + "\n")
    options = ArxivOptions(metadata="known", cutoff=cutoff, cutoff_of="this_version")
    source = ArxivSource("papers", options, assets={"known": asset})
    found = source.document(Record("x", gzip.compress(A), {"name": name}))
    assert isinstance(found, Document) if refusal is None else found == refusal

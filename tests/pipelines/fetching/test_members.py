"""What comes out of an archive, and what cannot."""

import hashlib
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from manifests.errors import UserError
from pipelines.fetching import members
from pipelines.fetching.members import extract

FILES = {"p-1/a.tex": b"A" * 10, "p-1/sub/b.tex": b"B" * 20, "p-1/c.py": b"C"}


def tar(path: Path, mode: str = "w:gz", files: dict[str, bytes] = FILES) -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def packed(path: Path, files: dict[str, bytes] = FILES) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "make", [tar, packed, lambda p: tar(p, "w:xz"), lambda p: tar(p, "w:bz2"), lambda p: tar(p, "w")]
)
def test_members_that_fit_come_out_under_their_names(make: Callable[[Path], Path], tmp_path: Path) -> None:
    got = extract(make(tmp_path / "x"), "**/*.tex", tmp_path / "out", "here")
    assert [(one.name, one.size) for one in got] == [("p-1/a.tex", 10), ("p-1/sub/b.tex", 20)]
    assert got[1].path == tmp_path / "out/p-1/sub/b.tex"
    assert got[1].path.read_bytes() == FILES["p-1/sub/b.tex"]
    assert got[1].sha256 == hashlib.sha256(b"B" * 20).hexdigest()
    assert not (tmp_path / "out/p-1/c.py").exists()


def test_a_pattern_that_fits_nothing_is_told_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"here: no member fits !a.tex; at the top the archive has p-1/"):
        extract(tar(tmp_path / "x"), "a.tex", tmp_path / "out", "here")


@pytest.mark.parametrize("make", [tar, packed])
def test_names_cannot_climb_out(make: Callable[..., Path], tmp_path: Path) -> None:
    hostile = {"../../evil.tex": b"1", "/abs.tex": b"2", "a/../../b.tex": b"3"}
    got = extract(make(tmp_path / "x", files=hostile), "**", tmp_path / "deep" / "out", "here")
    assert len(got) == 3
    below = list(tmp_path.rglob("*.tex"))
    assert len(below) == 3
    assert all((tmp_path / "deep" / "out") in path.parents for path in below)


def test_links_and_devices_are_passed_over(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x", "w") as archive:
        for kind, name in (
            (tarfile.SYMTYPE, "sym"),
            (tarfile.LNKTYPE, "hard"),
            (tarfile.CHRTYPE, "dev"),
            (tarfile.FIFOTYPE, "fifo"),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("sym/through")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    (one,) = extract(tmp_path / "x", "**", tmp_path / "out", "here")
    assert one.path == tmp_path / "out/sym/through"
    assert not one.path.parent.is_symlink()


def test_symbolic_links_in_a_zip_are_passed_over(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x", "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
        archive.writestr("a", "x")
    assert [one.name for one in extract(tmp_path / "x", "**", tmp_path / "out", "here")] == ["a"]


@pytest.mark.parametrize("make", [tar, packed])
def test_an_archive_that_unpacks_to_too_much_is_refused(make: Callable[..., Path], tmp_path: Path) -> None:
    bomb = make(tmp_path / "x", files={"zeros": b"\0" * 20_000_000})
    assert bomb.stat().st_size < 30_000
    with pytest.raises(UserError, match="here: the archive unpacks to more than"):
        extract(bomb, "**", tmp_path / "out", "here", limit_bytes=1_000_000)
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_a_ratio_no_honest_archive_has_is_refused_without_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "HIGHEST_RATIO", 100)
    with pytest.raises(UserError, match="unpacks to more than"):
        extract(tar(tmp_path / "x", files={"zeros": b"\0" * 20_000_000}), "**", tmp_path / "out", "here")


@pytest.mark.parametrize("make", [tar, packed, lambda p: tar(p, "w:xz"), lambda p: tar(p, "w:bz2")])
def test_a_damaged_archive_is_said_in_one_line(make: Callable[[Path], Path], tmp_path: Path) -> None:
    archive = make(tmp_path / "x")
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="here: the archive is damaged or of an unknown kind"):
        extract(archive, "**", tmp_path / "out", "here")


def test_a_plain_tar_cut_inside_a_member_is_damaged(tmp_path: Path) -> None:
    archive = tar(tmp_path / "x", "w", {"a": b"x" * 5000})
    archive.write_bytes(archive.read_bytes()[:2000])
    with pytest.raises(UserError, match="damaged"):
        extract(archive, "**", tmp_path / "out", "here")
    assert not (tmp_path / "out" / "a").exists()


def test_a_flipped_bit_behind_the_last_member_taken_is_found_too(tmp_path: Path) -> None:
    archive = tar(tmp_path / "x", files={"a": b"1", "b": os.urandom(5000)})
    content = bytearray(archive.read_bytes())
    content[-6] ^= 1  # in the checksum at the end
    archive.write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        extract(archive, "a", tmp_path / "out", "here")


def test_what_is_no_archive_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(os.urandom(1000))
    with pytest.raises(UserError, match="damaged or of an unknown kind"):
        extract(tmp_path / "x", "**", tmp_path / "out", "here")


def test_an_archive_is_not_unpacked_for_ever_to_skip_what_is_not_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "HIGHEST_RATIO", 100)
    archive = tar(tmp_path / "x", files={"zeros": b"\0" * 20_000_000, "a": b"1"})
    with pytest.raises(UserError, match="more than any honest one"):
        extract(archive, "a", tmp_path / "out", "here")


def test_an_archive_of_too_many_members_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MOST_MEMBERS", 2)
    with pytest.raises(UserError, match="more than 2 members"):
        extract(tar(tmp_path / "x"), "**", tmp_path / "out", "here")


def test_a_disk_that_cannot_be_written_is_not_called_a_damaged_archive(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(NotADirectoryError):
        extract(tar(tmp_path / "x"), "**", tmp_path / "out", "here")


def test_of_two_members_of_one_name_the_last_counts(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x", "w") as archive:
        for content in (b"old", b"newer"):
            info = tarfile.TarInfo("a")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    (one,) = extract(tmp_path / "x", "a", tmp_path / "out", "here")
    assert one.path.read_bytes() == b"newer"
    assert one.size == 5

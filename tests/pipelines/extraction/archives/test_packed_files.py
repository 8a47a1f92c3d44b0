"""Archives are read as streams: hostile ones cost themselves only, damaged ones keep what came before."""

import bz2
import gzip
import io
import lzma
import os
import random
import struct
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from pipelines.engine.worker import MONITOR, PART, READ
from pipelines.extraction.archives.packed_files import (
    DamagedArchive,
    Limits,
    Member,
    is_archive,
    is_behind_other_bytes,
    members,
)

FILES = {"p-1/a.py": b"import numpy\n", "p-1/sub/b.v": b"Theorem x.\n" * 500, "p-1/c.py": b""}


def tar_bytes(files: dict[str, bytes] = FILES, **options: object) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", **options) as tar:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def zip_bytes(files: dict[str, bytes] = FILES, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def deb_bytes(data: bytes, name: bytes = b"data.tar.xz") -> bytes:
    def entry(name: bytes, content: bytes) -> bytes:
        header = (
            name.ljust(16)
            + b"0".ljust(12)
            + b"0".ljust(6) * 2
            + b"100644".ljust(8)
            + str(len(content)).encode().ljust(10)
        )
        return header + b"`\n" + content + b"\n" * (len(content) % 2)

    return b"!<arch>\n" + entry(b"debian-binary", b"2.0\n") + entry(b"control.tar.gz", b"abc") + entry(name, data)


PACKINGS: dict[str, Callable[[], bytes]] = {
    "tar": tar_bytes,
    "tar.gz": lambda: gzip.compress(tar_bytes()),
    "tar.bz2": lambda: bz2.compress(tar_bytes()),
    "tar.xz": lambda: lzma.compress(tar_bytes()),
    "tar.zst": lambda: zstandard.compress(tar_bytes()),
    "zip": zip_bytes,
    "stored zip": lambda: zip_bytes(method=zipfile.ZIP_STORED),
    "deb": lambda: deb_bytes(lzma.compress(tar_bytes())),
    "two gzip members": lambda: gzip.compress(tar_bytes()[:1000]) + gzip.compress(tar_bytes()[1000:]),
    "gnu tar": lambda: tar_bytes(format=tarfile.GNU_FORMAT),
}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Member]]:
    def run(raw: bytes, **options: object) -> list[Member]:
        path = tmp_path / "archive"
        path.write_bytes(raw)
        return list(members(path, **options))  # type: ignore[arg-type]

    return run


def before_damage(path: Path, limits: Limits = Limits()) -> tuple[list[Member], str]:  # noqa: B008
    """What was read, and the error that ended it ('' for none)."""
    found = []
    try:
        for member in members(path, limits):
            found.append(member)
    except DamagedArchive as error:
        return found, str(error)
    return found, ""


def contents(path: Path, limits: Limits = Limits()) -> tuple[list[tuple[str, bytes | None]], str]:  # noqa: B008
    found, error = before_damage(path, limits)
    return [(member.path, member.content) for member in found], error


@pytest.mark.parametrize("kind", PACKINGS)
def test_every_kind_gives_the_same_files(kind: str, read: Callable[..., list[Member]]) -> None:
    raw = PACKINGS[kind]()
    assert is_archive(raw[:512])
    assert {member.path: member.content for member in read(raw)} == FILES


@pytest.mark.parametrize("kind", PACKINGS)
def test_only_wanted_files_are_read(kind: str, read: Callable[..., list[Member]]) -> None:
    assert [member.path for member in read(PACKINGS[kind](), wanted=lambda name: name.endswith(".v"))] == [
        "p-1/sub/b.v"
    ]


@pytest.mark.parametrize("head", [b"", b"import numpy\n" * 50, b"PAR1" + b"\0" * 600, b"\0" * 512, b"{}" * 300])
def test_other_files_are_no_archives(head: bytes) -> None:
    assert not is_archive(head[:512])


def test_links_devices_and_folders_are_passed_over(read: Callable[..., list[Member]]) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for kind in (
            tarfile.SYMTYPE,
            tarfile.LNKTYPE,
            tarfile.CHRTYPE,
            tarfile.BLKTYPE,
            tarfile.FIFOTYPE,
            tarfile.DIRTYPE,
        ):
            info = tarfile.TarInfo("x.py")
            info.type = kind
            info.linkname = "/etc/passwd"
            tar.addfile(info)
    assert read(buffer.getvalue()) == []
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("x.py")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("folder/", "")
    assert read(buffer.getvalue()) == []


def test_climbing_and_absolute_names_are_only_names(tmp_path: Path, read: Callable[..., list[Member]]) -> None:
    before = sorted(tmp_path.parent.iterdir())
    for raw in (
        tar_bytes({"../../x.py": b"a", "/etc/x.py": b"b", "./y.py": b"c"}),
        zip_bytes({"../x.py": b"a", "/x.py": b"b"}),
    ):
        assert all(not member.path.startswith(("/", "./")) for member in read(raw))
    assert sorted(tmp_path.parent.iterdir()) == before
    assert list(tmp_path.iterdir()) == [tmp_path / "archive"]


def test_a_file_without_a_name_costs_no_other(read: Callable[..., list[Member]]) -> None:
    raw = zip_bytes({"ab.py": b"1", "c.py": b"2"})
    place = raw.index(b"PK\x01\x02")  # only the index is changed: no letters of the name are left
    index = bytearray(raw[place:].replace(b"ab.py", b"", 1))
    index[28:30] = b"\0\0"
    end = index.index(b"PK\x05\x06")
    index[end + 12 : end + 16] = end.to_bytes(4, "little")
    assert "c.py" in [member.path for member in read(raw[:place] + bytes(index))]


def test_names_that_are_no_utf8_stay_apart(read: Callable[..., list[Member]]) -> None:
    raw = tar_bytes({"aX.py": b"1", "aY.py": b"2"}, format=tarfile.USTAR_FORMAT)
    raw = raw.replace(b"aX.py", b"a\xff.py").replace(b"aY.py", b"a\xfe.py")
    fixed = bytearray(raw)
    for start in (0, 1024):  # headers carry a checksum
        header = fixed[start : start + 512]
        header[148:156] = b" " * 8
        fixed[start + 148 : start + 156] = b"%06o\0 " % sum(header)
    names = [member.path for member in read(bytes(fixed))]
    assert names == ["a\\xff.py", "a\\xfe.py"]
    assert all(name.encode("utf-8") for name in names)


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst", "zip", "stored zip", "deb"])
def test_a_truncated_archive_keeps_what_came_before_and_says_so(kind: str, tmp_path: Path) -> None:
    noise = {f"{number}.py": os.urandom(20_000) for number in range(50)}
    tar = tar_bytes(noise)
    raw = {
        "tar": tar, "tar.gz": gzip.compress(tar), "tar.bz2": bz2.compress(tar), "tar.xz": lzma.compress(tar),
        "tar.zst": zstandard.compress(tar), "zip": zip_bytes(noise), "stored zip": zip_bytes(noise, zipfile.ZIP_STORED),
        "deb": deb_bytes(lzma.compress(tar)),
    }[kind]  # fmt: skip
    path = tmp_path / "archive"
    for part in (0.05, 0.5, 0.95):
        path.write_bytes(raw[: int(len(raw) * part)])
        found, error = before_damage(path)
        assert error
        assert all(noise[member.path] == member.content for member in found)
        if part > 0.4 and kind != "tar.bz2":
            assert len(found) >= 50 * part - 22  # xz and bzip2 give up whole blocks


def test_a_tar_cut_between_two_members_is_damage_as_one_cut_inside_a_header_is(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    raw = tar_bytes()
    for length, said in ((1024, "between two members"), (1300, "truncated")):
        path.write_bytes(raw[:length])
        found, error = contents(path)
        assert found == [("p-1/a.py", FILES["p-1/a.py"])]
        assert said in error


@pytest.mark.parametrize("place", [-8, -4])
def test_a_gzip_stream_that_is_not_what_was_packed_gives_its_files_and_says_so(tmp_path: Path, place: int) -> None:
    packed = bytearray(gzip.compress(tar_bytes()))
    packed[place] ^= 1  # of its checksum, of its length
    (tmp_path / "a").write_bytes(packed)
    found: list[str] = []
    with pytest.raises(DamagedArchive, match=r"CRC check failed|Incorrect length"):
        found.extend(member.path for member in members(tmp_path / "a"))
    assert found == list(FILES)


@pytest.mark.parametrize("behind", [b"", bytes(3000), b"a signature", gzip.compress(b"more")])
def test_what_stands_behind_a_sound_gzip_stream_is_no_damage(tmp_path: Path, behind: bytes) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(tar_bytes()) + behind)
    assert [member.path for member in members(tmp_path / "a")] == list(FILES)


def test_a_tar_whose_end_is_one_block_of_zeros_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    path.write_bytes(tar_bytes().rstrip(b"\0") + bytes(2 * 512))
    found, error = contents(path)
    assert (dict(found), error) == (FILES, "")


def test_a_corrupt_header_in_the_middle_is_damage_and_not_the_end(tmp_path: Path) -> None:
    raw = bytearray(tar_bytes())
    raw[1024:1040] = b"\xff" * 16
    path = tmp_path / "archive"
    path.write_bytes(raw)
    found, error = before_damage(path)
    assert [member.path for member in found] == ["p-1/a.py"]
    assert "tar" in error


def test_a_damaged_member_of_a_zip_costs_itself_only(read: Callable[..., list[Member]]) -> None:
    raw = bytearray(zip_bytes(method=zipfile.ZIP_STORED))
    raw[raw.index(b"import numpy")] ^= 1
    found = read(bytes(raw))
    assert [member.path for member in found] == list(FILES)
    assert [bool(member.error) for member in found] == [True, False, False]


def test_an_encrypted_member_is_an_error_of_that_member(read: Callable[..., list[Member]]) -> None:
    raw = bytearray(zip_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    found = read(bytes(raw))
    assert "encrypted" in found[0].error
    assert found[1].content == FILES["p-1/sub/b.v"]


def test_a_member_beyond_the_limit_comes_without_content(tmp_path: Path) -> None:
    for raw in (gzip.compress(tar_bytes({"a": b"x" * 1000, "b": b"y"})), zip_bytes({"a": b"x" * 1000, "b": b"y"})):
        (tmp_path / "archive").write_bytes(raw)
        assert contents(tmp_path / "archive", Limits(member=999)) == ([("a", None), ("b", b"y")], "")
        assert before_damage(tmp_path / "archive", Limits(member=1000))[0][0].content == b"x" * 1000


def test_bombs_stop_at_the_limit_whatever_their_headers_say(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    limits = Limits(member=1 << 20, unpacked=8 << 20)
    path.write_bytes(gzip.compress(tar_bytes({"a": b"0" * (32 << 20)})))
    started = time.process_time()
    found, error = before_damage(path, limits)
    assert "limit" in error
    path.write_bytes(zip_bytes({str(number): b"0" * (1 << 20) for number in range(32)}))
    found, error = before_damage(path, limits)
    assert "limit" in error
    assert len(found) == 8
    raw = bytearray(zip_bytes({"a": b"0" * (2 << 20)}))
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 5)  # the index claims five bytes
    path.write_bytes(raw)
    found, _ = before_damage(path, limits)
    assert all(member.content is None or len(member.content) <= 1 << 20 for member in found)
    assert time.process_time() - started < 5


def test_a_giant_extended_header_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    for kind in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE):
        info = tarfile.TarInfo("x")
        info.type = kind
        info.size = 1 << 40
        (tmp_path / "archive").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 1024)
        found, error = before_damage(tmp_path / "archive")
        assert (found, "extended header" in error) == ([], True)


def test_millions_of_empty_files_are_forgotten_as_they_pass(tmp_path: Path) -> None:
    import tracemalloc

    block = tarfile.TarInfo("e.txt").tobuf()
    (tmp_path / "archive").write_bytes(block * 8_000 + bytes(2 * 512))
    tracemalloc.start()
    count = sum(1 for _ in members(tmp_path / "archive"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 8_000
    assert peak < 3 << 20


@pytest.mark.parametrize(
    "raw",
    [
        b"!<arch>\n",
        b"!<arch>\n" + b"x" * 200,
        b"PK\x03\x04" + b"\0" * 50,
        b"\x1f\x8b" + b"\0" * 9,
        b"BZhxxxxxxx",
        b"\xfd7zXZ\x00xxxx",
        b"\x28\xb5\x2f\xfdxxxx",
        gzip.compress(b"no tar" * 200),
    ],
)
def test_what_only_begins_like_an_archive_is_damaged(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(raw)
    found, error = before_damage(tmp_path / "archive")
    assert found == []
    assert error


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_costs_one_member_of_a_zip_whatever_packs_it(
    method: int, tmp_path: Path, read: Callable[..., list[Member]]
) -> None:
    files = {f"{number}.py": f"number = {number}\n".encode() * 200 for number in range(3)}
    raw = bytearray(zip_bytes(files, method))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        place = archive.infolist()[1].header_offset
    for offset in range(place + 30 + 4 + 6, place + 30 + 4 + 16):
        raw[offset] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(raw)
    found = list(members(tmp_path / "a.zip"))
    assert [(member.path, bool(member.error)) for member in found] == [("0.py", False), ("1.py", True), ("2.py", False)]


def test_a_size_in_an_extended_header_that_leads_behind_the_end_is_damage_at_once(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, lie in (("a.py", {}), ("b.py", {"size": str(1 << 45)}), ("c.py", {})):
            info = tarfile.TarInfo(name)
            info.size = 5
            info.pax_headers = lie
            tar.addfile(info, io.BytesIO(b"x = 1"))
    (tmp_path / "a.tar").write_bytes(raw.getvalue())
    found, error = before_damage(tmp_path / "a.tar")
    assert [member.path for member in found] == ["a.py"]
    assert error
    began = time.process_time()
    with pytest.raises(DamagedArchive):
        list(members(tmp_path / "a.tar", wanted=lambda path: path != "b.py"))
    assert time.process_time() - began < 1


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz"])
def test_a_tar_that_is_cut_keeps_every_member_that_was_whole_before_the_cut(tmp_path: Path, packing: str) -> None:
    contents = {f"p/{number}.py": random.Random(number).randbytes(6000).hex().encode() for number in range(200)}
    whole = tmp_path / "whole"
    with tarfile.open(whole, f"w:{packing}") as tar:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    begun = {"gz": zlib.decompressobj(31), "bz2": bz2.BZ2Decompressor(), "xz": lzma.LZMADecompressor()}[packing]
    cut = whole.read_bytes()[: whole.stat().st_size * 2 // 3]
    there = len(begun.decompress(cut))
    right = there // (512 + -(-12_000 // 512) * 512)
    (tmp_path / "cut").write_bytes(cut)
    got = []
    with pytest.raises(DamagedArchive):
        for member in members(tmp_path / "cut"):
            got.append(member.content)
    assert got == list(contents.values())[:right]
    assert right >= 5


@pytest.mark.parametrize(
    "archive", [tar_bytes(), gzip.compress(tar_bytes()), zip_bytes()], ids=["tar", "tar.gz", "zip"]
)
def test_a_member_that_ended_its_process_is_listed_and_those_behind_it_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive: bytes
) -> None:
    path = tmp_path / "archive"
    path.write_bytes(archive)
    for fatal, at_fault in enumerate(FILES, start=1):
        monkeypatch.setattr(MONITOR, "at", (READ, 0))
        monkeypatch.setattr(MONITOR, "parts", 0)
        monkeypatch.setattr(MONITOR, "poisons", {(PART, fatal): "ended"})
        found = {member.path: (member.content, member.error) for member in members(path)}
        assert found == {name: (None, "ended") if name == at_fault else (raw, "") for name, raw in FILES.items()}


def test_a_zip_behind_other_bytes_is_read_and_a_tar_that_ends_with_a_zip_stays_a_tar(tmp_path: Path) -> None:
    path = tmp_path / "installer"
    path.write_bytes(b"MZ" + bytes(9000) + zip_bytes())
    assert {member.path: member.content for member in members(path)} == FILES and is_behind_other_bytes(path)
    inner = {"inner.zip": zip_bytes()}
    path.write_bytes(tar_bytes(inner)[:-9000])
    found = members(path)
    assert next(found).path == "inner.zip"

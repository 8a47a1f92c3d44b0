"""Reading web archives: every record comes out once, and a damaged one takes no other with it."""

import gzip
import os
import random
import time
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.extraction.archives.captures import NoArchiveError, read
from pipelines.extraction.archives.containers import OUTPUT
from pipelines.extraction.archives.framing import Capture, Damage
from tests.pipelines.extraction.archives.archive_samples import (
    ARC_START,
    LIMIT,
    PAGE,
    arc,
    found,
    gzipped,
    http,
    lz4ed,
    pages,
    wacz,
    warc,
    zstandarded,
    zstandarded_with_dictionary,
)

REAL = os.environ.get("PROOFPILE_REAL_DATA")
real = pytest.mark.skipif(not REAL, reason="PROOFPILE_REAL_DATA is not set")

KINDS = {
    # name: records by kind, damaged ones under "damage"
    "allenai_dolma__sample-0000.warc.gz": {"warcinfo": 1, "request": 22, "response": 22, "metadata": 1, "resource": 2},
    "chatnoir-eu_chatnoir-resiliparse__block-sized-records.warc": {"unknown": 3},
    "chatnoir-eu_chatnoir-resiliparse__block-sized-records.warc.gz": {"unknown": 3},
    "chatnoir-eu_chatnoir-resiliparse__block-sized-records.warc.lz4": {"unknown": 3},
    "chatnoir-eu_chatnoir-resiliparse__clipped.warc.gz": {"damage": 1},
    "chatnoir-eu_chatnoir-resiliparse__warcfile.warc": {"warcinfo": 1, "request": 17, "response": 16, "metadata": 16},
    "chatnoir-eu_chatnoir-resiliparse__warcfile.warc.gz": {
        "warcinfo": 1,
        "request": 17,
        "response": 16,
        "metadata": 16,
    },
    "chatnoir-eu_chatnoir-resiliparse__warcfile.warc.lz4": {
        "warcinfo": 1,
        "request": 17,
        "response": 16,
        "metadata": 16,
    },
    "commoncrawl_whirlwind-python__whirlwind.warc": {"warcinfo": 1, "request": 1, "response": 1, "metadata": 1},
    "commoncrawl_whirlwind-python__whirlwind.warc.gz": {"warcinfo": 1, "request": 1, "response": 1, "metadata": 1},
    "commoncrawl_whirlwind-python__whirlwind.warc.wat": {"warcinfo": 1, "metadata": 1},
    "commoncrawl_whirlwind-python__whirlwind.warc.wat.gz": {"warcinfo": 1, "metadata": 1},
    "commoncrawl_whirlwind-python__whirlwind.warc.wet": {"warcinfo": 1, "conversion": 1},
    "commoncrawl_whirlwind-python__whirlwind.warc.wet.gz": {"warcinfo": 1, "conversion": 1},
    "iipc_jwarc__cc.warc.gz": {"response": 1},
    "iipc_jwarc__gzip_extra_sl.warc.gz": {"warcinfo": 1},
    "webrecorder_pywb__bad.arc": {"filedesc": 1, "response": 1, "damage": 2},
    "webrecorder_pywb__dupes.warc.gz": {"warcinfo": 1, "response": 3, "request": 12, "revisit": 9},
    "webrecorder_pywb__example-extra.warc": {"response": 2, "request": 2, "revisit": 2},
    "webrecorder_pywb__example-url-agnostic-orig.warc.gz": {"warcinfo": 1, "response": 1},
    "webrecorder_pywb__example-url-agnostic-revisit.warc.gz": {"warcinfo": 1, "revisit": 1},
    "webrecorder_pywb__example-wget-1-14.warc.gz": {"warcinfo": 1, "request": 1, "response": 1, "resource": 3},
    "webrecorder_pywb__example-wpull.warc.gz": {"warcinfo": 1, "request": 1, "response": 1, "resource": 1},
    "webrecorder_pywb__example.arc": {"filedesc": 1, "response": 1},
    "webrecorder_pywb__example.arc.gz": {"filedesc": 1, "response": 1},
    # One request announces three bytes fewer than it has; FastWARC ends there and loses the redirect behind it.
    "webrecorder_pywb__example.warc": {"warcinfo": 1, "response": 2, "request": 1, "revisit": 1, "damage": 1},
    "webrecorder_pywb__example2.warc.gz": {"warcinfo": 1, "response": 1, "request": 1},
    "webrecorder_pywb__httpbin-resource.warc.gz": {"resource": 1},
    "webrecorder_pywb__missing-status-text.warc": {"response": 1},
    "webrecorder_pywb__post-test.warc.gz": {"response": 3, "request": 3},
    "webrecorder_pywb__valid_example_1.wacz": {"warcinfo": 2, "response": 1, "request": 1},
    "webrecorder_warcio__bad.arc": {"filedesc": 1, "response": 1, "damage": 2},
    "webrecorder_warcio__example-bad-non-chunked.warc.gz": {"warcinfo": 2, "response": 1, "request": 2, "revisit": 1},
    "webrecorder_warcio__example-digest.warc": {"request": 4},
    "webrecorder_warcio__example-iana.org-chunked.warc": {"warcinfo": 1, "response": 1, "request": 1},
    "webrecorder_warcio__example-resource.warc.gz": {"warcinfo": 2, "resource": 1},
    "webrecorder_warcio__example-space-in-target-uri.warc.gz": {"warcinfo": 1, "resource": 1},
    # Its line ends were once CR LF, so that it is twelve bytes shorter than it says.
    "webrecorder_warcio__example-space-in-url.arc": {"filedesc": 1, "damage": 1},
    "webrecorder_warcio__example-trunc.warc": {"warcinfo": 2, "request": 1, "damage": 1},
    "webrecorder_warcio__example-wget-bad-target-uri.warc.gz": {
        "warcinfo": 1,
        "request": 1,
        "response": 1,
        "metadata": 1,
        "resource": 2,
    },
    "webrecorder_warcio__example-wrong-chunks.warc.gz": {"response": 1, "request": 1},
    "webrecorder_warcio__example.arc": {"filedesc": 1, "response": 1},
    "webrecorder_warcio__example.arc.gz": {"filedesc": 1, "response": 1},
    "webrecorder_warcio__example.warc": {"warcinfo": 2, "response": 1, "request": 2, "revisit": 1},
    "webrecorder_warcio__post-test.warc.gz": {"response": 3, "request": 3},
}


def kinds(path: Path) -> Counter[str]:
    return Counter("damage" if isinstance(record, Damage) else record.head.kind for record in read(path, 10_000_000))


@real
@pytest.mark.parametrize("name", sorted(KINDS))
def test_reads_every_record_of_a_real_archive(name: str) -> None:
    assert kinds(Path(str(REAL)) / "warc" / name) == KINDS[name]


@real
def test_the_table_names_every_real_archive() -> None:
    names = {path.name for path in (Path(str(REAL)) / "warc").iterdir()}
    assert names == {*KINDS, "webrecorder_pywb__invalid_example_1.wacz"}


@real
def test_a_package_without_archives_is_no_archive() -> None:
    with pytest.raises(NoArchiveError, match="without web archives"):
        list(read(Path(str(REAL)) / "warc" / "webrecorder_pywb__invalid_example_1.wacz", LIMIT))


@real
@pytest.mark.parametrize("stem", ["warcfile", "block-sized-records"])
def test_compression_changes_nothing(stem: str) -> None:
    plain, *packed = (
        list(read(Path(str(REAL)) / "warc" / f"chatnoir-eu_chatnoir-resiliparse__{stem}.warc{end}", 10_000_000))
        for end in ("", ".gz", ".lz4")
    )
    assert all(len(record.block) == record.head.length for record in plain if isinstance(record, Capture))
    for other in packed:
        assert other == plain


PACKERS = [b"".join, gzipped, lz4ed, zstandarded, zstandarded_with_dictionary]


@pytest.mark.parametrize("pack", PACKERS)
def test_reads_each_compression(pack, tmp_path: Path) -> None:
    records = found(tmp_path, pack([warc(n) for n in range(5)]))
    assert pages(records) == list("01234")
    assert all(isinstance(record, Capture) and record.block == http() for record in records)


def test_reads_a_dictionary_that_is_itself_compressed(tmp_path: Path) -> None:
    data = zstandarded_with_dictionary([warc(0), warc(1)], packed=True)
    assert pages(found(tmp_path, data)) == ["0", "1"]


def test_reads_an_archive_compressed_as_one_member(tmp_path: Path) -> None:
    assert pages(found(tmp_path, gzipped([b"".join(warc(n) for n in range(5))]))) == list("01234")


def test_records_may_cross_members(tmp_path: Path) -> None:
    data = b"".join(warc(n) for n in range(5))
    cut = gzipped(data[at : at + 100] for at in range(0, len(data), 100))
    assert pages(found(tmp_path, cut)) == list("01234")


def test_members_may_cut_across_records_anywhere(tmp_path: Path) -> None:
    plain = b"".join(warc(number) for number in range(40))
    for size in (100, 1000, 4096):
        blocks = [plain[place : place + size] for place in range(0, len(plain), size)]
        assert found(tmp_path, gzipped(blocks)) == found(tmp_path, plain)


def test_reads_the_archives_of_a_package_by_name(tmp_path: Path) -> None:
    data = wacz(
        {
            "archive/b.warc": warc(2) + warc(3),
            "archive/a.warc.gz": gzipped([warc(0), warc(1)]),
            "pages/pages.jsonl": b"{}",
            "archive/readme.txt": b"no archive",
        },
        zipfile.ZIP_DEFLATED,
    )
    assert pages(found(tmp_path, data)) == list("0123")


def test_the_head_of_a_record_is_read_whatever_its_line_ends(tmp_path: Path) -> None:
    head = warc(7).split(b"\r\n\r\n")[0]
    for line_end in (b"\n", b"\r\n", b"\r\r\n"):
        data = head.replace(b"\r\n", line_end) + line_end * 2 + http() + b"\r\n\r\n"
        assert pages(found(tmp_path, data)) == ["7"]


def test_angle_brackets_around_an_address_go(tmp_path: Path) -> None:
    data = warc(7).replace(b"http://a.org/7", b"<http://a.org/7>")
    assert pages(found(tmp_path, data)) == ["7"]


def test_an_angle_bracket_at_one_end_of_an_address_is_its_own(tmp_path: Path) -> None:
    data = warc(7).replace(b"http://a.org/7", b"http://a.org/7>")
    assert pages(found(tmp_path, data)) == ["7>"]


# Lengths that lie


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("wrong", [-50, -3, 5, 50, 700, 5_000])
def test_a_wrong_length_costs_one_record(pack, wrong: int, tmp_path: Path) -> None:
    bad = warc(1, length=len(http()) + wrong)
    assert pages(found(tmp_path, pack([warc(0), bad, *(warc(n) for n in range(2, 20))]))) == [
        "0",
        "!1",
        *(str(n) for n in range(2, 20)),
    ]


def test_a_length_that_counts_the_blank_lines_in_is_forgiven(tmp_path: Path) -> None:
    assert pages(found(tmp_path, warc(0, length=len(http()) + 4) + warc(1))) == ["0", "1"]


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("length", ["-1", "1e3", "", "٣", "9" * 30])
def test_a_length_that_is_no_number_costs_one_record(pack, length: str, tmp_path: Path) -> None:
    bad = warc(1).replace(b"Content-Length: %d" % len(http()), f"Content-Length: {length}".encode())
    assert pages(found(tmp_path, pack([warc(0), bad, warc(2)]))) == ["0", "!1", "2"]


@pytest.mark.parametrize("pack", PACKERS)
def test_a_record_that_claims_a_terabyte_costs_one_record(pack, tmp_path: Path) -> None:
    bad = warc(1, length=10**12)
    assert pages(found(tmp_path, pack([warc(0), bad, warc(2), warc(3)]))) == ["0", "!1", "2", "3"]


@pytest.mark.parametrize("wrong", [-10, 10, 400])
def test_a_wrong_length_in_arc_costs_one_record(wrong: int, tmp_path: Path) -> None:
    bad = arc(1, length=len(http()) + wrong)
    assert pages(found(tmp_path, ARC_START + arc(0) + bad + arc(2) + arc(3))) == ["0", "!1", "2", "3"]


def test_arc_of_version_two_is_read(tmp_path: Path) -> None:
    start = ARC_START.replace(b"1 0 Tests", b"2 0 Tests")
    head = b"http://a.org/7 10.0.0.1 20140216050221 text/html 200 abc - 17 a.arc %d\n" % len(http())
    assert pages(found(tmp_path, start + head + http() + b"\n")) == ["7"]


def test_an_address_with_spaces_is_read_from_arc(tmp_path: Path) -> None:
    data = ARC_START + arc(1).replace(b"a.org/1", b"a.org/a b c")
    assert pages(found(tmp_path, data)) == ["a b c"]


# Damaged files


@pytest.mark.parametrize("pack", PACKERS)
def test_a_truncated_file_keeps_what_came_before(pack, tmp_path: Path) -> None:
    rng = random.Random(5)
    records = [warc(n, http(rng.randbytes(300))) for n in range(10)]
    whole = pack(records)
    for kept in range(len(pack(records[:6])) + 20, len(pack(records[:7])) - 8, 7):
        assert pages(found(tmp_path, whole[:kept]))[:6] == list("012345")
        assert len(pages(found(tmp_path, whole[:kept]))) == 7
        assert pages(found(tmp_path, whole[:kept]))[6].startswith("!")


def test_a_truncated_single_member_keeps_what_came_before(tmp_path: Path) -> None:
    rng = random.Random(5)
    whole = gzipped([b"".join(warc(n, http(rng.randbytes(300))) for n in range(10))])
    assert pages(found(tmp_path, whole[: len(whole) // 2])) == ["0", "1", "2", "3", "!4"]


@pytest.mark.parametrize("pack", [gzipped, lz4ed, zstandarded])
def test_a_broken_member_costs_its_record(pack, tmp_path: Path) -> None:
    records = [warc(n, http(random.Random(n).randbytes(400))) for n in range(5)]
    start = len(pack(records[:2]))
    data = bytearray(pack(records))
    data[start + 200 : start + 300] = bytes(100)
    assert pages(found(tmp_path, bytes(data))) in (["0", "1", "!2", "3", "4"], ["0", "1", "!", "3", "4"])


def test_a_wrong_checksum_costs_its_record(tmp_path: Path) -> None:
    data = bytearray(gzipped([warc(0), warc(1), warc(2)]))
    data[len(gzipped([warc(0), warc(1)])) - 6] ^= 0xFF
    assert pages(found(tmp_path, bytes(data))) == ["0", "!1", "2"]


def test_a_member_that_runs_on_into_others_costs_its_record(tmp_path: Path) -> None:
    stored = bytearray(gzip.compress(warc(1), 0, mtime=0))
    stored[11:15] = b"\xff\xff\x00\x00"  # the length of its only block: the members behind it look like its contents
    for following in (20, 400):
        data = gzipped([warc(0)]) + bytes(stored) + gzipped(warc(n) for n in range(2, following))
        assert pages(found(tmp_path, data)) == [
            "0",
            "1",  # whole, but what its member holds behind it is not
            "!",
            *(str(n) for n in range(2, following)),
        ]


def test_a_damaged_member_of_a_package_costs_no_other(tmp_path: Path) -> None:
    members = {f"archive/{n}.warc": warc(n, http(random.Random(n).randbytes(200_000))) * 3 for n in range(3)}
    data = bytearray(wacz(members))
    data[1_000_000] ^= 0xFF
    assert pages(found(tmp_path, bytes(data))) == ["0", "0", "0", "1", "1", "!1", "2", "2", "2"]


def test_a_bomb_in_a_package_is_not_unpacked(tmp_path: Path) -> None:
    data = wacz({"archive/a.warc": warc(0) + bytes(50_000_000), "archive/b.warc": warc(1)}, zipfile.ZIP_DEFLATED)
    records = found(tmp_path, data)
    assert pages(records) == ["!", "1"]
    assert "is not unpacked" in str(records[0])


def test_damage_in_the_middle_of_one_member_keeps_what_came_before(tmp_path: Path) -> None:
    rng = random.Random(5)
    data = bytearray(gzipped([b"".join(warc(n, http(rng.randbytes(30_000))) for n in range(10))]))
    data[len(data) * 11 // 20 : len(data) * 11 // 20 + 2000] = bytes(2000)
    assert pages(found(tmp_path, bytes(data)))[:5] == ["0", "1", "2", "3", "4"]


def test_rubbish_between_records_is_listed_once(tmp_path: Path) -> None:
    data = warc(0) + b"rubbish\n" * 50_000 + warc(1)
    assert pages(found(tmp_path, data)) == ["0", "!", "1"]


def test_rubbish_between_members_is_listed_once(tmp_path: Path) -> None:
    data = gzipped([warc(0)]) + b"\x1frubbish\x8b" * 20_000 + gzipped([warc(1)])
    assert pages(found(tmp_path, data)) == ["0", "!", "1"]


def test_zeros_behind_the_last_member_are_no_damage(tmp_path: Path) -> None:
    assert pages(found(tmp_path, gzipped([warc(0)]) + bytes(200_000))) == ["0"]


def test_a_head_that_never_ends_costs_one_record(tmp_path: Path) -> None:
    bad = b"WARC/1.0\r\nWARC-Type: response\r\n" + b"X: y\r\n" * 50_000
    assert pages(found(tmp_path, warc(0) + bad + warc(1))) == ["0", "!", "1"]


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, b"") == []


def test_other_files_are_no_archives(tmp_path: Path) -> None:
    with pytest.raises(NoArchiveError):
        found(tmp_path, PAGE * 100)
    with pytest.raises(NoArchiveError):
        found(tmp_path, gzip.compress(PAGE))
    with pytest.raises(NoArchiveError, match="damaged zip"):
        found(tmp_path, b"PK\x03\x04rubbish")


# Bounds


def test_a_record_larger_than_the_limit_is_passed_over(tmp_path: Path) -> None:
    data = gzipped([warc(0), warc(1, http(bytes(30_000_000))), warc(2)])
    records = found(tmp_path, data)
    assert pages(records) == ["0", "1", "2"]
    large = records[1]
    assert isinstance(large, Capture)
    assert large.oversized
    assert large.block == b""


@pytest.mark.parametrize("pack", [gzipped, zstandarded, lz4ed])
def test_a_bomb_needs_little_memory(pack, tmp_path: Path) -> None:
    import tracemalloc

    data = pack([warc(0), warc(1, bytes(100_000_000)), warc(2)])
    path = tmp_path / "bomb"
    path.write_bytes(data)
    tracemalloc.start()
    records = list(read(path, LIMIT))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pages(records) == ["0", "1", "2"]
    assert peak < 60 * OUTPUT


@pytest.mark.parametrize(
    "data",
    [
        b"WARC/1.0\r\n" * 100_000,
        b"\r\n" * 500_000,
        warc(0) + b"\r" * 1_000_000,
        b"WARC/1.0\r\nA: b\r\n" * 60_000,
        warc(0, length=10**9) + b"\nWARC/1.0\r\n" * 90_000,
        ARC_START + b"http://a.org/ 1.1.1.1 20140216050221 text/html x\n" * 20_000,
        ARC_START + b"http://a.org/ " * 70_000,
        ARC_START + b"a:" * 500_000,
        b"".join(warc(n, b"", length=900_000) for n in range(4_000)),
        gzipped([b"\n"] * 40_000),
        gzipped([warc(0, length=900_000)] * 1_500),
        gzip.compress(warc(0), mtime=0)[:-3] * 700,
    ],
    ids=range(12),
)
def test_hostile_files_are_read_in_linear_time(data: bytes, tmp_path: Path) -> None:
    start = time.process_time()
    found(tmp_path, data)
    assert time.process_time() - start < 5


# Laws


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nothing_is_lost_before_a_change_of_bytes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """However a file is changed, records before the change stand, and the reader ends without an exception."""
    pack = data.draw(st.sampled_from([b"".join, gzipped, lz4ed, zstandarded]))
    rng = random.Random(data.draw(st.integers(0, 100)))
    records = [warc(n, http(rng.randbytes(rng.randrange(600)))) for n in range(8)]
    whole = bytearray(pack(records))
    place = data.draw(st.integers(0, len(whole) - 1))
    change = data.draw(st.binary(min_size=0, max_size=40))
    removed = data.draw(st.integers(0, 40))
    whole[place : place + removed] = change
    try:
        seen = pages(found(tmp_path_factory.mktemp("a"), bytes(whole)))
    except NoArchiveError:
        assert place < 600
        return
    intact = next((n for n in range(8) if len(pack(records[: n + 1])) > place - 4), 8)
    assert seen[:intact] == [str(n) for n in range(intact)][: len(seen[:intact])]
    assert len(seen) >= intact


def test_the_fast_decoder_agrees_with_zlib(tmp_path: Path) -> None:
    rng = random.Random(7)
    for level in (0, 1, 6, 9):
        body = bytes(rng.choices(b"abcd\\{}", k=rng.randrange(500_000, 1_300_000)))
        packed = zlib.compressobj(level, wbits=31)
        data = packed.compress(warc(0, http(body))) + packed.flush()
        records = found(tmp_path, data, 5_000_000)
        assert isinstance(records[0], Capture)
        assert records[0].block == http(body)

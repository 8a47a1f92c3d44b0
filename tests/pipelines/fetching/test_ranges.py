"""Ranges that an index names: neighbours together, at a bounded pace, and a transfer goes on behind whole records."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifests.errors import Fault
from pipelines.fetching.ranges import GAP, MOST, Pace, Piece, Place, bring, fault_of, gap, piece_of, slices, write_piece
from tests.pipelines.fetching.servers import HASTY, Handler, Loopback, answer, serving

CONTENT = bytes(range(1, 256)) * 400


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as running:
        yield running


def ranged(handler: Handler) -> None:
    first, last = (int(part) for part in handler.headers["Range"].removeprefix("bytes=").split("-"))
    answer(206, CONTENT[first : last + 1], Content_Range=f"bytes {first}-{last}/{len(CONTENT)}")(handler)


def get(piece: Piece, folder: Path, *, pace: Pace | None = None) -> bytes:
    told: list[int] = []
    target = folder / "records"
    bring(
        piece,
        target,
        partial=folder / "part",
        progress=told.append,
        announced=lambda _: None,
        pace=pace or Pace(1e6),
        patience=HASTY,
    )
    assert sum(told) == target.stat().st_size
    return target.read_bytes()


def test_neighbours_share_a_request_and_what_lies_far_does_not() -> None:
    near, far = Place("", "a", 0, 10), Place("", "a", 10 + GAP + 1, 10)
    beside, elsewhere = Place("", "a", 10 + GAP, 10), Place("", "b", 0, 10)
    assert [(one.start, one.end) for one in slices([near, beside])] == [(0, 20 + GAP)]
    assert [(one.start, one.end) for one in slices([near, far, elsewhere])] == [(0, 10), (11 + GAP, 21 + GAP), (0, 10)]
    large = [Place("", "a", number * (MOST // 2), MOST // 2) for number in range(5)]
    assert [len(one.places) for one in slices(large)] == [2, 2, 1]


PLACES = st.lists(st.builds(Place, st.just(""), st.sampled_from("ab"), st.integers(0, 90_000), st.integers(0, 9_000)))


@settings(suppress_health_check=[HealthCheck.too_slow])  # a crowded machine is no fault of the places
@given(PLACES)
def test_every_place_lies_in_one_slice_of_its_archive_in_order(places: list[Place]) -> None:
    places = sorted(places, key=lambda place: place[1:])
    found = list(slices(places))
    assert [place for one in found for place in one.places] == places
    for one in found:
        assert all(one.start <= place.offset <= place.offset + place.length <= one.end for place in one.places)
        assert len({place.archive for place in one.places}) == 1


def test_records_stand_one_behind_the_other_whatever_their_order_and_overlap(tmp_path: Path, server: Loopback) -> None:
    server.on("/x/a", ranged)
    places = (Place("", "a", 100, 50), Place("", "a", 120, 60), Place("", "a", 120, 60), Place("", "a", 99_000, 7))
    found = get(Piece(server.url + "/x/", places), tmp_path)
    assert found == b"".join(CONTENT[place.offset : place.offset + place.length] for place in places)
    assert len(server.requests) == 2


def test_an_interrupted_transfer_goes_on_behind_the_last_whole_record(tmp_path: Path, server: Loopback) -> None:
    places = tuple(Place("", name, 10, 100) for name in "abc")
    server.on("/a", ranged)
    server.on("/b", answer(503), answer(503), answer(503), answer(503), ranged)
    server.on("/c", ranged)
    with pytest.raises(Fault, match="503"):
        get(Piece(server.url, places), tmp_path)
    with (tmp_path / "part").open("ab") as half:
        half.write(b"half of a record")
    assert get(Piece(server.url, places), tmp_path) == CONTENT[10:110] * 3
    assert [request.path for request in server.requests].count("/a") == 1


def test_a_server_that_sends_other_bytes_than_asked_for_is_never_believed(tmp_path: Path, server: Loopback) -> None:
    wrong = answer(206, CONTENT[:100], Content_Range=f"bytes 0-99/{len(CONTENT)}")
    long = answer(206, CONTENT[10:150], Content_Range=f"bytes 10-109/{len(CONTENT)}")
    server.on("/a", wrong, long, ranged)
    assert get(Piece(server.url, (Place("", "a", 10, 100),)), tmp_path) == CONTENT[10:110]


def test_a_folder_of_this_machine_can_hold_the_archives(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(CONTENT)
    places = (Place("", "a", 5, 10), Place("", "a", 101_990, 20), Place("", "none", 0, 30))
    found = get(Piece(str(tmp_path), places), tmp_path)
    assert found[:10] == CONTENT[5:15]
    assert "ends before byte 102010" in fault_of(found[10:30].ljust(200, b"\0")) or fault_of(found[10:30])
    assert fault_of(found[30:])


@given(st.text(), st.integers(1, 200))
def test_a_gap_of_any_length_is_told_from_a_record(reason: str, length: int) -> None:
    assert len(gap(reason, length)) == length
    assert fault_of(gap(reason, length))
    assert not fault_of(b"\x1f\x8b\x08" + bytes(length)) and not fault_of(b"WARC/1.0")


def test_requests_keep_their_pace_and_a_pause_is_no_credit() -> None:
    slept: list[float] = []
    pace = Pace(0.001, sleep=slept.append)
    pace.wait()
    pace.wait()
    pace.wait()
    assert len(slept) == 2 and 900 < slept[0] < 1001 and 1900 < slept[1] < 2001


def test_a_piece_is_read_as_it_was_written(tmp_path: Path) -> None:
    places = (Place("http://a/ü?\u2028", "c/d.warc.gz", 1, 2), Place("", "", 0, 0))
    write_piece(tmp_path / "x" / "p", "https://data.example/", places)
    assert piece_of(tmp_path / "x" / "p") == Piece("https://data.example/", places)

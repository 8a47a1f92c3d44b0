"""Many files at once: in parallel, resumable file by file, and with one line for each that fails."""

import hashlib
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from manifests.errors import Fault, UserError
from pipelines.fetching.batch import FetchOptions, Moment, fetch_all, forget, state_folder
from pipelines.fetching.redaction import Secret
from pipelines.fetching.remote import Checksum, RemoteFile
from tests.pipelines.fetching.hubs import source_archive
from tests.pipelines.fetching.servers import HASTY, Handler, Loopback, Served, answer

OPTIONS = FetchOptions(patience=HASTY)
ROOT = Path(__file__).parents[3]


def some(server: Loopback, count: int, size: int = 1000) -> list[RemoteFile]:
    files = []
    for number in range(count):
        content = bytes([number]) * (size + number)
        url = server.on(f"/f{number}", Served(content))
        files.append(RemoteFile(url, f"d/f{number}.bin", size=len(content)))
    return files


def test_files_arrive_in_order_whatever_the_number_of_workers(server: Loopback, tmp_path: Path) -> None:
    files = some(server, 20)
    for workers in (1, 7):
        got = fetch_all(files, tmp_path / str(workers), workers, options=OPTIONS)
        assert [one.name for one in got] == [file.name for file in files]
        assert got[3].path.read_bytes() == b"\3" * 1003
        assert got[3].sha256 == hashlib.sha256(b"\3" * 1003).hexdigest()


def test_workers_work_at_once(server: Loopback, tmp_path: Path) -> None:
    together = threading.Barrier(4, timeout=10)

    def meet(handler: Handler) -> None:
        together.wait()
        answer(200, b"x")(handler)

    files = [RemoteFile(server.on(f"/{number}", meet), str(number)) for number in range(4)]
    assert len(fetch_all(files, tmp_path / "raw", 4, options=OPTIONS)) == 4


def test_a_note_that_was_damaged_is_not_believed(server: Loopback, tmp_path: Path) -> None:
    files = some(server, 1)
    right = fetch_all(files, tmp_path / "raw", options=OPTIONS)
    [note] = state_folder(tmp_path / "raw").glob("*.json")
    before = note.read_bytes()
    for place in range(0, len(before), 11):
        note.write_bytes(before[:place] + bytes([before[place] ^ 1]) + before[place + 1 :])
        assert fetch_all(files, tmp_path / "raw", options=OPTIONS) == right


def test_a_second_call_asks_the_network_for_nothing(server: Loopback, tmp_path: Path) -> None:
    files = some(server, 5)
    first = fetch_all(files, tmp_path / "raw", options=OPTIONS)
    server.requests.clear()
    assert fetch_all(files, tmp_path / "raw", options=OPTIONS) == first
    assert server.requests == []


def test_a_second_call_brings_what_is_missing_or_changed_and_nothing_else(server: Loopback, tmp_path: Path) -> None:
    files = some(server, 5)
    first = fetch_all(files, tmp_path / "raw", options=OPTIONS)
    first[1].path.unlink()
    first[2].path.write_bytes(b"other length")
    first[3].path.write_bytes(b"x" * first[3].size)
    os.utime(first[4].path)  # touched, same bytes
    server.requests.clear()
    assert fetch_all(files, tmp_path / "raw", options=OPTIONS) == first
    assert sorted(request.path for request in server.requests) == ["/f1", "/f2", "/f3"]
    assert first[3].path.read_bytes() == b"\3" * 1003


def test_another_pin_makes_a_finished_file_unfinished(server: Loopback, tmp_path: Path) -> None:
    (file,) = some(server, 1)
    fetch_all([file], tmp_path / "raw", options=OPTIONS)
    with pytest.raises(UserError, match="the checksum differs"):
        fetch_all([replace(file, sha256="0" * 64)], tmp_path / "raw", options=OPTIONS)


def test_every_failure_has_its_line_and_the_others_arrive(server: Loopback, tmp_path: Path) -> None:
    files = some(server, 6)
    server.on("/f1", answer(404))
    server.on("/f2", answer(503))
    server.on("/f3", Served(b"other"))
    with pytest.raises(UserError) as caught:
        fetch_all(files, tmp_path / "raw", options=OPTIONS)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[0] for line in lines] == [files[1].address, files[2].address, files[3].address]
    assert "404" in lines[0]
    assert "503" in lines[1]
    assert "expected 1003, found 5 bytes" in lines[2]
    assert sorted(path.name for path in (tmp_path / "raw" / "d").iterdir()) == ["f0.bin", "f4.bin", "f5.bin"]


def test_faults_alone_are_a_fault(server: Loopback, tmp_path: Path) -> None:
    files = some(server, 2)
    server.on("/f1", answer(503))
    with pytest.raises(Fault, match="answers 503"):
        fetch_all(files, tmp_path / "raw", options=OPTIONS)


def test_a_network_that_is_down_is_not_tried_ten_thousand_times(tmp_path: Path) -> None:
    files = [RemoteFile(f"http://127.0.0.1:9/{number}", str(number)) for number in range(10_000)]
    options = FetchOptions(patience=replace(HASTY, tries=1))
    with pytest.raises(Fault, match=r"9\d{3} files were not tried any more"):
        fetch_all(files, tmp_path / "raw", 2, options=options)


def test_progress_tells_bytes_and_files_and_ends_at_the_whole(server: Loopback, tmp_path: Path) -> None:
    moments: list[Moment] = []
    files = some(server, 5)
    server.on("/f2", Served(b"\2" * 1002, cut=500, ranges=False), Served(b"\2" * 1002, ranges=False))
    fetch_all(files, tmp_path / "raw", progress=moments.append, options=OPTIONS)
    assert moments[-1][:4] == (5, 5, 5010, 5010)
    assert sorted(moment.finished for moment in moments if moment.finished) == [file.name for file in files]
    again: list[Moment] = []
    fetch_all(files, tmp_path / "raw", progress=again.append, options=OPTIONS)
    assert again[-1][:4] == (5, 5, 5010, 5010)


def test_limits_hold_for_one_file_and_for_all_together(server: Loopback, tmp_path: Path) -> None:
    files = some(server, 5)
    with pytest.raises(UserError, match="5 files have 5010 bytes or more, the limit is 5000"):
        fetch_all(files, tmp_path / "raw", options=FetchOptions(limit_total=5000))
    assert server.requests == []
    unknown = [replace(file, size=None) for file in files]
    with pytest.raises(UserError, match="together have more than 2500 bytes"):
        fetch_all(unknown, tmp_path / "raw", 1, options=FetchOptions(limit_total=2500, patience=HASTY))
    with pytest.raises(UserError, match="the limit is 1001"):
        fetch_all(files, tmp_path / "raw2", options=FetchOptions(limit_bytes=1001, patience=HASTY))


def test_two_files_of_one_name_are_refused_before_anything_is_fetched(server: Loopback, tmp_path: Path) -> None:
    files = [RemoteFile(f"{server.url}/{number}", "same") for number in range(2)]
    with pytest.raises(UserError, match="two files of the name same"):
        fetch_all(files, tmp_path / "raw", options=OPTIONS)
    assert server.requests == []


def test_members_of_archives_are_resumable_too(server: Loopback, tmp_path: Path) -> None:
    content = source_archive({"p/a.tex": b"A", "p/b.tex": b"B", "p/c.py": b"C"})
    file = RemoteFile(server.on("/p.tar.gz", Served(content)), "p.tar.gz", members="**/*.tex")
    first = fetch_all([file], tmp_path / "raw", options=OPTIONS)
    assert [one.name for one in first] == ["p/a.tex", "p/b.tex"]
    server.requests.clear()
    assert fetch_all([file], tmp_path / "raw", options=OPTIONS) == first
    assert server.requests == []
    first[0].path.unlink()
    assert fetch_all([file], tmp_path / "raw", options=OPTIONS) == first
    assert len(server.requests) == 1
    assert sorted(path.name for path in (tmp_path / "raw" / "p").iterdir()) == ["a.tex", "b.tex"]


def test_members_of_one_name_in_two_archives_are_refused(server: Loopback, tmp_path: Path) -> None:
    files = [
        RemoteFile(server.on(f"/{name}", Served(source_archive({"p/a": name.encode()}))), name, members="**")
        for name in ("x.tgz", "y.tgz")
    ]
    with pytest.raises(UserError, match="two files of the name p/a"):
        fetch_all(files, tmp_path / "raw", options=OPTIONS)


def test_files_of_this_machine_stay_where_they_are_and_are_checked(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    sha256 = hashlib.sha256(b"x").hexdigest()
    (got,) = fetch_all([RemoteFile(str(tmp_path / "mine.txt"), "mine.txt", sha256)], tmp_path / "raw")
    assert (got.path, got.sha256) == (tmp_path / "mine.txt", sha256)
    with pytest.raises(UserError, match=r"expected sha256 0{64}, found"):
        fetch_all([RemoteFile(str(tmp_path / "mine.txt"), "mine.txt", "0" * 64)], tmp_path / "raw")
    with pytest.raises(UserError, match="a folder; expected a file"):
        fetch_all([RemoteFile(str(tmp_path), "x")], tmp_path / "raw")
    with pytest.raises(UserError, match="no such file"):
        fetch_all([RemoteFile(str(tmp_path / "absent"), "x")], tmp_path / "raw")


def test_a_damaged_note_costs_a_download_and_nothing_else(server: Loopback, tmp_path: Path) -> None:
    files = some(server, 1)
    first = fetch_all(files, tmp_path / "raw", options=OPTIONS)
    (note,) = state_folder(tmp_path / "raw").glob("*.json")
    for damage in (b"", b"[]", b'{"files": [{}]}', b"\xff"):
        note.write_bytes(damage)
        assert fetch_all(files, tmp_path / "raw", options=OPTIONS) == first


def test_nothing_but_the_files_lies_below_the_folder(server: Loopback, tmp_path: Path) -> None:
    fetch_all(some(server, 2), tmp_path / "raw", options=OPTIONS)
    assert sorted(p.name for p in (tmp_path / "raw").rglob("*") if p.is_file()) == ["f0.bin", "f1.bin"]
    forget(tmp_path / "raw")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "raw"]


def test_a_bug_in_a_worker_is_shown_and_not_swallowed(server: Loopback, tmp_path: Path) -> None:
    def broken(_: Moment) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fetch_all(some(server, 5), tmp_path / "raw", progress=broken, options=OPTIONS)


def test_a_disk_that_fails_is_one_line(server: Loopback, tmp_path: Path) -> None:
    (tmp_path / ".raw.fetched").write_text("in the way")
    with pytest.raises(UserError, match="cannot be written"):
        fetch_all(some(server, 1), tmp_path / "raw", options=OPTIONS)


def test_many_failures_are_counted_after_the_first_twenty(server: Loopback, tmp_path: Path) -> None:
    files = [RemoteFile(f"{server.url}/absent{number:02}", str(number)) for number in range(30)]
    with pytest.raises(UserError) as caught:
        fetch_all(files, tmp_path / "raw", options=OPTIONS)
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "and 10 more"


def test_what_describes_a_file_travels_to_workers_with_its_secret() -> None:
    file = RemoteFile("https://h/a?sig=***", "a", secret=Secret("https://h/a?sig=planted"))
    again = pickle.loads(pickle.dumps(file))
    assert again == file
    assert again.secret.reveal() == "https://h/a?sig=planted"


def test_a_file_travels_through_json_without_its_secret(server: Loopback, tmp_path: Path) -> None:
    (file,) = some(server, 1)
    file = replace(file, checks=(Checksum("md5", hashlib.md5(b"\0" * 1000).hexdigest()),), members=None)
    assert RemoteFile.from_plain(json.loads(json.dumps(file.plain()))) == file
    index = RemoteFile(
        "pypi:a==1@a-1.tar.gz!x", "a-1.tar.gz", members="x", secret=Secret("https://me:planted@h/a-1.tar.gz")
    )
    assert "planted" not in json.dumps(index.plain())
    with pytest.raises(UserError, match="a secret address cannot be left to workers"):
        RemoteFile("https://h/a?sig=***", "a", secret=Secret("https://h/a?sig=planted")).plain()


SCRIPT = """
import signal
import sys
from pathlib import Path
from pipelines.fetching.batch import fetch_all
from pipelines.fetching.remote import RemoteFile
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
fetch_all([RemoteFile(f"{sys.argv[1]}/k{n}", f"k{n}") for n in range(6)], Path(sys.argv[2]), 2)
"""


def test_an_interrupt_ends_it_at_once_and_leaves_no_half_file(server: Loopback, tmp_path: Path) -> None:
    for number in range(6):
        server.on(f"/k{number}", Served(b"x" * 300_000, drip=0.05, piece=1000))
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, server.url, str(tmp_path / "raw")], cwd=ROOT, stderr=subprocess.PIPE
    )
    while not server.requests and process.poll() is None:
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode != 0
    assert b"KeyboardInterrupt" in said
    assert list((tmp_path / "raw").glob("*")) == []


def test_a_killed_process_leaves_whole_files_or_none_and_the_next_goes_on(server: Loopback, tmp_path: Path) -> None:
    """SIGKILL at several moments of slow downloads; then an undisturbed run must bring the very same bytes."""
    contents = {f"k{number}": bytes([65 + number]) * 300_000 for number in range(6)}
    for name, content in contents.items():
        server.on(f"/{name}", Served(content, drip=0.002, piece=1000))
    for pause in (0.2, 0.35, 0.5):
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, server.url, str(tmp_path / "raw")], cwd=ROOT)
        asked = len(server.requests)
        while len(server.requests) == asked and process.poll() is None:
            time.sleep(0.01)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for path in (tmp_path / "raw").glob("*"):
            assert path.read_bytes() == contents[path.name]
    files = [RemoteFile(f"{server.url}/{name}", name) for name in contents]
    for name, content in contents.items():
        server.on(f"/{name}", Served(content))
    got = fetch_all(files, tmp_path / "raw", options=OPTIONS)
    assert {one.name: one.path.read_bytes() for one in got} == contents
    assert any("Range" in request.headers for request in server.requests)

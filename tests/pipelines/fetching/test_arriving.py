"""A file on its way is read while it comes, and whoever reads it gets its bytes or the reason why there are none."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from manifests.errors import Fault
from pipelines.fetching.arriving import Arrivals, Arriving, ArrivingPath, Changed, size_of
from pipelines.fetching.remote import Downloaded

BYTES = bytes(range(256)) * 40


class Sender:
    """Brings what the test sends, when the test sends it."""

    def __init__(self) -> None:
        self.steps: list[Callable[[], None]] = []
        self.more = threading.Semaphore(0)

    def __call__(
        self,
        target: Path,
        *,
        partial: Path,
        progress: Callable[[int], None],
        announced: Callable[[int], None],
    ) -> Downloaded:
        self.partial, self.progress, self.announced = partial, progress, announced
        partial.touch()
        while True:
            self.more.acquire()
            step = self.steps.pop(0)
            if step == self.end:
                break
            step()
        partial.replace(target)
        return Downloaded(target, target.stat().st_size, "digest", target.name, "a:")

    def do(self, step: Callable[[], None]) -> None:
        self.steps.append(step)
        self.more.release()

    def send(self, data: bytes) -> None:
        def step() -> None:
            with self.partial.open("ab") as file:
                file.write(data)
            self.progress(len(data))

        self.do(step)

    def anew(self) -> None:
        def step() -> None:
            size = self.partial.stat().st_size
            self.partial.write_bytes(b"")
            self.progress(-size)

        self.do(step)

    def fail(self, error: Exception) -> None:
        def step() -> None:
            raise error

        self.do(step)

    def end(self) -> None:
        """The last step; never called."""

    def finish(self) -> None:
        self.do(self.end)


@pytest.fixture
def sender() -> Sender:
    return Sender()


@pytest.fixture
def arriving(tmp_path: Path, sender: Sender) -> Arriving:
    made = Arriving(tmp_path / "a.warc", sender)
    threading.Thread(target=made.bring, daemon=True).start()
    return made


def test_what_is_here_is_read_before_the_rest_has_come(arriving: Arriving, sender: Sender) -> None:
    sender.send(BYTES[:700])
    with ArrivingPath.of(arriving).open("rb") as file:
        assert file.read(500) == BYTES[:500]
        assert not arriving.place.exists()
        sender.send(BYTES[700:])
        sender.finish()
        assert file.read() == BYTES[500:]
        assert file.read(1) == b""
        file.seek(-10, os.SEEK_END)
        assert file.read() == BYTES[-10:]
        file.seek(3)
        assert file.read(4) == BYTES[3:7]


def test_whoever_asks_for_the_name_or_the_size_waits_for_the_whole(arriving: Arriving, sender: Sender) -> None:
    sender.send(BYTES[:700])
    path = ArrivingPath.of(arriving)
    threading.Timer(0.2, lambda: (sender.send(BYTES[700:]), sender.finish())).start()
    with open(path, "rb") as file:  # noqa: PTH123 - as libraries do that are given a path
        assert file.read() == BYTES
    assert path.stat().st_size == size_of(path) == len(BYTES)
    assert size_of(Path(os.fspath(path))) == len(BYTES)
    assert path.parent.is_dir() and path.with_name("b").name == "b"


def test_a_size_that_the_server_tells_is_not_waited_for(arriving: Arriving, sender: Sender) -> None:
    sender.do(lambda: sender.announced(len(BYTES)))
    assert size_of(ArrivingPath.of(arriving)) == len(BYTES)
    assert not arriving.place.exists()


def test_what_went_wrong_is_told_to_the_reader_and_never_a_shorter_file(arriving: Arriving, sender: Sender) -> None:
    sender.send(BYTES[:700])
    with ArrivingPath.of(arriving).open("rb") as file:
        assert file.read(700) == BYTES[:700]
        sender.fail(Fault("a: the connection broke"))
        with pytest.raises(Fault, match="the connection broke"):
            file.read()
    with pytest.raises(Fault, match="the connection broke"):
        arriving.whole()


def test_bytes_of_two_versions_are_never_mixed(arriving: Arriving, sender: Sender) -> None:
    sender.send(BYTES[:700])
    file = ArrivingPath.of(arriving).open("rb")
    assert file.read(600) == BYTES[:600]
    sender.anew()
    sender.send(b"the other version, which is longer than what was here: " * 20)
    sender.finish()
    with pytest.raises(Changed, match=r"a\.warc: changed on its server"):
        while file.read(600):
            pass
    with pytest.raises(Changed):
        arriving.whole()
    arriving.begin_again()
    with ArrivingPath.of(arriving).open("rb") as again:
        assert again.read(17) == b"the other version"
    assert arriving.whole().size == 55 * 20


def test_a_file_that_begins_anew_before_anybody_read_it_is_no_change(arriving: Arriving, sender: Sender) -> None:
    sender.send(b"old")
    sender.anew()
    sender.send(b"new bytes")
    sender.finish()
    arriving.whole()
    assert ArrivingPath.of(arriving).open("rb").read() == b"new bytes"


def test_files_come_one_after_the_other_and_one_that_is_not_wanted_ends(tmp_path: Path) -> None:
    arrivals, first, second, third = Arrivals(), Sender(), Sender(), Sender()
    one = arrivals.ask(tmp_path / "1", first)
    arrivals.ask(tmp_path / "2", second)
    three = arrivals.ask(tmp_path / "3", third)
    assert arrivals.ask(tmp_path / "1", Sender()) is one
    first.send(b"1")
    assert one.here(0) == 1
    assert not (tmp_path / "2.part").exists()
    first.finish()
    second.send(b"2")
    third.send(b"3")
    third.finish()
    arrivals.keep({tmp_path / "1", tmp_path / "3"})
    second.send(b"2")
    assert three.whole().size == 1
    assert not (tmp_path / "2").exists()
    arrivals.done(tmp_path / "1")
    assert not (tmp_path / "1").exists()

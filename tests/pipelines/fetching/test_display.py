"""Progress of fetching, on a terminal, in a log, and not at all."""

import io

from pipelines.engine.progress import Progress
from pipelines.fetching.batch import Moment
from pipelines.fetching.display import PlainLines, describe, showing


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


HALF = Moment(1, 2, 5_000_000, 10_000_000)


def test_a_moment_in_words() -> None:
    assert describe(HALF) == "1 of 2 files, 5.0 MB of 10.0 MB"
    assert describe(HALF._replace(bytes_total=None)) == "1 of 2 files, 5.0 MB"


def test_quiet_shows_nothing() -> None:
    stream = io.StringIO()
    with showing("papers", Progress(quiet=True, stream=stream)) as report:
        assert report is None
    assert stream.getvalue() == ""


def test_a_log_gets_a_plain_line_now_and_then() -> None:
    lines: list[str] = []
    report = PlainLines("papers", lines.append, every=0.0)
    report(HALF)
    assert lines == ["papers: 1 of 2 files, 5.0 MB of 10.0 MB"]
    seldom = PlainLines("papers", lines.append, every=60.0)
    seldom(HALF)
    assert len(lines) == 1


def test_a_log_gets_no_control_characters() -> None:
    stream = io.StringIO()
    with showing("papers", Progress(stream=stream)) as report:
        assert report is not None
        report(HALF)
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_gets_a_bar_with_files_and_bytes() -> None:
    stream = Terminal()
    with showing("papers", Progress(stream=stream)) as report:
        assert report is not None
        report(HALF)
    assert "papers" in stream.getvalue()
    assert "1 of 2" in stream.getvalue()

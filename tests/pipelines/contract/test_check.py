"""The contract of a class of the user's own: each mistake that authors make is one line that names their file."""

import re
from pathlib import Path

import pytest

from manifests.errors import UserError
from pipelines.contract.check import check
from pipelines.contract.starting import PARTS, start

SOUND = """\
from collections.abc import Iterator

from manifests.records import BadRecord, Document
from pipelines.sources.base import RawFile, Record, Refusal, Source


class NotesSource(Source):
    kind = "notes"
    suffixes = (".md",)

    def records(self, file: RawFile) -> Iterator[Record | BadRecord]:
        yield Record(file.name, file.path.read_bytes())

    def document(self, record: Record) -> Document | Refusal:
        text = record.payload.decode()
        if len(text) < 10:
            return Refusal("short")
        return self.make(record, text, created="2024-05-01")
"""
YIELD = "yield Record(file.name, file.path.read_bytes())"
MAKE = 'self.make(record, text, created="2024-05-01")'

DECODE = "text = record.payload.decode()"

MISTAKES = {
    "a misspelt method": (
        "def document(",
        "def documents(",
        r"notes.py:14: .* lacks the method `document`; is `documents`",
    ),
    "a misspelt class": (
        "class NotesSource",
        "class NoteSource",
        r"notes.py: no class `NotesSource`; did you mean `NoteSource`\?",
    ),
    "no subclass": ("NotesSource(Source)", "NotesSource", r"notes.py:7: `NotesSource` is no source, edit or score"),
    "a missing parameter": (
        "def document(self, record: Record)",
        "def document(self)",
        r"notes.py:14: .*expected `document\(self, record\)`",
    ),
    "an async method": ("def document(", "async def document(", r"notes.py:14: .* is `async`"),
    "None returned": (f"return {MAKE}", MAKE, r"notes.py:14: .*document` returned None; expected Document or Refusal"),
    "a text returned": (f"return {MAKE}", "return text", r"notes.py:14: .*returned str"),
    "an exception": (DECODE, "text = record.payload.decode().index('§')", r"notes.py:15: ValueError: .*record `a.md`"),
    "all memory taken": (DECODE, "text = str(len(bytearray(20 << 30)))", r"notes.py:15: MemoryError"),
    "a reader that returns": (YIELD, "return None", r"notes.py:11: .*records` returned NoneType; expected an iterator"),
    "a reader that raises": (YIELD, "raise OSError('gone')\n        yield", r"notes.py:12: OSError: gone"),
    "a reader that gives nothing": (
        YIELD,
        "return\n        yield",
        r"notes.py:11: .*records` gave no record of 2 files",
    ),
    "a text as payload": ("read_bytes()", "read_text()", r"notes.py:11: .*payload of type str; expected bytes"),
    "a key given twice": ("Record(file.name,", "Record('note',", r"notes.py:11: .*gave the key `note` twice"),
    "a path as key": ("Record(file.name,", "Record(str(file.path),", r"notes.py:11: .*a path of this machine"),
    "a document as record": (
        YIELD,
        "yield self.make(Record(file.name, b''), 'text')",
        r"notes.py:11: .*gave a Document; expected Record",
    ),
    "a date that is none": (
        'created="2024-05-01"',
        'created="May 2024"',
        r"notes.py:14: .*created='May 2024'; expected an ISO 8601 date",
    ),
    "a date of another type": (
        'created="2024-05-01"',
        "created=20240501",
        r"notes.py:14: .*document.created: expected text, found int",
    ),
    "a reason that is a sentence": (
        'Refusal("short")',
        'Refusal(f"only {len(text)} characters")',
        r"notes.py:14: .*gave the reason 'only \d characters'",
    ),
    "an empty text": ("self.make(record, text,", "self.make(record, '',", r"notes.py:14: .*an empty text"),
    "a score that is no number": (
        MAKE,
        'self.make(record, text, scores={"good": float("nan")})',
        r"notes.py:14: .*the score good=nan",
    ),
    "an ended process": (
        DECODE,
        "import os; os._exit(3)",
        r"notes.py: ends its process \(exit code 3\) \(in `document`, record `a.md`\)",
    ),
    "sys.exit": (DECODE, "raise SystemExit(4)", r"notes.py: ends its process \(exit code 4\)"),
    "a crash": (DECODE, "import os; os.kill(os.getpid(), 11)", r"notes.py: ends its process \(signal SIGSEGV\)"),
    "a loop": (DECODE, "while True: pass", r"notes.py:15: still running after 2 s \(in `document`, record `a.md`\)"),
    "all memory": (DECODE, "text = 'x' * (1 << 44)", r"notes.py:15: MemoryError"),
    "a library that is not there": (
        "from collections",
        "import yamll\nfrom collections",
        r"notes.py:1: imports `yamll`, which is not installed",
    ),
    "a syntax error": ("def document(self, record: Record)", "def document(self record)", r"notes.py:14: "),
    "an exit while importing": (
        "from collections",
        "import sys; sys.exit(1)\nfrom collections",
        r"notes.py:1: ends the program when it is imported",
    ),
    "chance": (DECODE, "text = str(hash('a')) * 10", r"notes.py:14: .*another result for `a.md` in another process"),
    "a constructor of its own": ("    kind = ", "    def __init__(self): pass\n    kind = ", r"notes.py:8: TypeError"),
    "a constructor that forgets": (
        "    kind = ",
        "    def __init__(self, *given): pass\n    kind = ",
        r"notes.py:8: .*does not call `super\(\).__init__",
    ),
    "an ending that is a text": ('(".md",)', '".md"', r"notes.py:7: .*suffixes`: expected a tuple"),
    "all refused": ("len(text) < 10", "True", r"notes.py:14: .*turned all 2 records away \(short\)"),
}


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two notes, which is the current one."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.md").write_text("The rationals are dense in the reals, and there are countably many of them.")
    (tmp_path / "notes/b.md").write_text("tiny")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "notes"


def checked(code: str, notes: Path) -> tuple[str, ...]:
    """The mistakes of a module `notes.py` that holds this code."""
    (notes.parent / "notes.py").write_text(code)
    return check("notes:NotesSource", [notes], seconds=2).mistakes


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_one_line_that_names_the_authors_file(mistake: str, notes: Path) -> None:
    old, new, line = MISTAKES[mistake]
    assert old in SOUND
    found = checked(SOUND.replace(old, new), notes)
    assert any(re.match(line, one) for one in found), found
    assert len(found) <= 2
    assert not any("\n" in one for one in found)


def test_a_sound_source_has_no_mistake(notes: Path) -> None:
    (notes.parent / "notes.py").write_text(SOUND)
    verdict = check("notes:NotesSource", [notes])
    assert (verdict.mistakes, verdict.remarks, dict(verdict.outcomes)) == ((), (), {"document": 1, "refused": 1})


def test_what_it_prints_is_a_remark(notes: Path) -> None:
    (notes.parent / "notes.py").write_text(SOUND.replace("text = record", "print('debug'); text = record"))
    verdict = check("notes:NotesSource", [notes])
    assert verdict.mistakes == ()
    assert "debug" in verdict.remarks[0]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("notes", "did you mean `notes:NotesSource`?"),
        ("notes.NotesSource", "did you mean `notes:NotesSource`?"),
        ("notes.py:NotesSource", "write `notes:NotesSource`"),
        ("note:NotesSource", "did you mean `notes`?"),
    ],
)
def test_a_name_that_is_none(name: str, message: str, notes: Path) -> None:
    (notes.parent / "notes.py").write_text(SOUND)
    assert message in check(name, [notes]).mistakes[0]


def test_an_input_that_is_not_there(notes: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        check("notes:NotesSource", [notes / "c"])


EDIT = """\
from filters.edits.base import Edit, Edited

class Shorter(Edit):
    kind = "shorter"
    def edit(self, text):
        return Edited(text.replace("  ", " "), {"spaces": 1})
"""


def test_an_edit_that_changes_its_own_result(notes: Path) -> None:
    (notes.parent / "notes.py").write_text(EDIT)
    (notes / "a.md").write_text("a    b")
    (mistake,) = check("notes:Shorter", [notes / "a.md"]).mistakes
    assert mistake.startswith("notes.py:5: `Shorter.edit` changes its own result again")


@pytest.mark.parametrize("part", PARTS)
def test_what_new_writes_works_and_its_test_passes(part: str, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = start(part, "lecture_notes", notes.parent)
    verdict = check(started.name, [notes if part == "source" else notes / "a.md"], {})
    assert verdict.mistakes == ()
    assert pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:cov", str(started.test)]) == 0
    with pytest.raises(UserError, match="is there already"):
        start(part, "lecture_notes", notes.parent)


@pytest.mark.parametrize("name", ["Notes", "class", "my-notes", "../x", ""])
def test_new_refuses_names_that_are_none(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected a name"):
        start("source", name, tmp_path)

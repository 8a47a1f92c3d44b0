"""Breaks real submissions at random and reads them: no exception, no text without bound, no more than its time.

    python -m tests.benchmarks.paper_fuzz FOLDER --minutes 60 [--seed 1] [--keep FINDINGS]

Each folder in FOLDER is one submission, as for `tests.benchmarks.papers`. A round takes one, breaks its files in a few
places (pieces cut, doubled, moved in from other papers, bytes changed, hostile commands put in, names swapped so that
files read each other) or the bytes of its archive, and reads it as the papers source does. A finding is a round that
ends in an exception that is not one of a damaged archive, needs more processor time than its size allows, grows beyond
its bound, leaves one of the engine's own marks in the text, or reads differently a second time. Findings are written as
folders of files with the reason; one seed gives the same rounds.
"""

import argparse
import io
import random
import resource
import signal
import sys
import tarfile
import time
import traceback
import zlib
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from manifests.records import Document
from pipelines.extraction.archives.packed_files import DamagedArchive
from pipelines.extraction.latex.paper import NoPaper, paper_text
from pipelines.sources.arxiv import ArxivSource
from pipelines.sources.base import Record

MEMORY = 4 << 30
LEAST_SECONDS = 2.0
SECONDS_A_MB = 1.5
"""What a paper may take on a loaded machine; the aim is a second."""
MOST_GROWTH = 13
LEAST_GROWTH = 5_000_000
"""Characters that a paper may grow to beside `MOST_GROWTH` times its length: those of the engine's bound on work."""
LONGEST_FILE = 300_000
MARKS = "\x00\x01\x02"
"""Characters by which the engine marks places, and which no text holds."""
DAMAGE = (DamagedArchive, EOFError, OSError, zlib.error)

HOSTILE = (
    r"\def\a{\a\a}\a", r"\def\a#1{\a{#1#1}}\a x", r"\def\a{\b}\def\b{\a}\a", r"\newcommand{\x}[2][",
    r"\begin{document}", r"\end{document}", r"\documentclass{article}", r"\begin{", r"\end{", r"\begin{comment}",
    r"\begin{verbatim}", r"\iffalse", r"\iftrue", r"\ifx\a\b", r"\ifnum1<2", r"\ifcase", r"\else", r"\fi", r"\or",
    r"\csname", r"\endcsname", r"\expandafter", r"\let\begin\end", r"\let\par=\a", r"\def\begin#1{",
    r"\makeatletter", r"\catcode`\@=11", r"\catcode`\%=12", r"\verb|", r"\MakeShortVerb{\|}", r"\lstinline{",
    r"\url{", r"\title{", r"\author{", r"\and", r"\thanks{", r"\begin{abstract}", r"\input{", r"\input",
    r"\endinput", r"\usepackage{", r"\newif\ifq", r"\ifq", r"\newenvironment{z}{\begin{z}}{\end{z}}", r"\begin{z}",
    r"\ensuremath{", r"\DeclareMathOperator{\z}{", r"\DeclarePairedDelimiter{\p}{", r"\ifthenelse{", r"\left(",
    r"\frac", r"\hat", "{", "}", "[", "]", "$", "$$", "%", "\\", "#", "#1", "^", "_", "&", "~", "`", "^^M", "\n\n",
    "\r", "\t", "\0", "\f", "\u2028", "é", "中文", "\x01", "\x02", r"\begingroup", r"\endgroup", r"\global\let\a\a",
    r"\noexpand", r"\input amstex", r"\documentstyle{amsppt}", r"\input harvmac", r"\bye", r"\appendix",
    r"\newtheorem{", r"\xspace", r"\NewDocumentCommand{\w}{s o m}{", r"\excludecomment{proof}",
    r"\begin{thebibliography}", r"\subfile{", r"\import{",
)  # fmt: skip


class Submission(NamedTuple):
    """A folder's TeX files by their paths."""

    name: str
    files: dict[str, bytes]


class Finding(NamedTuple):
    """What went wrong in a round: a short word and the particulars."""

    kind: str
    detail: str


class OverTime(BaseException):
    """The round took more processor time than its size allows."""


def read(folder: Path) -> Submission | None:
    """A folder's files that hold TeX; None if there are none."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.suffix.lower() in (".tex", ".sty", ".cls", ".bbl", ".ltx")
        and path.stat().st_size < LONGEST_FILE
    }
    return Submission(folder.name, files) if any(name.endswith(".tex") for name in files) else None


def broken(chance: random.Random, raw: bytes, others: list[Submission]) -> bytes:
    """A file with a few things wrong."""
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
        at, end = sorted((chance.randrange(len(raw) + 1), chance.randrange(len(raw) + 1)))
        near = min(len(raw), at + chance.choice((1, 10, 100, 1000)))
        act = chance.randrange(11)
        if act == 0:
            raw = raw[:at] + raw[near:]
        elif act == 1:
            raw = raw[:at]
        elif act == 2:
            raw = raw[:near] + raw[at:near] * chance.choice((1, 2, 10, 100)) + raw[near:]
        elif act in (3, 4, 5):
            snippet = chance.choice(HOSTILE).encode("utf-8", "surrogateescape")
            raw = raw[:at] + snippet * chance.choice((1, 1, 1, 2, 50, 3000)) + raw[at:]
        elif act == 6:
            donor = chance.choice(list(chance.choice(others).files.values()))
            start = chance.randrange(len(donor) + 1)
            raw = raw[:at] + donor[start : start + chance.choice((10, 200, 5000))] + raw[at:]
        elif act == 7:
            raw = raw[:at] + bytes(chance.randrange(256) for _ in range(chance.choice((1, 4, 64)))) + raw[near:]
        elif act == 8:
            sign = chance.choice((b"{", b"}", b"$", b"\\", b"\n", b"%", b"[", b"]", b"\\end", b"\\fi", b" "))
            raw = raw[:at] + raw[at:end].replace(sign, chance.choice((b"", sign * 2, b"\\", b"{"))) + raw[end:]
        elif act == 9:
            raw = raw[:at] + raw[end:] + raw[at:end]
        else:
            words = raw[at:near].split(b"\\")
            chance.shuffle(words)
            raw = raw[:at] + b"\\".join(words) + raw[near:]
        if len(raw) > 4 * LONGEST_FILE:
            raw = raw[: 4 * LONGEST_FILE]
    return raw


def mutated(chance: random.Random, submission: Submission, others: list[Submission]) -> dict[str, bytes]:
    """A submission with some of its files broken, missing, or reading each other."""
    files = dict(submission.files)
    names = sorted(files)
    for name in chance.sample(names, min(len(names), chance.choice((1, 1, 2, 4)))):
        act = chance.randrange(12)
        if act == 0 and len(files) > 1:
            del files[name]
        elif act == 1:
            files[name] += b"\n\\input{" + chance.choice(names).encode() + b"}\n"
        elif act == 2:
            other = chance.choice(names)
            files[name], files[other] = files.get(other, b""), files[name]
        else:
            files[name] = broken(chance, files[name], others)
    return files


def packed(files: dict[str, bytes]) -> bytes:
    """The files as a gzipped tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
        for name, raw in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return buffer.getvalue()


def _over_time(_signal: int, _frame: FrameType | None) -> None:
    raise OverTime


def checked(files: dict[str, bytes]) -> Finding | None:
    """Read the files and say what is wrong with what comes of it."""
    size = sum(map(len, files.values()))
    signal.setitimer(signal.ITIMER_PROF, max(LEAST_SECONDS, SECONDS_A_MB * size / 1e6))
    try:
        first = paper_text(files)
        signal.setitimer(signal.ITIMER_PROF, 0)
    except OverTime:
        return Finding("slow", f"{size} bytes\n{''.join(traceback.format_exc(limit=-6))}")
    except Exception as error:
        return Finding(f"raises {type(error).__name__}", traceback.format_exc())
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if isinstance(first, NoPaper):
        return None
    if len(first.text) > max(LEAST_GROWTH, MOST_GROWTH * size):
        return Finding("grows", f"{size} bytes became {len(first.text)} characters")
    if (sign := next((sign for sign in MARKS if sign in first.text), None)) is not None:
        return Finding("mark left", f"{sign!r}: {first.text[max(0, first.text.find(sign) - 200) :][:400]}")
    try:
        first.text.encode()
    except UnicodeEncodeError as error:
        return Finding("not UTF-8", str(error))
    return None


def unpacked(chance: random.Random, payload: bytes, rules: ArxivSource) -> Finding | None:
    """Read an archive with broken bytes as the papers source does."""
    act = chance.randrange(3)
    if act == 0:
        payload = payload[: chance.randrange(len(payload))]
    else:
        raw = bytearray(payload)
        for _ in range(chance.choice((1, 3, 30))):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        payload = bytes(raw) if act == 1 else payload[:10] + bytes(raw[10:])
    try:
        found = rules.document(Record("paper", payload, {"name": "paper.tar.gz"}))
        if isinstance(found, Document):
            found.text.encode()
    except DAMAGE:
        return None
    except Exception as error:
        return Finding(f"archive raises {type(error).__name__}", traceback.format_exc())
    return None


def main() -> None:
    """Run until the time is over; the exit status tells whether anything was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of submissions")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the findings")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, _over_time)
    submissions = [found for path in sorted(arguments.folder.iterdir()) if path.is_dir() and (found := read(path))]
    if not submissions:
        sys.exit(f"{arguments.folder}: no submissions in it")
    rules = [ArxivSource("papers", None, "corrected"), ArxivSource("papers", None, "published")]
    found: Counter[str] = Counter()
    rounds, started = 0, time.monotonic()
    while time.monotonic() - started < 60 * arguments.minutes:
        rounds += 1
        chance = random.Random(f"{arguments.seed} {rounds}")
        files = mutated(chance, chance.choice(submissions), submissions)
        whole = chance.randrange(5)
        finding = checked(files) if whole else unpacked(chance, packed(files), chance.choice(rules))
        if finding is not None:
            found[finding.kind] += 1
            print(f"round {rounds}: {finding.kind}: {finding.detail[-600:]}", flush=True)
            if arguments.keep is not None and found[finding.kind] <= 5:
                place = arguments.keep / f"{finding.kind.replace(' ', '-')}-{arguments.seed}-{rounds}"
                for name, raw in {**files, "REASON": finding.detail.encode("utf-8", "replace")}.items():
                    path = place / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(raw)
    print(f"{rounds} rounds, {found.total()} findings: {dict(found)}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()

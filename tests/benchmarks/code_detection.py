"""In how many files the language is told rightly: ours beside Pygments and any other program.

The truth is the folder that a file lies in, as in the samples of github-linguist (`FOLDER/LANGUAGE/…`), or a list of
lines `LANGUAGE<tab>PATH`. Names that linguist has and AlgebraicStack has not are read as the language they are a form
of (Cython and Sage as Python, R Markdown and Sweave as R). A file of any other language should be told as none of the
seventeen. Precision: of the files told to be in one of the seventeen, those that are; recall: of those that are, those
told so.

A peer is a command that reads paths, one a line, and prints one name of a language (linguist's or Magika's) for each.

    python -m tests.benchmarks.code_detection linguist/samples --peer enry=./enry --errors
"""

import argparse
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pygments.lexers import guess_lexer_for_filename
from pygments.util import ClassNotFound

from filters.code.detection import ENDINGS, LANGUAGES, ending, language_of
from filters.code.shared_endings import SHARED

NAMES = {
    "literate agda": "agda", "rocq prover": "coq", "coq": "coq", "rocq": "coq", "c++": "cpp", "cpp": "cpp",
    "fortran free form": "fortran", "fortranfixed": "fortran", "fortran fixed": "fortran",
    "literate haskell": "haskell", "literate idris": "idris", "jupyter notebook": "jupyter-notebook",
    "jupyter": "jupyter-notebook", "lean 4": "lean",
    "lean4": "lean", "lean3": "lean", "octave": "matlab", "cython": "python", "sage": "python", "python3": "python",
    "python 2.x": "python", "s": "r", "rmarkdown": "r", "sweave": "r", "latex": "tex", "literate lean": "lean",
}  # fmt: skip
"""What linguist, Pygments and Magika call the seventeen, where it is not the name in lower case."""


def ours(name: str) -> str | None:
    """The one of the seventeen that a name of another program's means."""
    name = name.strip().lower()
    name = NAMES.get(name, name)
    return name if name in LANGUAGES else None


def read(path: Path) -> str:
    """A file's text, as far as it can be read."""
    return path.read_bytes().decode("utf-8", "replace")


def labelled(source: Path) -> Iterator[tuple[Path, str | None]]:
    """Every file with its language, from a folder of languages or from a list."""
    if source.is_file():
        for line in source.read_text().splitlines():
            language, _, name = line.partition("\t")
            yield source.parent / name, ours(language)
        return
    for path in sorted(source.rglob("*")):
        if path.is_file():
            yield path, ours(path.relative_to(source).parts[0])


def by_us(paths: Sequence[Path]) -> list[str | None]:
    """What this program says."""
    return [language_of(str(path), read(path)) for path in paths]


def by_pygments(paths: Sequence[Path]) -> list[str | None]:
    """What Pygments guesses from name and text."""
    found: list[str | None] = []
    for path in paths:
        try:
            found.append(ours(guess_lexer_for_filename(path.name, read(path)).name))
        except ClassNotFound:
            found.append(None)
    return found


def by_command(command: str, paths: Sequence[Path]) -> list[str | None]:
    """What another program prints."""
    lines = "".join(f"{path.resolve()}\n" for path in paths)
    done = subprocess.run(command.split(), input=lines, capture_output=True, text=True, check=True)
    return [ours(line) for line in done.stdout.splitlines()]


def row(truth: Sequence[str | None], told: Sequence[str | None]) -> str:
    """Precision and recall of what was told."""
    right = sum(one == other and one is not None for one, other in zip(truth, told, strict=True))
    said, are = sum(one is not None for one in told), sum(one is not None for one in truth)
    return f"{right / max(said, 1):9.3f} {right / max(are, 1):7.3f} {said:6} told, {are} are"


def main() -> None:
    """Print one row a program, over all files and over those whose ending languages share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--errors", action="store_true", help="print the files that are told wrongly")
    parser.add_argument("--languages", action="store_true", help="print one row a language for this program")
    chosen = parser.parse_args()
    files = list(labelled(chosen.source))
    paths, truth = [path for path, _ in files], [language for _, language in files]
    told: dict[str, list[str | None]] = {}
    for name, command in [("ours", ""), ("pygments", ""), *(peer.split("=", 1) for peer in chosen.peer)]:
        started = time.process_time()
        told[name] = (
            by_us(paths) if name == "ours" else by_pygments(paths) if not command else by_command(command, paths)
        )
        print(f"{name}: {time.process_time() - started:.1f} CPU s of this process")
    shared = [index for index, path in enumerate(paths) if ending(path.name) in SHARED]
    ends = [index for index, path in enumerate(paths) if ending(path.name) in SHARED or ending(path.name) in ENDINGS]
    for what, chosen_ones in (("all", range(len(paths))), ("known endings", ends), ("shared endings", shared)):
        print(f"{what}, {len(chosen_ones)} files: precision, recall")
        for name, answers in told.items():
            print(f"  {name:10}", row([truth[one] for one in chosen_ones], [answers[one] for one in chosen_ones]))
    if chosen.languages:
        for language in LANGUAGES:
            kept = [one for one in range(len(paths)) if language in (truth[one], told["ours"][one])]
            if kept:
                of = [truth[one] if truth[one] == language else None for one in kept]
                said = [told["ours"][one] if told["ours"][one] == language else None for one in kept]
                print(f"  {language:18}", row(of, said))
    if chosen.errors:
        for path, wanted, answer in zip(paths, truth, told["ours"], strict=True):
            if wanted != answer:
                print(f"{path.relative_to(chosen.source) if chosen.source.is_dir() else path}: {answer}, is {wanted}")
        print(
            Counter(
                ending(path.name)
                for path, wanted, answer in zip(paths, truth, told["ours"], strict=True)
                if wanted != answer
            )
        )


if __name__ == "__main__":
    main()

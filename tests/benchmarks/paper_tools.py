"""The tools that the papers benchmark compares: the product's two sets of rules, the published cleaner, pandoc,
LaTeXML and pylatexenc."""

import hashlib
import importlib
import importlib.util
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from unittest.mock import MagicMock

from manifests.records import Document, Rules
from pipelines.sources.arxiv import ArxivSource
from pipelines.sources.base import Record
from tests.benchmarks.bounded import called

_MATH = re.compile(r'<Math[^>]*?\btex="([^"]*)"[^>]*?>.*?</Math>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#10;": "\n", "&amp;": "&"}
MEMORY = 3 << 30
"""Bytes that an outside tool may hold."""
RENDER_SECONDS = 20


class Outcome(NamedTuple):
    """A tool's text of a paper (empty if it failed) and the processor time that it took."""

    text: str
    seconds: float


class Tool(Protocol):
    """Something that makes a text of a submission."""

    name: str
    parallel: int

    def run(self, files: Mapping[str, bytes], packed: bytes, main: str, seconds: float) -> Outcome:
        """The text of the paper; `packed` is the same as a gzipped tar, `main` its main file."""
        ...


def available(names: Sequence[str], original: Path | None = None, work: Path | None = None) -> Iterator[Tool]:
    """The named tools that are installed here; `original` is RedPajama-Data's arxiv_cleaner.py (branch rp_v1).

    In the folder `work` stays what pandoc and LaTeXML made of each submission, and how long that took.
    """
    for name in names:
        if name == "original":
            if original is None:
                print("original: needs --original with the path of arxiv_cleaner.py")
            else:
                yield _Original(original)
            continue
        if name in ("published", "corrected"):
            yield _Ours(name, "published" if name == "published" else "corrected")
        elif name == "pylatexenc":
            try:
                yield _Pylatexenc(importlib.import_module("pylatexenc.latex2text"))
            except ImportError:
                print("pylatexenc: not installed")
        elif shutil.which(name):
            yield _Outside(name, work)
        else:
            print(f"{name}: not installed")


def rendered(source: str, text: str) -> tuple[str, str] | None:
    """Source and text as pandoc renders them to plain words; None where it cannot render one of them."""
    if not shutil.which("pandoc"):
        return None
    pair = []
    for latex in (source, f"\\documentclass{{article}}\n\\begin{{document}}\n{text}\n\\end{{document}}\n"):
        found = _called(["pandoc", "-f", "latex", "-t", "plain", "--wrap=none"], None, RENDER_SECONDS, latex.encode())
        if not found.text:
            return None
        pair.append(found.text)
    return pair[0], pair[1]


class _Ours:
    parallel = 1

    def __init__(self, name: str, rules: Rules) -> None:
        self.name = name
        self._source = ArxivSource("papers", None, rules)

    def run(self, files: Mapping[str, bytes], packed: bytes, main: str, seconds: float) -> Outcome:
        started = time.process_time()
        try:
            found = self._source.document(Record("paper", packed, {"name": "paper.tar.gz"}))
        except Exception as error:
            print(f"{self.name}: {type(error).__name__}: {error}")
            return Outcome("", time.process_time() - started)
        return Outcome(found.text if isinstance(found, Document) else "", time.process_time() - started)


class _Original:
    """The published cleaner; what it imports for the language of texts is left out."""

    name = "original"
    parallel = 1

    def __init__(self, path: Path) -> None:
        for name in ("fasttext", "utils"):
            sys.modules.setdefault(name, MagicMock())
        specification = importlib.util.spec_from_file_location("original_cleaner", path)
        assert specification is not None and specification.loader is not None
        self._module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(self._module)

    def run(self, files: Mapping[str, bytes], packed: bytes, main: str, seconds: float) -> Outcome:
        started = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "paper.gz"
            path.write_bytes(packed)
            try:
                loaded = self._module._tex_proj_loader(path)
                text = self._module.clean_tex_files(loaded[0]) if loaded else ""
            except Exception:  # its callers count such a paper as failed
                text = ""
        return Outcome(text, time.process_time() - started)


class _Pylatexenc:
    name = "pylatexenc"
    parallel = 1

    def __init__(self, module: Any) -> None:
        self._convert = module.LatexNodes2Text(math_mode="verbatim")

    def run(self, files: Mapping[str, bytes], packed: bytes, main: str, seconds: float) -> Outcome:
        started = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            _put(files, Path(folder))
            self._convert.set_tex_input_directory(folder)
            try:
                text = self._convert.latex_to_text(files[main].decode("utf-8", "replace"))
            except Exception:  # a peer that breaks on a paper has lost it, which is what is counted
                text = ""
        return Outcome(text, time.process_time() - started)


class _Outside:
    parallel = 2

    def __init__(self, name: str, work: Path | None) -> None:
        self.name = name
        self._work = work

    def run(self, files: Mapping[str, bytes], packed: bytes, main: str, seconds: float) -> Outcome:
        """Run the tool, or take what it made of the same files in the same time before."""
        if self._work is None:
            return self._made(files, main, seconds)
        parts = [self.name, f"{seconds:g}", main, *(part for name in sorted(files) for part in (name, files[name]))]
        digest = hashlib.sha256()
        for part in parts:
            raw = part.encode() if isinstance(part, str) else part
            digest.update(b"%d %b" % (len(raw), raw))
        kept = self._work / f"{self.name}-{digest.hexdigest()}.json"
        if kept.exists():
            return Outcome(*json.loads(kept.read_text("utf-8")))
        found = self._made(files, main, seconds)
        kept.write_text(json.dumps(found), "utf-8")
        return found

    def _made(self, files: Mapping[str, bytes], main: str, seconds: float) -> Outcome:
        with tempfile.TemporaryDirectory() as folder:
            _put(files, Path(folder))
            place = (Path(folder) / main).parent
            name = Path(main).name
            if self.name == "pandoc":
                return _called(
                    ["pandoc", "-f", "latex+latex_macros", "-t", "markdown", "--wrap=none", name], place, seconds
                )
            found = _called(["latexml", "--quiet", "--quiet", "--nocomments", name], place, seconds)
            text = _TAG.sub(" ", _MATH.sub(lambda math: f"${math[1]}$", found.text))
            for entity, letter in _ENTITIES.items():
                text = text.replace(entity, letter)
            return Outcome(text, found.seconds)


def _put(files: Mapping[str, bytes], folder: Path) -> None:
    for name, raw in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)


def _called(command: list[str], folder: Path | None, seconds: float, given: bytes = b"") -> Outcome:
    before = time.monotonic()
    done = called(command, folder, seconds, given=given, variables={"GHCRTS": ""})
    if done is None:
        return Outcome("", seconds)
    # Children of two threads end in any order, so that wall time stands for the time of one that does not wait.
    text = done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
    return Outcome(text, time.monotonic() - before)

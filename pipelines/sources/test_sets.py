"""The provers' test sets, read from assets, and the cutting of their theorems out of files.

LeanDojo's benchmarks and PISA's test theorems are lists of their own forms; any other benchmark comes as its sources
(`.lean`, `.thy`, `.v`) or as rows with a formal statement, alone or in an archive.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from filters.code.theorems import BenchmarkTheorems, Cut, IsabelleTheorems, LeanTheorems
from manifests.errors import UserError
from manifests.records import Rules
from pipelines.extraction.archives import packed_files as archives

LEANDOJO_SPLITS = ("val", "test")
PROVER_ENDINGS = (".lean", ".thy", ".v")
ROW_ENDINGS = (".jsonl", ".json")


class TestSets:
    """All test theorems that a source is to cut, read on first use."""

    __test__ = False  # the name is no test's

    def __init__(self, rules: Rules, lean: Iterable[Path], isabelle: Path | None, others: Iterable[Path]) -> None:
        self.rules = rules
        self._lean = tuple(lean)
        self._isabelle = isabelle
        self._others = tuple(others)

    def cut(self, language: str, text: str, path: str, *, repository: bool) -> Cut:
        """`text` without test theorems.

        The published program cuts them out of whole repositories, not of The Stack, and knows two sets; `corrected`
        also looks for the items of benchmarks in every file.
        """
        if self.rules == "published":
            return self._listed(language, text, path) if repository else Cut(text, 0)
        first = self._benchmarks.cut(text, language)
        second = self._listed(language, first.text, path)
        return Cut(second.text, first.removed + second.removed, first.places + second.places)

    def _listed(self, language: str, text: str, path: str) -> Cut:
        if language == "lean" and self._lean_theorems:
            return self._lean_theorems.cut(text, path)
        if language == "isabelle" and self._isabelle_theorems:
            return self._isabelle_theorems.cut(text, path)
        return Cut(text, 0)

    @cached_property
    def _lean_theorems(self) -> LeanTheorems | None:
        return LeanTheorems(leandojo_items(self._lean), self.rules) if self._lean else None

    @cached_property
    def _isabelle_theorems(self) -> IsabelleTheorems | None:
        return IsabelleTheorems(pisa_statements(self._isabelle), self.rules) if self._isabelle else None

    @cached_property
    def _benchmarks(self) -> BenchmarkTheorems:
        return BenchmarkTheorems(text for path in self._others for text in benchmark_texts(path))


def leandojo_items(paths: Iterable[Path]) -> Iterator[Mapping[str, Any]]:
    """The theorems of LeanDojo's benchmarks: validation of every benchmark, then test (the published order).

    A path is an archive, of which `random/val.json` and `random/test.json` count, or one such JSON file. Raises
    UserError for a file that is neither.
    """
    found: dict[str, list[Any]] = {split: [] for split in LEANDOJO_SPLITS}
    for path in paths:
        if _is_archive(path):
            for member in archives.members(
                path, wanted=lambda name: name.endswith(("random/val.json", "random/test.json"))
            ):
                found["val" if member.path.endswith("val.json") else "test"].extend(_json(path, member.content))
        else:
            found["test" if "test" in path.name else "val"].extend(_json(path, path.read_bytes()))
    for split in LEANDOJO_SPLITS:
        yield from found[split]


def pisa_statements(path: Path) -> Iterator[tuple[str, str]]:
    """Theory and statement of PISA's `universal_test_theorems`: the first entry of each JSON file."""
    if _is_archive(path):
        for member in archives.members(path, wanted=lambda name: name.endswith(".json")):
            yield _pair(path, member.content)
    else:
        yield _pair(path, path.read_bytes())


def _pair(path: Path, content: bytes | None) -> tuple[str, str]:
    try:
        theory, statement = _json(path, content)[0][:2]
    except (IndexError, KeyError, TypeError, ValueError):
        raise UserError(f"{path}: expected JSON lists of PISA's test theorems, [[theory, statement], …]") from None
    return str(theory), str(statement)


def benchmark_texts(path: Path) -> Iterator[str]:
    """Formal statements of a benchmark: sources of a prover, or every string in the rows of JSON (lines).

    Raises UserError for a file that holds neither.
    """
    if _is_archive(path):
        for member in archives.members(path, wanted=lambda name: name.endswith((*PROVER_ENDINGS, *ROW_ENDINGS))):
            yield from _texts(f"{path}/{member.path}", member.content or b"")
    else:
        yield from _texts(str(path), path.read_bytes())


def _texts(name: str, content: bytes) -> Iterator[str]:
    text = content.decode("utf-8", "replace")
    if name.endswith(PROVER_ENDINGS):
        yield text
        return
    try:
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        try:
            rows = [json.loads(text)]
        except ValueError as error:
            raise UserError(
                f"{name}: expected a prover's source or JSON rows with formal statements ({error})"
            ) from None
    pending: list[Any] = rows
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def _json(path: Path, content: bytes | None) -> list[Any]:
    try:
        value = json.loads(content or b"")
    except ValueError as error:
        raise UserError(f"{path}: expected JSON of a benchmark's test theorems ({error})") from None
    if not isinstance(value, list):
        raise UserError(f"{path}: expected a JSON list of a benchmark's test theorems")
    return value


def _is_archive(path: Path) -> bool:
    with path.open("rb") as file:
        return archives.is_archive(file.read(512))

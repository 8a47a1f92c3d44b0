"""What a run holds of a plan grows by few bytes a unit."""

import gc
import hashlib
import pathlib
import tracemalloc
from collections import defaultdict
from pathlib import Path

from manifests import ledger, segments
from manifests.ledger import Entry, InputFact
from manifests.names import Names
from manifests.paged import Paged
from manifests.survey import survey
from manifests.writing import FileFact
from pipelines.corpus import soundness
from pipelines.corpus.folder import Corpus, sweep
from pipelines.engine.engine import planned
from pipelines.engine.worker import Unit
from pipelines.stages import extract, filter
from tests.benchmarks.ledger_scale import raw_files, recipe_of_units

EMPTY = hashlib.sha256(b"").hexdigest()
FEW, MANY = 1280, 4096
MOST_BYTES = 400
"""For its raw file, itself, what is known of its entry and output, its documents file and the unit that follows."""


def done_before(root: Path, count: int) -> None:
    """A stage of so many units that were done, their entries packed."""
    lines: dict[int, dict[str, str]] = defaultdict(dict)
    bits = segments.bits_for(count) or 0
    for unit in extract.plan(root, recipe_of_units(), {"web": raw_files(count)}, {}, {}):
        name = f"documents/web/{unit.key.removeprefix('web-')}.parquet"
        given = (InputFact(f"pages/{unit.key}", 1, "0" * 64),)
        entry = Entry(
            "extract", unit.key, "web", unit.fingerprint, 3, 3, inputs=given, outputs=(FileFact(name, 3, 0, EMPTY),)
        )
        lines[segments.index_of(unit.key, bits) if bits else 0][unit.key] = ledger.text_of(entry).rstrip("\n")
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for index, some in lines.items():
        segments.write(segments.place(root / "ledger/extract", bits, index), some)


def held(root: Path, count: int) -> int:
    """Bytes that a run holds which planned so many units, looked at all that was done, and planned what follows."""
    done_before(root, count)
    corpus, recipe = Corpus(root), recipe_of_units()
    gc.collect()
    tracemalloc.start()
    raw, listed = {"web": raw_files(count)}, Names()
    soundness.heal(root, print, listed=listed)
    sweep(root, listed)
    units = Paged(Unit, extract.plan(root, recipe, raw, {}, {}))
    looked = survey(root, "extract", planned(units))
    files = corpus.documents()
    following = Paged(Unit, filter.plan(root, recipe, files))
    assert len(looked.done) == len(units) == len(files) == len(following) == count
    gc.collect()
    # A table of the interpreter's, of all names in paths, grows by leaps.
    found = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(False, pathlib.__file__)])
    tracemalloc.stop()
    return sum(one.size for one in found.statistics("filename"))


def test_memory_grows_by_few_bytes_a_unit(tmp_path: Path) -> None:
    held(tmp_path / "first", FEW)  # what is loaded once is no unit's
    grown = (held(tmp_path / "many", MANY) - held(tmp_path / "few", FEW)) / (MANY - FEW)
    assert 100 < grown < MOST_BYTES

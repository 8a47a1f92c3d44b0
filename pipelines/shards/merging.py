"""The work that puts the files of a form of documents together: one set of files for each source and split.

Megatron and GPT-NeoX are given a file and a weight for each source, nanotron a folder and a weight; they do the mixing
themselves.
"""

from pathlib import Path

from manifests.ledger import InputFact
from manifests.output import output
from manifests.writing import disk_faults
from pipelines.engine.worker import Unit
from pipelines.shards.formats.registry import FORMATS

STAGE = "merge"


def work(unit: Unit) -> None:
    """Merge the files of one form, source and split."""
    given = unit.settings()
    root, form = Path(unit.root), FORMATS[given["format"]]
    merge = form.merge
    assert merge is not None
    parts = [[root / path for path, _, _ in part] for part in given["parts"]]
    with output(root, STAGE, unit.key) as out:
        with disk_faults(root / given["outputs"][0]):
            merge(parts, [out.path(path) for path in given["outputs"]], given["vocabulary_size"])
        for path in given["outputs"]:
            out.wrote(path, given["documents"])
        inputs = tuple(InputFact(*fact) for part in given["parts"] for fact in part)
        out.account(unit.source, unit.fingerprint, given["documents"], given["documents"], inputs=inputs)

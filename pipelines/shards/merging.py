"""The work that puts the files of a form of documents together: one set of files for each source and split.

Megatron, GPT-NeoX and nanotron are given a file and a weight for each source, and do the mixing themselves.
"""

from pathlib import Path

from manifests.ledger import Entry, InputFact, write_entry
from manifests.writing import Workspace, disk_faults
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
    workspace = Workspace(root, STAGE, unit.key)
    try:
        with disk_faults(root / given["outputs"][0]):
            merge(parts, [workspace.path(path) for path in given["outputs"]], given["vocabulary_size"])
        facts = [workspace.fact(path, given["documents"]) for path in given["outputs"]]
        workspace.publish(facts)
    finally:
        workspace.discard()
    write_entry(
        root,
        Entry(
            stage=STAGE,
            unit=unit.key,
            source=unit.source,
            fingerprint=unit.fingerprint,
            read=given["documents"],
            kept=given["documents"],
            inputs=tuple(InputFact(*fact) for part in given["parts"] for fact in part),
            outputs=tuple(facts),
        ),
    )

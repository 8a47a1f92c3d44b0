"""Packing the ledger of very many units into segments, and taking what was damaged out of them.

Both are done by the one process that holds the corpus's lock.
"""

import contextlib
import itertools
from pathlib import Path

from manifests import ledger, mirror, segments


def drop_damaged(root: Path, path: Path) -> None:
    """Take what is no entry out of a file of entries; the file, where it holds but one."""
    if path.name.startswith(segments.PREFIX):
        lines: dict[str, str] = {}
        for line in segments.read(path)[0]:
            with contextlib.suppress(*ledger.WRONG):
                lines[ledger.entry_from(line + "\n").unit] = line
        ledger.write_segment(root, path, lines)
    else:
        path.unlink(missing_ok=True)


def pack(root: Path, stage: str) -> None:
    """Pack the entries of a stage of very many units into segments. Needs the folder's lock."""
    folder = root / ledger.LEDGER_FOLDER / stage
    if not any(name.endswith(segments.END) for name in segments.names_in(folder)):
        return
    for bits, _, old, files in segments.changes(folder, sum(1 for _ in ledger.written(root, stage))):
        made: dict[int, dict[str, str]] = {}
        for text in itertools.chain(
            *(segments.read(segment.path)[0] for segment in old),
            (path.read_text(encoding="utf-8").rstrip("\n") for path in files),
        ):
            unit = ledger.unit_of(text)
            made.setdefault(segments.index_of(unit, bits) if bits else 0, {})[unit] = text
        new = {segments.place(folder, bits, index): lines for index, lines in made.items()}
        for path, lines in new.items():
            ledger.write_segment(root, path, lines)
        gone = [path for path in (*(segment.path for segment in old), *files) if path not in new]
        mirror.withdraw(root, [path.relative_to(root).as_posix() for path in gone])
        for path in gone:
            path.unlink()

"""Which of two corpora teaches more: the probe on both, with several seeds, measured on the held-out rows of both.

Two settings of one recipe (with and without duplicates, `published` and `corrected`) are two corpora. Every seed gives
both the same first weights and as many steps, so that the differences are taken by seed and their mean has an interval
over the seeds (Student's). Rows are of one vocabulary and one length, or the losses could not be compared.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from manifests.errors import UserError
from manifests.writing import write_text
from pipelines.corpus.folder import PROBE
from pipelines.report.intervals import STUDENT, Mean, mean
from pipelines.report.teaching import stream_digest
from pipelines.training.held_out import HeldOut, Row, held_out
from pipelines.training.probe import STEP_TOKENS, Probe, about_of_shards, probe

RESULT = "comparison.json"
SAME = ("tokenizer_sha256", "sequence_length")
MOST_SEEDS = len(STUDENT) + 1


class Line(NamedTuple):
    """Held-out rows of one corpus and source: mean loss of the first and of the second corpus's models after learning.

    `difference`: the second less the first; below zero the second teaches more.
    """

    rows_of: str
    source: str
    first: float
    second: float
    difference: Mean


def compare(
    folders: Sequence[Path],
    output: Path,
    *,
    seeds: int,
    steps: int,
    batch: int | None = None,
    say: Callable[[str], None],
) -> list[Line]:
    """Probe two corpora with so many seeds, and write `comparison.json`; what a run has done is not done again.

    Raises UserError for corpora that cannot be compared, and for a number of seeds that has no interval.
    """
    if not 2 <= seeds <= MOST_SEEDS:
        raise UserError(f"--seeds: {seeds}; expected 2 to {MOST_SEEDS}, or there is no interval")
    abouts = [about_of_shards(folder) for folder in folders]
    for key in SAME:
        if abouts[0][key] != abouts[1][key]:
            raise UserError(
                f"{folders[1]}: {key} is {abouts[1][key]}, that of {folders[0]} is {abouts[0][key]}; expected the same"
            )
    names = [f"{number} {folder.resolve().name}" for number, folder in enumerate(folders, 1)]
    length = int(abouts[0]["sequence_length"])
    rows = batch or max(1, STEP_TOKENS // length)
    measured = together(folders, names, length)
    found: list[list[Probe]] = [[], []]
    for seed in range(seeds):
        for number, folder in enumerate(folders):
            place = output / f"{number + 1}-seed-{seed}"
            one = _done(place, folder, measured, seed, steps * rows * length)
            one = one or probe(folder, place, steps=steps, batch=rows, seed=seed, measured=measured)
            found[number].append(one)
            say(f"{names[number]}, seed {seed}: {_said(one)}")
    lines = []
    for label in measured.rows:
        rows_of, _, source = label.partition("\0")
        first, second = ([one.after[label] for one in probes] for probes in found)
        differences = [two - one for one, two in zip(first, second, strict=True)]
        lines.append(Line(rows_of, source, sum(first) / seeds, sum(second) / seeds, mean(differences)))
    data = {
        "corpora": dict(zip(("first", "second"), names, strict=True)),
        "streams": [probes[0].stream for probes in found],
        "seeds": seeds,
        "tokens": found[0][0].tokens,
        "lines": [{**line._asdict(), "difference": line.difference._asdict()} for line in lines],
    }
    write_text(output / RESULT, json.dumps(data, sort_keys=True, indent=1) + "\n")
    return lines


def together(folders: Sequence[Path], names: Sequence[str], sequence_length: int) -> HeldOut:
    """The held-out rows of all corpora, by corpus and source (their names with a null between them)."""
    rows: dict[str, list[Row]] = {}
    splits: dict[str, str] = {}
    for folder, name in zip(folders, names, strict=True):
        held = held_out(folder, sequence_length)
        rows |= {f"{name}\0{source}": some for source, some in held.rows.items()}
        splits |= {f"{name}\0{source}": split for source, split in held.splits.items()}
    return HeldOut(rows, splits, None)


def _done(place: Path, folder: Path, measured: HeldOut, seed: int, tokens: int) -> Probe | None:
    """What a run found that was made before with the same stream, rows, seed and tokens; None if there is none."""
    path = place / Path(PROBE).name
    if not path.is_file():
        return None
    one = Probe(**json.loads(path.read_text(encoding="utf-8")))
    same = one.stream == stream_digest(folder) and set(one.points) == set(measured.rows)
    return one if same and (one.seed, one.tokens) == (seed, tokens) else None


def _said(one: Probe) -> str:
    return ", ".join(f"{label.partition(chr(0))[2]} {loss:.3f}" for label, loss in one.after.items())

"""What the probe of a corpus found (`pipelines.training.probe`), for its card and its report.

A probe belongs to the stream that it learnt from: one of a stream that has been made anew since is not shown.
"""

import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from manifests import ledger
from pipelines.corpus.folder import PROBE, PROBE_PLOT
from pipelines.report import plots
from pipelines.report.card_words import escaped, table

STREAM = "stream"
HEAD = ("source", "measured on rows of", "nats a token before", "after", "change")
STYLE = (
    "<style>svg{background:#fff;font:12px system-ui,sans-serif}text{fill:#1d2733}.faint{fill:#66727f}"
    ".grid{stroke:#d9dfe5}.axis{stroke:#66727f}polyline{fill:none;stroke-width:2}"
    + "".join(
        f"rect.series-{number},circle.series-{number}{{fill:{colour}}}polyline.series-{number}{{stroke:{colour}}}"
        for number, colour in enumerate(
            ("#2f6db5", "#d98324", "#2f9a6b", "#a9518f", "#7a8794", "#c0433b", "#b9a233", "#4aa3b5")
        )
    )
    + "</style>"
)
"""The colours of `report.css`, for a drawing that stands alone."""


def stream_digest(root: Path) -> str:
    """A digest of all files of a corpus's stream, from its ledger."""
    facts = sorted((fact.path, fact.sha256) for entry in ledger.read_entries(root, STREAM) for fact in entry.outputs)
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def probe_of(root: Path) -> dict[str, Any] | None:
    """What the probe of a corpus found; None if there was none, or one of another stream."""
    path = root / PROBE
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found if found["stream"] == stream_digest(root) else None


def drawing(points: Mapping[str, Sequence[tuple[int, float]]], *, alone: bool) -> str:
    """The losses by source as SVG; `alone`: with its own colours and names, for a file."""
    svg = plots.lines(points, "steps", "nats a token", names=alone)
    if not alone:
        return svg
    head, _, rest = svg.partition(">")
    return f'{head} xmlns="http://www.w3.org/2000/svg" width="{plots.WIDTH}">{STYLE}{rest}\n'


def rows(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A line of the table for each source, in the order of `HEAD`."""
    lines: list[tuple[str, ...]] = []
    for source, points in found["points"].items():
        before, after = points[0][1], points[-1][1]
        change = f"{100 * (after / before - 1):+.1f} %" if before else ""
        lines.append((source, found["splits"].get(source, ""), f"{before:.3f}", f"{after:.3f}", change))
    return lines


def card_section(root: Path) -> str:
    """The section of the card; empty where there is no probe."""
    found = probe_of(root)
    if found is None:
        return ""
    lines = [(escaped(line[0]), *line[1:]) for line in rows(found)]
    return (
        f"## Does it teach?\n\n{_about(found)} `proofpile train-probe .` gives these losses again.\n\n"
        f"{table(HEAD, lines)}\n\n![Loss by source]({PROBE_PLOT})"
    )


def report_section(root: Path) -> tuple[Mapping[str, Any], str] | None:
    """What the probe found, and its section of the report without the table; None where there is no probe."""
    found = probe_of(root)
    if found is None:
        return None
    return found, f"<p>{html.escape(_about(found))}</p>{plots.legend(list(found['points']))}" + drawing(
        found["points"], alone=False
    )


def _about(found: Mapping[str, Any]) -> str:
    return (
        f"A language model of {found['parameters']:,} parameters learnt from the first {found['tokens']:,} tokens of "
        f"the training stream in {found['steps']:,} steps (seed {found['seed']}), and was measured on rows that it had "
        "not learnt from."
    )

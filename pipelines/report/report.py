"""The report: one HTML page that shows what went in, what came out and why the rest did not.

The page stands alone (no script, no font, no address outside) and is made from the ledger and a few columns only, so
that the same corpus has the same page, byte for byte. `summary` is the same story in a few lines for the terminal.
"""

import html
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import yaml

from manifests import mirror
from manifests.ledger import MANIFEST_NAME, Totals
from manifests.recipe import Recipe
from manifests.writing import write_text
from pipelines.corpus.folder import MIXTURE_PATH, RECIPE_NAME, SUMMARY_PATH, Corpus
from pipelines.report import plots
from pipelines.report.measures import SIMILARITY_BINS, Measures, Values, measure
from pipelines.report.outcomes import OUTCOMES, STAGES, Sums, first_stage, outcome, sources_of, sums_of, turned_away
from pipelines.report.plots import Part
from pipelines.report.teaching import HEAD, report_section, rows

NAME = "report.html"
STYLE = Path(__file__).with_name("report.css")
BINS = 40
MOST_SERIES = 7
"""So many sources have a colour of their own in a plot; the smaller ones share the last."""


def write(corpus: Corpus, profile: Mapping[str, Any] | None = None) -> Path:
    """Write `report.html` into a corpus folder; returns its path. `profile`: where the time went, if it is known."""
    path = corpus.root / NAME
    write_text(path, page(corpus, profile))
    return path


def page(corpus: Corpus, profile: Mapping[str, Any] | None = None) -> str:
    """The whole page."""
    sums, measures = sums_of(corpus), measure(corpus)
    recipe = read_recipe(corpus)
    name = recipe.name if recipe else corpus.root.name
    sections = [
        headline(sums, recipe),
        ("What became of every record", fates(sums)),
        ("Why records were turned away", reasons(sums)),
        ("Formulas", formulas(measures)),
        ("Scores", scores(measures, recipe)),
        ("Subsets", subsets(measures)),
        ("Duplicates", duplicates(measures)),
        ("Benchmark items found", overlap(corpus)),
        ("Tokens", tokens(sums) + remarks(corpus)),
        ("Does it teach?", teaching(corpus)),
        ("Licences", licences(sums)),
        ("The ledger", balance(sums)),
        ("Where the time went", time_spent(profile or {})),
    ]
    body = "".join(
        f"<section><h2>{html.escape(title)}</h2>{content}</section>" if title else content
        for title, content in sections
        if content
    )
    description = html.escape(recipe.description) if recipe else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width,initial-scale=1"><title>{html.escape(name)} – proofpile</title>'
        f"<style>{STYLE.read_text(encoding='utf-8')}</style></head><body><main>"
        f"<h1>{html.escape(name)}</h1><p class='about'>{description}</p>{body}{foot(corpus)}</main></body></html>\n"
    )


def read_recipe(corpus: Corpus) -> Recipe | None:
    """The recipe of a corpus, if it has one."""
    path = corpus.root / RECIPE_NAME
    return Recipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))) if path.is_file() else None


def headline(sums: Sums, recipe: Recipe | None) -> tuple[str, str]:
    """The few numbers that matter most."""
    extract, shard = sums.get("extract", {}), sums.get("shard", {})
    ends = [outcome(sums, source) for source in sources_of(sums)]
    numbers: list[tuple[str, str]] = [
        ("records read", plots.number(sum(part.read for part in sums.get(first_stage(sums), {}).values()))),
        ("documents kept", plots.number(sum(end["kept"] for end in ends))),
    ]
    token_count = sum(part.numbers.get("tokens", 0) for part in shard.values())
    if token_count:
        numbers.append(("tokens", plots.number(token_count)))
    text_bytes = sum(part.numbers.get("text_bytes", 0) for part in extract.values())
    if text_bytes:
        numbers.append(("text extracted", size(text_bytes)))
    numbers.append(("records failed", plots.number(sum(end["failed"] for end in ends))))
    if recipe:
        numbers.append(("rules", recipe.rules))
    tiles = "".join(
        f"<div><b>{html.escape(value)}</b><span>{html.escape(name)}</span></div>" for name, value in numbers
    )
    return "", f'<div class="tiles">{tiles}</div>'


def fates(sums: Sums) -> str:
    """A bar a source: how its records ended."""
    rows = {}
    present: set[str] = set()
    for source in sources_of(sums):
        result = outcome(sums, source)
        present |= {name for name, value in result.items() if value}
        rows[source] = [Part(name, result[name], position) for position, name in enumerate(OUTCOMES)]
    if not rows:
        return ""
    return plots.legend(OUTCOMES, present) + plots.stacked_bars(rows, "records")


def reasons(sums: Sums) -> str:
    """The commonest reasons, by source."""
    pieces = []
    for source in sources_of(sums):
        counts = turned_away(sums, source)
        if counts:
            ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            named = len(ranked) if len(ranked) <= 13 else 12  # a single one more has a line of its own
            rows = [(name, float(count)) for name, count in ranked[:named]]
            if ranked[named:]:
                rows.append((f"{len(ranked) - named} other reasons", float(sum(count for _, count in ranked[named:]))))
            pieces.append(f"<h3>{html.escape(source)}</h3>" + plots.bars(rows, "records", 1))
    return "".join(pieces)


def formulas(measures: Measures) -> str:
    """Formulas found in pages and kept in their text, by kind."""
    if not measures.found:
        return ""
    rows = [
        (kind, plots.number(found), plots.number(measures.kept[kind]), f"{measures.kept[kind] / found:.2%}")
        for kind, found in sorted(measures.found.items(), key=lambda pair: (-pair[1], pair[0]))
        if found
    ]
    total, kept = sum(measures.found.values()), sum(measures.kept.values())
    share = kept / total if total else 1.0
    rows.append(("all", plots.number(total), plots.number(kept), f"{share:.2%}"))
    note = "" if measures.formulas_whole else "<p class='note'>from a part of the documents of each source</p>"
    return table(("kind", "found", "kept", "share"), rows) + note


def scores(measures: Measures, recipe: Recipe | None) -> str:
    """A histogram a score, with the thresholds that apply to it."""
    pieces = []
    drawn = {name: few_series(measures.scores[name]) for name in sorted(measures.scores)}
    everywhere = list(dict.fromkeys(source for series in drawn.values() for source in series))
    for name, by_source in drawn.items():
        everything = np.concatenate(list(by_source.values()))
        values = everything[np.isfinite(everything)]
        if values.size == 0:
            continue
        if values.min() == values.max():
            said = f"{plots.label(float(values[0]), False)} for all {plots.number(values.size)} documents"
            pieces.append(f"<h3>{html.escape(name)}</h3><p class='note'>{said}</p>")
            continue
        wide = bool(values.min() >= 0 and values.max() > 1000)
        chosen = {source: np.log10(np.maximum(part, 1)) if wide else part for source, part in by_source.items()}
        low, high = (0.0, float(np.log10(values.max()))) if wide else (float(values.min()), float(values.max()))
        edges = plots.even_edges(low, high, BINS)
        # A source has the same colour in every drawing, whoever else is in it.
        counts = {source: np.histogram(chosen.get(source, ()), bins=edges)[0].tolist() for source in everywhere}
        marks = [float(np.log10(max(mark, 1))) if wide else mark for mark in thresholds(recipe, name)]
        pieces.append(f"<h3>{html.escape(name)}</h3>{plots.legend(everywhere, chosen)}")
        pieces.append(plots.histogram(edges, counts, name, marks, log=wide))
        lost = everything.size - values.size
        if lost:
            pieces.append(f"<p class='note'>{plots.number(lost)} documents have a score that is no number</p>")
    if pieces and not measures.whole:
        pieces.append(f"<p class='note'>from {measures.rows:,} documents, as many of each source</p>")
    return "".join(pieces)


def few_series(by_source: Mapping[str, Values]) -> dict[str, Values]:
    """The scores by source, by name; of many sources the smaller ones together."""
    ranked = sorted(by_source, key=lambda source: (-by_source[source].size, source))
    if len(ranked) <= MOST_SERIES + 1:
        return {source: by_source[source] for source in sorted(ranked)}
    large, small = sorted(ranked[:MOST_SERIES]), ranked[MOST_SERIES:]
    rest = np.concatenate([by_source[source] for source in small])
    return {**{source: by_source[source] for source in large}, f"{len(small)} other sources": rest}


def thresholds(recipe: Recipe | None, score: str) -> list[float]:
    """The values at which a recipe cuts a score."""
    if recipe is None:
        return []
    found = set()
    for source in recipe.sources:
        for threshold in source.filters:
            if threshold.score == score:
                bounds = (threshold.at_least, threshold.above, threshold.at_most, threshold.below)
                found |= {bound for bound in bounds if bound is not None}
    return sorted(found)


def subsets(measures: Measures) -> str:
    """Documents by subset, for sources that have some."""
    pieces = []
    for source, counts in measures.subsets.items():
        named = sorted(
            ((name or "(none)", float(count)) for name, count in counts.items()), key=lambda pair: (-pair[1], pair[0])
        )
        if len(named) > 1:
            rows = named[:24]
            if len(named) > 24:
                rows.append((f"{len(named) - 24} other subsets", sum(count for _, count in named[24:])))
            pieces.append(f"<h3>{html.escape(source)}</h3>" + plots.bars(rows, "documents extracted", 0))
    if pieces and not measures.whole:
        pieces.append(f"<p class='note'>from {measures.rows:,} documents, as many of each source</p>")
    return "".join(pieces)


def duplicates(measures: Measures) -> str:
    """How alike duplicates are, and how large their clusters."""
    counts = measures.similarities
    if not counts.any():
        return ""
    # From the first bin that has any, at a round twentieth, to 1; in bins of a hundredth.
    first = min(int(np.flatnonzero(counts)[0]), SIMILARITY_BINS // 2) // 10 * 10
    joined = counts[first:].reshape(-1, 2).sum(axis=1).tolist()
    edges = plots.even_edges(first / SIMILARITY_BINS, 1.0, len(joined))
    ranked = sorted(measures.clusters.items())
    rows = [(plots.number(documents), plots.number(count)) for documents, count in ranked[:20]]
    if len(ranked) > 20:
        rows.append((f"more, up to {ranked[-1][0]:,}", plots.number(sum(count for _, count in ranked[20:]))))
    return plots.histogram(edges, {"duplicates": joined}, "verified similarity to the kept document") + table(
        ("documents in the cluster", "clusters"), rows
    )


def overlap(corpus: Corpus) -> str:
    """The rows of the audit's table that are no zeros; `overlap.html` has the rest."""
    path = corpus.root / SUMMARY_PATH
    if not path.is_file():
        return ""
    found = pq.read_table(path, partitioning=None)
    names = found.schema.names
    hit = [row for row in found.to_pylist() if row["items_hit"]]
    rows = [tuple(cell(value) for value in row.values()) for row in hit]
    zeros = f"{found.num_rows - len(hit):,} rows of zeros are left out"
    note = f"<p class='note'>{zeros}; see <code>overlap.html</code> for every hit with both texts.</p>"
    return table(tuple(name.replace("_", " ") for name in names), rows) + note


def tokens(sums: Sums) -> str:
    """Tokens by source."""
    rows = [
        (source, float(part.numbers.get("tokens", 0)))
        for source, part in sums.get("shard", {}).items()
        if part.numbers.get("tokens", 0)
    ]
    return plots.bars(rows, "tokens", 2) if rows else ""


def remarks(corpus: Corpus) -> str:
    """What to know of the shards: sources that give nothing, splits without rows, ids that repeat."""
    path = corpus.root / MIXTURE_PATH
    said = json.loads(path.read_text(encoding="utf-8"))["remarks"] if path.is_file() else []
    return f"<ul>{''.join(f'<li>{html.escape(one)}</li>' for one in said)}</ul>" if said else ""


def teaching(corpus: Corpus) -> str:
    """What a small model learnt from the stream, where that was tried."""
    section = report_section(corpus.root)
    return section[1] + table(HEAD, rows(section[0])) if section else ""


def licences(sums: Sums) -> str:
    """Documents by licence, as they stated it."""
    counts: Counter[str] = Counter()
    for part in sums.get("extract", {}).values():
        counts.update(part.licences)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [(name, plots.number(count)) for name, count in ranked[:30]]
    if len(ranked) > 30:
        rows.append((f"{len(ranked) - 30} others", plots.number(sum(count for _, count in ranked[30:]))))
    return table(("licence", "documents extracted"), rows)


def balance(sums: Sums) -> str:
    """Every stage's balance."""
    rows = []
    for stage in ("fetch", *STAGES):
        for source, part in sums.get(stage, {}).items():
            turned = sum(part.rejected.values())
            rows.append(
                (stage, source, *(plots.number(n) for n in (part.units, part.read, part.kept, turned, part.failed)))
            )
    return table(("stage", "source", "units", "read", "kept", "rejected", "failed"), rows)


def time_spent(profile: Mapping[str, Any]) -> str:
    """A row a stage and step of a run that was measured: seconds of all workers together, and what went through."""
    rows = []
    for stage, took in profile.items():
        speed = f"{took['bytes_in'] / 1e6 / took['wall']:,.1f}" if took["wall"] and took["bytes_in"] else ""
        spent = (took["wall"], took["processor"] + took["driver"], took["waiting"], took["idle"])
        rows.append((stage, "", *(f"{value:,.2f}" for value in spent), size(took["bytes_in"]), speed))
        for name, step in took["steps"].items():
            waiting = max(0.0, step["wall"] - step["processor"])
            rows.append((stage, name, *(f"{n:,.2f}" for n in (step["wall"], step["processor"], waiting)), "", "", ""))
    head = ("stage", "step", "seconds", "processor", "waiting", "idle", "bytes in", "MB/s")
    note = "<p class='note'>steps: seconds of all workers together; idle: workers that had nothing to do</p>"
    return table(head, rows) + note if rows else ""


def foot(corpus: Corpus) -> str:
    """Where the page comes from."""
    path = corpus.root / MANIFEST_NAME
    if not path.is_file():
        return ""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    program = data["program"]
    return (
        f"<footer>proofpile {html.escape(program['version'])}, code {program['sha256'][:12]}, "
        f"recipe {data['recipe_sha256'][:12]}. Every number here is in <code>manifest.json</code>.</footer>"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells that look like numbers are set to the right."""
    made = list(rows)
    if not made:
        return ""
    numbers = [data_cell(value).startswith("<td class=n") for value in made[0]]
    titles = "".join(
        f"<th{' class=n' if number else ''}>{html.escape(title)}</th>"
        for title, number in zip(head, numbers, strict=True)
    )
    lines = "".join("<tr>" + "".join(map(data_cell, row)) + "</tr>" for row in made)
    return f'<div class="scroll"><table><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table></div>'


def data_cell(value: str) -> str:
    """A cell of a table."""
    number = value[:1].isdigit() and not value.strip("0123456789,.%")
    return f"<td{' class=n' if number else ''}>{html.escape(value)}</td>"


def cell(value: Any) -> str:
    """A value as a table shows it."""
    return plots.number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def size(count: int) -> str:
    """Bytes as people write them."""
    value = float(count)
    for suffix in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:,.0f} {suffix}" if suffix == "bytes" else f"{value:,.1f} {suffix}"
        value /= 1000
    return f"{value:,.1f} TB"


def summary(corpus: Corpus) -> str:
    """The outcome in a few lines: documents, tokens and rejections per source, and where to look."""
    sums = sums_of(corpus)
    sources = sources_of(sums)
    wide = max((len(source) for source in sources), default=0)
    wide = max(12, wide + 2)
    lines = [f"{'source':<{wide}}{'read':>10}{'kept':>10}{'tokens':>13}{'failed':>8}  turned away"]
    for source in sources:
        result = outcome(sums, source)
        ranked = sorted(turned_away(sums, source).items(), key=lambda pair: (-pair[1], pair[0]))
        top = ", ".join(f"{name} {count:,}" for name, count in ranked[:5])
        if len(ranked) > 5:
            top += f", others {sum(count for _, count in ranked[5:]):,}"
        token_count = sums.get("shard", {}).get(source, Totals()).numbers.get("tokens", 0)
        read = sums[first_stage(sums)][source].read
        lines.append(
            f"{source:<{wide}}{read:>10,}{result['kept']:>10,}{token_count:>13,}{result['failed']:>8,}  {top}".rstrip()
        )
    place = mirror.shown(corpus.root)
    lines.append(f"look at {place}/{NAME}, or: proofpile inspect {place} --random 3")
    return "\n".join(lines)

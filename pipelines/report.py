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

from manifests import ledger
from manifests.ledger import MANIFEST_NAME, Totals
from manifests.recipe import Recipe
from manifests.writing import write_text
from pipelines import plots
from pipelines.corpus import RECIPE_NAME, Corpus
from pipelines.measures import MOST_ROWS, Measures, measure
from pipelines.plots import Part

NAME = "report.html"
STYLE = Path(__file__).with_name("report.css")
OUTCOMES = ("in the shards", "rejected: extract", "failed", "rejected: filter", "duplicate", "benchmark", "other")
BINS = 40

Sums = Mapping[str, Mapping[str, Totals]]


def write(corpus: Corpus) -> Path:
    """Write `report.html` into a corpus folder; returns its path."""
    path = corpus.root / NAME
    write_text(path, page(corpus))
    return path


def sums_of(corpus: Corpus) -> Sums:
    """Sums by stage and source."""
    return ledger.totals(ledger.read_entries(corpus.root))


def last_stage(sums: Sums) -> str:
    """The furthest stage that ran."""
    for stage in ("shard", "dedup", "filter", "extract"):
        if stage in sums:
            return stage
    return "fetch"


def outcome(sums: Sums, source: str) -> dict[str, int]:
    """What became of every record of a source, by `OUTCOMES`; the counts add up to the records read."""

    def part(stage: str) -> Totals:
        return sums.get(stage, {}).get(source, Totals())

    extract, filtered, dedup, shard = part("extract"), part("filter"), part("dedup"), part("shard")
    hits = sum(count for reason, count in shard.rejected.items() if reason in ("overlap", "benchmark", "hit"))
    result = {
        "in the shards": shard.kept if "shard" in sums else dedup.kept if "dedup" in sums else filtered.kept,
        "rejected: extract": sum(extract.rejected.values()),
        "failed": extract.failed + shard.failed,
        "rejected: filter": sum(filtered.rejected.values()),
        "duplicate": sum(dedup.rejected.values()),
        "benchmark": hits,
    }
    result["other"] = max(0, extract.read - sum(result.values()))
    return result


def page(corpus: Corpus) -> str:
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
        ("Tokens", tokens(sums)),
        ("Licences", licences(sums)),
        ("The ledger", balance(sums)),
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
    last = sums.get(last_stage(sums), {})
    numbers: list[tuple[str, str]] = [
        ("records read", plots.number(sum(part.read for part in extract.values()))),
        ("documents kept", plots.number(sum(part.kept for part in last.values()))),
    ]
    token_count = sum(part.numbers.get("tokens", 0) for part in shard.values())
    if token_count:
        numbers.append(("tokens", plots.number(token_count)))
    numbers.append(("text extracted", size(sum(part.numbers.get("text_bytes", 0) for part in extract.values()))))
    numbers.append(("records failed", plots.number(sum(part.failed for part in extract.values()))))
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
    for source in sums.get("extract", {}):
        result = outcome(sums, source)
        present |= {name for name, value in result.items() if value}
        rows[source] = [Part(name, result[name], position) for position, name in enumerate(OUTCOMES)]
    if not rows:
        return ""
    return plots.legend(list(OUTCOMES)) + plots.stacked_bars(rows, "records")


def reasons(sums: Sums) -> str:
    """The commonest reasons, by source."""
    pieces = []
    for source in sums.get("extract", {}):
        counts: Counter[str] = Counter()
        for stage in ("extract", "filter", "dedup", "shard"):
            for reason, count in sums.get(stage, {}).get(source, Totals()).rejected.items():
                if stage != "shard" or reason not in ("filter", "duplicate"):
                    counts[f"{reason}"] += count
        if counts:
            rows = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:12]
            pieces.append(
                f"<h3>{html.escape(source)}</h3>" + plots.bars([(n, float(c)) for n, c in rows], "records", 1)
            )
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
    return table(("kind", "found", "kept", "share"), rows)


def scores(measures: Measures, recipe: Recipe | None) -> str:
    """A histogram a score, with the thresholds that apply to it."""
    pieces = []
    for name in sorted(measures.scores):
        by_source = measures.scores[name]
        values = np.concatenate(list(by_source.values()))
        values = values[np.isfinite(values)]
        if values.size == 0 or values.min() == values.max():
            continue
        wide = values.min() >= 0 and values.max() > 1000
        chosen = {source: np.log10(np.maximum(part, 1)) if wide else part for source, part in sorted(by_source.items())}
        low, high = (0.0, float(np.log10(values.max()))) if wide else (float(values.min()), float(values.max()))
        edges = plots.even_edges(low, high, BINS)
        counts = {source: np.histogram(part, bins=edges)[0].tolist() for source, part in chosen.items()}
        marks = [] if wide else thresholds(recipe, name)
        pieces.append(f"<h3>{html.escape(name)}</h3>{plots.legend(list(counts))}")
        pieces.append(plots.histogram(edges, counts, name, marks, log=bool(wide)))
    if pieces and measures.rows >= MOST_ROWS:
        pieces.append(f"<p class='note'>from the first {measures.rows:,} documents</p>")
    return "".join(pieces)


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
            pieces.append(f"<h3>{html.escape(source)}</h3>" + plots.bars(named[:24], "documents", 0))
    return "".join(pieces)


def duplicates(measures: Measures) -> str:
    """How alike duplicates are, and how large their clusters."""
    if not measures.similarities:
        return ""
    edges = plots.even_edges(min(0.5, *measures.similarities), 1.0, BINS)
    counts = np.histogram(np.asarray(measures.similarities), bins=edges)[0].tolist()
    rows = [(plots.number(documents), plots.number(count)) for documents, count in sorted(measures.clusters.items())]
    return plots.histogram(edges, {"duplicates": counts}, "verified similarity to the kept document") + table(
        ("documents in the cluster", "clusters"), rows[:20]
    )


def overlap(corpus: Corpus) -> str:
    """The table that the audit stage wrote."""
    path = corpus.root / "overlap" / "summary.parquet"
    if not path.is_file():
        return ""
    found = pq.read_table(path, partitioning=None)
    names = found.schema.names
    rows = [tuple(cell(value) for value in row.values()) for row in found.to_pylist()]
    return table(tuple(name.replace("_", " ") for name in names), rows)


def tokens(sums: Sums) -> str:
    """Tokens by source."""
    rows = [
        (source, float(part.numbers.get("tokens", 0)))
        for source, part in sums.get("shard", {}).items()
        if part.numbers.get("tokens", 0)
    ]
    return plots.bars(rows, "tokens", 2) if rows else ""


def licences(sums: Sums) -> str:
    """Documents by licence, as they stated it."""
    counts: Counter[str] = Counter()
    for part in sums.get("extract", {}).values():
        counts.update(part.licences)
    rows = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return table(("licence", "documents"), [(name, plots.number(count)) for name, count in rows[:30]])


def balance(sums: Sums) -> str:
    """Every stage's balance."""
    rows = []
    for stage in ("fetch", "extract", "filter", "dedup", "audit", "shard"):
        for source, part in sums.get(stage, {}).items():
            turned = sum(part.rejected.values())
            rows.append(
                (stage, source, *(plots.number(n) for n in (part.units, part.read, part.kept, turned, part.failed)))
            )
    return table(("stage", "source", "units", "read", "kept", "rejected", "failed"), rows)


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
    titles = "".join(f"<th>{html.escape(title)}</th>" for title in head)
    lines = "".join("<tr>" + "".join(f"<td>{html.escape(value)}</td>" for value in row) + "</tr>" for row in made)
    return f'<div class="scroll"><table><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table></div>'


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
    lines = [f"{'source':<12}{'read':>10}{'kept':>10}{'tokens':>13}{'failed':>8}  turned away"]
    for source in sums.get("extract", {}):
        result = outcome(sums, source)
        counted: Counter[str] = Counter()
        for stage in ("extract", "filter", "dedup"):
            counted.update(sums.get(stage, {}).get(source, Totals()).rejected)
        top = ", ".join(
            f"{name} {count:,}" for name, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:5]
        )
        token_count = sums.get("shard", {}).get(source, Totals()).numbers.get("tokens", 0)
        read = sums["extract"][source].read
        lines.append(
            f"{source:<12}{read:>10,}{result['in the shards']:>10,}{token_count:>13,}{result['failed']:>8,}  {top}"
        )
    lines.append(f"look at {corpus.root / NAME}, or: proofpile inspect {corpus.root} --random 3")
    return "\n".join(lines)

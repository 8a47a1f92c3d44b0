"""The dataset card: `README.md` of a finished corpus, for whoever meets it without us.

Everything in it comes from the corpus itself (recipe, manifest, overlap table), so the same corpus has the same card
on every machine. The front matter is what the hub reads: configurations name the shards of each split and source.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from dedup.overlap_summary import EVERY_SOURCE, SummaryRow
from manifests.errors import UserError
from manifests.ledger import MANIFEST_NAME
from manifests.recipe import Recipe, SourceEntry, load_recipe
from manifests.writing import write_text
from pipelines.corpus.folder import MIXTURE_PATH, RECIPE_NAME, SHARDS, SUMMARY_PATH, TEXTS, Corpus
from pipelines.shards.choices import SPLITS

CARD_NAME = "README.md"
STAGES = ("extract", "filter", "dedup", "shard")
"""Stages that turn documents away, in their order."""


def write(corpus: Corpus) -> None:
    """Write the card of a finished corpus. Raises UserError when it has no manifest yet."""
    write_text(corpus.root / CARD_NAME, render(corpus))


def render(corpus: Corpus) -> str:
    """The card as Markdown."""
    path = corpus.root / MANIFEST_NAME
    if not path.is_file():
        raise UserError(f"{path}: no manifest; expected a finished build")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    recipe = load_recipe(corpus.root / RECIPE_NAME)
    totals: dict[str, dict[str, Any]] = manifest["totals"]
    parts = [
        _front_matter(corpus.root, recipe, totals),
        f"# {recipe.name}\n\n{recipe.description or 'A mathematical pretraining corpus.'}".rstrip(),
        _contents(totals, recipe),
        _mixture(corpus.root),
        _sources(recipe, totals),
        _left_out(totals),
        _rules(recipe),
        _benchmarks(corpus.root, recipe),
        _use(corpus.root, recipe),
        _made(manifest, recipe),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _front_matter(root: Path, recipe: Recipe, totals: Mapping[str, Any]) -> str:
    data: dict[str, Any] = {
        "pretty_name": recipe.name,
        "language": ["en"],
        "task_categories": ["text-generation"],
        "tags": ["math", "pretraining"],
        "license": "other",
        "license_name": "as-stated-per-document",
        "license_link": f"{CARD_NAME}#sources-and-licences",
    }
    documents = sum(part["kept"] for part in totals.get("shard", totals.get("extract", {})).values())
    if documents:
        data["size_categories"] = [_size_category(documents)]
    rows = [
        {"split": split, "path": f"{SHARDS}/{split}/*.parquet"} for split in SPLITS if (root / SHARDS / split).is_dir()
    ]
    configs: list[dict[str, Any]] = [{"config_name": "default", "default": True, "data_files": rows}] if rows else []
    texts = [
        {"split": split, "path": f"{TEXTS}/{split}/**/*.parquet"} for split in SPLITS if (root / TEXTS / split).is_dir()
    ]
    if texts:
        configs.append({"config_name": TEXTS, "data_files": texts})
    if configs:
        data["configs"] = configs
    return f"---\n{yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)}---"


def _size_category(documents: int) -> str:
    """The hub's word for a number of rows."""
    names = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")
    if documents < 1000:
        return "n<1K"
    place = min(len(str(documents)) - 4, len(names) - 2)
    return f"{names[place]}<n<{names[place + 1]}"


def _contents(totals: Mapping[str, Any], recipe: Recipe) -> str:
    shards = totals.get("shard")
    if shards:
        head = ("source", "documents", "bytes of text", "tokens", *(f"{split} tokens" for split in SPLITS), "weight")
        rows = []
        sums: Counter[str] = Counter()
        for source in recipe.sources:
            numbers = shards.get(source.name, {}).get("numbers")
            if not numbers:
                continue
            columns = ("documents", "bytes", "tokens", *(f"{split}_tokens" for split in SPLITS))
            sums.update({column: numbers[column] for column in columns})
            rows.append((source.name, *(f"{numbers[column]:,}" for column in columns), f"{source.weight:g}"))
        rows.append(("**all**", *(f"{sums[column]:,}" for column in columns), ""))
        return "## What is in it\n\n" + _table(head, rows)
    extract = totals.get("extract", {})
    rows = [
        (name, f"{part['kept']:,}", f"{part['numbers'].get('bytes', 0):,}") for name, part in sorted(extract.items())
    ]
    return "## What is in it\n\n" + _table(("source", "documents", "bytes of text"), rows) if rows else ""


def _sources(recipe: Recipe, totals: Mapping[str, Any]) -> str:
    rows = [
        (
            source.name,
            source.kind,
            source.rules or recipe.rules,
            source.cutoff or "",
            ", ".join(f"`{item.address}`" for item in source.inputs[:3]) + (", …" if len(source.inputs) > 3 else ""),
            _licences(source, totals),
        )
        for source in recipe.sources
    ]
    return "## Sources and licences\n\n" + _table(("source", "kind", "rules", "cutoff", "from", "licences"), rows)


def _licences(source: SourceEntry, totals: Mapping[str, Any]) -> str:
    """The commonest licences of a source's documents, from the last stage that counted them."""
    for stage in ("shard", "extract"):
        counts = totals.get(stage, {}).get(source.name, {}).get("licences")
        if counts:
            ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            shown = ", ".join(f"{name} ({count:,})" for name, count in ranked[:6])
            return shown + (f", and {len(ranked) - 6} more" if len(ranked) > 6 else "")
    return source.licence or "not stated"


def _left_out(totals: Mapping[str, Any]) -> str:
    rows = []
    for stage in STAGES:
        for source, part in sorted(totals.get(stage, {}).items()):
            for reason, count in sorted(part["rejected"].items(), key=lambda item: (-item[1], item[0])):
                # The shard stage only carries out what the stages before it listed.
                if stage != "shard" or reason in ("overlap", "empty"):
                    rows.append((stage, source, reason, f"{count:,}"))
            if part["failed"]:
                rows.append((stage, source, "failed", f"{part['failed']:,}"))
    if not rows:
        return ""
    return "## What was left out, and why\n\n" + _table(("stage", "source", "reason", "documents"), rows)


def _rules(recipe: Recipe) -> str:
    lines = [f"Rules: `{recipe.rules}`. Every choice by hash uses seed {recipe.seed}."]
    if recipe.fraction < 1:
        lines.append(f"Only a share of {recipe.fraction:g} of the raw files was taken.")
    for source in recipe.sources:
        for threshold in source.filters:
            lines.append(f"- {source.name} keeps what satisfies `{_setting(threshold.model_dump(exclude_none=True))}`")
    for title, settings in (("Deduplication", recipe.dedup), ("Shards", recipe.shards)):
        if settings is not None:
            lines.append(f"- {title}: `{_setting(settings.model_dump(mode='json', exclude_defaults=True))}`")
    return "## Rules\n\n" + "\n".join(lines)


def _benchmarks(root: Path, recipe: Recipe) -> str:
    path = root / SUMMARY_PATH
    if recipe.overlap is None or not path.is_file():
        return "## Benchmarks\n\nThis corpus was not checked against benchmarks."
    head = (
        "benchmark",
        "field",
        "method",
        "n",
        "items",
        "shorter than n",
        "cannot be seen",
        "items found",
        "documents",
    )
    rows = []
    for row in pq.read_table(path).to_pylist():
        if row.pop("source") == EVERY_SOURCE:
            one = SummaryRow(**row)
            counts = (one.items, one.short, one.unseen, one.items_hit, one.documents_hit)
            rows.append((one.benchmark, one.field, one.method, str(one.n), *(f"{count:,}" for count in counts)))
    removed = [_setting(policy.model_dump(mode="json", exclude_defaults=True)) for policy in recipe.overlap.remove]
    what = (
        f"Documents with such hits were removed: `{'; '.join(removed)}`." if removed else "Nothing was removed for it."
    )
    about = (
        "`published` compares whitespace-separated words, nothing normalised, and sees no text of fewer than n words; "
        "`exact` compares normalised words and finds shorter texts whole, from "
        f"{recipe.overlap.shortest_whole} words on. Every hit, with its place in both texts, is in `hits/`. {what}"
    )
    return f"## Benchmarks it was checked against\n\n{about}\n\n{_table(head, rows)}"


def _mixture(root: Path) -> str:
    """What each source was to have of the training stream, and has."""
    path = root / MIXTURE_PATH
    if not path.is_file():
        return ""
    data = json.loads(path.read_text(encoding="utf-8"))
    asked = "asked" if data["repeated_in_shards"] else "its weight asks of a trainer"
    columns = ("weight", f"share {asked}", f"epochs {asked}", "share in the stream", "epochs", "tokens in the stream")
    rows = [
        (
            name,
            f"{one['weight']:g}",
            f"{100 * one['asked_share']:.1f} %",
            f"{one['asked_epochs']:.2f}",
            f"{100 * one['share']:.1f} %",
            f"{one['epochs']:.2f}",
            f"{one['stream_tokens']:,}",
        )
        for name, one in data["sources"].items()
    ]
    about = (
        "The training shards, in the order of their names, are one shuffled stream in which every part has the whole's "
        f"mixture; `{MIXTURE_PATH}` has these numbers."
    )
    return f"## The mixture\n\n{about}\n\n{_table(('source', *columns), rows)}"


def _use(root: Path, recipe: Recipe) -> str:
    if recipe.shards is None:
        return ""
    rows = (
        f"rows of {recipe.shards.sequence_length} tokens, documents one after the other, each closed by its end mark "
        "(the last row of a source and split is filled up with end marks, which `lengths` does not count)"
    )
    layout = rows if recipe.shards.layout == "packed" else "one row a document, closed by its end mark"
    asset = recipe.assets.get(recipe.shards.tokenizer)
    texts = f"The documents' texts are in `{TEXTS}/`, the config `{TEXTS}`." if (root / TEXTS).is_dir() else ""
    split = next((split for split in SPLITS if (root / SHARDS / split).is_dir()), SPLITS[0])
    return (
        f"## How to read it\n\nThe shards hold {layout}. Columns: `input_ids`; `lengths` and `ids`, the documents "
        f"inside the row; `source`. The tokenizer is `{asset.address if asset else recipe.shards.tokenizer}`. "
        f"{texts}\n\n"
        "```python\nimport pyarrow.dataset\n\n"
        f'rows = pyarrow.dataset.dataset("{SHARDS}/{split}", format="parquet")\nprint(rows.head(1))\n```\n\n'
        "```python\nimport pathlib\n\nimport datasets\n\n"
        f'rows = datasets.load_dataset(str(pathlib.Path.cwd()), split="{split}", streaming=True)\n'
        "print(next(iter(rows)))\n```"
    )


def _made(manifest: Mapping[str, Any], recipe: Recipe) -> str:
    program = manifest["program"]
    return (
        "## How it was made\n\n"
        f"`proofpile build {RECIPE_NAME} --output DIR`, version {program['version']}, gives the same bytes again. "
        f"Recipe `{recipe.name}`, sha256 `{manifest['recipe_sha256']}`. `{MANIFEST_NAME}` has the sha256 of every "
        "file; `proofpile verify .` compares them."
    )


def _setting(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True) if values else "the defaults"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")

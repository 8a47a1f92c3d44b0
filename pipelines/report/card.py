"""The dataset card: `README.md` of a finished corpus, for whoever meets it without us.

Everything in it comes from the corpus itself (recipe, manifest, overlap table), so the same corpus has the same card
on every machine. What a document says of itself (its licence) is shown as plain text.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from dedup.overlap_summary import EVERY_SOURCE, SummaryRow
from manifests.errors import UserError
from manifests.ledger import MANIFEST_NAME
from manifests.recipe import Recipe, SourceEntry, load_recipe
from manifests.writing import write_text
from pipelines.corpus.folder import MIXTURE_PATH, RECIPE_NAME, SHARDS, SUMMARY_PATH, TEXTS, Corpus
from pipelines.report.card_front import CARD_NAME, front_matter
from pipelines.report.card_words import acted, code, escaped, in_words, table
from pipelines.report.teaching import card_section
from pipelines.shards.choices import SPLITS

PUBLISHED = {"arxiv": ("arXiv papers", 29, 2), "web": ("OpenWebMath", 15, 4), "code": ("AlgebraicStack", 11, 1)}
"""Proof-Pile-2 (Azerbayev et al., arXiv 2310.10631, table 2 and appendix): by the kind of source its part, tokens in
billions, and the weight that Llemma's trainer gave it, a share of the training tokens."""
PUBLISHED_WEIGHTS = sum(weight for _, _, weight in PUBLISHED.values())
LOADER = """

Batches for PyTorch, the same whatever the workers and from any step on (`proofpile` installed with its extra `torch`):

```python
import pathlib

import torch.utils.data
from pipelines.training.batches import torch_batches

batches = torch_batches(pathlib.Path.cwd(), batch_size=1, split="{split}", start=0)
print(next(iter(torch.utils.data.DataLoader(batches, batch_size=None))))
```"""
CITATION = """\
## Citation

The recipe follows Proof-Pile-2 and OpenWebMath; cite them, and the sources above.

```bibtex
@inproceedings{azerbayev2024llemma,
  title = {Llemma: An Open Language Model for Mathematics},
  author = {Azerbayev, Zhangir and Schoelkopf, Hailey and Paster, Keiran and Dos Santos, Marco and McAleer, Stephen
    and Jiang, Albert Q. and Deng, Jia and Biderman, Stella and Welleck, Sean},
  booktitle = {International Conference on Learning Representations},
  year = {2024}
}

@inproceedings{paster2024openwebmath,
  title = {OpenWebMath: An Open Dataset of High-Quality Mathematical Web Text},
  author = {Paster, Keiran and Dos Santos, Marco and Azerbayev, Zhangir and Ba, Jimmy},
  booktitle = {International Conference on Learning Representations},
  year = {2024}
}
```"""
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
    built = "extract" in totals  # else the shard command was given texts of any corpus
    what = "A mathematical pretraining corpus." if built else "Texts as they were given, as rows of tokens."
    parts = [
        front_matter(corpus.root, recipe, totals),
        f"# {recipe.name}\n\n{recipe.description or what}".rstrip(),
        _contents(totals, recipe),
        _beside(recipe, totals),
        _mixture(corpus.root),
        _sources(recipe, totals),
        _left_out(totals),
        _rules(recipe, built),
        _benchmarks(corpus.root, recipe),
        card_section(corpus.root),
        _use(corpus.root, recipe),
        _made(manifest, recipe),
        CITATION if built else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


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
        return "## What is in it\n\n" + table(head, rows)
    extract = totals.get("extract", {})
    rows = [
        (name, f"{part['kept']:,}", f"{part['numbers'].get('bytes', 0):,}") for name, part in sorted(extract.items())
    ]
    return "## What is in it\n\n" + table(("source", "documents", "bytes of text"), rows) if rows else ""


def _sources(recipe: Recipe, totals: Mapping[str, Any]) -> str:
    rows = [
        (
            source.name,
            source.kind,
            source.rules or recipe.rules,
            source.cutoff or "",
            ", ".join(code(item.address) for item in source.inputs[:3]) + (", …" if len(source.inputs) > 3 else ""),
            _licences(source, totals),
        )
        for source in recipe.sources
    ]
    return "## Sources and licences\n\n" + table(("source", "kind", "rules", "cutoff", "from", "licences"), rows)


def _licences(source: SourceEntry, totals: Mapping[str, Any]) -> str:
    """The commonest licences of a source's documents, from the last stage that counted them."""
    for stage in ("shard", "extract"):
        counts = totals.get(stage, {}).get(source.name, {}).get("licences")
        if counts:
            ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            shown = ", ".join(f"{escaped(name)} ({count:,})" for name, count in ranked[:6])
            return shown + (f", and {len(ranked) - 6} more" if len(ranked) > 6 else "")
    return escaped(source.licence or "not stated")


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
    return "## What was left out, and why\n\n" + table(("stage", "source", "reason", "documents"), rows)


def _rules(recipe: Recipe, built: bool) -> str:
    lines = "\n".join(f"- {sentence}" for sentence in list(in_words(recipe))[0 if built else 1 :])
    return f"## Rules\n\n{lines}\n\nThe recipe, `{RECIPE_NAME}`, has every setting."


def _beside(recipe: Recipe, totals: Mapping[str, Any]) -> str:
    """The composition beside that of the corpus whose parts the sources stand for."""
    shards = totals.get("shard", {})
    tokens = dict.fromkeys(PUBLISHED, 0)
    for source in recipe.sources:
        if source.kind in tokens:
            tokens[source.kind] += shards.get(source.name, {}).get("numbers", {}).get("tokens", 0)
    whole, published = sum(tokens.values()), sum(count for _, count, _ in PUBLISHED.values())
    if not whole:
        return ""
    rows = [
        (
            name,
            f"{tokens[kind]:,}",
            f"{100 * tokens[kind] / whole:.1f} %",
            f"{count} B",
            f"{100 * count / published:.1f} %",
            f"{100 * weight / PUBLISHED_WEIGHTS:.1f} %",
        )
        for kind, (name, count, weight) in PUBLISHED.items()
    ]
    head = ("part", "tokens here", "share", "tokens of Proof-Pile-2", "share", "share in Llemma's training")
    return f"## Beside Proof-Pile-2\n\n{table(head, rows)}"


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
    zeros = 0
    for row in pq.read_table(path).to_pylist():
        if row.pop("source") == EVERY_SOURCE:
            one = SummaryRow(**row)
            zeros += not one.items_hit
            if not one.items_hit:
                continue
            counts = (one.items, one.short, one.unseen, one.items_hit, one.documents_hit)
            rows.append((one.benchmark, one.field, one.method, str(one.n), *(f"{count:,}" for count in counts)))
    what = acted(recipe.overlap.remove)
    about = (
        "`published` compares whitespace-separated words, nothing normalised, and sees no text of fewer than n words; "
        "`exact` compares normalised words and finds shorter texts whole, from "
        f"{recipe.overlap.shortest_whole} words on. Every hit, with its place in both texts, is in `hits/`. {what}"
    )
    about += f" Of this table {zeros} rows are zeros and left out; all are in `{SUMMARY_PATH}`." if zeros else ""
    return f"## Benchmarks it was checked against\n\n{about}\n\n{table(head, rows)}"


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
    cut = (
        f"{data['cut']:,} documents lie in several rows, {data['cut_that_fit']:,} of which would fit into one; "
        f"{data['padding']:,} tokens are padding."
    )
    remarks = "".join(f"\n- {escaped(remark)}" for remark in data["remarks"])
    return f"## The mixture\n\n{about} {cut}\n\n{table(('source', *columns), rows)}\n{remarks}".rstrip()


def _use(root: Path, recipe: Recipe) -> str:
    if recipe.shards is None:
        return ""
    rows = (
        f"rows of {recipe.shards.sequence_length} tokens, documents one after the other, each closed by its end mark "
        "(the last row of a split, or of a small source that is repeated more often than others, is filled up with end "
        "marks, which `lengths` does not count)"
    )
    layout = rows if recipe.shards.layout == "packed" else "one row a document, closed by its end mark"
    asset = recipe.assets.get(recipe.shards.tokenizer)
    texts = f"The documents' texts are in `{TEXTS}/`, the config `{TEXTS}`." if (root / TEXTS).is_dir() else ""
    split = next((split for split in SPLITS if (root / SHARDS / split).is_dir()), SPLITS[0])
    return (
        f"## How to read it\n\nThe shards hold {layout}. Columns: `input_ids`; `lengths`, `ids`, `positions` and "
        f"`sources` of the documents inside the row (how many tokens, whose, from where in it on, which source); "
        f"`source`, of which most of the row is. The tokenizer is "
        f"{code(asset.address if asset else recipe.shards.tokenizer)}. "
        f"{texts}\n\n"
        "```python\nimport pyarrow.dataset\n\n"
        f'rows = pyarrow.dataset.dataset("{SHARDS}/{split}", format="parquet")\nprint(rows.head(1))\n```\n\n'
        "```python\nimport pathlib\n\nimport datasets\n\n"
        f'rows = datasets.load_dataset(str(pathlib.Path.cwd()), split="{split}", streaming=True)\n'
        "print(next(iter(rows)))\n```" + (LOADER.format(split=split) if recipe.shards.layout == "packed" else "")
    )


def _made(manifest: Mapping[str, Any], recipe: Recipe) -> str:
    program = manifest["program"]
    built = f"`proofpile build {RECIPE_NAME} --output DIR`"
    command = built if "extract" in manifest["totals"] else "`proofpile shard` with the arguments that `runs.jsonl` has"
    return (
        "## How it was made\n\n"
        f"{command}, version {program['version']}, gives the same bytes again. "
        f"Recipe `{recipe.name}`, sha256 `{manifest['recipe_sha256']}`. `{MANIFEST_NAME}` has the sha256 of every "
        "file; `proofpile verify .` compares them."
    )

"""The rules of a recipe in words, and strings of documents made harmless: what the dataset card is written with."""

import re
from collections.abc import Iterable, Iterator, Sequence

from manifests.recipe import Recipe, SourceEntry
from manifests.settings.dedup import DedupSettings
from manifests.settings.overlap import RemovalPolicy
from manifests.settings.shards import ShardSettings
from manifests.settings.thresholds import Bound, Threshold

_MARKUP = re.compile(r"([\\`*_\[\]|~!#$])")
"""What Markdown of the hub gives a meaning to (CommonMark 0.31, section 2.4; GitHub's tables; dollars are formulas)."""


def escaped(text: str) -> str:
    """A string that came from documents, as plain text on one line of Markdown."""
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKUP.sub(r"\\\1", plain).replace("://", "\\://")


def code(text: str) -> str:
    """A string that came from documents or a recipe as code on one line, also in a table."""
    plain = " ".join(text.split()).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", plain)), default=0) + 1)
    space = " " if "`" in plain else ""
    return f"{fence}{space}{plain}{space}{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(' '.join(cell.split()) for cell in line)} |" for line in lines)


def in_words(recipe: Recipe) -> Iterator[str]:
    """The rules, a sentence each."""
    yield (
        "Texts are extracted and filtered by the rules of the published corpora, their known faults included."
        if recipe.rules == "published"
        else "Texts are extracted and filtered by the rules of the published corpora with their known faults corrected."
    )
    if recipe.fraction < 1:
        yield f"Only a share of {recipe.fraction:g} of the raw files was taken, by a hash with seed {recipe.seed}."
    for source in recipe.sources:
        yield from _filters(source)
    if recipe.dedup is not None:
        yield _dedup(recipe.dedup)
    if recipe.shards is not None:
        yield from _shards(recipe.shards, recipe.seed)


def _filters(source: SourceEntry) -> Iterator[str]:
    for threshold in source.filters:
        where = f", where {' and '.join(_bound(one) for one in threshold.when)}," if threshold.when else ""
        yield f"Of {source.name}, a document stays{where} if its {_bound(threshold)}{_missing(threshold)}."


def _bound(bound: Bound) -> str:
    words = (
        (bound.at_least, "is at least"),
        (bound.above, "is above"),
        (bound.at_most, "is at most"),
        (bound.below, "is below"),
    )
    value, said = next((value, said) for value, said in words if value is not None)
    return f"{code(bound.score)} {said} {value:g}"


def _missing(threshold: Threshold) -> str:
    return ", and goes if it has none" if threshold.missing == "reject" else ""


def _dedup(settings: DedupSettings) -> str:
    if settings.method == "minhash":
        return (
            f"Of documents that share {settings.threshold:g} or more of their runs of {settings.shingle_words} words "
            f"(Jaccard similarity, {'verified' if settings.verification == 'exact' else 'estimated'}), one stays."
        )
    if settings.method == "simhash":
        return f"Of documents whose SimHash differs in at most {settings.differing_bits} of 64 bits, one stays."
    return f"Duplicates are found by the method {code(settings.method)}; of each group one stays."


def _shards(settings: ShardSettings, seed: int) -> Iterator[str]:
    if settings.layout == "documents":
        yield "Each row of the shards is one document, closed by its end mark."
    elif settings.packing == "best_fit":
        yield (
            f"Rows have {settings.sequence_length} tokens; only longer documents are cut, the others are put whole "
            "where they fit best (arXiv 2404.10830)."
        )
    else:
        yield (
            f"Rows have {settings.sequence_length} tokens: documents one after the other, each closed by its end mark, "
            "cut where a row ends."
        )
    if settings.validation or settings.test:
        yield (
            f"{settings.validation:g} of the documents are for validation and {settings.test:g} for testing, by a hash "
            f"(seed {seed}) of what they are duplicates of, so that near copies are on one side; papers and code under "
            "published rules are split as Proof-Pile-2 was."
        )


def acted(policies: Sequence[RemovalPolicy]) -> str:
    """What hits led to, a sentence each policy, in their order: the first that fits a hit decides."""
    if not policies:
        return "Nothing was removed for it."
    return " ".join(f"{_hits(one)} {_led_to(one)}." for one in policies)


def _hits(policy: RemovalPolicy) -> str:
    """The hits that a policy is about."""
    words = {"counted": "A counted hit", "fuzzy": "A hit of the method `fuzzy`"}
    said = words.get(policy.method) or f"A hit of the method `{policy.method}` at n = {policy.n}"
    if policy.kinds:
        said += f" of kind {' or '.join(policy.kinds)}"
    if policy.fields:
        said += f" in {', '.join(map(code, policy.fields))}"
    if policy.benchmarks:
        said += f" of {', '.join(map(code, policy.benchmarks))}"
    if policy.sources:
        said += f" in a document of {', '.join(map(code, policy.sources))}"
    if policy.score:
        said += f" that covers {policy.score:g} of the item's words or more"
    if policy.probability:
        said += f" whose probability is {policy.probability:g} or more"
    return said


def _led_to(policy: RemovalPolicy) -> str:
    if policy.action != "cut":
        return {"remove": "removed its document", "report": "was reported only"}[policy.action]
    what = {"passage": "the passage", "line": "its lines", "paragraph": "its paragraphs", "theorem": "its theorems"}
    said = f"cut {what[policy.extend]} out of its document"
    if policy.margin:
        said += f", {policy.margin:,} characters on both sides included"
    if policy.least_left:
        said += f", and removed a document of which fewer than {policy.least_left:,} characters would be left"
    return said
